"""One visit to a portal: sign in at both levels, choose the basis, read the list, take files, sign out."""

from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar
from urllib.parse import quote

from common import log
from common.errors import ViaductError
from connectors.errors import (
    AccessRefused,
    AccountLocked,
    BasisRefused,
    CredentialsRefused,
    ExtractMissing,
    KindNotKnown,
    NoSeatFree,
    PageInsteadOfExport,
    PasswordExpired,
    PinDemanded,
    SignInPageInsteadOfExport,
    SourceUnavailable,
)
from connectors.patience import Later, Patience
from connectors.portal_pages import Form, Listed, Page
from connectors.reception import Reception
from connectors.settings import PortalSettings
from connectors.source import Export
from connectors.spool import Spool
from connectors.web import Download, ReplyLost, Web, joined

T = TypeVar("T")
MOST_STEPS = 6
PAGES = frozenset({"text/html", "application/xhtml+xml"})
CSV_KINDS = frozenset({"text/csv", "application/csv", "text/plain", "application/octet-stream", ""})
REFUSED = frozenset({401, 403})
LOCKED = 423


class SessionEnded(Exception):
    """The portal answered with its sign-in page where we were signed in before."""


class Visit:
    """A signed-in session; `leave` signs out."""

    def __init__(self, settings: PortalSettings) -> None:
        self._settings = settings
        self._patience = Patience(settings.name, settings.limits)
        self._web = Web(settings.name, settings.address, settings.limits, self._patience, settings.ca_file)
        self._log = log.get("connectors").bind(source=settings.name)
        self._sign_ins = self._lost = 0
        self._inside = self._basis_chosen = False

    def listing(self) -> dict[str, Listed]:
        """Return the saved extracts by name, signing in where needed and choosing the lawful basis."""
        return self._inside_session(lambda: self._repeat(self._listing, "the list of extracts"), "its list")

    def fetch(self, export: str, listed: Listed, spool: Spool) -> Export:
        """Return one export, received whole. Errors: NotTheExport and its kinds, SourceUnavailable."""
        step = f"export {export}"
        received = self._inside_session(
            lambda: self._repeat(lambda: self._fetch(export, listed, spool, step), step), step
        )
        self._log.info("export_received", export=export, bytes=received.size, records=listed.rows)
        return received

    def leave(self) -> None:
        """Sign out, whatever happened before, and forget the session; what goes wrong here harms nothing."""
        try:
            if self._inside:
                self._sign_out()
        except (ViaductError, Later) as error:
            self._log.warning("sign_out_failed", error_class=type(error).__name__)
        finally:
            self._inside = False
            self._web.close()

    def _repeat(self, ask: Callable[[], T], step: str) -> T:
        return self._patience.repeat(ask, f"source {self._settings.name}, {step}")

    def _inside_session(self, ask: Callable[[], T], step: str) -> T:
        """Return what `ask` returns, signing in anew when the session has ended, within the run's budget."""
        while True:
            try:
                if not self._inside:
                    self._sign_in(step)
                return ask()
            except SessionEnded:
                self._inside = False

    def _sign_in(self, step: str) -> None:
        if self._sign_ins >= self._settings.limits.sign_ins_per_run:
            place = f"source {self._settings.name}, {step}: signed in {self._sign_ins} times."
            raise SignInPageInsteadOfExport(place)
        self._sign_ins += 1
        answered: set[str] = set()
        for _ in range(MOST_STEPS):
            if self._repeat(lambda: self._sign_in_step(answered), "signing in"):
                self._inside, self._basis_chosen = True, False
                self._log.info("signed_in", attempt=self._sign_ins)
                self._choose_basis_again()
                return
        raise SourceUnavailable(f"source {self._settings.name}, signing in: it asks again and again.")

    def _choose_basis_again(self) -> None:
        """After signing in anew, choose the lawful basis as at first: it belongs to the session."""
        if self._sign_ins > 1:
            self._repeat(self._listing, "the list of extracts")

    def _sign_in_step(self, answered: set[str]) -> bool:
        """Return whether we are signed in; if not, answer the form shown. No password is sent twice."""
        page = self._web.page(self._web.home, "signing in")
        self._refuse_what_only_a_person_can_do(page)
        form = page.sign_in
        if form is None:
            self._refuse_unless_inside(page)
            return True
        stage = form.stage or ""
        if stage in answered:
            raise CredentialsRefused(f"source {self._settings.name}, signing in as {stage}.")
        answer = self._submit_once(page, form, stage)
        answered.add(stage)
        self._refuse_what_only_a_person_can_do(answer)
        if answer.says_locked or answer.status == LOCKED:
            raise AccountLocked(f"source {self._settings.name}, signing in as {stage}.")
        if answer.status in REFUSED or (answer.sign_in is not None and answer.sign_in.stage == stage):
            raise CredentialsRefused(f"source {self._settings.name}, signing in as {stage}.")
        return False

    def _refuse_what_only_a_person_can_do(self, page: Page) -> None:
        """Errors: PinDemanded, PasswordExpired, NoSeatFree; no form of such a page is ever filled in."""
        if page.sign_out is not None and page.to_extracts:
            return
        place = f"source {self._settings.name}, signing in."
        if page.asks_pin:
            raise PinDemanded(place)
        if page.wants_new_password:
            raise PasswordExpired(place)
        if page.says_full:
            raise NoSeatFree(place)

    def _refuse_unless_inside(self, page: Page) -> None:
        """Refuse a page that does not offer to sign out: only such a page shows that we are signed in."""
        self._refuse_unless_good(page, "signing in")
        if page.sign_out is None:
            kind = AccountLocked if page.says_locked else SourceUnavailable
            raise kind(f"source {self._settings.name}, signing in: it shows neither a form nor a way out.")

    def _submit_once(self, page: Page, form: Form, stage: str) -> Page:
        """Return the answer to a password; one lost reply in a run is borne, so that no account is locked."""
        settings = self._settings
        pairs = {
            "organisation": (settings.organisation, settings.organisation_password),
            "user": (settings.user, settings.user_password),
        }
        lost: ReplyLost | None = None
        try:
            return self._web.submit(page, form, form.signed(*pairs[stage]), "signing in")
        except ReplyLost as error:
            lost = error
        self._lost += 1
        if self._lost > 1:
            raise SourceUnavailable(f"source {self._settings.name}, signing in: {lost.note}, twice.")
        raise ReplyLost(lost.fault, lost.note)

    def _listing(self) -> dict[str, Listed]:
        page = self._signed_in_page(self._web.home, "the list of extracts")
        if page.basis is None and not page.extracts and page.to_extracts:
            page = self._signed_in_page(joined(page.url, page.to_extracts), "the list of extracts")
        if page.basis is not None and not self._basis_chosen:
            page = self._choose_basis(page, page.basis)
        if not page.extracts:
            raise Later(SourceUnavailable, "it lists no extract at all")
        return {name: replace(row, link=self._link(page, row)) for name, row in page.extracts.items()}

    def _link(self, page: Page, row: Listed) -> str:
        """Return where the extract is downloaded: the link in its row, else its name among the extracts."""
        beside = joined(self._web.home, f"extracts/{quote(row.name)}.csv")
        return joined(page.url, row.link) if row.link else beside

    def _signed_in_page(self, link: str, step: str) -> Page:
        page = self._web.page(link, step)
        if page.sign_in is not None:
            raise SessionEnded
        self._refuse_unless_good(page, step)
        return page

    def _choose_basis(self, page: Page, form: Form) -> Page:
        name = form.basis or ""
        chosen = form.choices[name].get(self._settings.lawful_basis)
        if chosen is None:
            raise BasisRefused(f"source {self._settings.name}: lawful_basis {self._settings.lawful_basis}.")
        answer = self._web.submit(page, form, {**form.values, name: chosen}, "the lawful basis")
        if answer.sign_in is not None:
            raise SessionEnded
        self._refuse_unless_good(answer, "the lawful basis")
        self._basis_chosen = True
        return answer

    def _refuse_unless_good(self, answer: Page | Download, step: str) -> None:
        if answer.status != 200:
            kind = AccessRefused if answer.status in REFUSED else SourceUnavailable
            raise kind(f"source {self._settings.name}, {step}: HTTP status {answer.status}.")

    def _fetch(self, export: str, listed: Listed, spool: Spool, step: str) -> Export:
        def take(download: Download) -> Export:
            self._refuse_what_is_no_file(download, step)
            ceilings, layout = self._settings.limits.ceilings, self._settings.layout
            with Reception(self._settings.name, export, spool, layout, ceilings) as reception:
                for piece in download.pieces():
                    reception.take(piece)
                return reception.close(listed.rows)

        return self._web.download(listed.link or "", step, take)

    def _refuse_what_is_no_file(self, download: Download, step: str) -> None:
        place = f"source {self._settings.name}, {step}"
        if download.status == 404:
            raise ExtractMissing(f"{place}: HTTP status 404.")
        if download.kind in PAGES:
            page = download.as_page()
            if page.sign_in is not None:
                raise SessionEnded
            self._refuse_unless_good(page, step)
            raise PageInsteadOfExport(f"{place}.")
        self._refuse_unless_good(download, step)
        if download.is_packed:
            raise KindNotKnown(f"{place}: it came packed, though we did not ask for that.")
        if download.kind not in CSV_KINDS:
            raise KindNotKnown(f"{place}: its content type is not that of a CSV file.")

    def _sign_out(self) -> None:
        page = self._web.page(self._web.home, "signing out")
        way = page.sign_out
        if isinstance(way, Form):
            self._web.submit(page, way, way.values, "signing out")
        elif way is not None:
            self._web.page(joined(page.url, way), "signing out")
