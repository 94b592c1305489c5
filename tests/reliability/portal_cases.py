"""Every fault of the portal, where it is played, and how the run is to end: the promise, in one table."""

from dataclasses import dataclass, field

EXPORTS = {"first export": "people", "middle export": "needs", "last export": "services"}
EVERYWHERE = tuple(EXPORTS)
MIDDLE = ("middle export",)
ANOTHER = {"people": "needs", "needs": "people", "services": "people"}
SIGN_IN, LIST = "signing in", "the list of extracts"
ANEW = tuple(f"signing in anew at the {place}" for place in EXPORTS)


@dataclass(frozen=True)
class Case:
    """One fault at one place.

    words:  the fault as docs/reliability.md names it.
    code:   of the error that refuses the source; None where the fault is borne.
    times:  how often it strikes; None for as long as we ask.
    value:  what `demo.faults` says of it; AWAY stands for a server elsewhere.
    limits: ceilings that differ from those of the site.
    keeps:  a file of the site that may change all the same.
    """

    words: str
    fault: str
    place: str
    code: str | None
    times: int | None = None
    value: str = ""
    limits: dict[str, int] = field(default_factory=dict)
    note: str = ""
    keeps: str = ""

    @property
    def export(self) -> str:
        """Return the export at which it strikes; nothing for the other places."""
        return next((name for place, name in EXPORTS.items() if self.place.endswith(place)), "")

    @property
    def signing_in(self) -> bool:
        """Return whether it strikes while signing in."""
        return self.place.startswith(SIGN_IN)


AWAY = "elsewhere"
AT_ONCE = {"answer_seconds": 1}
# Words, fault, code; then what differs from striking every download for as long as we ask.
REFUSED: list[tuple[str, str, str, dict[str, object]]] = [
    ("session expires again and again", "session_expired", "E323", {}),
    ("sign-in page with status 200, again and again", "login_page_200", "E323", {}),
    ("web page with status 200", "html_200", "E322", {}),
    ("web page with status 200 as text/csv", "html_as_csv", "E322", {}),
    ("error text with status 200", "error_text_200", "E331", {}),
    ("error text with status 200 as text/csv", "error_as_csv", "E331", {}),
    ("error text below the last row", "error_at_the_end", "E333", {}),
    ("nothing at all", "empty_body", "E329", {}),
    ("header without the rows that are counted", "no_rows", "E326", {}),
    ("half of the rows, whole lines, right length", "missing_rows", "E326", {}),
    ("stops in the last row, right length", "truncated_body", "E325", {}),
    ("fewer bytes than announced", "short_body", "E325", {}),
    ("connection reset in the middle of the body", "reset_midway", "E325", {}),
    ("connection reset", "reset", "E301", {}),
    ("body without end", "endless", "E328", {}),
    ("one line of a gigabyte", "huge_line", "E337", {}),
    ("gzip bomb, packed unasked", "gzip_bomb", "E324", {}),
    ("ten thousand columns", "wide", "E338", {}),
    ("headers of a megabyte", "huge_headers", "E301", {}),
    ("redirect with a body without end", "endless_redirect", "E327", {}),
    ("column renamed", "renamed_column", "E331", {}),
    ("column dropped", "missing_column", "E331", {}),
    ("column there twice", "duplicate_header", "E332", {}),
    ("row with a cell too many", "ragged_row", "E333", {}),
    ("all options reworded", "relabelled_options", "E812", {}),
    ("content of another export", "other_export", "E813", {}),
    ("data change while they are read", "moved_on", "E304", {}),
    ("status 403", "status_403", "E313", {}),
    ("listed, and gone when it is taken (404)", "status_404", "E327", {}),
    ("status 429 for ever", "status_429", "E302", {"value": "0"}),
    ("status 503, Retry-After of 3,000 years", "status_503", "E302", {"value": "99999999999"}),
    ("status 500 for ever", "status_500", "E301", {}),
    ("body drips for ever", "drip", "E306", {"limits": AT_ONCE}),
    ("headers drip for ever", "drip_headers", "E306", {"limits": AT_ONCE}),
    ("100 Continue for ever", "endless_continue", "E306", {"limits": AT_ONCE}),
    ("redirects in a circle", "redirect_loop", "E301", {}),
    ("redirect to another host", "redirect_away", "E303", {"value": AWAY}),
    ("far fewer records", "sudden_drop", "E802", {}),
    ("far more records", "sudden_growth", "E803", {}),
]
BORNE: list[tuple[str, str, tuple[str, ...], dict[str, object]]] = [
    ("columns in another order", "reordered_columns", EVERYWHERE, {"times": None}),
    (
        "column added",
        "extra_column",
        EVERYWHERE,
        {"times": None, "note": "never taken; its name is reported", "keeps": "var/state/pulls.json"},
    ),
    ("session expires once", "session_expired", EVERYWHERE, {}),
    ("connection reset once", "reset", EVERYWHERE, {}),
    ("fewer bytes than announced, once", "short_body", MIDDLE, {}),
    ("connection reset in the middle of the body, once", "reset_midway", MIDDLE, {}),
    ("status 500 once", "status_500", MIDDLE, {}),
    ("status 503, Retry-After in seconds", "status_503", EVERYWHERE, {"value": "1"}),
    ("status 503, Retry-After as a date", "status_503", MIDDLE, {"value": "date"}),
    ("status 429, Retry-After negative", "status_429", MIDDLE, {"value": "-5"}),
    ("status 429, Retry-After no number", "status_429", MIDDLE, {"value": "soon"}),
    ("status 429 without Retry-After", "status_429", MIDDLE, {"value": "none"}),
    ("slow, and whole in the end", "slow", MIDDLE, {}),
]
SIGNING_IN = [
    ("wrong password", "wrong_password", "E311", (SIGN_IN, ANEW[1])),
    ("account locked", "locked_account", "E312", (SIGN_IN, ANEW[1])),
    ("PIN demanded", "pin_demanded", "E316", (SIGN_IN, *ANEW)),
    ("password expired", "password_expired", "E317", (SIGN_IN, ANEW[1])),
    ("no seat free", "no_seat", "E308", (SIGN_IN, ANEW[1])),
]
LISTED = [
    ("sign-in page with status 200, again and again", "login_page_200", "E323", {}),
    ("web page with status 200", "html_200", "E301", {}),
    ("body without end", "endless", "E301", {}),
    ("gzip bomb, packed unasked", "gzip_bomb", "E301", {}),
    ("body drips for ever", "drip", "E306", {"limits": AT_ONCE}),
    ("connection reset", "reset", "E301", {}),
    ("status 503 for ever", "status_503", "E302", {"value": "0"}),
    ("redirect to another host", "redirect_away", "E303", {"value": AWAY}),
    ("counts more rows than there are", "wrong_count", "E326", {}),
    ("stale: data as at yesterday", "stale", "E810", {}),
    ("two extracts of one name", "listed_twice", "E389", {}),
]


def refused() -> list[Case]:
    """Return every case in which the source is refused."""
    exports = [
        Case(words, fault, place, code, **said)  # type: ignore[arg-type]
        for words, fault, code, said in REFUSED
        for place in EVERYWHERE
    ]
    signing_in = [
        Case(words, fault, place, code) for words, fault, code, places in SIGNING_IN for place in places
    ]
    listed = [Case(words, fault, LIST, code, **said) for words, fault, code, said in LISTED]  # type: ignore[arg-type]
    return [*exports, *signing_in, *listed]


def borne() -> list[Case]:
    """Return every case in which the night goes on as any other."""
    return [
        Case(words, fault, place, None, **({"times": 1} | said))  # type: ignore[arg-type]
        for words, fault, places, said in BORNE
        for place in places
    ]
