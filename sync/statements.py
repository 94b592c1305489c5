"""The statements of a site's runs: each made when its run ends, or by the next run, and kept for its time.

A statement is three files in `var/statements/`: the canonical JSON, the page, and, last, the signed text that
holds that very JSON. The text alone is asked: page and JSON are made from it, and again where they differ.
They are made in the order in which the log grew, so the latest run that has one, whole and signed, tells up
to where none is lacking: no mark besides can differ from that.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from pydantic_core import from_json

from audit.checkpoint import Checkpoint
from audit.log import DisclosureLog
from audit.reading import read_log
from audit.statement import NAME, more_since, sign_statement, size_told
from audit.tail import LeavesOfRun, checkpoint_at, leaves_of_run, runs_since
from common.files import private_folder, write_atomic
from config.site import Site
from quality import catalogue
from reports.statement import signed_statement_page
from sealing.keys import load_signer, load_verifier
from sealing.notes import open_note
from sealing.signing import Signer, Verifier
from sync.errors import StateUnreadable
from sync.outbox import read_json
from sync.stated import held_statement
from sync.statement import say_of_run

RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
NAMED = "%Y%m%dT%H%M%SZ"
SIGNED, PAGE, DATA = ".txt", ".html", ".json"
"""The endings of a statement's files; the signed text is written last."""


def statements_folder(site: Site) -> Path:
    """Return where the statements of the site's runs lie."""
    return site.var / "statements"


def latest_run(site: Site) -> str | None:
    """Return the run of the newest summary, or None before the first."""
    return max((path.stem for path in (site.var / "runs").glob("*.json")), default=None)


def kept_statement(site: Site, run: str) -> bytes | None:
    """Return the signed statement that lies there, once the log has borne it out; None where none does.

    Returns nothing either where the log has more of the run since: an answer to what it sent.
    Errors:  ProofRefused, where it is not what was signed; DisclosureLogBroken.
    """
    path = statements_folder(site) / f"{run}{SIGNED}"
    if not RUN.fullmatch(run) or not path.exists():
        return None
    content, verifier = path.read_bytes(), load_verifier("log", site.keys.public)
    if size_told(content) is None:
        return None
    reading = read_log(site.var / "log", verifier)
    said = held_statement(site, content, reading, path.name)
    return None if more_since(said, reading) else content


def mend_statement(site: Site, run: str) -> bytes | None:
    """Return the signed statement that lies there, its page and JSON as it says them; as `kept_statement`.

    Given: the lock of the run is held.
    """
    note = kept_statement(site, run)
    if note is not None and not as_signed(site, run, note):
        _lay(site, run, note)
    return note


def as_signed(site: Site, run: str, note: bytes) -> bool:
    """Return whether the statement's three files are there, each as the signed text says it."""
    paths = {statements_folder(site) / f"{run}{ending}": said for ending, said in three_files(note).items()}
    return all(path.exists() and path.read_bytes() == said for path, said in paths.items())


def three_files(note: bytes) -> dict[str, bytes]:
    """Return, by their endings, the files that a signed statement is: JSON, page, and last itself."""
    line = note.split(b"\n")[1]
    checks = {check.id: check.message for check in catalogue()}
    return {DATA: line + b"\n", PAGE: signed_statement_page(from_json(line), note, checks), SIGNED: note}


def make_statement(site: Site, log: DisclosureLog, run: str) -> bytes | None:
    """Return the statement of one run, made now like every other that is lacking, and kept.

    Given:   the log, for who holds the lock of the run.
    Returns: None, where neither the log nor the run history knows it. Errors: as `make_lacking`.
    """
    make_lacking(site, log)
    told = leaves_of_run(site.var / "log", log.checkpoint.size, run)
    summary = _summary(site, run)
    if told is None and summary is None:
        return None
    told = told or LeavesOfRun(run, int((summary or {})["log"].get("size", 0)))
    return _make(site, told, log, load_signer("log", site.keys.private))


def make_lacking(
    site: Site, log: DisclosureLog, *, anew: str | None = None, since: datetime | None = None
) -> list[str]:
    """Make the statement of every run of which the log tells what no statement does; return their names.

    Given:  the log, for who holds the lock of the run; the run whose own is made in any case; the instant
            before which runs have none any more.
    Errors: DisclosureLogBroken, KeyUnusable, OSError: of all that are lacking none after that one is made.
    """
    size, folder = log.checkpoint.size, statements_folder(site)
    signer = load_signer("log", site.keys.private)

    def told(run: str) -> int | None:
        return None if run == anew else _size_kept(folder, run, size, signer.verifier)

    found = runs_since(site.var / "log", size, told, since.strftime(NAMED) if since else "")
    lacking = [one for one in found if one.size > (told(one.run) or 0)]
    for one in lacking:
        _make(site, one, log, signer)
    return [one.run for one in lacking]


def copy_statement(note: bytes, run: str, out: Path) -> Path:
    """Return the folder into which a signed statement's three files were put, for their owner alone."""
    for ending, content in three_files(note).items():
        write_atomic(private_folder(out) / f"{run}{ending}", content)
    return out


def drop_statements(site: Site, before: datetime) -> int:
    """Remove the statements of runs before the instant; return of how many runs."""
    old = [path for path in statements_folder(site).glob(f"*{SIGNED}") if path.stem < before.strftime(NAMED)]
    for path in old:
        for ending in (DATA, PAGE, SIGNED):
            path.with_suffix(ending).unlink(missing_ok=True)
    return len(old)


def _size_kept(folder: Path, run: str, size: int, verifier: Verifier) -> int | None:
    """Return up to which size of the log the run's kept statement tells, if that is within this log.

    One of which a file is gone, or whose text our key did not sign, is none: it is made again.
    """
    path = folder / f"{run}{SIGNED}"
    if not all(path.with_suffix(ending).exists() for ending in (DATA, PAGE, SIGNED)):
        return None
    content = path.read_bytes()
    told = size_told(content) if open_note(content, NAME, verifier) is not None else None
    return told if told is not None and told <= size else None


def _make(site: Site, told: LeavesOfRun, log: DisclosureLog, signer: Signer) -> bytes:
    """Return the run's statement, signed, its three files kept."""
    said = say_of_run(site, told, _head(site, told, log, signer), _summary(site, told.run))
    note = sign_statement(said, signer)
    _lay(site, told.run, note)
    return note


def _lay(site: Site, run: str, note: bytes) -> None:
    """Put a statement's three files in their place, the signed text last."""
    copy_statement(note, run, statements_folder(site))


def _head(site: Site, told: LeavesOfRun, log: DisclosureLog, signer: Signer) -> Checkpoint:
    """Return the checkpoint that was signed over the last leaf of the run."""
    if told.size == log.checkpoint.size:
        return log.checkpoint
    return checkpoint_at(site.var / "log", told.size, signer.verifier)


def _summary(site: Site, run: str) -> dict[str, Any] | None:
    """Return what the run wrote down when it ended; None where that is not kept, or cannot be read."""
    path = site.var / "runs" / f"{run}.json"
    if not RUN.fullmatch(run) or not path.exists():
        return None
    try:
        summary: dict[str, Any] = read_json(path)
    except StateUnreadable:
        return None
    return summary
