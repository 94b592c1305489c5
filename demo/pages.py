"""The pages of the sample portal: plain HTML that a person can browse and a program can read."""

from collections.abc import Iterable
from html import escape
from urllib.parse import quote

from demo.sessions import BASES, AuditLine, Session
from demo.shelf import Extract
from demo.words import SOURCES, TITLES

BANNER = "A sample: every person, organisation and place in this system is invented."
_STYLE = """
:root { color-scheme: light dark; --ink: #1d2733; --paper: #f6f7f9; --card: #fff; --line: #d8dee6;
  --deep: #0b5560; --soft: #e3f1f2; --warn: #fff4d6; --warn-ink: #5c4400; }
@media (prefers-color-scheme: dark) { :root { --ink: #e6ebf0; --paper: #12181f; --card: #1b232c;
  --line: #33404d; --deep: #6fc3cd; --soft: #1c3236; --warn: #3d3210; --warn-ink: #ffe6a1; } }
* { box-sizing: border-box; }
body { margin: 0; font: 16px/1.5 system-ui, "Segoe UI", sans-serif; color: var(--ink);
  background: var(--paper); }
.banner { background: var(--warn); color: var(--warn-ink); padding: .5rem 1.25rem; font-weight: 600; }
header { display: flex; gap: 1.25rem; align-items: center; flex-wrap: wrap; padding: .8rem 1.25rem;
  background: var(--card); border-bottom: 1px solid var(--line); }
header strong { font-size: 1.1rem; margin-right: auto; }
main { max-width: 58rem; margin: 2rem auto; padding: 0 1.25rem; }
main.narrow { max-width: 26rem; }
.card { background: var(--card); border: 1px solid var(--line); border-radius: .6rem; padding: 1.25rem;
  margin-bottom: 1.25rem; }
h1 { font-size: 1.4rem; margin: 0 0 .8rem; }
label { display: grid; gap: .3rem; margin-bottom: .9rem; font-weight: 600; }
input, select { font: inherit; padding: .5rem .6rem; border: 1px solid var(--line); border-radius: .35rem;
  background: var(--paper); color: inherit; width: 100%; }
button { font: inherit; font-weight: 600; padding: .5rem 1rem; border: 0; border-radius: .35rem;
  background: var(--deep); color: var(--card); cursor: pointer; }
button.plain { background: none; color: var(--deep); padding: 0; }
a { color: var(--deep); }
:focus-visible { outline: 3px solid var(--deep); outline-offset: 2px; }
table { width: 100%; border-collapse: collapse; }
th, td { text-align: left; padding: .45rem .6rem; border-bottom: 1px solid var(--line); }
td.number, th.number { text-align: right; font-variant-numeric: tabular-nums; }
.message { background: var(--soft); border-radius: .35rem; padding: .6rem .8rem; }
.wide { overflow-x: auto; }
"""


def document(title: str, content: str, *, bar: str = "", narrow: bool = False) -> str:
    """Return one whole page."""
    return (
        '<!doctype html>\n<html lang="en-GB">\n<head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)} (invented)</title><style>{_STYLE}</style></head>\n<body>"
        f'<div class="banner" role="note">{escape(BANNER)}</div>\n'
        f"<header><strong>{escape(title)}</strong>{bar}</header>\n"
        f"<main{' class=narrow' if narrow else ''}>{content}</main>\n</body>\n</html>\n"
    )


def front() -> str:
    """Return the page that leads to the three systems."""
    links = "".join(f'<li><a href="/{source}/">{escape(TITLES[source])}</a></li>' for source in SOURCES)
    return document("Sample CRM portal", f'<div class="card"><h1>Three systems</h1><ul>{links}</ul></div>')


def _hidden(session: Session) -> str:
    return f'<input type="hidden" name="csrf_token" value="{escape(session.token)}">'


def _message(words: str) -> str:
    return f'<p class="message" role="alert" id="message">{escape(words)}</p>' if words else ""


def _field(label: str, name: str, kind: str, complete: str) -> str:
    box = f'<input type="{kind}" name="{name}" autocomplete="{complete}" required>'
    return f"<label>{escape(label)}{box}</label>"


def sign_in(source: str, session: Session, message: str = "") -> str:
    """Return the form for the level of signing in that comes next: the organisation, then the user."""
    if session.level == 0:
        level, heading, button = "organisation", "Organisation", "Next"
        fields = _field("Organisation", "organisation", "text", "organization")
        fields += _field("Organisation password", "organisation_password", "password", "current-password")
    else:
        level, heading, button = "user", "Your account", "Sign in"
        fields = _field("Username", "username", "text", "username")
        fields += _field("Password", "password", "password", "current-password")
    form = (
        f'<form class="card" id="sign-in-{level}" method="post" action="/{source}/sign-in/{level}">'
        f"<h1>{heading}</h1>{_message(message)}{_hidden(session)}{fields}<button>{button}</button></form>"
    )
    return document(TITLES[source], form, narrow=True)


def lock(source: str) -> str:
    """Return the page of an account that three failures have locked."""
    words = "This account is locked after three failed attempts. Ask your administrator to release it."
    content = f'<div class="card" id="locked"><h1>Account locked</h1>{_message(words)}</div>'
    return document(TITLES[source], content, narrow=True)


def _bar(source: str, session: Session) -> str:
    return (
        f'<a href="/{source}/">Home</a><a href="/{source}/extracts">Saved extracts</a>'
        f'<a href="/{source}/audit">Audit</a>'
        f'<form id="sign-out" method="post" action="/{source}/sign-out">{_hidden(session)}'
        '<button class="plain">Sign out</button></form>'
    )


def home(source: str, session: Session) -> str:
    """Return the first page after signing in."""
    content = (
        '<div class="card"><h1>Welcome</h1><p>Records are exported through '
        f'<a href="/{source}/extracts">saved extracts</a>, once a lawful basis has been chosen.</p></div>'
    )
    return document(TITLES[source], content, bar=_bar(source, session))


def notice(source: str, session: Session, heading: str, words: str) -> str:
    """Return a page that says one thing."""
    content = f'<div class="card"><h1>{escape(heading)}</h1>{_message(words)}</div>'
    return document(TITLES[source], content, bar=_bar(source, session) if session.level == 2 else "")


def _basis_form(source: str, session: Session) -> str:
    options = "".join(
        f'<option value="{code}"{" selected" if code == session.basis else ""}>{escape(words)}</option>'
        for code, words in BASES.items()
    )
    chosen = BASES.get(session.basis, "none yet")
    return (
        f'<form class="card" id="lawful-basis" method="post" action="/{source}/extracts/basis" '
        f'data-chosen="{session.basis}"><h1>Lawful basis</h1>{_hidden(session)}'
        f'<p>Chosen in this session: <strong id="chosen-basis">{escape(chosen)}</strong></p>'
        f'<label>Extracts are taken on the basis of<select name="lawful_basis">{options}</select></label>'
        "<button>Choose</button></form>"
    )


def in_place(name: str, source: str, session: Session) -> str | None:
    """Return the page that a fault of this name puts in place of another, if it does."""
    notices = {
        "html_200": ("Something went wrong", "The extract could not be made. Please try again later."),
        "html_as_csv": ("Something went wrong", "The extract could not be made. Please try again later."),
        "no_seat": ("No seat is free", "All licences are in use: the number of concurrent users is reached."),
    }
    if name == "login_page_200":
        return sign_in(source, Session())
    if name == "no_seat":
        heading, words = notices[name]
        return document(
            TITLES[source], f'<div class="card"><h1>{heading}</h1>{_message(words)}</div>', narrow=True
        )
    if name in notices:
        return notice(source, session, *notices[name])
    asked = {
        "pin_demanded": (
            "Enter your PIN",
            _field("PIN sent to your telephone", "pin", "text", "one-time-code"),
        ),
        "password_expired": (
            "Your password has expired",
            _field("New password", "new_password", "password", "new-password")
            + _field("New password again", "new_password_again", "password", "new-password"),
        ),
    }
    if name not in asked:
        return None
    heading, fields = asked[name]
    form = (
        f'<form class="card" id="{name}" method="post" action="/{source}/sign-in/{name}">'
        f"<h1>{heading}</h1>{_hidden(session)}{fields}<button>Next</button></form>"
    )
    return document(TITLES[source], form, narrow=True)


def listing(source: str, session: Session, extracts: Iterable[tuple[str, Extract, int]]) -> str:
    """Return the saved extracts: name, field set, row count, and the instant the data are as at."""
    rows = "".join(
        f'<tr data-extract="{escape(saved)}" data-export="{extract.export}" data-rows="{rows}" '
        f'data-as-at="{escape(extract.as_at)}"><td><a href="/{source}/extracts/{quote(extract.export)}.csv">'
        f"{escape(saved)}</a></td><td>{escape(extract.export.capitalize())}, all fields</td>"
        f'<td class="number">{rows:,}</td><td><time datetime="{escape(extract.as_at)}">'
        f"{escape(extract.as_at.replace('T', ' ')[:16])}</time></td></tr>"
        for saved, extract, rows in extracts
    )
    table = (
        '<div class="card wide"><h1>Saved extracts</h1><table id="extracts"><thead><tr><th>Name</th>'
        '<th>Field set</th><th class="number">Rows</th><th>Data as at</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    return document(TITLES[source], _basis_form(source, session) + table, bar=_bar(source, session))


def audit(source: str, session: Session, lines: Iterable[AuditLine]) -> str:
    """Return who took which extract, when, on which basis."""
    rows = "".join(
        f'<tr data-audit="{escape(line.extract)}" data-basis="{escape(line.basis)}">'
        f"<td>{escape(line.at)}</td><td>{escape(line.user)}</td><td>{escape(line.basis)}</td><td>{escape(line.extract)}</td>"
        f'<td class="number">{line.rows:,}</td></tr>'
        for line in lines
    )
    table = (
        '<div class="card wide"><h1>Audit of extracts</h1><table id="audit"><thead><tr><th>When</th>'
        '<th>User</th><th>Lawful basis</th><th>Extract</th><th class="number">Rows</th></tr></thead>'
        f"<tbody>{rows}</tbody></table></div>"
    )
    return document(TITLES[source], table, bar=_bar(source, session))
