"""The statements of a site's runs: each made when its run ends, or by the next run, and kept for its time.

A statement is three files in `var/statements/`: the canonical JSON, the page, and, last, the signed text that
holds that very JSON; where the text stands, all three do. They are made in the order in which the log grew,
so the latest run that has one tells up to where none is lacking: no mark besides can differ from that.
"""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

from audit.checkpoint import Checkpoint
from audit.log import DisclosureLog
from audit.reading import read_log
from audit.statement import more_since, sign_statement, size_told
from audit.tail import LeavesOfRun, checkpoint_at, leaves_of_run, runs_since
from common.files import private_folder, write_atomic
from config.site import Site
from quality import catalogue
from reports.statement import signed_statement_page
from sealing.keys import load_signer, load_verifier
from sealing.signing import Signer
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

    def told(run: str) -> int | None:
        return None if run == anew else _size_kept(folder, run, size)

    found = runs_since(site.var / "log", size, told, since.strftime(NAMED) if since else "")
    lacking = [one for one in found if one.size > (told(one.run) or 0)]
    signer = load_signer("log", site.keys.private)
    for one in lacking:
        _make(site, one, log, signer)
    return [one.run for one in lacking]


def copy_statement(folder: Path, run: str, out: Path) -> Path:
    """Return the folder into which a statement's three files were copied, readable by their owner alone."""
    for ending in (DATA, PAGE, SIGNED):
        write_atomic(private_folder(out) / f"{run}{ending}", (folder / f"{run}{ending}").read_bytes())
    return out


def drop_statements(site: Site, before: datetime) -> int:
    """Remove the statements of runs before the instant; return of how many runs."""
    old = [path for path in statements_folder(site).glob(f"*{SIGNED}") if path.stem < before.strftime(NAMED)]
    for path in old:
        for ending in (DATA, PAGE, SIGNED):
            path.with_suffix(ending).unlink(missing_ok=True)
    return len(old)


def _size_kept(folder: Path, run: str, size: int) -> int | None:
    """Return up to which size of the log the run's kept statement tells, if that is within this log."""
    path = folder / f"{run}{SIGNED}"
    told = size_told(path.read_bytes()) if path.exists() else None
    return told if told is not None and told <= size else None


def _make(site: Site, told: LeavesOfRun, log: DisclosureLog, signer: Signer) -> bytes:
    """Return the run's statement, signed, its three files kept."""
    said = say_of_run(site, told, _head(site, told, log, signer), _summary(site, told.run))
    note = sign_statement(said, signer)
    checks = {check.id: check.message for check in catalogue()}
    text = private_folder(statements_folder(site)) / f"{told.run}{SIGNED}"
    write_atomic(text.with_suffix(DATA), note.split(b"\n")[1] + b"\n")
    write_atomic(text.with_suffix(PAGE), signed_statement_page(said, note, checks))
    write_atomic(text, note)
    return note


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
