"""What an assessment says is asked before anything is told of a person is asked, by the form that is read."""

from pathlib import Path
from typing import get_args

import pytest

from audit.release_form import ConsideredBlock, read_release
from common import clock
from config.documents import DocumentRefused
from sharing.document.afterwards import Gate
from sharing.telling.said import GATES
from tests.asked_of_the_log import FORM

ASKS = {
    "sch3_serious_harm": "seriousHarm",
    "sch3_child_abuse_data": "childAbuseData",
    "third_party": "thirdParty",
    "da_safety": "domesticAbuseSafety",
}
"""By word of `rights.access.releaseGate`: the question of the form."""


def test_each_word_of_the_gate_is_a_question_of_the_form_and_has_words() -> None:
    """A file can list nothing that the form does not ask, and the form asks nothing that no file can list."""
    asked = ConsideredBlock.model_json_schema(by_alias=True)
    assert set(ASKS) == set(get_args(Gate)) == set(GATES)
    assert set(ASKS.values()) == set(asked["properties"]) == set(asked["required"])


@pytest.mark.parametrize("gate", sorted(ASKS))
def test_a_form_that_leaves_a_question_of_the_gate_open_is_refused(gate: str, tmp_path: Path) -> None:
    """Whichever the file lists, a form without its answer is no form; with all four it is read."""
    whole = FORM.format(day=clock.today(), safety="clear")
    path = tmp_path / "release.yaml"
    path.write_text(whole, encoding="utf-8")
    assert read_release(path).withheld == []
    (line,) = (each for each in whole.splitlines(keepends=True) if ASKS[gate] in each)
    path.write_text(whole.replace(line, ""), encoding="utf-8")
    with pytest.raises(DocumentRefused, match=ASKS[gate]):
        read_release(path)
