"""The tiny site on disk: its rules, its keys, the exports its two folders hold, and nights upon it."""

import csv
import hashlib
import io
import os
import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from commands.sample_site import make_keys
from config.site import Site, load_site
from sync.council import load_council_side
from sync.run import Wish, run_sync
from sync.steps import Watcher
from sync.summary import Summary
from tests.signing_of_sites import sign_site
from tests.tiny.assessment import SOURCES, assessment
from tests.tiny.world import COLUMNS, EXPORTS, FLOWS, World

RULES = Path(__file__).parent / "rules"
EXTRACTED_AT = datetime(2024, 6, 1, 6, tzinfo=UTC).timestamp()
EMBEDDED, ELSEWHERE = "council_side: embedded", "council_side: elsewhere"


@dataclass
class TinySite:
    """A site of two providers; what is under `var/` is the program's."""

    folder: Path

    @classmethod
    def made(cls, folder: Path) -> "TinySite":
        """Return a new site with keys and the assessment in full, and nothing dropped."""
        shutil.copytree(RULES, folder)
        site = cls(folder)
        (folder / "sources").mkdir()
        for source in SOURCES:
            (folder / "sources" / f"{source}.yaml").write_text(_source(source), encoding="utf-8")
        site.assess(frozenset())
        make_keys(site.read(), list(FLOWS))
        for role in ("memory", *(f"pseudonym-{flow}" for flow in FLOWS)):
            _settle_key(folder / "var/keys" / f"{role}.key")
        for begun in ("registers", "state"):
            shutil.rmtree(folder / "var" / begun)
        make_keys(site.read(), list(FLOWS))
        return site

    def copy(self, folder: Path) -> "TinySite":
        """Return the same site in another folder."""
        shutil.copytree(self.folder, folder)
        return TinySite(folder)

    def read(self) -> Site:
        """Return the site as its files declare it now."""
        return load_site(self.folder)

    def assess(self, turns: frozenset[str], expires_in_days: int = 300) -> None:
        """Put another version of the assessment in force."""
        path = self.folder / "dpia" / "assessment.yaml"
        path.parent.mkdir(exist_ok=True)
        previous = path.read_text(encoding="utf-8") if path.exists() else ""
        path.write_text(assessment(turns, expires_in_days), encoding="utf-8")
        sign_site(self.read(), previous=previous)

    def council(self, *, here: bool) -> None:
        """Let the council side work on this machine, or elsewhere and in its own time."""
        path = self.folder / "site.yaml"
        old, new = (ELSEWHERE, EMBEDDED) if here else (EMBEDDED, ELSEWHERE)
        path.write_text(path.read_text(encoding="utf-8").replace(old, new), encoding="utf-8")

    def council_loads(self) -> None:
        """Let the council side open, load and answer what has arrived."""
        load_council_side(self.read())

    def drop(self, world: World, missing: frozenset[str] = frozenset()) -> None:
        """Lay the exports of the CRMs down; of a missing source there is none."""
        shutil.rmtree(self.folder / "drop", ignore_errors=True)
        for source in SOURCES:
            folder = self.folder / "drop" / source
            folder.mkdir(parents=True)
            for export in EXPORTS[source] if source not in missing else ():
                path = folder / f"{export}.csv"
                path.write_bytes(_csv(world.rows(source, export), COLUMNS[export]))
                os.utime(path, (EXTRACTED_AT, EXTRACTED_AT))

    def night(self, watcher: Watcher | None = None, **wish: Any) -> Summary:
        """Return what one run did."""
        return run_sync(self.read(), Wish(**wish), watcher)


def _settle_key(path: Path) -> None:
    """Make the key the same in every process, so that nights can be told once more."""
    header, _ = path.read_text(encoding="ascii").splitlines()
    secret = hashlib.sha256(path.stem.encode()).hexdigest()
    path.write_text(f"{header}\n{secret}\n", encoding="ascii")


def _csv(rows: list[Mapping[str, str]], columns: tuple[str, ...]) -> bytes:
    text = io.StringIO()
    writer = csv.DictWriter(text, columns, lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue().encode()


def _source(name: str) -> str:
    exports = EXPORTS[name]
    files = "".join(f"  {export}: {export}.csv\n" for export in exports)
    mappings = "".join(f"  {export}: mappings/{export}.yaml\n" for export in exports)
    parent = "parent_source: hub\n" if name != "hub" else ""
    return (
        f"connector: folder\nprovider: {name}\nfolder: drop/{name}\nsettle_seconds: 0\n{parent}"
        f"files:\n{files}mappings:\n{mappings}"
    )
