"""The catalogue: strict, complete, and in words that hold no value."""

from pathlib import Path

import pytest

from canonical import ENTITIES
from config.documents import DocumentRefused
from quality import Effect, catalogue, check_named, checks_of
from quality.checks import CATALOGUE, load_catalogue
from quality.expressions import VERDICTS
from quality.expressions.submission import SUBMITTED
from quality.generate import PAGE, page
from quality.inspection import UNREADABLE

LINE = "    field: birth_date\n"


def changed(folder: Path, before: str, after: str) -> Path:
    """Return a copy of the catalogue with one thing changed."""
    text = CATALOGUE.read_text(encoding="utf-8")
    assert before in text
    path = folder / "catalogue.yaml"
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return path


def test_every_check_that_is_asked_has_one_expression_and_no_expression_is_left_over() -> None:
    """The data and the code name the same checks."""
    asked = {check.id for check in catalogue() if not check.told_by_mapping}
    assert asked == {*VERDICTS, *SUBMITTED, UNREADABLE}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        (LINE, "    field: date_of_brith\n", "date_of_brith is no field of person"),
        ("    entity: person\n", "    entity: persons\n", "persons is no entity"),
        ("id: PER-05", "id: PER-04", "PER-04 is given twice"),
        ("effect: none", "effect: ignore", "effect"),
        ("message: Date of birth is missing.", "message: Date of birth {v} is wrong.", "message"),
        (LINE, LINE + LINE, "given twice"),
        (LINE, LINE + "    colour: red\n", "no such key"),
        ("inputs: [birth_date, role_type]", "inputs: [birth_date, need.colour]", "need.colour is no field"),
    ],
)
def test_a_wrong_catalogue_is_refused(tmp_path: Path, before: str, after: str, said: str) -> None:
    """An unknown field, entity or key, a repeated id and a placeholder in a message do not load."""
    with pytest.raises(DocumentRefused) as refused:
        load_catalogue(changed(tmp_path, before, after))
    assert said in str(refused.value)


def test_a_hold_is_declared_only_where_identity_links_or_rows_cannot_be_decided() -> None:
    """Poor data quality alone does not keep a record from the figures."""
    holding = {check.id for check in catalogue() if check.effect is Effect.HOLD_RECORD}
    assert holding == {
        "PER-07",
        "PER-10",
        "PER-12",
        "ADV-02",
        "LNK-02",
        "REF-01",
        "REF-02",
        "REF-16",
        "CON-01",
        "ENT-01",
        "LNK-01",
        "MAP-02",
        "MAP-03",
    }


def test_the_bits_of_an_entity_are_the_places_of_its_checks() -> None:
    """Every entity is asked whether its words could be read, and no check twice."""
    for entity in ENTITIES:
        ids = [check.id for check in checks_of(entity)]
        assert "MAP-01" in ids
        assert len(ids) == len(set(ids))


def test_a_check_is_found_by_its_id() -> None:
    """The worklist finds the words of a check by the code in the finding."""
    assert check_named("PER-05").field_of("person") == "nhs_number"
    assert check_named("ENT-01").field_of("consent") == "consent_id"


def test_the_reference_page_is_fresh() -> None:
    """docs/reference/checks.md is what the catalogue and its examples say today."""
    assert PAGE.read_text(encoding="utf-8") == page(), "python -m quality.generate"
