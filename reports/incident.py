"""The incident pack as a page: who is concerned, what was in it, until when, and what to do first."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reports.governance import treatment_words
from reports.pages import render
from reports.state_words import answer_words

DEGREES = {
    "safety_critical": "Safety critical: can lead to somebody",
    "criminal_offence": "Criminal offence data",
    "special_category": "Special category (health and the like)",
    "personal": "Personal",
    "none": "Not about a person",
    "not known": "Not known: the assessment is not kept with the log",
}
ASKED = {
    "file": "one file of a batch",
    "batch": "one batch",
    "key": "a key",
    "run": "a run",
    "provider": "a provider",
    "days": "all batches of these days",
}


def incident_page(pack: Mapping[str, Any]) -> bytes:
    """Return the page of an incident pack; every number is the pack's own."""
    return render(
        "incident.html",
        site=pack["site"],
        sample=pack["sample"],
        pack=pack,
        people=pack["people"],
        rows=pack["rows"],
        asked=ASKED[pack["asked"]["by"]],
        aware_at=datetime.fromisoformat(pack["clock"]["aware_at"]),
        report_by=datetime.fromisoformat(pack["clock"]["report_by"]),
        made_at=datetime.fromisoformat(pack["made_at"]),
        at=datetime.fromisoformat,
        degree_words=degree_words,
        bounds=bounds,
        answer_words=answer_words,
        treatment_words=treatment_words,
    )


def degree_words(degree: str) -> str:
    """Return a degree of sensitivity in words."""
    return DEGREES.get(degree, degree.replace("_", " "))


def bounds(people: Mapping[str, Any]) -> str:
    """Return how many people in words: exact, or between two numbers."""
    least, most = f"{people['at_least']:,}", f"{people['at_most']:,}"
    return most if least == most else f"{least} to {most}"
