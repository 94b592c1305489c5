"""How far an incident reaches: which batches, and which of their files, are meant by what was named."""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime
from enum import StrEnum
from typing import Any

from audit.agree import Landing
from audit.assessments import Assessment
from audit.errors import NotInTheLog
from audit.reading import Reading, batch_name
from common.clock import LONDON
from sealing.errors import ManifestUnreadable
from sealing.manifest import MANIFEST_NAME, Manifest, read_manifest

BATCH = re.compile(r"([a-z][a-z0-9_]{0,62})/(\d{1,8})(?:-(\d{8}T\d{6}Z-[0-9a-f]{6}))?")
FILE = re.compile(
    r"(?:.*/)?([a-z][a-z0-9_]{0,62}/\d{8}-\d{8}T\d{6}Z-[0-9a-f]{6})/([a-z0-9_-]+\.parquet\.age)"
)
DIGEST = re.compile(r"[0-9a-f]{64}")
NOTHING_SENT = "Asking changed nothing and sent nothing."


class By(StrEnum):
    """By what an incident is asked for."""

    FILE = "file"
    BATCH = "batch"
    KEY = "key"
    RUN = "run"
    PROVIDER = "provider"
    DAYS = "days"


@dataclass(frozen=True)
class Asked:
    """What an incident is asked for.

    name:  of a file FLOW/NNNNNNNN-RUNID/FILE or its SHA-256; of a batch FLOW/NUMBER; of a key its role; the
           run; the provider.
    since, until: the days in London on which a batch was logged, both included.
    """

    by: By
    name: str = field(repr=False)
    aware_at: datetime
    since: date | None = None
    until: date | None = None

    def covers(self, leaf: dict[str, Any]) -> bool:
        """Return whether the leaf was logged in the days asked for."""
        day = datetime.fromisoformat(leaf["at"]).astimezone(LONDON).date()
        return (self.since or day) <= day <= (self.until or day)


@dataclass(frozen=True)
class Part:
    """One batch as far as the incident reaches: its leaf, and those of its files that are meant."""

    leaf: dict[str, Any] = field(repr=False)
    files: tuple[dict[str, Any], ...]

    @property
    def batch(self) -> str:
        """Return what the batch is called: FLOW/NNNNNNNN-RUNID."""
        return batch_name(self.leaf)

    @property
    def whole(self) -> bool:
        """Return whether every file of the batch is meant."""
        return len(self.files) == len(self.leaf["files"])

    def rows(self, operation: str, entity: str | None = None) -> int:
        """Return how many rows its files hold, of all entities or of one."""
        meant = (file for file in self.files if file["operation"] == operation)
        return sum(file["rows"] for file in meant if entity in {None, file["entity"]})


def whole_batches(reading: Reading, asked: Asked) -> Iterator[Part]:
    """Yield every batch of the days asked for, whole."""
    for _, leaf in reading.batches():
        if asked.covers(leaf):
            yield Part(leaf, tuple(leaf["files"]))


def of_provider(reading: Reading, asked: Asked, sources: tuple[str, ...]) -> list[Part]:
    """Return the batches of the flows that these sources are in, or were under any version that sent one.

    A flow stays where an assessment it was sent under is not kept, or does not say whose records it carries.
    """
    under: dict[str, set[str]] = {}
    for _, leaf in reading.batches():
        under.setdefault(leaf["flow"], set()).add(leaf["dpia"]["sha256"])
    carried = {
        flow: [Assessment(reading.folder, digest).sources(flow) for digest in digests]
        for flow, digests in under.items()
    }
    theirs = {
        flow
        for flow, every in carried.items()
        if any(said is None or said.intersection(sources) for said in every)
    }
    return [part for part in whole_batches(reading, asked) if part.leaf["flow"] in theirs]


def of_batch(reading: Reading, asked: Asked) -> list[Part]:
    """Return the batch of this flow and number. Errors: NotInTheLog."""
    said = BATCH.fullmatch(asked.name)
    found = [
        part
        for part in whole_batches(reading, asked)
        if said and (part.leaf["flow"], part.leaf["seq"]) == (said[1], int(said[2]))
        if said[3] in {None, part.leaf["run"]}
    ]
    if not found:
        written = asked.name if said else "what was named (a batch is written FLOW/NUMBER)"
        raise NotInTheLog(f"batch {written}.", sent=NOTHING_SENT)
    return found


def of_run(reading: Reading, asked: Asked) -> list[Part]:
    """Return the batches that the run sealed; none, if it sent nothing. Errors: NotInTheLog."""
    if not any(leaf["kind"] == "run" and leaf["run"] == asked.name for leaf in reading.leaves):
        raise NotInTheLog("run: no run of this name was ever logged.", sent=NOTHING_SENT)
    return [part for part in whole_batches(reading, asked) if part.leaf["run"] == asked.name]


def of_file(reading: Reading, asked: Asked, landing: Landing | None) -> list[Part]:
    """Return the one file, by the name it has in its batch or by the SHA-256 of its sealed or plain bytes.

    What was typed is not repeated. Errors: NotInTheLog; those of the landing zone.
    """
    named, digest = FILE.fullmatch(asked.name), DIGEST.fullmatch(asked.name)
    found = []
    for part in whole_batches(reading, asked):
        if digest:
            found += [Part(part.leaf, (file,)) for file in _by_digest(part, asked.name, landing)]
        elif named and part.batch == named[1]:
            found += [Part(part.leaf, (file,)) for name, file in _named(part) if name == named[2]]
    if not found:
        how = "a file is named FLOW/NNNNNNNN-RUNID/FILE, by its SHA-256, or by a path to its sealed bytes"
        raise NotInTheLog(f"file: no batch of the days asked for holds it; {how}.", sent=NOTHING_SENT)
    return found


def _named(part: Part) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each file with its name: files of an entity are numbered in the order of the leaf."""
    numbers: Counter[str] = Counter()
    for file in part.files:
        numbers[file["entity"]] += 1
        yield f"{file['entity']}-{numbers[file['entity']]:04d}.parquet.age", file


def _by_digest(part: Part, digest: str, landing: Landing | None) -> list[dict[str, Any]]:
    plain = [file for file in part.files if file["plain_sha256"] == digest]
    manifest = _manifest(part, landing)
    if plain or manifest is None:
        return plain
    names = {entry.name for entry in manifest.files if entry.sealed_sha256 == digest}
    return [file for name, file in _named(part) if name in names]


def _manifest(part: Part, landing: Landing | None) -> Manifest | None:
    """Return the manifest in the landing zone, if it is there and is the one that was logged."""
    if landing is None or part.batch not in landing.batches(part.leaf["flow"]):
        return None
    try:
        manifest = read_manifest(landing.read(part.batch, MANIFEST_NAME))
    except ManifestUnreadable:
        return None
    return manifest if manifest.sha256 == part.leaf["manifest_sha256"] else None
