"""A portal over TLS: who it says it is decides whether anything is sent to it at all."""

import socket
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from datetime import timedelta
from pathlib import Path

import pytest

from common.errors import ViaductError
from demo.portal_process import PortalProcess
from tests.nights import ACCEPTED_BY
from tests.one_source import few_people
from tests.reliability.book import Row, RowBook
from tests.reliability.certificates import Authority
from tests.reliability.portal_site import PortalSite, serve
from tests.reliability.recorder import Recorder
from tests.reliability.unchanged import Held
from tests.small_sample import whole_sample

PLACE = "before the first request"


class Sealed:
    """A portal over TLS, a site that trusts its authority and has pulled from it, and another authority."""

    def __init__(self, folder: Path, portal: PortalProcess, authority: Authority) -> None:
        self.portal, self.authority, self.stranger = portal, authority, Authority(folder, "stranger")
        self.template = PortalSite.of(folder / "site", portal)
        self.template.move(portal.address_of("hub"), authority.file)
        first = self.template.night(accept_growth=True, accept_flagged=ACCEPTED_BY)
        assert first.exit_code == 0, first.to_json()["errors"]


@pytest.fixture(scope="module")
def sealed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Sealed]:
    folder = tmp_path_factory.mktemp("certificates")
    serve(few_people(whole_sample(), 8), folder / "served")
    authority = Authority(folder)
    good = authority.certificate("good")
    with PortalProcess(folder / "served", options=("--certificate", str(good))) as portal:
        yield Sealed(folder, portal, authority)


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("portal_certificates") as rows:
        yield rows


def refused(site: PortalSite, code: str, book: RowBook, words: str, place: str = PLACE) -> ViaductError:
    """Return the refusal of the night, which left the site as it was."""
    before = Held.of(site.folder)
    summary = site.night()
    assert [error.code for error in summary.errors] == [code], summary.to_json()["errors"]
    assert before.changes(Held.of(site.folder)) == []
    book.saw(Row(words, "portal", place, summary.exit_code, code, True))
    return summary.errors[0]


def test_an_authority_of_ones_own_is_trusted_where_the_site_says_so(sealed: Sealed) -> None:
    """The first night went over TLS, and so does the second."""
    assert sealed.portal.address.startswith("https://")
    assert sealed.template.night().exit_code == 0


@pytest.mark.parametrize(
    ("words", "said"),
    [
        ("certificate for another host", {"host": "portal.example.org"}),
        ("certificate that has expired", {"age": timedelta(days=400)}),
        ("certificate that is not yet valid", {"age": timedelta(days=-2)}),
        ("certificate of an unknown authority", {}),
    ],
)
def test_a_bad_certificate_gets_nothing(
    sealed: Sealed, book: RowBook, words: str, said: dict[str, object]
) -> None:
    """Not one request arrives, so no password and no cookie does."""
    signs = sealed.stranger if "unknown" in words else sealed.authority
    certificate = signs.certificate(words.replace(" ", "-"), **said)  # type: ignore[arg-type]
    with Recorder(certificate) as impostor:
        site = sealed.template.copy(words.replace(" ", "-"))
        site.move(f"{impostor.address}hub/", sealed.authority.file)
        refused(site, "E307", book, words)
        assert impostor.asked == []
        if said.get("host") is None and not said.get("age"):
            site.move(f"{impostor.address}hub/", sealed.stranger.file)
            site.night()
            assert impostor.asked != [], "the server would have answered"


def test_a_server_without_encryption_gets_nothing(sealed: Sealed, book: RowBook) -> None:
    """An https address that speaks no TLS is not believed either."""
    with Recorder() as plain:
        site = sealed.template.copy("plain")
        site.move(f"{plain.address.replace('http:', 'https:')}hub/", sealed.authority.file)
        refused(site, "E307", book, "https address that speaks no TLS")
        assert plain.asked == []


def test_a_redirect_to_plain_http_is_not_followed(sealed: Sealed, book: RowBook) -> None:
    """The same host without encryption is another place: no cookie goes there."""
    with Recorder() as plain:
        site = sealed.template.copy("downgrade")
        sealed.portal.fault("redirect_away", "needs", value=plain.address)
        try:
            refused(site, "E303", book, "redirect to plain http", "middle export")
        finally:
            sealed.portal.heal()
        assert plain.asked == []


def test_a_handshake_that_drips_ends_in_time(sealed: Sealed, book: RowBook) -> None:
    """A byte now and then while encryption is being agreed is never silence, and is cut off all the same."""
    with closing(socket.create_server(("127.0.0.1", 0))) as listener:
        threading.Thread(target=_drip, args=(listener,), daemon=True).start()
        site = sealed.template.copy("handshake")
        site.limit(answer_seconds=1)
        site.move(f"https://127.0.0.1:{listener.getsockname()[1]}/hub/", sealed.authority.file)
        refused(site, "E306", book, "handshake drips for ever")


def _drip(listener: socket.socket) -> None:
    """Answer every connection with the beginning of a handshake record that promises 16 KB."""
    while True:
        try:
            line, _ = listener.accept()
            with line:
                line.sendall(b"\x16\x03\x03\x40\x00\x02\x00\x3f\xfc")
                while True:
                    time.sleep(0.02)
                    line.sendall(b"\x00")
        except OSError:
            if listener.fileno() < 0:
                return


def test_a_file_without_certificates_is_refused_before_anything_is_asked(
    sealed: Sealed, book: RowBook
) -> None:
    """Nothing is trusted by accident: a ca_file that holds none stops the source."""
    site = sealed.template.copy("nothing-trusted")
    site.move(sealed.portal.address_of("hub"), Path("/nowhere"))
    assert refused(site, "E309", book, "ca_file holds no certificate").exit_code == 10


def test_every_case_is_in_the_book(book: RowBook) -> None:
    """Eight ways to be somebody else."""
    assert len(book.keys()) == 8
