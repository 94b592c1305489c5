"""A run by the timetable that is disturbed at one of its calls, and the look half an hour later."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

from config.site import load_site
from scheduler.claims import Claim, read_claims, write_claims
from scheduler.due import claims_path
from tests.crash.left import what_is_left
from tests.crash.points import GATE, Night, all_points, secret_words, traced_points
from tests.crash.promises import broken_then, rows_of
from tests.crash.scene import Stage
from tests.crash.sweep import Sweep
from tests.nights import NightSite
from tests.scheduled_nights import make_due

DUE = ("run", "--due")
HALF_AN_HOUR = timedelta(minutes=31)
NOTHING = "Nothing is due."


class DueSweep(Sweep):
    """Disturbs a run that the timetable asked for; what follows is asked by the timetable too."""

    words = DUE

    def _ends_well(self, site: Path, *, idle: bool = False) -> list[str]:  # noqa: ARG002 - always idle at last
        """Return what is broken: found overdue unless it ended, caught up once, and then nothing is due."""
        ended = len(summaries(site))
        overdue = [one["source"] for one in self._status(site)["overdue"]]
        if bool(overdue) == bool(ended):
            return [f"{ended} summaries, and {overdue} overdue"]
        half_an_hour_goes_by(site)
        said = self._look(site)
        broken = broken_then(site, said, self.night.left, self.night.words)
        if (NOTHING in said["err"]) != bool(ended):
            broken.append(f"after {ended} summaries the timetable says: {said['err'][:200]}")
        half_an_hour_goes_by(site)
        if NOTHING not in self._look(site)["err"] or len(summaries(site)) != 1:
            broken.append(f"run twice: {len(summaries(site))} summaries")
        return broken

    def _look(self, site: Path) -> dict[str, Any]:
        return self.stage.server.verb(site, *DUE, bug=self.bug)

    def _status(self, site: Path) -> dict[str, Any]:
        said = self.stage.server.verb(site, "status", "--json", bug=self.bug)
        assert said["code"] == 0, said["err"]
        return dict(json.loads(said["out"]))


def due_night(stage: Stage, *, whole: bool) -> Night:
    """Return a changed night that is due, with its calls; unless `whole`, with those since it has planned."""
    start = stage.copy(stage.eve)
    make_due(NightSite(start))
    site = stage.copy(start)
    if whole:
        points = all_points(stage, start, site, words=DUE)
    else:
        points = traced_points(stage, site, gate=GATE, words=DUE)
    night = Night(start, points, [rows_of(start), rows_of(site)], what_is_left(site), secret_words())
    stage.drop(site)
    return night


def half_an_hour_goes_by(site: Path) -> None:
    """Let what was begun have begun half an hour earlier."""
    path = claims_path(load_site(site))
    write_claims(path, {source: _earlier(claim) for source, claim in read_claims(path).items()})


def summaries(site: Path) -> list[Path]:
    """Return the summaries of runs that ended."""
    return sorted((site / "var/runs").glob("*.json"))


def _earlier(claim: Claim) -> Claim:
    if claim.begun_at is None or claim.first_begun_at is None:
        return claim
    return replace(
        claim, begun_at=claim.begun_at - HALF_AN_HOUR, first_begun_at=claim.first_begun_at - HALF_AN_HOUR
    )
