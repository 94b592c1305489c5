"""What a new version of an assessment changes, as a page: the reading that `dpia diff` prints as JSON."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from reports.pages import render

EFFECTS = {
    "widens": "Lets more out, or cannot be told not to",
    "narrows": "Lets less out",
    "neither": "Changes nothing that leaves",
}
BECOMES = {
    "newly_disclosed": "newly disclosed",
    "changed": "changed",
    "held_back": "held back; what the recipient has of it stays",
    "no_longer_disclosed": "withdrawn",
}
RECORDS = "the record itself"


@dataclass(frozen=True)
class Counted:
    """What becomes of the records of an entity, or of one of its fields, on tonight's exports.

    people, flagged: in words; of a number that the replay does not tell, its bound.
    """

    entity: str
    what: str
    becomes: str
    rows: int
    people: str
    flagged: str


def diff_page(said: Mapping[str, Any], *, site: str, sample: bool) -> bytes:
    """Return the page of a comparison; every number is the reading's own.

    Given: the reading with old, new, widens, changes, version_refused_because and, where it was tried,
           replay; the name in the page's head: the site's, or the assessment's own.
    """
    return render(
        "assessment_diff.html",
        site=site,
        sample=sample,
        said=said,
        replay=said.get("replay"),
        effects=EFFECTS,
        changes_of=lambda effect: [one for one in said["changes"] if one["effect"] == effect],
        counted=counted,
        told=told,
        flagged_words=flagged_words,
        at=lambda instant: datetime.fromisoformat(instant) if instant else None,
    )


def counted(flow: Mapping[str, Any]) -> list[Counted]:
    """Return what would become of records and fields, those that touch people under the flag first."""
    found = [
        (-(number["flagged"] or 0), entity, what, change, number)
        for entity, own in flow["entities"].items()
        for what, change, number in _cells(own)
    ]
    return [
        Counted(
            entity, what, BECOMES[change], number["rows"], told(number, "people"), told(number, "flagged")
        )
        for _, entity, what, change, number in sorted(found, key=lambda one: one[:3])
    ]


def told(numbers: Mapping[str, Any], name: str) -> str:
    """Return a number of the replay in words; of one that it does not tell, its bound."""
    number: int | None = numbers[name]
    return f"fewer than {numbers['fewer_than']}" if number is None else f"{number:,}"


def flagged_words(numbers: Mapping[str, Any]) -> str:
    """Return how many are under the flag before and after, as far as the replay tells it.

    After is not told where it is near to before, nor where few are left; which of the two, would tell it.
    """
    before, after = told(numbers, "before"), told(numbers, "after")
    if numbers["before"] is None or numbers["after"] is not None:
        return f"{before} before and {after} after"
    near = f"nearly as many (the difference is below {numbers['fewer_than']})"
    return f"{before} before; after it either {near}, or below {numbers['fewer_than']} in all"


def _cells(own: Mapping[str, Any]) -> Iterator[tuple[str, str, Mapping[str, Any]]]:
    for change, number in own["records"].items():
        held = ", ".join(sorted(number.get("fields", {})))
        yield (f"{RECORDS}, with {held}" if held else RECORDS), change, number
    for name, changes in own["fields"].items():
        for change, number in changes.items():
            yield name, change, number
