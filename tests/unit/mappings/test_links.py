"""Links are followed as an inner loop over the rows would follow them."""

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from mappings.links import follow, for_distinct

SOURCES = st.sampled_from(["a", "b"])
REFERENCES = st.none() | st.sampled_from(["1", "2", "3", "a\x1f1"])
ROWS = st.lists(st.tuples(SOURCES, REFERENCES), max_size=12)
SCHEMA = {"_source": pl.String, "_reference": pl.String}


@given(parents=ROWS, first=ROWS, second=ROWS)
@settings(max_examples=150, deadline=None)
def test_a_link_leads_to_the_only_row_of_its_source(parents: list, first: list, second: list) -> None:
    """The place found is that of the one row with the same source and reference; else none."""
    known = pl.DataFrame(parents, schema=SCHEMA, orient="row")
    asked = [
        pl.DataFrame(rows, schema={"_source": pl.String, "link": pl.String}, orient="row")
        for rows in (first, second)
    ]
    found = follow([(table, "link") for table in asked], known)
    for rows, places in zip((first, second), found, strict=True):
        expected = [
            parents.index(row) if row[1] is not None and parents.count(row) == 1 else None for row in rows
        ]
        assert places.to_list() == expected


@given(rows=st.lists(st.tuples(REFERENCES, REFERENCES), max_size=30))
@settings(max_examples=80, deadline=None)
def test_what_is_worked_out_for_each_combination_reaches_its_rows(rows: list) -> None:
    """Asking once for each combination gives what asking for each row would."""
    table = pl.DataFrame(rows, schema={"x": pl.String, "y": pl.String}, orient="row")
    joined = pl.format("{}/{}", pl.col("x").fill_null("?"), pl.col("y").fill_null("?")).alias("z")
    answers = for_distinct(table, ["x", "y"], lambda distinct: distinct.select(joined))
    assert answers["z"].to_list() == table.select(joined)["z"].to_list()
