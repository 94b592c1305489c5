"""Each batch with the recipient's answer to it, as the log's file stands: when sealed, loaded or refused."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from pathlib import Path
from typing import Any

from audit.assessments import NOT_KEPT, Assessment
from audit.leaves import BatchLeaf, Leaf, ReceiptLeaf, RefusalLeaf
from common import clock
from common.clock import LONDON
from sealing import periods
from sharing import Dpia

ANSWERS = ("batch", "receipt", "refusal")


@dataclass(frozen=True)
class Sent:
    """One batch: how many rows it took back, and what the recipient answered, if it did."""

    flow: str
    run: str
    sealed_on: date
    withdrawn: int
    assessment: str
    loaded_on: date | None = None
    refused: bool = False

    @property
    def state(self) -> str:
        """Return told, refused, or waiting for an answer."""
        return "told" if self.loaded_on else "refused" if self.refused else "waiting"


class Answered:
    """The batches of the log with their answers; one of a flow and run at the most."""

    def __init__(self, leaves: Iterable[Leaf]) -> None:
        kept = list(leaves)
        answers = {leaf.manifest_sha256: leaf for leaf in kept if isinstance(leaf, ReceiptLeaf | RefusalLeaf)}
        self._sent = {
            (leaf.flow, leaf.run): _sent(leaf, answers.get(leaf.manifest_sha256))
            for leaf in kept
            if isinstance(leaf, BatchLeaf)
        }

    def of(self, flow: str, run: str) -> Sent | None:
        """Return the flow's batch of the run, if the log tells of one."""
        return self._sent.get((flow, run))

    def sent_again(self, sent: Sent) -> bool:
        """Return whether a later batch tells anew what one that was refused did not."""
        later = self.of_flow(sent.flow)
        return sent.refused and any(not one.refused for one in later[later.index(sent) + 1 :])

    def of_flow(self, flow: str) -> list[Sent]:
        """Return every batch of the flow, oldest first."""
        return [sent for sent in self._sent.values() if sent.flow == flow]


def _sent(leaf: BatchLeaf, answer: ReceiptLeaf | RefusalLeaf | None) -> Sent:
    return Sent(
        flow=leaf.flow,
        run=leaf.run,
        sealed_on=day_of(leaf.at),
        withdrawn=sum(counts.get("withdrawn", 0) for counts in leaf.counts.values()),
        assessment=leaf.dpia.sha256,
        loaded_on=day_of(answer.at) if isinstance(answer, ReceiptLeaf) else None,
        refused=isinstance(answer, RefusalLeaf),
    )


@dataclass(frozen=True)
class Telling:
    """What turns an answer into a line: the recipients' names, and how soon they are to be told.

    within: the period of the assessment in force, or None where there is none that loads.
    """

    log: Path
    dpia: Dpia | None
    answered: Answered
    _names: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def within(self) -> str | None:
        """Return within which period the assessment says that a correction reaches the recipient."""
        return self.dpia.rights.rectification.within if self.dpia else None

    def line(self, flow: str, since: date, state: str, last: Sent | None = None) -> dict[str, Any]:
        """Return how far the recipient of the flow was told of what was recorded on the day.

        Given: the last batch that told of it, if one did.
        """
        told_on = last.loaded_on if last and state == "told" else None
        open_still = state in OPEN
        until = told_on or clock.today()
        due = periods.after(since, self.within) if self.within else None
        beyond = due is not None and until > due
        return {
            "flow": flow,
            "recipient": self.recipient(flow, last),
            "state": state,
            "sealed_on": last.sealed_on.isoformat() if last else None,
            "told_on": told_on.isoformat() if told_on else None,
            "days": (until - since).days if open_still or told_on else None,
            "due_on": due.isoformat() if due else None,
            "overdue": open_still and beyond,
            "late": told_on is not None and beyond,
        }

    def recipient(self, flow: str, last: Sent | None = None) -> str | None:
        """Return the recipient by the name that the assessment gave under which it was told, else today's."""
        sent = last or next(reversed(self.answered.of_flow(flow)), None)
        if sent is not None:
            key = (sent.assessment, flow)
            if key not in self._names:
                self._names[key] = Assessment(self.log, sent.assessment).flow(flow)["recipient"]
            if self._names[key] != NOT_KEPT:
                return self._names[key]
        return _named_today(self.dpia, flow)


OPEN = ("waiting", "refused", "not_applied", "resting")
"""The states of which the recipient has still to be told."""


def _named_today(dpia: Dpia | None, flow: str) -> str | None:
    parties = {one.id: one.name for one in dpia.parties} if dpia else {}
    return next((parties.get(one.to.party) for one in (dpia.flows if dpia else ()) if one.id == flow), None)


def day_of(instant: str) -> date:
    """Return the day in London; an hour would be needlessly close to one person's request."""
    return datetime.fromisoformat(instant).astimezone(LONDON).date()


def withdrawn_for(flow: Mapping[str, Any], choice: str) -> int:
    """Return how many records a flow took back in a run because of one kind of choice."""
    return sum(counts["withdrawn_reasons"].get(f"choice:{choice}", 0) for counts in flow["entities"].values())


def corrected_in(flow: Mapping[str, Any]) -> int | None:
    """Return how many rows a flow sent again with another content; None where the run did not count them."""
    entities = flow["entities"].values()
    if flow["rekeyed"] or any("corrected" not in counts for counts in entities):
        return None
    return sum(int(counts["corrected"]) for counts in entities)
