"""What the recipient certifies to have removed: verified, logged, and then known to the memory.

A certificate has no keys, only marks that who knows the keys can tell. So the memory is asked once, when the
certificate comes, which of its records it means; those rest from then on (sync/plan.py).
"""

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import polars as pl

from common.errors import ViaductError
from common.files import private_folder, whole_file, write_atomic
from sealing.certificate import Certificate, marks_of, open_certificate, open_marks
from sealing.earlier import earlier_verifiers
from sealing.keys import load_verifier
from sync.errors import CertificateUnusable
from sync.memory import Memory, expired_path
from sync.outbox import Outbox, as_json, read_json
from sync.place import Workplace
from sync.summary import FlowSummary

COUNTS = ("expired", "blocked", "waiting", "no_clock")
NOTHING_BELIEVED = "Nothing of it was believed, and nothing was sent in this flow."
SCHEMA = {"key": pl.Binary, "through": pl.UInt32}


def learn_expiries(place: Workplace, outbox: Outbox, summary: FlowSummary) -> None:
    """Take in the flow's certificates that are new, in their order; say in the summary what they certify.

    A dry run takes in nothing.
    First the leaf in the log, then the memory: a kill between them is mended by the next run.
    Errors: CertificateUnusable; StateUnreadable.
    """
    if place.dry_run:
        return
    learnt = _Learnt(outbox)
    numbers: list[int] = []
    while (content := place.landing.certificate(outbox.flow, learnt.number + 1)) is not None:
        certificate, marks = _opened(place, outbox.flow, content, learnt)
        _log(place, certificate, content)
        learnt.take(certificate, content, marks)
        numbers.append(certificate.number)
        summary.retention = _told(certificate, numbers, summary.retention)


@dataclass
class _Learnt:
    """What is kept below state/expired: the last certificate taken in, and the records that have expired."""

    outbox: Outbox
    number: int = 0
    sha256: str | None = None
    _note: Path = field(init=False)

    def __post_init__(self) -> None:
        self._path = expired_path(self.outbox.memory_path)
        self._note = self._path.with_suffix(".json")
        if self._note.exists():
            said = read_json(self._note)
            self.number, self.sha256 = int(said["certificate"]), str(said["sha256"])

    def take(self, certificate: Certificate, content: bytes, marks: pl.Series) -> None:
        known = Memory(self.outbox.memory_path).keys()
        marked = known.with_columns(marks_of(known["key"], certificate.marks.salt))
        here = marked.filter(pl.col("mark").is_in(marks.implode()))
        through = pl.lit(certificate.after_sequence, pl.UInt32).alias("through")
        gone = here.filter(pl.col("batch") <= certificate.after_sequence).select("key", through)
        before = pl.read_parquet(self._path) if self._path.exists() else pl.DataFrame(schema=SCHEMA)
        before = before.join(Memory(self.outbox.memory_path).unmarked(), on="key", how="semi")
        private_folder(self._path.parent)
        with whole_file(self._path) as temporary:
            pl.concat([before, gone]).group_by("key").agg(pl.col("through").max()).write_parquet(temporary)
        self.number, self.sha256 = certificate.number, hashlib.sha256(content).hexdigest()
        write_atomic(self._note, as_json({"certificate": self.number, "sha256": self.sha256}))


def _opened(place: Workplace, flow: str, content: bytes, learnt: _Learnt) -> tuple[Certificate, pl.Series]:
    """Return the certificate and its marks, if it is the council's, of this flow, and the next."""
    number = learnt.number + 1
    try:
        public = place.site.keys.public
        certificate = open_certificate(
            content, load_verifier("receipt", public), earlier_verifiers("receipt", public)
        )
        marks = open_marks(place.landing.marks(flow, number), certificate)
    except ViaductError:
        certificate = None
    if certificate is not None:
        logged = place.log.manifest_of(flow, certificate.after_sequence)
        said = (certificate.flow, certificate.number, certificate.manifest_sha256)
        if said == (flow, number, logged) and certificate.previous_certificate_sha256 == learnt.sha256:
            return certificate, marks
    raise CertificateUnusable(f"flow {flow}, certificate {number}", sent=NOTHING_BELIEVED)


def _log(place: Workplace, certificate: Certificate, content: bytes) -> None:
    identity = f"expiry:{certificate.flow}/{certificate.number:08d}"
    leaf = {
        "kind": "expiry",
        "identity": identity,
        "run": certificate.after_run,
        "at": certificate.at,
        "flow": certificate.flow,
        "number": certificate.number,
        "after_seq": certificate.after_sequence,
        "manifest_sha256": certificate.manifest_sha256,
        "certificate_sha256": hashlib.sha256(content).hexdigest(),
        "entities": {
            one.entity: {count: getattr(one, count) for count in COUNTS} for one in certificate.entities
        },
        "holds": certificate.holds,
    }
    place.log.append_once(identity, [leaf])


def _told(certificate: Certificate, numbers: list[int], before: dict[str, Any]) -> dict[str, Any]:
    """Return what the run's summary says: what was done since the last run, and how things stand now."""
    total = {count: sum(getattr(one, count) for one in certificate.entities) for count in COUNTS}
    total["expired"] += int(before.get("expired", 0))
    return {
        "certificates": list(numbers),
        "as_of": certificate.as_of,
        "due": total["expired"] + total["blocked"] + total["waiting"],
        **total,
        "holds": certificate.holds,
        "entities": {
            one.entity: {count: getattr(one, count) for count in COUNTS} for one in certificate.entities
        },
    }
