"""Whose signature a version needs that words anew what somebody says, and shares no more."""

from pathlib import Path

import pytest

from sharing import load_dpia
from sharing.diff import Effect, compare
from sharing.signing import needed
from tests.unit.sharing.records import EXAMPLE, example

TEXT = EXAMPLE.read_text(encoding="utf-8")
EVERYBODY = frozenset({"smbc", "hub", "community_support", "domestic_abuse_support"})


def edited(folder: Path, block: str, before: str, after: str) -> Path:
    """Return the example with the first `before` that follows `block` replaced."""
    head, found, tail = TEXT.partition(block)
    assert found
    assert before in tail, before
    path = folder / "edited.yaml"
    path.write_text(head + found + tail.replace(before, after, 1), encoding="utf-8")
    return path


CASES = [
    ("- id: council-early-help", "provision: ", "provision: Another Act, ", {"smbc"}),
    ("- id: hub-early-help", "provision: ", "provision: Another Act, ", {"hub"}),
    ("- id: domestic-abuse-support-early-help", "necessityNote: ", "necessityNote: Also, ",
     {"domestic_abuse_support"}),
    ("- id: hub\n", "dpo: ", "dpo: x", {"hub"}),
    ("- id: community_support\n", "dpo: ", "dpo: x", {"community_support"}),
    ("\nrights:", "hub: privacy@", "hub: people@", {"hub"}),
    ("\ntransparency:", "uri: \"", "uri: \"x", {"smbc"}),
    ("\nrights:", "lead: hub", "lead: smbc", EVERYBODY),
    ("\ncomplaints:", "acknowledgeWithinDays: 30", "acknowledgeWithinDays: 29", EVERYBODY),
]  # fmt: skip


@pytest.mark.parametrize(("block", "before", "after", "parties"), CASES)
def test_nobody_else_words_what_a_party_says_of_itself(
    tmp_path: Path, block: str, before: str, after: str, parties: set[str]
) -> None:
    """A legal basis, a contact: that party signs, and no other can for it; what all say, all sign."""
    version = load_dpia(edited(tmp_path, block, before, after))
    assert {change.effect for change in compare(example(), version)} == {Effect.NEITHER}
    found = needed(example(), version)
    assert (found.parties, found.any_one) == (parties, False)
    for other in EVERYBODY - parties:
        assert found.lacking(frozenset({other})) == sorted(parties)
    assert found.lacking(frozenset(parties)) == []


def test_a_party_speaks_for_itself_in_a_version_that_shares_less_too(tmp_path: Path) -> None:
    """Any one controller may let less out, and none of them puts words in another's mouth by the way."""
    field = "employment_status:  {action: disclose"
    less = edited(tmp_path, "- id: hub-early-help", "provision: ", "provision: Another Act, ")
    less.write_text(
        less.read_text(encoding="utf-8").replace(field, field.replace("disclose", "drop")), encoding="utf-8"
    )
    found = needed(example(), load_dpia(less))
    assert found.lacking(frozenset({"smbc"})) == ["hub"]
    assert found.lacking(frozenset({"hub"})) == []


def test_what_is_nobodys_own_word_any_one_may_change(tmp_path: Path) -> None:
    """A title: nobody speaks of themselves in it."""
    version = load_dpia(edited(tmp_path, "\n", "title: ", "title: Our "))
    assert needed(example(), version).any_one
