"""What this machine keeps: keys and secrets, the lock of the run, the disclosure log."""

import os
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from datetime import datetime
from pathlib import Path

from audit.reading import read_log
from common import clock
from common.errors import ViaductError
from config.site import Site
from sealing.errors import KeyExposed, KeyReplaceable
from sealing.keys import list_keys, load_recipient, load_verifier
from sealing.rights import exposed_places, replaceable_places
from sealing.rotation import is_changed
from sharing import load_dpia
from sync.access_days import access_ends
from sync.doctor.lines import (
    ACCESS_ENDS,
    ACCESS_OVER,
    KEY_MISSING,
    KEY_OLD,
    LOCK_LONG,
    NO_LOG,
    SOON_DAYS,
    Line,
    bad,
    good,
    met,
)
from sync.rotation import require_fresh_keys

USER_HZ = 100
"""In what /proc counts the age of processes, on every Linux: a hundredth of a second."""


def key_lines(site: Site, missing: Sequence[str]) -> Iterator[Line]:
    """Yield how old the keys are, which are open to others, may be replaced, are revoked or not here.

    Given: the roles whose key a run needs and that are not here.
    """
    found = [bad(KEY_MISSING, "keys", role, "") for role in missing]
    found += _open_places(site)
    found += _met("keys", "in force", lambda: _in_force(site))
    found += _met(
        "keys",
        "assessment",
        lambda: require_fresh_keys(site, load_dpia(site.dpia, sources=site.known_sources)),
    )
    with suppress(ViaductError):
        for key in list_keys(site.keys.private, site.keys.public):
            if is_changed(key.role) and key.age_days() >= site.keys.warn_after_days:
                found.append(bad(KEY_OLD, "keys", key.role, f"{key.age_days():,} days."))
    well = "They are here, in force and young; others can read no private one and replace none."
    yield from found or [good("keys", "all", well)]


def secret_lines(errors: Sequence[ViaductError]) -> Iterator[Line]:
    """Yield how each secret that the site refers to is found. Given: the errors met in reading them."""
    yield from [met(error, "secrets", "site") for error in errors] or [
        good("secrets", "site", "Each can be read, and by nobody else.")
    ]


def access_lines(site: Site) -> Iterator[Line]:
    """Yield until when each key (SAS) lets us into a landing zone in Azure Blob; it is read, never shown."""
    for name, ends in access_ends(site):
        yield _until(f"landing, {name}", ends)


def _until(about: str, ends: datetime | None) -> Line:
    if ends is None:
        return good("secrets", about, "It does not say until when it holds.")
    days = (ends - clock.now()).days
    says = f"It holds until {ends:%Y-%m-%d}, {days:,} days."
    if days < 0:
        return bad(ACCESS_OVER, "secrets", about, f"On {ends:%Y-%m-%d}.")
    return bad(ACCESS_ENDS, "secrets", about, says) if days <= SOON_DAYS else good("secrets", about, says)


def lock_lines(site: Site) -> Iterator[Line]:
    """Yield whether a process holds the lock of the run; it is looked at, never taken."""
    path = site.var / "state" / "lock"
    holder = _holder(path) if path.exists() else None
    if holder is None:
        yield good("lock", "state/lock", "Nobody holds it, as far as this machine tells.")
        return
    hours, longest = _age_seconds(holder) / 3600, site.limits.run_minutes / 60
    says = f"Process {holder}, which began {hours:.1f} hours ago."
    if hours > longest:
        yield bad(LOCK_LONG, "lock", "state/lock", says)
    else:
        yield good("lock", "state/lock", f"A run is at work: {says}")


def log_lines(site: Site) -> Iterator[Line]:
    """Yield whether the disclosure log opens and its last checkpoint verifies."""
    folder = site.var / "log"
    if not folder.exists():
        began = any((site.var / "runs").glob("*.json"))
        yield bad(NO_LOG, "log", "var/log", "") if began else good("log", "var/log", "No run has been yet.")
        return
    try:
        reading = read_log(folder, load_verifier("log", site.keys.public))
    except ViaductError as error:
        yield met(error, "log", "var/log")
        return
    yield good(
        "log", "var/log", f"It opens, and its last checkpoint signs its {reading.checkpoint.size:,} leaves."
    )


def _in_force(site: Site) -> None:
    """Errors: KeyUnusable, KeyRevoked, of the public keys that are here."""
    for role in ("signing", "receipt", "log"):
        if (site.keys.public / f"{role}.pub").exists():
            load_verifier(role, site.keys.public)
    if (site.keys.public / "council.pub").exists():
        load_recipient(site.keys.public)


def _met(check: str, about: str, step: Callable[[], object]) -> list[Line]:
    try:
        step()
    except KeyReplaceable:  # the file has a line of its own already
        return []
    except ViaductError as error:
        return [met(error, check, about)]
    return []


def _open_places(site: Site) -> Iterator[Line]:
    """Yield a line of each file and folder by which others may read a private key, or replace a key."""
    for path in exposed_places(site.keys.private):
        about = path.stem if path.suffix == ".key" else f"private {path.name}"
        yield met(KeyExposed(_named(path, site.keys.private)), "keys", about)
    for path in replaceable_places(site.keys.public):
        yield met(KeyReplaceable(_named(path, site.keys.public)), "keys", f"public {path.name}")


def _named(path: Path, folder: Path) -> str:
    """Return its name, or all of the path where it is not in this folder of keys."""
    return path.name if path.is_relative_to(folder) else path.as_posix()


def _holder(path: Path) -> int | None:
    """Return the process that holds the lock, where the system tells (Linux); else None."""
    told = path.stat()
    mark = f"{os.major(told.st_dev):02x}:{os.minor(told.st_dev):02x}:{told.st_ino}"
    try:
        held = Path("/proc/locks").read_text(encoding="ascii").splitlines()
    except OSError:
        return None
    words = [line.split() for line in held]
    found = [int(word[4]) for word in words if len(word) > 5 and word[5] == mark and word[1] != "->"]
    return found[0] if found else None


def _age_seconds(process: int) -> float:
    """Return for how long the process has been there; 0 where the system does not tell."""
    try:
        began = Path(f"/proc/{process}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[19]
        up = Path("/proc/uptime").read_text(encoding="ascii").split()[0]
    except (OSError, IndexError):
        return 0.0
    return max(0.0, float(up) - int(began) / USER_HZ)
