"""A portal over a real network: what is borne, what is refused, and what is never sent."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime

import pytest

from common.errors import ViaductError
from connectors.charitylog_portal import CharitylogPortal
from connectors.errors import (
    AccessRefused,
    AccountLocked,
    AddressNotSafe,
    BasisRefused,
    CredentialsRefused,
    ExtractMissing,
    HalfExport,
    KindNotKnown,
    NoSeatFree,
    PageInsteadOfExport,
    PasswordExpired,
    PinDemanded,
    SignInPageInsteadOfExport,
    SourceBusy,
    SourceChanged,
    SourceLeadsAway,
    SourceUnavailable,
)
from connectors.patience import asked_to_wait
from connectors.spool import Spool
from tests.contract.conftest import EXTRACTS, QUICK, portal_settings
from tests.contract.portal_server import PEOPLE, REFERRALS, Handler, Portal, start, times, until_hung_up

BOTH = list(EXTRACTS)
Fail = Callable[[Handler], None]


def busy(status: int, retry_after: str | None) -> Fail:
    more = {"Retry-After": retry_after} if retry_after else {}
    return lambda handler: handler.answer(status, b"busy", "text/plain", more)


def cut_short(handler: Handler) -> None:
    handler.answer(200, PEOPLE[:30], "text/csv", {"Content-Length": str(len(PEOPLE))})
    handler.wfile.flush()
    handler.close_connection = True
    handler.connection.close()


def reset(handler: Handler) -> None:
    handler.reset()


def stall(handler: Handler) -> None:
    handler.answer(200, PEOPLE[:30], "text/csv", {"Content-Length": str(len(PEOPLE))})
    handler.wfile.flush()
    until_hung_up(handler)


def end_session(handler: Handler) -> None:
    handler.portal.sessions.clear()
    handler.page(handler.sign_in_form())


def pull(portal: Portal, spool: Spool, **more: object) -> dict[str, bytes]:
    snapshot = CharitylogPortal(portal_settings(portal, **more)).pull(spool, BOTH)
    return {name: export.open().read() for name, export in snapshot.exports.items()}


def refused(portal: Portal, spool: Spool, kind: type[ViaductError], **more: object) -> ViaductError:
    """Return the refusal, having looked that it shows nothing and drags no library's error along."""
    with pytest.raises(ViaductError) as found:
        pull(portal, spool, **more)
    assert type(found.value) is kind, str(found.value)
    assert len(str(found.value).splitlines()) == 4
    assert not any(word in str(found.value) for word in ("Zebulon", "secret-word", "127.0.0.1", "requests"))
    assert found.value.__context__ is None
    assert found.value.__cause__ is None
    return found.value


@pytest.mark.parametrize(
    "fail",
    [busy(503, "0"), busy(429, "1"), busy(503, None), busy(502, None), reset, cut_short],
    ids=["503 with Retry-After", "429 with Retry-After", "503", "502", "reset", "cut short"],
)
@pytest.mark.parametrize("where", ["GET /hub/extracts/Viaduct people.csv", "GET /hub/extracts/"])
def test_a_passing_fault_is_borne(portal: Portal, spool: Spool, fail: Fail, where: str) -> None:
    """Asked again with patience, the portal gives the whole snapshot, and each file from its first byte."""
    portal.faults.append(times(2, where, fail))
    assert pull(portal, spool) == {"people": PEOPLE, "referrals": REFERRALS}


def test_we_wait_as_long_as_we_are_asked(portal: Portal, spool: Spool) -> None:
    """Retry-After: 1 is one second at the least, whatever the jitter says."""
    portal.faults.append(times(1, "people.csv", busy(503, "1")))
    began = time.monotonic()
    pull(portal, spool)
    assert time.monotonic() - began >= 1


@pytest.mark.parametrize(
    ("fail", "kind", "exit_code"),
    [
        (busy(503, "0"), SourceBusy, 20),
        (busy(500, None), SourceUnavailable, 20),
        (reset, SourceUnavailable, 20),
        (cut_short, HalfExport, 22),
    ],
    ids=["busy", "fault", "reset", "cut short"],
)
def test_a_fault_that_stays_is_given_up(
    portal: Portal, spool: Spool, fail: Fail, kind: type[ViaductError], exit_code: int
) -> None:
    """After the attempts of one request the source is refused, and we sign out all the same."""
    portal.faults.append(times(99, "people.csv", fail))
    assert refused(portal, spool, kind).exit_code == exit_code
    assert portal.count("GET /hub/extracts/Viaduct%20people.csv") == QUICK.attempts
    assert portal.count("POST /hub/sign-out") == 1


def test_a_wait_longer_than_a_run_may_is_not_waited(portal: Portal, spool: Spool) -> None:
    """Asked to wait a minute where we have seconds, we say so at once and ask no more."""
    portal.faults.append(times(99, "people.csv", busy(503, "60")))
    refused(portal, spool, SourceBusy)
    assert portal.count("GET /hub/extracts/Viaduct%20people.csv") == 1


def test_retries_have_one_budget_for_the_whole_run(portal: Portal, spool: Spool) -> None:
    """Faults on many requests share the retries; when they are spent the next fault is the last."""
    portal.faults.append(times(2, "people.csv", reset))
    portal.faults.append(times(2, "referrals.csv", reset))
    refused(portal, spool, SourceUnavailable, limits=replace(QUICK, retries_per_run=3))
    assert portal.count("GET /hub/extracts/Viaduct%20referrals.csv") == 2


def test_a_pull_has_a_deadline(portal: Portal, spool: Spool) -> None:
    """A pull that has lasted as long as it may ends with an error of ours."""
    refused(portal, spool, SourceUnavailable, limits=replace(QUICK, pull_seconds=0))


def test_a_body_that_stalls_is_asked_for_again(portal: Portal, spool: Spool) -> None:
    """Every wait has a time-out, in the middle of a body too."""
    portal.faults.append(times(1, "people.csv", stall))
    assert pull(portal, spool, limits=replace(QUICK, read_seconds=1))["people"] == PEOPLE
    assert portal.count("GET /hub/extracts/Viaduct%20people.csv") == 2


def test_no_one_listening_is_source_unavailable(spool: Spool) -> None:
    """A portal that is away ends with exit 20."""
    portal = Portal()
    server = start(portal)
    server.shutdown()
    server.server_close()
    assert refused(portal, spool, SourceUnavailable).exit_code == 20


@pytest.mark.parametrize("which", ["organisation_password", "user_password", "organisation", "user"])
def test_a_refused_password_is_never_tried_again(portal: Portal, spool: Spool, which: str) -> None:
    """One refusal is enough: the account keeps two of its three failures."""
    error = refused(portal, spool, CredentialsRefused, **{which: "wrong"})
    assert error.exit_code == 21
    assert portal.failed_sign_ins == 1


def test_a_refusal_without_a_form_is_a_refusal(portal: Portal, spool: Spool) -> None:
    """A portal that says no on a page of its own is not asked a second time either."""
    portal.faults.append(times(9, "POST /hub/sign-in", lambda handler: handler.page("<p>No.</p>")))
    refused(portal, spool, CredentialsRefused)
    assert len(portal.passwords) == 1


def test_a_locked_account_is_named_as_such(portal: Portal, spool: Spool) -> None:
    """A lock-out is not taken for a wrong password."""
    portal.failed_sign_ins = 3
    assert refused(portal, spool, AccountLocked).exit_code == 21
    assert len(portal.passwords) == 1


PAGES_FOR_A_PERSON = {
    "a PIN": ('<form><input name="pin_code"></form>', PinDemanded, 21),
    "a PIN, hidden as typed": ('<form><input type="password" name="otp"></form>', PinDemanded, 21),
    "a code": ('<form><input type="tel" name="verificationCode"></form>', PinDemanded, 21),
    "a new password": (
        '<form><input type="password" name="new"><input type="password" name="again"></form>',
        PasswordExpired,
        21,
    ),
    "no seat": ("<p>All licences are in use.</p>", NoSeatFree, 20),
}


@pytest.mark.parametrize(
    ("page", "kind", "exit_code"), PAGES_FOR_A_PERSON.values(), ids=list(PAGES_FOR_A_PERSON)
)
@pytest.mark.parametrize("level", [1, 2])
def test_what_only_a_person_can_do_is_left_to_a_person(
    portal: Portal, spool: Spool, page: str, kind: type[ViaductError], exit_code: int, level: int
) -> None:
    """After either level of signing in: refused by name, nothing filled in, nothing asked a second time."""

    def after_signing_in(state: Portal, handler: Handler) -> bool:
        if len(state.passwords) < level or "sign-out" in handler.path:
            return False
        handler.page(page)
        return True

    portal.faults.append(after_signing_in)
    assert refused(portal, spool, kind).exit_code == exit_code
    assert len(portal.passwords) == level
    assert portal.count("POST") == level
    assert portal.asked[-1].startswith("POST")


def test_a_form_for_a_new_password_beside_the_extracts_harms_nothing(portal: Portal, spool: Spool) -> None:
    """Where the list of extracts is offered we are inside, whatever else the page offers."""
    own = Handler.page

    def with_more(handler: Handler, body: str, status: int = 200) -> None:
        more = '<form><input type="password" name="a"><input type="password" name="b"></form>'
        own(handler, body + (more if "Saved extracts" in body else ""), status)

    def watch(state: Portal, handler: Handler) -> bool:
        handler.page = with_more.__get__(handler)  # type: ignore[method-assign]
        return False

    portal.faults.append(watch)
    assert pull(portal, spool)["people"] == PEOPLE


def test_a_lost_reply_to_a_password_is_borne_once(portal: Portal, spool: Spool) -> None:
    """One broken connection while signing in is borne; a second one ends the run before a lock-out can."""
    portal.faults.append(times(1, "POST /hub/sign-in", reset))
    assert pull(portal, spool)["people"] == PEOPLE
    portal.faults.append(times(99, "POST /hub/sign-in", reset))
    portal.passwords.clear()
    refused(portal, spool, SourceUnavailable)
    assert len(portal.passwords) == 2


def test_a_session_that_ends_is_begun_anew_once(portal: Portal, spool: Spool) -> None:
    """A sign-in page with status 200 amid a pull: signed in again, basis chosen again, file whole."""
    portal.faults.append(times(1, "referrals.csv", end_session))
    assert pull(portal, spool) == {"people": PEOPLE, "referrals": REFERRALS}
    assert portal.count("POST /hub/sign-in") == 4
    assert portal.bases == ["pt", "pt"]


def test_a_session_that_ends_again_and_again_is_refused(portal: Portal, spool: Spool) -> None:
    """A sign-in page is never taken for an export, nor signed in to without end."""
    portal.faults.append(times(99, "people.csv", end_session))
    assert refused(portal, spool, SignInPageInsteadOfExport).exit_code == 22
    assert portal.count("POST /hub/sign-in") == 4


@pytest.mark.parametrize(
    ("status", "kind", "expected"),
    [
        (200, "text/html; charset=utf-8", PageInsteadOfExport),
        (200, "application/pdf", KindNotKnown),
        (200, "text/csv", PageInsteadOfExport),
        (404, "text/html", ExtractMissing),
        (403, "text/html", AccessRefused),
        (418, "text/plain", SourceUnavailable),
    ],
)
def test_what_comes_instead_of_a_file_is_named(
    portal: Portal, spool: Spool, status: int, kind: str, expected: type[ViaductError]
) -> None:
    """Status, content type and first bytes are looked at before anything is read as a table."""
    body = b"<html><body>Zebulon</body></html>\n"
    portal.faults.append(times(99, "people.csv", lambda handler: handler.answer(status, body, kind)))
    refused(portal, spool, expected)


@pytest.mark.parametrize("where", ["GET /hub/ ", "people.csv", "POST /hub/sign-in"])
def test_a_redirect_to_another_host_is_not_followed(portal: Portal, spool: Spool, where: str) -> None:
    """Sent elsewhere, we stop: the other host hears nothing at all, least of all a password."""
    other = Portal()
    server = start(other)
    away = {"Location": other.address}

    def lead_away(handler: Handler) -> None:
        handler.answer(307, b"", "text/html", away)

    portal.faults.append(times(99, where.strip(), lead_away))
    refused(portal, spool, SourceLeadsAway)
    server.shutdown()
    server.server_close()
    assert other.asked == []


def test_a_form_that_leads_to_another_host_is_not_answered(portal: Portal, spool: Spool) -> None:
    """A sign-in form whose action is elsewhere gets no password."""
    fields = '<input name="organisation"><input type="password" name="p">'
    form = f'<form action="http://localhost:1/">{fields}</form>'
    portal.faults.append(times(99, "GET /hub/", lambda handler: handler.page(form)))
    refused(portal, spool, SourceLeadsAway)
    assert portal.passwords == []


def test_redirects_have_an_end(portal: Portal, spool: Spool) -> None:
    """A portal that redirects in a circle is given up."""
    portal.faults.append(times(99, "people.csv", lambda handler: handler.redirect(handler.path)))
    refused(portal, spool, SourceUnavailable)


def test_an_address_without_encryption_gets_no_password() -> None:
    """Anything but https is refused before a name is looked up, save on the machine itself."""
    portal = Portal(address="http://portal.example.org/hub/")
    with pytest.raises(AddressNotSafe):
        CharitylogPortal(portal_settings(portal)).check()


def test_a_basis_that_is_not_offered_is_refused(portal: Portal, spool: Spool) -> None:
    """Nothing is taken on a lawful basis other than the one the site declares."""
    assert refused(portal, spool, BasisRefused, lawful_basis="Curiosity").exit_code == 21
    assert not any(".csv" in line for line in portal.asked)


def test_the_basis_is_chosen_before_an_extract_is_taken(portal: Portal, spool: Spool) -> None:
    """The declared basis is the one the portal writes into its own audit."""
    pull(portal, spool)
    assert portal.bases == ["pt"]


def test_data_that_move_while_we_read_are_refused(portal: Portal, spool: Spool) -> None:
    """Two exports of two instants are not one snapshot."""

    def move_on(state: Portal, handler: Handler) -> bool:
        if "referrals.csv" in handler.path:
            state.as_at = "2022-12-02T06:00:00+00:00"
        return False

    portal.faults.append(move_on)
    assert refused(portal, spool, SourceChanged).exit_code == 20


def test_a_check_takes_no_file_and_signs_out(portal: Portal) -> None:
    """`check --connect` sees the list and leaves."""
    CharitylogPortal(portal_settings(portal)).check()
    assert not any(".csv" in line for line in portal.asked)
    assert portal.count("POST /hub/sign-out") == 1


def test_we_sign_out_after_every_pull(portal: Portal, spool: Spool) -> None:
    """No session stays open, and a sign-out that fails does not spoil the pull."""
    portal.faults.append(times(99, "POST /hub/sign-out", reset))
    assert pull(portal, spool)["people"] == PEOPLE
    assert portal.count("POST /hub/sign-out") == 1


def test_libraries_log_no_secret_and_no_cell(
    portal: Portal, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    """With every library at its most talkative, no password and no cell comes out, though lines do."""
    caplog.set_level(logging.DEBUG)
    pull(portal, spool)
    assert "GET /hub/extracts/" in caplog.text
    assert not any(word in caplog.text for word in ("secret-word", "Zebulon", "csrf"))


@pytest.fixture
def moments() -> tuple[datetime, str]:
    now = datetime(2022, 12, 1, 6, tzinfo=UTC)
    return now, format_datetime(now, usegmt=True)


def test_retry_after_is_read_as_seconds_or_as_a_date(moments: tuple[datetime, str]) -> None:
    """A date is measured from the answer's own clock; what is neither asks for nothing."""
    now, date = moments
    assert asked_to_wait("120", date) == 120
    assert asked_to_wait(format_datetime(now + timedelta(minutes=2), usegmt=True), date) == 120
    assert asked_to_wait(format_datetime(now - timedelta(minutes=2), usegmt=True), date) == 0
    assert asked_to_wait("soon", date) is None
    assert asked_to_wait(None, date) is None
