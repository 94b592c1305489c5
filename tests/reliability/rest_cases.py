"""Every fault of the REST API, where it is played, and which of them are borne."""

from dataclasses import dataclass

FIRST, MIDDLE, LAST = "clients", "done_contacts", "extension_database/wellbeing"
UNCOUNTED = "extension_database/sharing_consent"
EXTRA, GENDER = "website_photo_consent", "organisations/gender"
LISTS = {FIRST: "first export", MIDDLE: "middle export", LAST: "last export"}
PLACES = LISTS | {
    UNCOUNTED: "an export that is not counted",
    "configuration": "before the first export",
    "fields": "the lists of fields",
    "dictionary": "the dictionaries",
    "counts": "the counts",
    "referrals": "the referrals",
}


@dataclass(frozen=True)
class Case:
    """A fault at a place: in words, by name, how often it strikes, and which field or list it is about.

    also:   another fault that is on at the same time, wherever it strikes.
    brakes: what the source's brakes are, where the usual ones let so few records go.
    keeps:  a file of the site that may change all the same.
    """

    words: str
    name: str
    place: str
    times: int | None = None
    about: str = ""
    note: str = ""
    also: str = ""
    brakes: str = ""
    keeps: str = ""


def everywhere(words: str, name: str, times: int | None = None, **more: str) -> list[Case]:
    """Return the fault at the first, a middle and the last export."""
    return [Case(words, name, place, times, **more) for place in LISTS]


FEW = "{at_least: 5}"
REFUSED = [
    *everywhere("key expired", "key_expired"),
    Case("key changed while we read", "key_rotated", MIDDLE, 1),
    Case("key refused", "key_wrong", MIDDLE),
    Case("key not valid yet", "key_not_yet_valid", MIDDLE),
    Case("our address not permitted", "address_not_permitted", MIDDLE),
    Case("key expired", "key_expired", "configuration"),
    Case("500, for ever", "status_500", MIDDLE),
    Case("429, for ever", "throttled", MIDDLE),
    *everywhere("503 with Retry-After that is absurd", "busy_absurd"),
    *everywhere("page of a proxy with 200", "html_200"),
    *everywhere("error text with 200", "error_text_200"),
    Case("bare JSON string with 200", "json_string_200", MIDDLE),
    Case("error object with 200", "json_object_200", MIDDLE),
    *everywhere("redirected in a circle", "redirect_loop"),
    *everywhere("redirected to another host", "redirect_away"),
    Case("redirected to another list", "redirect_within", MIDDLE),
    *everywhere("JSON cut short, length right", "truncated_json"),
    *everywhere("body shorter than announced, for ever", "short_body"),
    *everywhere("body without end", "endless_body"),
    *everywhere("gzip bomb", "gzip_bomb"),
    *everywhere("one huge value", "huge_line"),
    *everywhere("nesting without end", "deep_json"),
    *everywhere("reset, for ever", "reset"),
    Case("reset in the middle of the body, for ever", "reset_midway", MIDDLE),
    *everywhere("stale answer", "stale_answer"),
    *everywhere("one page again and again", "repeated_page", about="10"),
    *everywhere("far fewer records", "sudden_drop", brakes=FEW),
    *everywhere("far more records", "sudden_growth", brakes=FEW),
    Case("field trimmed while we read", "field_trimmed", FIRST, about="surname"),
    Case("field trimmed while we read", "field_trimmed", MIDDLE, about="contact_type"),
    Case("field trimmed while we read", "field_trimmed", LAST, about="total"),
    Case("field no longer offered", "field_hidden", "fields", about="surname"),
    Case("field we do not ask for goes while we read", "field_hidden", "fields", 1, EXTRA),
    Case("a value within a value", "nested_value", FIRST, about="surname"),
    Case("silent cap", "silent_cap", FIRST),
    Case("silent cap", "silent_cap", LAST, about="5"),
    Case("silent cap", "silent_cap", UNCOUNTED, also="no_counts"),
    Case("counts more records than there are", "wrong_count", "counts"),
    Case("option added while we read", "options_gained", "dictionary", 1, GENDER),
]
CAP = 7
CAPPED = Case("silent cap", "silent_cap", MIDDLE, None, f"{CAP}", "smaller windows, until the counts agree")
BORNE = [
    Case("reset, once", "reset", MIDDLE, 1),
    Case("503 with Retry-After that is negative, once", "busy_negative", MIDDLE, 1),
    Case("429 with Retry-After in seconds, once", "throttled_seconds", MIDDLE, 1),
    Case("503 with Retry-After as a date, once", "busy_date", MIDDLE, 1),
    Case("reset in the middle of the body, once", "reset_midway", MIDDLE, 1),
    Case("drip", "drip", MIDDLE),
    *everywhere("ten thousand fields more", "wide", note="never taken: what we do not name is left out"),
    Case("page size changes", "page_size_changes", MIDDLE),
    Case("no counts", "no_counts", "counts", note="then only a usual page size counts as short"),
    Case("counts fewer records than there are", "low_count", "counts", note="as without counts"),
    Case("option added", "options_gained", "dictionary", None, GENDER, keeps="var/state/pulls.json"),
]
UNKNOWN = Case(
    "id that no dictionary holds", "unknown_option", FIRST, None, "gender", "an unreadable cell and a finding"
)
REWORDED = Case(
    "option reworded",
    "options_relabelled",
    "dictionary",
    None,
    GENDER,
    "unreadable cells with findings; from 50 on the source is refused (E812)",
)
TEMPLATE = Case(
    "referrals lose their template",
    "template_less",
    "referrals",
    note="the API gives no sign: few are taken for deleted and withdrawn, their contacts held;"
    " many stop at the brake",
)
EVERY = [*REFUSED, *BORNE, CAPPED, UNKNOWN, REWORDED, TEMPLATE]


def named(case: Case) -> str:
    """Return how pytest names the case."""
    return f"{case.words}, {PLACES[case.place]}"
