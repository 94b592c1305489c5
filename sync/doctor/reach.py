"""What this machine reaches: sources, landing zone, warehouse; each touched in bounded time, none changed."""

from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import TypeVar

from common import clock
from common.bounded import Bounded
from common.errors import ViaductError
from config.alerts import MailServer
from config.azure import BlobLanding
from config.landing import LandingPlace, SftpLanding
from config.settings import PortalSource, RestSource, SftpSource, SourceSettings
from config.site import Site
from config.warehouse import PostgresWarehouse
from config.worklists import SftpDrop, Worklist
from connectors.registry import open_drop, open_landing, open_source
from sync.doctor.lines import (
    CERTIFICATE_ENDS,
    CERTIFICATE_OVER,
    CLOCK_DIFFERS,
    NOT_REACHED,
    SOON_DAYS,
    TOO_SLOW,
    Line,
    bad,
    good,
    met,
)
from sync.doctor.telling import addresses, proxied
from sync.doctor.touching import Touched, Unreached, touch_line, touch_mail, touch_postgres, touch_web

P = TypeVar("P", SftpLanding, SftpSource, SftpDrop, BlobLanding)
APART = timedelta(minutes=5)
READ = "It is reached and can be read."
ADDED_TO = "Its answers are reached and can be read. Batches are only added: that was not tried."
PROXIED = "A proxy of this machine stands before it; it was not tried."
NOT_MADE = "Nobody has made the folder yet; the first run that delivers does."


@dataclass(frozen=True)
class Reach:
    """How long one server has to answer."""

    site: Site
    seconds: float

    def lines(self) -> Iterator[Line]:
        """Yield how each place is reached, and what it shows of clock and certificate."""
        for name in sorted(self.site.sources):
            yield from self._source(f"source {name}", self.site.sources[name])
        yield from self._said("landing", self._landing)
        yield from self._drops()
        if self.site.loads:
            yield from self._warehouse()
        yield from self._telling()

    def _source(self, about: str, declared: SourceSettings) -> Iterator[Line]:
        if isinstance(declared, PortalSource | RestSource):
            ca_file = self.site.folder / declared.ca_file if declared.ca_file else None
            yield from _authority(about, ca_file)
            address = declared.address
            yield from self._server(about, lambda: touch_web(address, ca_file, self.seconds))
        else:
            declared = self._hurried(declared) if isinstance(declared, SftpSource) else declared
            yield from self._one(about, lambda: open_source(declared, self.site.folder).check())

    def _server(self, about: str, touch: Callable[[], Touched]) -> Iterator[Line]:
        try:
            touched = Bounded[Touched](self.seconds).of(touch)
        except Unreached as no:
            kind = CERTIFICATE_OVER if no.expired else NOT_REACHED
            yield bad(kind, "certificates" if no.expired else "connectivity", about, f"{no.why}.")
            return
        except TimeoutError:
            yield bad(TOO_SLOW, "connectivity", about, "")
            return
        yield good("connectivity", about, "It is reached; nobody was signed in.")
        yield from _clock(about, touched.at)
        yield from _certificate(about, touched.until)

    def _one(self, about: str, step: Callable[[], object]) -> Iterator[Line]:
        """Yield whether the step went through; what it returns is not looked at."""

        def read() -> str:
            step()
            return READ

        yield from self._said(about, read)

    def _said(self, about: str, step: Callable[[], str]) -> Iterator[Line]:
        """Yield whether the step went through, and what it says was asked."""
        try:
            says = Bounded[str](self.seconds).of(step)
        except ViaductError as error:
            yield met(error, "connectivity", about)
        except TimeoutError:
            yield bad(TOO_SLOW, "connectivity", about, "")
        else:
            yield good("connectivity", about, says)

    def _landing(self) -> str:
        """Return what was asked of the landing zone, and let us in. Errors: those of `Landing.greet`."""
        place = self.site.landing
        if isinstance(place, Path) and not place.is_dir():
            return NOT_MADE
        with closing(open_landing(self._quick(place))) as landing:
            landing.greet()
            return READ if landing.may_look else ADDED_TO

    def _drops(self) -> Iterator[Line]:
        """Yield how each provider's drop is reached; nothing is laid there, and none is made."""
        for name, provider in sorted(self.site.providers.items()):
            place = provider.worklist.drop
            if isinstance(place, Path) and place.is_relative_to(self.site.var) and not place.is_dir():
                yield good("connectivity", f"worklist of {name}", NOT_MADE)
            elif place is not None:
                yield from self._one(f"worklist of {name}", partial(self._greet, name, provider.worklist))

    def _greet(self, name: str, said: Worklist) -> None:
        quick = said.model_copy(update={"sftp": self._hurried(said.sftp)}) if said.sftp else said
        drop = open_drop(quick, name, self.site.name, self.site.folder)
        if drop is not None:
            with closing(drop):
                drop.greet()

    def _warehouse(self) -> Iterator[Line]:
        server = self.site.warehouse
        if isinstance(server, Path):
            if server.exists():
                yield from self._one("warehouse", lambda: _open_file(server))
            return
        yield from _authority("warehouse", Path(server.ca_file) if server.ca_file else None)
        yield from self._one("warehouse", lambda: _sign_in(server))
        if server.sslmode == "verify-full" and not server.host.startswith("/"):
            yield from self._held(server)

    def _telling(self) -> Iterator[Line]:
        """Yield how those are reached by whom people are told of problems; nothing is sent or asked."""
        for about, mail in self._mail_servers().items():
            yield from _authority(about, Path(mail.ca_file) if mail.ca_file else None)
            yield from self._server(
                about, partial(touch_mail, mail.host, mail.port, mail.ca_file, self.seconds)
            )
        for about, address in addresses(self.site):
            if proxied(address):
                yield good("connectivity", about, PROXIED)
            else:
                yield from self._server(about, partial(touch_line, address, self.seconds))

    def _mail_servers(self) -> dict[str, MailServer]:
        alerts, notices = self.site.alerts, self.site.findings.notices
        found = {
            "alerts, mail_server": alerts.mail_server if alerts else None,
            "findings.notices, mail_server": notices.mail_server if notices else None,
        }
        return {about: server for about, server in found.items() if server is not None}

    def _held(self, server: PostgresWarehouse) -> Iterator[Line]:
        """Yield until when the server's certificate holds; why it is not reached is told already."""
        try:
            touched = Bounded[Touched](self.seconds).of(
                lambda: touch_postgres(server.host, server.port, server.ca_file, self.seconds)
            )
        except (Unreached, TimeoutError):
            return
        yield from _certificate("warehouse", touched.until)

    def _quick(self, place: LandingPlace) -> LandingPlace:
        if isinstance(place, SftpLanding):
            return self._hurried(place)
        return self._hurried(place) if isinstance(place, BlobLanding) else place

    def _hurried(self, place: P) -> P:
        quick = max(1, int(self.seconds))
        limits = place.limits.model_copy(update={"attempts": 1})
        times = {"connect_seconds": min(quick, place.connect_seconds)}
        return place.model_copy(update={**times, "timeout_seconds": quick, "limits": limits})


def _clock(about: str, at: datetime | None) -> Iterator[Line]:
    if at is not None and abs(at - clock.now()) >= APART:
        minutes = int(abs(at - clock.now()).total_seconds()) // 60
        yield bad(CLOCK_DIFFERS, "clock", about, f"By {minutes:,} minutes.")
    elif at is not None:
        yield good("clock", about, "Its clock and ours agree.")


def _certificate(about: str, until: datetime | None) -> Iterator[Line]:
    if until is None:
        return
    days = (until - clock.now()).days
    says = f"It holds until {until:%Y-%m-%d}, {days:,} days."
    if days < 0:
        yield bad(CERTIFICATE_OVER, "certificates", about, says)
    elif days <= SOON_DAYS:
        yield bad(CERTIFICATE_ENDS, "certificates", about, says)
    else:
        yield good("certificates", about, says)


def _authority(about: str, ca_file: Path | None) -> Iterator[Line]:
    """Yield until when the first of the certificates holds that the server's own must come from."""
    from cryptography import x509  # noqa: PLC0415 - only where a site names an authority of its own

    try:
        found = x509.load_pem_x509_certificates(ca_file.read_bytes()) if ca_file else []
    except (OSError, ValueError):
        return  # the line to the server says so, with the error of its own (E309, E516)
    if found:
        ends = min(one.not_valid_after_utc for one in found)
        yield from _certificate(f"{about}, ca_file", ends.astimezone(UTC))


def _open_file(path: Path) -> None:
    from warehouse.duckdb_file import DuckFile  # noqa: PLC0415 - only where the warehouse is a file

    with DuckFile(path).reading() as database:
        database.rows("SELECT 1")


def _sign_in(server: PostgresWarehouse) -> None:
    from warehouse.postgres_line import connect, refuse_a_log_of_values  # noqa: PLC0415 - as above

    with connect(server) as connection:
        refuse_a_log_of_values(connection, server)
