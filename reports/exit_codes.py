"""What each exit code means, and what the operator does next."""

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import Literal

Tone = Literal["good", "attention", "bad"]
BRAKE = 23


@dataclass(frozen=True)
class ExitMeaning:
    """One exit code in words."""

    code: int
    means: str
    next_step: str

    @property
    def tone(self) -> Tone:
        """Return how urgent it is: 0 is good, 1 asks something of providers, the rest of the operator."""
        return "good" if self.code == 0 else "attention" if self.code == 1 else "bad"


_MEANINGS = [
    (0, "Done.", "Nothing to do."),
    (
        1,
        "Done, with records held or rejected.",
        "Nothing to do here. The providers' worklists say which records to mend.",
    ),
    (2, "Wrong usage: the command was not understood.", "Type: python run_sync.py --help"),
    (
        10,
        "The site, a mapping or the DPIA does not load.",
        "Type: python run_sync.py check. It lists every place to correct.",
    ),
    (
        11,
        "The DPIA, an agreement or a key is not in force.",
        "Ask information governance for the version in force.",
    ),
    (
        20,
        "A source was unavailable and the retries are spent.",
        "Run again later. If it lasts, ask the provider of the source.",
    ),
    (
        21,
        "A source refused the sign-in.",
        "Do not retry. Renew the password, then: python run_sync.py check --connect",
    ),
    (
        22,
        "What came is not the export: a login page, a short file or a changed header.",
        "Compare the saved extract in the CRM with the mapping, then run again.",
    ),
    (
        23,
        "Brake: far fewer or far more records than usual.",
        "Find out why. If it is right, run again with the option that the error names.",
    ),
    (
        30,
        "A release rule failed, so nothing of that flow left.",
        "Tell information governance and the Viaduct team.",
    ),
    (
        40,
        "A key or a seal is wrong.",
        "Type: python run_sync.py keys list. Do not make new keys before asking.",
    ),
    (
        50,
        "The landing zone, the warehouse or the site's disk is unavailable, or a receipt is late.",
        "Look at the disk, or ask the council side. The next run finishes the same batch.",
    ),
    (
        51,
        "The council side refused the batch.",
        "Read the signed refusal in the landing zone with the council side.",
    ),
    (60, "The disclosure log does not verify.", "Stop the schedule and tell information governance."),
    (
        61,
        "Conservation is broken: the counts do not add up, so nothing was changed.",
        "Keep the log of this run and report it to the Viaduct team.",
    ),
    (70, "Viaduct met a fault of its own.", "Keep the log of this run and report it to the Viaduct team."),
    (
        75,
        "Another run holds the lock, or somebody has paused what was to run.",
        "Type: python run_sync.py status. A lock needs nothing from you; a pause ends with: resume",
    ),
    (130, "Stopped from the keyboard.", "Run again; it goes on where it stopped."),
    (143, "Stopped by the system.", "Run again; it goes on where it stopped."),
]
EXIT_MEANINGS = {code: ExitMeaning(code, means, step) for code, means, step in _MEANINGS}

LET_THROUGH = {
    "E802": "--accept-drop",
    "E803": "--accept-growth",
    "E811": "--accept-drop",
    "E816": '--accept-flagged "NAME, ROLE"',
    "E832": '--accept-volume "NAME, ROLE"',
}
"""By which option a person lets through what a brake or a tripwire stopped, by the code of the error."""


def meaning_of(code: int, errors: Iterable[list[str]]) -> ExitMeaning:
    """Return what a run's exit code means; of a brake, by which options what stopped it is let through.

    Given: the lines of each of the run's errors.
    """
    codes = sorted(lines[0].partition(" ")[0] for lines in errors if lines)
    options = list(dict.fromkeys(LET_THROUGH[error] for error in codes if error in LET_THROUGH))
    if code != BRAKE or not options:
        return meaning(code)
    step = f"Find out why. If it is right, run again with {' and '.join(options)}."
    return replace(meaning(code), next_step=step)


def meaning(code: int) -> ExitMeaning:
    """Return what the exit code means; an unknown code means failure."""
    return EXIT_MEANINGS.get(code) or ExitMeaning(
        code, "Failed with a code this version does not know.", "Keep the log of this run and report it."
    )
