"""Who must sign a version: every controller of its flows, those whom a widening touches, or any one."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass

from sharing.diff import Change, Effect, compare
from sharing.document import DpiaFile, FlowBlock
from sharing.signing.judging import is_controller

NAMES: dict[str, Callable[[FlowBlock], Iterable[str | None]]] = {
    "flows": lambda flow: [flow.id],
    "legalBases": lambda flow: flow.basis,
    "purposes": lambda flow: [flow.purpose],
    "agreements": lambda flow: [flow.agreement],
}
"""What of an assessment belongs to flows by name. A change elsewhere touches every flow."""
TO_ALL = ("rights", "complaints", "transparency")
"""Statements that the controllers make together: who answers people, how, and what people are told."""


@dataclass(frozen=True)
class Needed:
    """Whose signatures a version needs: each of these parties, or any one of them."""

    parties: frozenset[str]
    any_one: bool
    because: str

    def lacking(self, signed: frozenset[str]) -> list[str]:
        """Return who has still to sign; of `any one`, all of them where nobody has."""
        if self.any_one and self.parties & signed:
            return []
        return sorted(self.parties - signed)

    def words(self, lacking: list[str]) -> str:
        """Return in words who has still to sign, and why."""
        who = f"one of {', '.join(lacking)}" if self.any_one else ", ".join(lacking)
        return f"not signed by {who}: {self.because}"


def controllers(file: DpiaFile) -> frozenset[str]:
    """Return the controllers whose data a flow takes, or who receive one."""
    return frozenset().union(*(_of_flow(file, flow) for flow in file.flows))


def needed_of_all(file: DpiaFile, before: DpiaFile | None) -> Needed:
    """Return what a version needs that stands for itself: its controllers, and those of the one before.

    Whoever is no controller any more signs the version that hands over; so it is left in until it has.
    """
    earlier = controllers(before) if before is not None else frozenset()
    because = "every controller of its flows, and of those of the version before, signs it."
    return Needed(controllers(file) | earlier, any_one=False, because=because)


def needed(before: DpiaFile, after: DpiaFile) -> Needed:
    """Return whose signatures a version needs, given the version that it supersedes."""
    changes = compare(before, after)
    wider = [change for change in changes if change.effect is Effect.WIDENS]
    left_out = _left_out(before, after)
    speak = frozenset().union(
        *(_speaking(each, before, after) for each in changes if each.effect is Effect.NEITHER)
    )
    if left_out and not wider:
        because = f"version {before.version} has it as a controller, whose records are shared on."
        return Needed(left_out | speak, any_one=False, because=because)
    if speak and not wider:
        because = f"it words anew, since version {before.version}, what only they can say of themselves."
        return Needed(speak, any_one=False, because=because)
    if not wider:
        because = f"it shares no more than version {before.version}, and any one controller may see to that."
        return Needed(controllers(after), any_one=True, because=because)
    touched = frozenset().union(*(_touched(change, before, after) for change in wider))
    because = f"it shares more than version {before.version}, and all whom that touches sign it."
    return Needed(left_out | speak | (touched or controllers(after)), any_one=False, because=because)


def _speaking(change: Change, before: DpiaFile, after: DpiaFile) -> frozenset[str]:
    """Return the controllers in whose own name the changed words stand: their bases, notices, contacts.

    What they say together they all sign.
    """
    kind, *rest = change.path
    known = controllers(before) | controllers(after)
    if kind == "legalBases" and rest:
        named = {basis.party for file in (before, after) for basis in file.legal_bases if basis.id == rest[0]}
    elif kind == "parties" and rest:
        named = {rest[0]}
    elif rest[:1] == ["privacyNotices"] or rest[:1] == ["answeredBy"]:
        named = set(rest[1:2])
    else:
        named = set(controllers(after)) if kind in TO_ALL else set()
    return frozenset(named) & known


def _left_out(before: DpiaFile, after: DpiaFile) -> frozenset[str]:
    """Return who is a controller no more, though flows go on with their sources, or to them."""
    gone = controllers(before) - controllers(after)
    theirs = {party.id: set(party.sources) for party in before.parties}
    return frozenset(
        party
        for party in gone
        if any(flow.to.party == party or theirs[party] & set(flow.sources) for flow in after.flows)
    )


def _touched(change: Change, before: DpiaFile, after: DpiaFile) -> frozenset[str]:
    """Return the controllers that a change concerns, as sources or recipients, before it or after."""
    kind, *rest = change.path
    names = NAMES.get(kind) if rest else None
    found: frozenset[str] = frozenset()
    for file in (before, after):
        for flow in file.flows:
            if names is None or rest[0] in names(flow):
                found |= _of_flow(file, flow)
    return found or controllers(after)


def _of_flow(file: DpiaFile, flow: FlowBlock) -> frozenset[str]:
    sources = {party.id for party in file.parties if set(party.sources) & set(flow.sources)}
    return frozenset(party for party in {*sources, flow.to.party} if is_controller(file, party))
