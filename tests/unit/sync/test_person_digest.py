"""One person's digest is that of the column it stands in."""

import polars as pl
from hypothesis import given
from hypothesis import strategies as st

from sync.digests import Digest
from sync.person_digest import person_digest

TEXT = st.text(st.characters(codec="utf-8"), max_size=300)


@given(st.binary(min_size=32, max_size=32), st.lists(st.tuples(TEXT, TEXT), min_size=1, max_size=8))
def test_one_persons_digest_is_that_of_the_column_it_stands_in(key, people):
    """Two makers of the same hash agree for every source and reference: no secret is looked for in vain."""
    sources, references = zip(*people, strict=True)
    table = pl.DataFrame({"_source": sources, "_person": references})
    column = table.select(Digest.under(key).person()).to_series()
    alone = [int.from_bytes(person_digest(key, *one), "little") for one in people]
    assert column.to_list() == alone
