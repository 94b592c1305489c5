"""What an assessment says that Viaduct does is what Viaduct does."""

import re
from pathlib import Path

from feed.suppression import LARGEST, SMALLEST
from sharing.document.profiles import DisclosureControl
from sharing.enforcers import NETS


def test_every_net_a_measure_may_name_has_its_test() -> None:
    """A measure approved because a net holds it is approved because a test shows it."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests").rglob("test_*.py"))
    known = set(re.findall(r"^\s*def (test_\w+)\(", written, flags=re.MULTILINE))
    assert NETS
    assert {net.test for net in NETS.values()} <= known, sorted({net.test for net in NETS.values()} - known)


def test_the_disclosure_control_a_file_may_state_is_what_the_figures_do() -> None:
    """An assessment cannot promise another threshold than the one that hides small counts."""
    stated = DisclosureControl.model_json_schema(by_alias=True)["properties"]["suppressBetween"]
    assert [each["const"] for each in stated["prefixItems"]] == [SMALLEST, LARGEST]
