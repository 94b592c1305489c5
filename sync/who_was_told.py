"""Who was told of somebody who is forgotten: kept until it has been given once, and gone from then on.

The log cannot say it any more once the person's log secret is destroyed, and Articles 15 and 19 still need
it. So it is written down before the secret goes. It names flows, recipients, batches and instants, and the
person by a keyed digest alone.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from audit.assessments import Assessment
from audit.person import look_for
from audit.reading import batch_name, read_log
from common.files import fsync_folder, private_folder, write_atomic
from sealing import keys
from sync.outbox import as_json, read_json
from sync.place import Workplace

FOLDER = "told_before_erasure"


@dataclass(frozen=True)
class Told:
    """One batch that told of the person: what Articles 15 and 19 still need, once the log cannot say it."""

    flow: str
    recipient: str
    batch: str
    at: str
    operation: str
    receipted: bool


@dataclass(frozen=True)
class NotGiven:
    """What one erasure has kept to be given: who was told, where it took effect, where it could not.

    path: the file, named by the run id of the erasure; flows, kept_in, secret: as its leaf has them.
    """

    path: Path
    person: bytes = field(repr=False)
    told: tuple[Told, ...]
    flows: tuple[str, ...]
    kept_in: dict[str, str]
    secret: str

    def given(self) -> None:
        """Remove it: it has been written where it was asked for. From now on nobody here can say it again."""
        self.path.unlink(missing_ok=True)
        fsync_folder(self.path.parent)


def who_was_told(place: Workplace, secret: bytes) -> Iterator[Told]:
    """Yield every batch that told of the person whose secret it is, oldest first."""
    reading = read_log(place.site.var / "log", keys.load_verifier("log", place.site.keys.public))
    receipted = {(one["flow"], one["seq"]) for one in reading.heads if one["kind"] == "receipt"}
    for telling in look_for(reading, secret, reading.batch_heads()):
        head = telling.head
        for operation in telling.rows:
            yield Told(
                flow=head["flow"],
                recipient=_recipient(place, reading.folder, head),
                batch=batch_name(head),
                at=head["at"],
                operation=operation,
                receipted=(head["flow"], head["seq"]) in receipted,
            )


def counted(told: Iterable[Told]) -> list[dict[str, Any]]:
    """Return per flow and recipient how many batches told of the person, and on which day the last did.

    Returns: of each: flow, recipient, batches, last_day (ISO), receipts (of how many batches it is there).
    """
    found: dict[tuple[str, str], list[Told]] = {}
    for one in told:
        found.setdefault((one.flow, one.recipient), []).append(one)
    return [
        {
            "flow": flow,
            "recipient": recipient,
            "batches": len({one.batch for one in batches}),
            "last_day": max(one.at for one in batches)[:10],
            "receipts": len({one.batch for one in batches if one.receipted}),
        }
        for (flow, recipient), batches in found.items()
    ]


def keep(place: Workplace, todo: Mapping[str, Any]) -> None:
    """Write down who was told, durably, before the secret goes; the same again changes nothing.

    Given: what is to be done of one erasure, as sync.forgetting writes it down.
    """
    kept = {name: todo[name] for name in ("person", "told", "kept_in")}
    kept |= {name: todo["leaf"][name] for name in ("flows", "secret")}
    write_atomic(private_folder(place.state / FOLDER) / f"{todo['leaf']['run']}.json", as_json(kept))


def not_given(place: Workplace, person: bytes) -> NotGiven | None:
    """Return what the oldest erasure of this person kept and never gave. Errors: StateUnreadable."""
    for path in sorted((place.state / FOLDER).glob("*.json")):
        kept = read_json(path)
        if bytes.fromhex(kept["person"]) == person:
            told = tuple(Told(**one) for one in kept["told"])
            return NotGiven(path, person, told, tuple(kept["flows"]), kept["kept_in"], kept["secret"])
    return None


def yet_to_give(state: Path) -> list[str]:
    """Return in words of how many erasures who was told waits to be given; none where none does.

    Given: the folder of the state. Nothing of the files is read: a count and the first day say no more.
    """
    waiting = sorted(path.name for path in (state / FOLDER).glob("*.json"))
    if not waiting:
        return []
    first = f"{waiting[0][:4]}-{waiting[0][4:6]}-{waiting[0][6:8]}"
    lists = "1 list" if len(waiting) == 1 else f"{len(waiting):,} lists"
    what = f"{lists} of who was told of somebody who is forgotten, the first of {first}, not given yet"
    how = "whoever asked for the erasure gets it by giving the same command with --yes again"
    return [f"{what}: {how} (docs/how_to/erasure.md)"]


def _recipient(place: Workplace, log: Path, head: Mapping[str, Any]) -> str:
    """Return the party that the flow tells; of one that is gone, as the assessment of the batch names it."""
    now = next((one.to.party for one in place.dpia.flows if one.id == head["flow"]), None)
    return now or str(Assessment(log, head["dpia"]["sha256"]).flow(head["flow"])["recipient"])
