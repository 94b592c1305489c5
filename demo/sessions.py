"""Signing in to one system of the portal: two levels, form tokens, three failures, a time-out."""

import secrets
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from threading import RLock

from demo.accounts import Account

MOST_FAILURES = 3
BASES = {
    "consent": "Consent",
    "contract": "Contract",
    "legal_obligation": "Legal obligation",
    "vital_interests": "Vital interests",
    "public_task": "Public task",
    "legitimate_interests": "Legitimate interests",
}


@dataclass
class Session:
    """One browser's visit: how far it has signed in, the token its forms carry, and the basis it chose."""

    name: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    token: str = field(default_factory=lambda: secrets.token_urlsafe(24), repr=False)
    level: int = 0
    basis: str = ""
    seen_at: float = 0.0


@dataclass(frozen=True)
class AuditLine:
    """Who took which extract on which basis, as the system writes it down."""

    at: str
    user: str
    basis: str
    extract: str
    rows: int


@dataclass
class Clock:
    """Seconds that only grow, and that tests may push on."""

    pushed: float = 0.0

    def seconds(self) -> float:
        """Return the seconds now."""
        return time.monotonic() + self.pushed


class System:
    """One provider's system: its account, its sessions, its failures to sign in, its audit."""

    def __init__(self, source: str, account: Account, timeout_seconds: float, clock: Clock) -> None:
        self.source, self.account = source, account
        self._timeout, self._clock = timeout_seconds, clock
        self._sessions: dict[str, Session] = {}
        self._failures = [0, 0]
        self._lock = RLock()
        self.audit: list[AuditLine] = []

    def session(self, name: str) -> Session:
        """Return the session of that name, or a new one where there is none or it has been idle too long."""
        with self._lock:
            now = self._clock.seconds()
            known = self._sessions.get(name)
            if known is None or (known.level and now - known.seen_at > self._timeout):
                self._sessions.pop(name, None)
                known = Session()
                self._sessions[known.name] = known
            known.seen_at = now
            return known

    def locked(self, level: int) -> bool:
        """Return whether the account of the level has been locked."""
        return self._failures[level] >= MOST_FAILURES

    def sign_in(self, session: Session, level: int, name: str, password: str) -> bool:
        """Return whether name and password are right; the session is then a level further and renamed."""
        wanted = (
            (self.account.organisation, self.account.organisation_password),
            (self.account.user, self.account.user_password),
        )[level]
        with self._lock:
            right = secrets.compare_digest(f"{name}\n{password}".encode(), "\n".join(wanted).encode())
            if self.locked(level) or not right:
                self._failures[level] += 1
                return False
            self._failures[level] = 0
            self._sessions.pop(session.name, None)
            session.name, session.token = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
            session.level = level + 1
            self._sessions[session.name] = session
            return True

    def fail(self, level: int, *, for_good: bool) -> None:
        """Count a failure to sign in, as many as lock the account if for good."""
        with self._lock:
            self._failures[level] += MOST_FAILURES if for_good else 1

    def sign_out(self, session: Session) -> None:
        """End the session."""
        with self._lock:
            self._sessions.pop(session.name, None)

    def sign_all_out(self) -> None:
        """End every session, as a restart does."""
        with self._lock:
            self._sessions.clear()

    def unlock(self) -> None:
        """Let the accounts sign in again, as an administrator does."""
        with self._lock:
            self._failures = [0, 0]

    def write_audit(self, session: Session, extract: str, rows: int) -> None:
        """Write down that an extract was taken."""
        at = datetime.now(UTC).isoformat(timespec="seconds")
        with self._lock:
            self.audit.append(AuditLine(at, self.account.user, BASES[session.basis], extract, rows))
