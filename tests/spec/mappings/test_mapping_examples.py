"""The examples of the sample mappings: an export comes in as printed, the records come out as printed."""

from pathlib import Path

import polars as pl
import pytest

from mappings import Postcodes, compile_mapping, load_mapping
from tests.spec.mappings.read_examples import Example, batch, read_examples, shown

MAPPINGS = Path(__file__).parents[3] / "config" / "example" / "mappings"
EXAMPLES = read_examples()
PLACES = Postcodes(
    pl.DataFrame(
        {
            "postcode": ["ZQ11DS"],
            "lad": ["E08000007"],
            "ward": ["E05015014"],
            "ward_before": ["E05000779"],
            "lsoa11": ["E01005745"],
            "lsoa21": ["E01005745"],
            "neighbourhood": ["Alderbeck"],
            "imd_decile": [3],
        }
    )
)


@pytest.mark.parametrize("example", EXAMPLES, ids=lambda example: example.path.stem)
def test_the_rows_become_the_records_printed(example: Example) -> None:
    """Each export of the folder becomes the records printed below it, and no other of those entities."""
    compiled = compile_mapping(
        load_mapping(MAPPINGS / f"{example.mapping}.yaml"),
        PLACES,
        source="community_support",
        null_words=["[Not Specified]", "N/A", "-"],
        parent_source="hub",
    )
    mapped = compiled.apply(batch(compiled, example.export))
    for expected in example.records:
        if expected.title == "rejected":
            assert [
                {n: str(v) for n, v in row.items()} for row in mapped.rejected.drop("_person").to_dicts()
            ] == expected.rows
            continue
        columns = list(expected.rows[0])
        assert shown(expected.title, mapped.entities[expected.title], columns) == expected.rows


def test_every_sample_mapping_has_an_example() -> None:
    """No mapping of the example site is without a printed example, and no example names another."""
    assert {example.mapping for example in EXAMPLES} == {path.stem for path in MAPPINGS.glob("*.yaml")}
