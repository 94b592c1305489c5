"""What was disclosed about one person as a page: it shows what the history's JSON shows, and names nobody."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from reports.governance import treatment_words
from reports.pages import render

QUESTIONS = {
    "serious_harm": "Would telling it do serious harm? (DPA 2018 Schedule 3 Parts 2 to 4)",
    "child_abuse_data": "Is it child abuse data? (Schedule 3 Part 5, paragraph 21)",
    "third_party": "Is anybody else in it? (Schedule 2 paragraph 16)",
    "domestic_abuse_safety": "Could it tell the one they fled from where they are?",
}
ANSWERS = {
    "receipt": "loaded by the recipient",
    "refusal": "refused by the recipient, nothing of it was loaded",
    "none yet": "none yet",
}


def person_page(told: Mapping[str, Any]) -> bytes:
    """Return the page of a person's history; every word and number is the history's own."""
    return render(
        "person.html",
        site=told["site"],
        sample=told["sample"],
        told=told,
        access=told["access"],
        questions=QUESTIONS,
        made_at=datetime.fromisoformat(told["made_at"]),
        at=datetime.fromisoformat,
        answer_words=answer_words,
        emptied=emptied,
        treatment_words=treatment_words,
    )


def answer_words(answer: str) -> str:
    """Return in words what became of a batch at the recipient."""
    return ANSWERS.get(answer, answer)


def emptied(one: Mapping[str, Any]) -> list[str]:
    """Return the fields of a disclosure that a safety rule may have emptied, as ENTITY.FIELD."""
    return [
        f"{entity}.{field['released_as'] or field['made_from']}"
        for entity, fields in one["fields"].items()
        for field in fields
        if field["may_be_empty"]
    ]
