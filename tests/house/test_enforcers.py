"""What a measure may say that enforces it is shown by a test that exists."""

import re
from pathlib import Path

from sharing.enforcers import NETS


def test_every_net_a_measure_may_name_has_its_test() -> None:
    """A measure approved because a net holds it is approved because a test shows it."""
    written = "\n".join(path.read_text(encoding="utf-8") for path in Path("tests").rglob("test_*.py"))
    known = set(re.findall(r"^\s*def (test_\w+)\(", written, flags=re.MULTILINE))
    assert NETS
    assert set(NETS.values()) <= known, sorted(set(NETS.values()) - known)
