"""What the sample portal answers: one request in, one answer out; knows nothing of sockets."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from urllib.parse import quote, unquote

from demo import pages
from demo.accounts import Account
from demo.faults import ANSWERS, DOWNLOADS, LISTING, Fault, Switchboard
from demo.sessions import BASES, Clock, Session, System
from demo.shelf import Extract, Shelf, count_rows
from demo.spoilt import BYTES, CONTENT, WORLD, rewritten, spoil
from demo.troubles import TROUBLES
from demo.words import EXPORTS

HTML = "text/html; charset=utf-8"
LEVELS = {"organisation": 0, "user": 1}
MORE_ROWS = 7
RETRY_AFTER_SECONDS = "1"
YESTERDAY, AN_HOUR_LATER = timedelta(days=-1), timedelta(hours=1)
DATABASE_DOWN = b"SQLSTATE[HY000] [2002] Connection refused\n"
NOT_KNOWN = "That did not match what we hold. Check both and try again."


@dataclass(frozen=True)
class Request:
    """One request to one system: its path below the system's own, its cookie, its form."""

    method: str
    path: str
    cookie: str = field(default="", repr=False)
    form: Mapping[str, str] = field(default_factory=dict, repr=False)


@dataclass(frozen=True)
class Answer:
    """One answer; `trouble` names the faults that the socket is to play."""

    body: bytes = field(repr=False)
    status: int = 200
    kind: str = HTML
    headers: dict[str, str] = field(default_factory=dict, repr=False)
    cookie: str = field(default="", repr=False)
    trouble: tuple[str, ...] = ()


def page(text: str, session: Session, status: int = 200) -> Answer:
    """Return the page as an answer in the session."""
    return Answer(text.encode(), status, cookie=session.name)


def redirect(to: str, session: Session) -> Answer:
    """Return the answer that sends the browser on after a form."""
    return Answer(b"", 303, headers={"Location": to}, cookie=session.name)


class Desk:
    """One system's answers."""

    def __init__(self, system: System, shelf: Shelf, faults: Switchboard, saved_as: str) -> None:
        self.system, self._shelf, self._faults, self._saved_as = system, shelf, faults, saved_as
        self._source = system.source

    def answer(self, request: Request) -> Answer:
        """Return the answer, faults that are switched on included."""
        place = self._place(request)
        struck = self._faults.take(self._source, place, ANSWERS | TROUBLES.keys()) if place else []
        if any(fault.name == "session_expired" for fault in struck):
            self.system.sign_all_out()
        session = self.system.session(request.cookie)
        for fault in struck:
            played = self._played(fault, request, session)
            if played is not None:
                return played
        answer = self._post(request, session) if request.method == "POST" else self._get(request, session)
        return replace(answer, trouble=tuple(fault.name for fault in struck if fault.name in TROUBLES))

    def _place(self, request: Request) -> str:
        if request.path == "extracts":
            return "listing"
        if request.path.startswith("sign-in/"):
            return request.path
        return self._export(request.path)

    def _export(self, path: str) -> str:
        """Return the export that the path is the download of; its saved name will do as well."""
        if not (path.startswith("extracts/") and path.endswith(".csv")):
            return ""
        name = unquote(path.removeprefix("extracts/").removesuffix(".csv"))
        named = {self._saved_as.format(export=export): export for export in EXPORTS}
        return named.get(name, name if name in EXPORTS else "")

    def _played(self, fault: Fault, request: Request, session: Session) -> Answer | None:
        """Return the answer that a fault gives in place of ours, if it does."""
        name, level = fault.name, min(session.level, 1)
        if name.startswith("status_"):
            return _status(int(name.removeprefix("status_")), fault.value, session)
        if name.startswith("redirect_"):
            here = f"/{self._source}/{quote(request.path)}"
            return redirect(fault.value if name == "redirect_away" else here, session)
        if name in {"wrong_password", "locked_account"}:
            self.system.fail(level, for_good=name == "locked_account")
            return self._sign_in_page(session, NOT_KNOWN)
        if name.startswith("error_"):
            kind = "text/csv; charset=utf-8" if name == "error_as_csv" else "text/plain"
            return Answer(DATABASE_DOWN, 200, kind, cookie=session.name)
        text = pages.in_place(name, self._source, session)
        kind = "text/csv; charset=utf-8" if name == "html_as_csv" else HTML
        return replace(page(text, session), kind=kind) if text else None

    def _get(self, request: Request, session: Session) -> Answer:
        if session.level < 2:
            return self._sign_in_page(session)
        shown: dict[str, Callable[[], str]] = {
            "": lambda: pages.home(self._source, session),
            "extracts": lambda: pages.listing(self._source, session, self._listed()),
            "audit": lambda: pages.audit(self._source, session, self.system.audit),
        }
        if request.path in shown:
            return page(shown[request.path](), session)
        if export := self._export(request.path):
            return self._download(export, session)
        return page(pages.notice(self._source, session, "Not found", "There is no such page."), session, 404)

    def _sign_in_page(self, session: Session, message: str = "") -> Answer:
        if self.system.locked(session.level):
            return page(pages.lock(self._source), session)
        return page(pages.sign_in(self._source, session, message), session)

    def _listed(self) -> list[tuple[str, Extract, int]]:
        told = {fault.name for fault in self._faults.take(self._source, "listing", LISTING)}
        more = MORE_ROWS if "wrong_count" in told else 0
        moved = YESTERDAY if "stale" in told else AN_HOUR_LATER if "later" in told else timedelta()
        extracts = [self._extract(extract.export) for extract in self._shelf.extracts(self._source)]
        listed = [
            (
                self._saved_as.format(export=extract.export),
                replace(extract, as_at=_at(extract, moved)),
                extract.rows + more,
            )
            for extract in extracts
        ]
        if "listed_twice" in told:
            listed.append((listed[0][0], *listed[-1][1:]))
        return listed

    def _extract(self, export: str) -> Extract:
        """Return the extract as the system holds it now, faults of the system itself included."""
        extract = self._shelf.extract(self._source, export)
        for name in self._faults.stand(self._source, export, WORLD):
            body = rewritten(extract.body, WORLD[name])
            extract = replace(extract, body=body, rows=count_rows(body))
        return extract

    def _download(self, export: str, session: Session) -> Answer:
        if not session.basis:
            words = "Choose a lawful basis before taking an extract."
            return page(pages.notice(self._source, session, "Lawful basis needed", words), session)
        extract = self._extract(export)
        for fault in self._faults.take(self._source, export, DOWNLOADS):
            if fault.name == "other_export":
                extract = self._extract(fault.value)
            else:
                self._faults.switch_on(Fault("later", "listing", self._source))
        struck = self._faults.take(self._source, export, BYTES | CONTENT.keys())
        self.system.write_audit(session, self._saved_as.format(export=export), extract.rows)
        headers = {"Content-Disposition": f'attachment; filename="{export}.csv"'}
        body = spoil(extract.body, [fault.name for fault in struck])
        return Answer(body, 200, "text/csv; charset=utf-8", headers, session.name)

    def _post(self, request: Request, session: Session) -> Answer:
        signing_in = request.path.startswith("sign-in/")
        if session.level < 2 and (not signing_in or self.system.locked(session.level)):
            return self._sign_in_page(session)
        if request.form.get("csrf_token") != session.token:
            words = "This form has expired. Go back to the first page."
            return page(pages.notice(self._source, session, "Form expired", words), session, 403)
        level = request.path.removeprefix("sign-in/")
        if signing_in and LEVELS.get(level) == session.level:
            return self._sign_in(request, session, level)
        if request.path == "sign-out":
            self.system.sign_out(session)
            return redirect(f"/{self._source}/", Session())
        if request.path == "extracts/basis" and request.form.get("lawful_basis") in BASES:
            session.basis = request.form["lawful_basis"]
            return redirect(f"/{self._source}/extracts", session)
        return redirect(f"/{self._source}/", session)

    def _sign_in(self, request: Request, session: Session, level: str) -> Answer:
        names = (
            ("organisation", "organisation_password") if level == "organisation" else ("username", "password")
        )
        name, password = (request.form.get(name, "") for name in names)
        if self.system.sign_in(session, LEVELS[level], name, password):
            return redirect(f"/{self._source}/", session)
        return self._sign_in_page(session, NOT_KNOWN)


def _at(extract: Extract, moved: timedelta) -> str:
    return (datetime.fromisoformat(extract.as_at) + moved).isoformat() if moved else extract.as_at


def _status(status: int, retry_after: str, session: Session) -> Answer:
    """Return an answer of the status; 429 and 503 say when to ask again, unless that is `none`."""
    soon = format_datetime(datetime.now(UTC) + timedelta(seconds=2), usegmt=True)
    said = soon if retry_after == "date" else retry_after or RETRY_AFTER_SECONDS
    busy = status in {429, 503} and said != "none"
    headers = {"Retry-After": said} if busy else {}
    return Answer(b"Please try again later.\n", status, "text/plain", headers, session.name)


def desks(
    accounts: Mapping[str, Account],
    shelf: Shelf,
    faults: Switchboard,
    clock: Clock,
    settings: tuple[str, float],
) -> dict[str, Desk]:
    """Return a desk for each system."""
    saved_as, timeout_seconds = settings
    return {
        source: Desk(System(source, account, timeout_seconds, clock), shelf, faults, saved_as)
        for source, account in accounts.items()
    }
