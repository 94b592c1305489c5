"""Reading a portal's pages: its forms, its links and the saved extracts it lists."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from datetime import datetime
from html.parser import HTMLParser

SIGN_OUT = ("sign-out", "sign_out", "signout", "log-out", "logout")
# What portals say and ask where only a person can go on; words of pages in general, not of one vendor's.
WORDS_OF_A_NAME = re.compile("[A-Z]+(?![a-z])|[A-Z]?[a-z]+")
PIN_WORDS = frozenset({"pin", "otp", "totp", "mfa", "passcode"})
CODE_WORDS = frozenset({"verification", "security", "time", "authentication"})
NO_SEAT = ("concurrent user", "licences are in use", "licenses are in use", "number of users is reached")


@dataclass
class Form:
    """One form of a page: where it goes, what is filled in, which words may be chosen."""

    action: str
    values: dict[str, str] = field(default_factory=dict, repr=False)
    words: list[str] = field(default_factory=list)
    passwords: list[str] = field(default_factory=list)
    choices: dict[str, dict[str, str]] = field(default_factory=dict)

    @property
    def stage(self) -> str | None:
        """Return which level of signing in the form is for, if it is for one."""
        if len(self.passwords) != 1 or self.asks_pin:
            return None
        return "organisation" if any("organisation" in name.lower() for name in self.words) else "user"

    @property
    def asks_pin(self) -> bool:
        """Return whether a field is for a PIN or a code that was sent to a person."""
        fields = (*self.words, *self.passwords)
        named = [{word.lower() for word in WORDS_OF_A_NAME.findall(name)} for name in fields]
        return any(words & PIN_WORDS or ("code" in words and words & CODE_WORDS) for words in named)

    @property
    def wants_new_password(self) -> bool:
        """Return whether the form is for choosing a password: it takes one more than once."""
        return len(self.passwords) > 1

    @property
    def basis(self) -> str | None:
        """Return the name of the field that takes a lawful basis, if there is one."""
        return next((name for name in self.choices if "basis" in name.lower()), None)

    def signed(self, name: str, password: str) -> dict[str, str]:
        """Return the form filled in with a name and a password."""
        named = {self.words[0]: name} if self.words else {}
        return {**self.values, **named, self.passwords[0]: password}


@dataclass(frozen=True)
class Listed:
    """One saved extract as the portal lists it."""

    name: str
    rows: int | None
    as_at: datetime | None
    link: str | None
    repeated: bool = False


@dataclass
class Page:
    """One page of a portal."""

    url: str
    status: int
    forms: list[Form] = field(default_factory=list)
    links: list[str] = field(default_factory=list)
    extracts: dict[str, Listed] = field(default_factory=dict)
    says_locked: bool = False
    says_full: bool = False

    @property
    def sign_in(self) -> Form | None:
        """Return the page's form for signing in, if it has one."""
        return next((form for form in self.forms if form.stage), None)

    @property
    def asks_pin(self) -> bool:
        """Return whether the page asks for what only a person can know."""
        return any(form.asks_pin for form in self.forms)

    @property
    def wants_new_password(self) -> bool:
        """Return whether the page wants a new password to be chosen."""
        return any(form.wants_new_password for form in self.forms)

    @property
    def basis(self) -> Form | None:
        """Return the page's form for the lawful basis, if it has one."""
        return next((form for form in self.forms if form.basis), None)

    @property
    def sign_out(self) -> Form | str | None:
        """Return the page's form or link for signing out, if it has one."""
        forms = (form for form in self.forms if any(word in form.action.lower() for word in SIGN_OUT))
        links = (link for link in self.links if any(word in link.lower() for word in SIGN_OUT))
        return next(forms, None) or next(links, None)

    @property
    def to_extracts(self) -> str | None:
        """Return the page's link to the saved extracts, if it has one."""
        return next((link for link in self.links if "extract" in link.lower()), None)


def read_page(url: str, status: int, text: str) -> Page:
    """Return what we need to know of a page."""
    reader = _Reader(Page(url, status))
    reader.feed(text)
    reader.close()
    return reader.page


class _Reader(HTMLParser):
    """Walks a page once; words between tags tell the choices, whether an account is locked, a seat free."""

    def __init__(self, page: Page) -> None:
        super().__init__()
        self.page = page
        self._form: Form | None = None
        self._select = self._option = ""
        self._row: Listed | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._form = Form(said.get("action", ""))
            self.page.forms.append(self._form)
        elif tag == "a" and said.get("href"):
            self._link(said["href"])
        elif tag == "tr" and "data-extract" in said:
            row = _listed(said)
            self._keep_row(replace(row, repeated=row.name in self.page.extracts))
        elif self._form is not None:
            self._control(self._form, tag, said)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._form = None
        elif tag == "tr":
            self._row = None
        elif tag == "option":
            self._option = ""

    def handle_data(self, data: str) -> None:
        said = data.lower()
        self.page.says_locked |= "locked" in said
        self.page.says_full |= any(words in said for words in NO_SEAT)
        if self._form is not None and self._option and data.strip():
            self._form.choices[self._select][data.strip()] = self._option

    def _link(self, link: str) -> None:
        self.page.links.append(link)
        if self._row is not None and self._row.link is None:
            self._keep_row(replace(self._row, link=link))

    def _keep_row(self, row: Listed) -> None:
        self._row = self.page.extracts[row.name] = row

    def _control(self, form: Form, tag: str, said: dict[str, str]) -> None:
        name, value, kind = said.get("name", ""), said.get("value", ""), said.get("type", "text").lower()
        if tag == "select":
            self._select = name
            form.choices.setdefault(name, {})
        elif tag == "option" and self._select in form.choices:
            self._option = value
            form.choices[self._select][value] = value
        elif tag == "input" and kind == "radio":
            form.choices.setdefault(name, {})[value] = value
        elif tag == "input" and kind == "password":
            form.passwords.append(name)
        elif tag == "input" and name and kind not in {"submit", "button", "checkbox", "image"}:
            form.values[name] = value
            form.words += [name] if kind != "hidden" else []


def _listed(said: dict[str, str]) -> Listed:
    rows = said.get("data-rows", "")
    as_at: datetime | None = None
    try:
        as_at = datetime.fromisoformat(said.get("data-as-at", ""))
    except ValueError:
        as_at = None
    aware = as_at if as_at is not None and as_at.tzinfo else None
    return Listed(said["data-extract"], int(rows) if rows.isdecimal() else None, aware, None)


def offered(form: Form) -> Iterator[str]:
    """Yield the words of the lawful bases that the form offers."""
    yield from form.choices.get(form.basis or "", {})
