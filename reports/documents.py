"""The pages of governance that are no statement of a run: which there are, and the question each answers."""

from dataclasses import dataclass
from pathlib import Path

FOLDER = "governance"


@dataclass(frozen=True)
class Document:
    """One page of governance that is no statement of a run."""

    name: str
    title: str
    answers: str


FROM_THE_ASSESSMENT = (
    Document("register", "Public register", "What may the public know of each use of data?"),
    Document(
        "record_of_processing",
        "Record of processing",
        "What does Article 30 ask each organisation to record?",
    ),
    Document("sharing_schedule", "Sharing schedule", "What have the parties agreed, flow by flow?"),
    Document(
        "sharing_decisions",
        "Decisions to share",
        "What did each organisation that gives decide, flow by flow?",
    ),
    Document("impact_assessment", "Impact assessment in seven steps", "What would the ICO read?"),
    Document("calendar", "Expiry and review calendar", "What runs out, when, and what stops then?"),
    Document(
        "measures",
        "Measures and what enforces them",
        "Which safeguards does code enforce, and which a person?",
    ),
    Document(
        "law_and_notices", "Law to confirm, and notices", "Which flows rest on law that is not settled?"
    ),
)


FROM_THE_RUNS = (
    Document("not_shared", "Not shared, and why", "Who is withheld, held or emptied, and since when?"),
    Document("nothing_sent", "Nothing sent", "Which runs sent nothing, and why?"),
    Document("choices_applied", "Choices applied", "When did a person's choice take effect?"),
    Document(
        "recipients_told",
        "Corrections, erasures and choices told",
        "Was each recipient told of what was corrected, erased or objected to, and when?",
    ),
    Document("disposal", "Retention and disposal", "What was removed because its time is over?"),
    Document("coverage", "Coverage and drift", "What comes undeclared, and what is shared and always empty?"),
    Document(
        "minimisation",
        "Minimisation",
        "Which fields were never filled, and how fine is what leaves?",
    ),
    Document(
        "access",
        "Re-identification and access",
        "Who asked whose data it is, who was forgotten, what was let through?",
    ),
    Document("custody", "Keys and custody", "Which keys are in use, how old, and who keeps them?"),
)


def standing(out: Path, documents: tuple[Document, ...] = FROM_THE_ASSESSMENT) -> list[Document]:
    """Return the documents whose page stands in the folder of reports."""
    return [each for each in documents if (out / FOLDER / f"{each.name}.html").is_file()]
