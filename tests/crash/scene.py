"""The small sites that sweeps start from: few people, one source in a folder, both flows."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from common import clock
from demo import nights as later
from demo.sample import Sample
from tests.crash.fork_server import ForkServer
from tests.crash.tracing import Tracer
from tests.nights import ACCEPTED_BY, NightSite
from tests.one_source import few_people, of_the_hub_alone
from tests.small_sample import whole_sample

PEOPLE = 4
LEFT_OUT = ("relationships", "needs", "risks", "outcomes", "contacts")
NIGHT = ("run", "--accept-growth", "--accept-flagged", ACCEPTED_BY)


@dataclass
class Stage:
    """A folder with a server, a tracer and the sites to copy."""

    folder: Path
    server: ForkServer
    tracer: Tracer
    copies: int = 0

    def copy(self, site: Path) -> Path:
        """Return a copy of the site, free to be harmed."""
        self.copies += 1
        folder = self.folder / f"site-{self.copies}"
        shutil.copytree(site, folder)
        return folder

    def drop(self, site: Path) -> None:
        """Remove a copy."""
        shutil.rmtree(site)

    @property
    def fresh(self) -> Path:
        """Return a site that no night has seen: its keys exist, nothing else."""
        return self.folder / "fresh"

    @property
    def eve(self) -> Path:
        """Return a site with one night behind it, and a changed drop for the next."""
        return self.folder / "eve"

    def night(self, site: Path, **request: Any) -> dict[str, Any]:
        """Return what one night said that nobody disturbs."""
        return self.server.verb(site, *NIGHT, **request)


@contextmanager
def staged(folder: Path) -> Iterator[Stage]:
    """Yield a stage with a fresh site and the eve of a changed night."""
    with ForkServer(folder / "server") as server:
        stage = Stage(folder, server, Tracer(server, folder / "traces"))
        with clock.frozen(server.began_at):
            _make_site(stage.fresh, sample_of_tonight())
        _warm(stage)
        shutil.copytree(stage.fresh, stage.eve)
        said = stage.night(stage.eve)
        assert said["code"] == 0, said["err"]
        NightSite(stage.eve).drop(sample_of_tomorrow())
        yield stage


def sample_of_tonight() -> Sample:
    """Return the hub with a handful of clients; one more is still to come."""
    everybody = few_people(whole_sample(), PEOPLE + 1)
    return later.vanish(everybody, "hub", "people", _persons(everybody)[PEOPLE])


def sample_of_tomorrow() -> Sample:
    """Return the hub a day later: one client renamed, one gone with all that hung on them, one new."""
    everybody = few_people(whole_sample(), PEOPLE + 1)
    first, second = _persons(everybody)[:2]
    renamed = later.change(everybody, "hub", "people", first, {"Surname": "Zqsurchanged"})
    return later.vanish(renamed, "hub", "people", second)


def _persons(sample: Sample) -> list[str]:
    return [row[later.PERSON] for row in sample.table("hub", "people")]


def _make_site(folder: Path, sample: Sample) -> None:
    night = NightSite.of(folder, sample)
    for name in set(night.site.sources) - {"hub"}:
        (folder / "sources" / f"{name}.yaml").unlink()
        shutil.rmtree(folder / "drop" / name, ignore_errors=True)
    source = folder / "sources/hub.yaml"
    lines = source.read_text(encoding="utf-8").splitlines(keepends=True)
    left_out = tuple(f"{name}:" for name in LEFT_OUT)
    source.write_text(
        "".join(line for line in lines if not line.strip().startswith(left_out)), encoding="utf-8"
    )
    dpia = night.site.dpia
    dpia.write_text(of_the_hub_alone(dpia.read_text(encoding="utf-8")), encoding="utf-8")
    night.sign()


def _warm(stage: Stage) -> None:
    """Let the server import what a night imports, so that no verb to come reads or writes for that."""
    site = stage.copy(stage.fresh)
    said = stage.night(site, modules=True)
    assert said["code"] == 0, said["err"]
    stage.server.prepare(stage.fresh, [name for name in said["modules"] if name != "__main__"])
    stage.drop(site)
