"""How figures hide small counts is part of what is signed: what may be said, what widens, what travels."""

from pathlib import Path

import pytest

from sealing.manifest import DisclosureTerms
from sharing import load_dpia
from sharing.diff import Effect, compare
from sharing.disclosure_control import control_of
from sharing.errors import DpiaRefused
from tests.unit.sharing.records import example
from tests.unit.sharing.test_diff import edited

WIDENS, NARROWS = Effect.WIDENS, Effect.NARROWS
SUPPRESS, ROUND, WIDTH = "    suppressBetween: [1, 7]\n", "\n    roundTo: 5\n", "    leastWidth: 4\n"
LOTS = "    boroughOnly: {lots: [L1-ASM, L7-CAR], threshold: 10}\n"
PROFILE = "  published-figures:\n    flows: [commissioning]\n"


def test_the_profile_travels_with_the_flow_that_it_names_and_with_no_other() -> None:
    """Figures are made of commissioning alone, by the profile that is signed, whole."""
    dpia = example()
    found = control_of(dpia, dpia.flow("commissioning"))
    assert found == {
        "profile": "published-figures",
        "suppress_to": 7,
        "round_to": 5,
        "least_width": 4,
        "borough_only_lots": ["L1-ASM", "L7-CAR"],
        "borough_only_threshold": 10,
        "memory_months": 12,
        "calendar": "quarterly",
    }
    assert DisclosureTerms.model_validate(found).profile == "published-figures"
    assert control_of(dpia, dpia.flow("early_help")) is None


def test_the_other_profile_loads(tmp_path: Path) -> None:
    """Under five hidden, the rest as it is: what an attacker may learn is bounded all the same."""
    text = "    suppressBetween: [1, 4]\n"
    path = edited(tmp_path, SUPPRESS, text)
    for old, new in ((ROUND, "\n    roundTo: 1\n"), (WIDTH, "    leastWidth: 3\n")):
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    dpia = load_dpia(path)
    found = control_of(dpia, dpia.flow("commissioning")) or {}
    assert (found["suppress_to"], found["round_to"], found["least_width"]) == (4, 1, 3)


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        (PROFILE, PROFILE.replace("commissioning", "somebody"), "there is no flow somebody"),
        (ROUND, "\n    roundTo: 1\n", "where 1 to 7 is hidden, write roundTo 5"),
        (SUPPRESS, "    suppressBetween: [1, 4]\n", "where 1 to 4 is hidden, write roundTo 1"),
        (WIDTH, "    leastWidth: 6\n", "could lie in a range so wide"),
        (LOTS, LOTS.replace("L7-CAR", "L9-NONE"), "there is no lot L9-NONE"),
        ("    memory: P12M\n", "    memory: P6M\n", "Write P12M or more"),
        (SUPPRESS, "    suppressBetween: [1, 2]\n", "suppressBetween"),
    ],
)
def test_a_profile_that_could_not_be_kept_refuses(tmp_path: Path, old: str, new: str, says: str) -> None:
    """An assessment cannot promise what the figures do not do."""
    with pytest.raises(DpiaRefused, match=says):
        load_dpia(edited(tmp_path, old, new))


def test_two_profiles_for_one_flow_refuse(tmp_path: Path) -> None:
    """Which of the two holds would be anybody's guess."""
    text = example_text()
    start = text.index("  published-figures:\n")
    block = text[start : text.index("encryption:", start)]
    path = edited(tmp_path, block, block + block.replace("published-figures", "other-figures"))
    with pytest.raises(DpiaRefused, match="says already how its figures hide small counts"):
        load_dpia(path)


def example_text() -> str:
    """Return the example assessment as it is written."""
    return Path("config/example/dpia/charity-crm-to-warehouse.yaml").read_text(encoding="utf-8")


@pytest.mark.parametrize(
    ("old", "new", "there", "back"),
    [
        (WIDTH, "    leastWidth: 3\n", WIDENS, NARROWS),
        (LOTS, LOTS.replace("L1-ASM, ", ""), WIDENS, NARROWS),
        (LOTS, LOTS.replace("10", "12"), NARROWS, WIDENS),
        (LOTS, "", WIDENS, NARROWS),
        ("    memory: P12M\n", "    memory: P24M\n", NARROWS, WIDENS),
        ("    calendar: quarterly\n", "    calendar: monthly\n", WIDENS, NARROWS),
        (PROFILE, PROFILE.replace("[comm", "[early_help, comm"), WIDENS, NARROWS),
    ],
)
def test_hiding_less_widens_and_hiding_more_narrows(
    tmp_path: Path, old: str, new: str, there: Effect, back: Effect
) -> None:
    """Each change of how small counts are hidden is judged, so that only a MAJOR version may hide less."""
    changed = load_dpia(edited(tmp_path, old, new))
    assert compare(example(), changed)[0].effect is there
    assert compare(changed, example())[0].effect is back


def test_the_two_profiles_are_told_apart_by_what_they_hide(tmp_path: Path) -> None:
    """To hide under five where one to seven was hidden widens, and so does to round no more."""
    path = edited(tmp_path, SUPPRESS, "    suppressBetween: [1, 4]\n")
    for old, new in ((ROUND, "\n    roundTo: 1\n"), (WIDTH, "    leastWidth: 3\n")):
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")
    assert {change.effect for change in compare(example(), load_dpia(path))} == {WIDENS}
    assert {change.effect for change in compare(load_dpia(path), example())} == {NARROWS}
