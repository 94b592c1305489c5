"""The gate for going live: how many of a provider's people are under the safety flag, and who accepted that.

A share that is high is a fact about a provider's records, or about what nobody has asked the provider yet.
The quick way to lower it is to call every blank a no. So the share is shown, with its grounds, and a named
person accepts it before a flow's first delivery, and again when it moves, or when what sets flags is changed.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from common import clock
from common.files import write_atomic
from config.settings import Brakes
from sharing import Ground, said_of_flags
from sync.canaries import Canaries
from sync.errors import BrakeFlagged, StateUnreadable, nothing_of
from sync.gather import Gathering
from sync.outbox import as_json, read_json
from sync.people import PeopleIndex, SourceNotes
from sync.place import Workplace
from sync.summary import SourceSummary

ACCEPTED = {"people", "flagged", "percent", "grounds", "said", "by", "on"}
NOBODY = pl.DataFrame(schema={"person": pl.UInt64, "ground": pl.UInt8})


@dataclass(frozen=True)
class Share:
    """How many people a source has, and how many of them are under the flag, by the first ground that counts.

    grounds: proof, unreadable, blank, spread (household, number, case, or what is remembered of a source).
    said:    digest of what the DPIA says sets the source's flags.
    """

    people: int
    grounds: Mapping[str, int]
    said: str

    @property
    def flagged(self) -> int:
        """Return how many are under the flag."""
        return sum(self.grounds.values())

    @property
    def percent(self) -> float:
        """Return the share in percent, to one decimal; of nobody, 0."""
        return round(100 * self.flagged / self.people, 1) if self.people else 0.0

    def to_json(self) -> dict[str, Any]:
        """Return the share as run summaries and the memory of what was accepted hold it."""
        return {
            "people": self.people,
            "flagged": self.flagged,
            "percent": self.percent,
            "grounds": dict(self.grounds),
            "said": self.said,
        }


def share_of(notes: SourceNotes, index: PeopleIndex, said: str) -> Share:
    """Return the share of one source's people; that nobody can be told apart tonight does not count."""
    everybody = pl.concat(
        [NOBODY.select("person"), *[part.select("person") for part in notes.names]]
    ).unique()
    flagged = everybody.filter(pl.col("person").is_in(index.flagged.implode()))
    known = pl.concat([NOBODY, *notes.grounds]).group_by("person").agg(pl.col("ground").min())
    told = flagged.join(known, on="person", how="left").select(
        pl.col("ground").fill_null(int(Ground.SPREAD)).alias("ground")
    )
    counted = dict(told.group_by("ground").len().iter_rows())
    return Share(everybody.height, {g.name.lower(): counted.get(int(g), 0) for g in Ground}, said)


class GoingLive:
    """What was accepted per flow and source, by whom and when; and what somebody accepts in this run."""

    def __init__(self, place: Workplace, accepted_by: str | None) -> None:
        self._place, self._by = place, accepted_by
        self.canaries = Canaries.of(place.site)
        path = place.going_live_path
        self._known = _read(path) if path.exists() else {}
        self._new: dict[str, dict[str, Any]] = {}
        self._shares: dict[str, Share] = {}
        self._whole: set[str] = set()

    def look(
        self, gathered: Mapping[str, Gathering], index: PeopleIndex, sources: Iterable[SourceSummary]
    ) -> None:
        """Work out the share of each source that was read, and tell it in the source's summary."""
        for told in sources:
            if told.source in gathered:
                said = said_of_flags(self._place.dpia, told.source)
                self._shares[told.source] = share_of(gathered[told.source].notes, index, said)
                told.flagged = self._shares[told.source].to_json()
                told.canaries = self.canaries.seen(
                    told.source, gathered[told.source].notes, self._place.digest
                )
                if gathered[told.source].complete:
                    self._whole.add(told.source)

    def require(self, flow: str, sources: Iterable[str]) -> dict[str, Any]:
        """Return what is accepted of the flow's sources. Errors: BrakeFlagged for a share nobody accepted."""
        shares = {name: self._shares[name] for name in sources if name in self._shares}
        if self._by is not None:
            self._new[flow] = {name: self._accept(share) for name, share in shares.items()}
        known = self._known.get(flow, {}) | self._new.get(flow, {})
        open_ones = [
            f"flow {flow}, source {name}: {_shown(share)}; {why}."
            for name, share in shares.items()
            if (why := self._why_open(name, known.get(name), share))
        ]
        if open_ones:
            raise BrakeFlagged("\n".join(open_ones), sent=nothing_of(flow))
        return {name: known[name] for name in shares}

    def _why_open(self, source: str, accepted: dict[str, Any] | None, share: Share) -> str:
        """Return why the share waits for somebody; nothing if it does not.

        Of a source that was read in part nothing can be said of how far its share has moved.
        """
        if accepted is None:
            return "nobody has accepted this yet"
        on = f"{accepted['percent']}% was accepted on {date.fromisoformat(accepted['on'])}"
        if accepted["said"] != share.said:
            return f"{on}, and safetySources has been changed since"
        points = _moved(accepted, share, self._place.site.brakes_of(source))
        return (
            f"{on}, and it has moved by {points:.1f} points since" if points and source in self._whole else ""
        )

    def _accept(self, share: Share) -> dict[str, Any]:
        return share.to_json() | {"by": self._by, "on": str(clock.today())}

    def keep(self, *, dry_run: bool) -> None:
        """Write down what was accepted in this run, once the log has said that it was."""
        if self._new and not dry_run:
            merged = {flow: self._known.get(flow, {}) | new for flow, new in self._new.items()}
            write_atomic(self._place.going_live_path, as_json(self._known | merged))


def _read(path: Path) -> dict[str, dict[str, Any]]:
    known = read_json(path)
    try:
        whole = all(one.keys() == ACCEPTED for flow in known.values() for one in flow.values())
    except AttributeError:
        whole = False
    if not whole:
        raise StateUnreadable(f"state/{path.name}")
    return dict(known)


def _shown(share: Share) -> str:
    said = ", ".join(f"{name} {count}" for name, count in share.grounds.items())
    return f"{share.flagged} of {share.people} people under the safety flag ({share.percent}%: {said})"


def _moved(accepted: dict[str, Any], share: Share, brakes: Brakes) -> float:
    """Return by how many points the share has moved, if that is further than the source's brakes let it."""
    moved = abs(share.flagged - share.people * accepted["flagged"] / max(accepted["people"], 1))
    points = 100 * moved / max(share.people, 1)
    return points if moved >= brakes.flagged_people and points > brakes.flagged_points else 0.0
