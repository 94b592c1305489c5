"""What a worklist says in sentences: how many, why it matters, where a finding stands, when it is due."""

from collections.abc import Sequence
from types import MappingProxyType

from feed.model import in_words
from quality.effects import Distortion, Way
from quality.life import REASONS, Action, Reason, State
from reports.worklist_lines import Line
from reports.worklist_readings import SUBMISSION

MOST_FIGURES = 3
NOUNS = MappingProxyType(
    {
        "person": ("person", "people"),
        "submission": ("export", "exports"),
        "characteristics": ("person's characteristics", "people's characteristics"),
        "advice": ("piece of advice", "pieces of advice"),
        "service_episode": ("service episode", "service episodes"),
        "outcome_measure": ("wellbeing form", "wellbeing forms"),
        "directory_service": ("directory entry", "directory entries"),
        "early_help_episode": ("early help episode", "early help episodes"),
        "child_review": ("child review", "child reviews"),
    }
)
WAYS = MappingProxyType(
    {
        Way.MISSING: ("is missing from", "are missing from"),
        Way.TWICE: ("may be counted twice in", "may be counted twice in"),
        Way.DOUBTFUL: ("may be counted wrongly in", "may be counted wrongly in"),
    }
)
SEVERITY_WORDS = MappingProxyType({"error": "Error", "warning": "Warning", "info": "For information"})
EFFECTS = MappingProxyType(
    {
        "hold_record": "The record is held back until it is mended.",
        "blank_field": "The field is left out; the rest of the record is sent.",
        "none": "The record is sent as it is.",
    }
)
STATES = MappingProxyType(
    {
        State.OPEN: "Open",
        State.ACKNOWLEDGED: "Acknowledged",
        State.MENDED: "Mended, waiting for delivery",
        State.ACCEPTED: "Accepted",
        State.DISPUTED: "Disputed, with the data team",
    }
)
REASON_WORDS = MappingProxyType(
    {
        Reason.ASKED_UNKNOWN: "The person was asked and does not know.",
        Reason.REFUSED: "The person was asked and does not want to say.",
        Reason.CORRECT_AS_IS: "The record is right as it stands.",
        Reason.NO_PLACE_FOR_IT: "Our system has no place to record it.",
        Reason.CHECK_IS_WRONG: "The check asks for something that does not apply here.",
    }
)
"""What each reason says that a provider may give."""


def reasons_of(answer: str) -> list[tuple[str, str]]:
    """Return the reasons that an answer may have, each with what it says."""
    return [(reason.value, REASON_WORDS[reason]) for reason in REASONS[Action(answer)]]


def counted(number: int, entity: str) -> str:
    """Return a number of records of a kind: 1 person, 12 referrals."""
    one, many = NOUNS.get(entity, (spoken_entity(entity), _plural(spoken_entity(entity))))
    return f"{number:,} {one if number == 1 else many}"


def spoken_entity(entity: str) -> str:
    """Return a kind of record in words."""
    return entity.replace("_", " ") or "record"


def consequences(number: int, entity: str, told: Sequence[Distortion]) -> list[str]:
    """Return what so many findings do to the figures, a sentence for each way; heaviest figures first."""
    if entity == SUBMISSION:
        names = [each.figure.spoken for each in told]
        return [f"What is wrong with an export changes {_joined(names)}."] if names else []
    sentences = []
    ordered = sorted(told, key=lambda each: -each.weight)
    for way in Way:
        names = [each.figure.spoken for each in ordered if each.way is way]
        if names:
            verb = WAYS[way][number != 1]
            sentences.append(f"{counted(number, entity)} {verb} {_joined(names)}.")
    return sentences


def state_of(line: Line) -> str:
    """Return where the finding stands."""
    finding = line.finding
    words = STATES.get(line.state, line.state.value)
    return (
        f"{words} until {in_words(finding.until)}"
        if finding.until and finding.state == State.ACCEPTED
        else words
    )


def due_of(line: Line) -> str:
    """Return by when it is to be mended, in words that need no colour."""
    if not line.finding.due or not line.wanted:
        return "No date"
    day = in_words(line.finding.due)
    return f"Overdue: was due {day}" if line.overdue_days else day


def age_of(line: Line) -> str:
    """Return for how long it has been open."""
    if line.finding.first_seen is None:
        return "not known"
    return "today" if line.age_days == 0 else days(line.age_days)


def days(number: int) -> str:
    """Return a number of days."""
    return "1 day" if number == 1 else f"{number:,} days"


def working_time(minutes: float) -> str:
    """Return an estimate of working time, no finer than it is known."""
    if minutes < 50:
        return "about a minute" if round(minutes) <= 1 else f"about {round(minutes)} minutes"
    hours = round(minutes / 30) / 2 if minutes < 600 else round(minutes / 60)
    return "about an hour" if hours == 1 else f"about {hours:,g} hours"


def _joined(names: Sequence[str]) -> str:
    """Return the names as a list in a sentence, no more than a reader takes in."""
    shown = list(dict.fromkeys(names))
    if len(shown) > MOST_FIGURES:
        shown = [*shown[:MOST_FIGURES], f"{len(shown) - MOST_FIGURES} more figures"]
        shown[-1] = "1 more figure" if shown[-1].startswith("1 ") else shown[-1]
    return shown[0] if len(shown) == 1 else f"{', '.join(shown[:-1])} and {shown[-1]}"


def _plural(word: str) -> str:
    return word + ("es" if word.endswith(("s", "x")) else "s")
