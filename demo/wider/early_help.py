"""Early help of families: episodes that are half ended, and some that only look so."""

from datetime import date

from demo.wider.layout import FAMILIES, said
from demo.wider.ledger import Ledger

STARTED = date(2022, 2, 28)
EPISODE = (FAMILIES, "early_help_episode")


def write_early_help(ledger: Ledger) -> None:
    """Add all episodes, those in order included."""
    for _ in range(6):
        _episode(ledger, STARTED, date(2022, 7, 1), "Outcomes met")
    for ended, why, named in (
        (date(2022, 2, 27), "Outcomes met", "ended_on"),
        (date(2021, 7, 1), "No further action", "ended_on"),
        (date(2022, 7, 1), "", "end_reason"),
        (date(2022, 9, 12), "", "end_reason"),
    ):
        ledger.note(EPISODE, _episode(ledger, STARTED, ended, why), "EHE-01", named)
    for started, until, why, named, says in (
        (STARTED, STARTED, "No further action", "ended_on", "Ended on the day it started."),
        (STARTED, None, "", "end_reason", "Still going on, so nothing says why it ended."),
        (STARTED, date(2022, 12, 8), "Other", "end_reason", "Ended today, for a reason that has no word."),
        (
            date(2020, 2, 29),
            date(2021, 3, 1),
            "Stepped up to statutory services",
            "ended_on",
            "Began on a leap day.",
        ),
    ):
        row = _episode(ledger, started, until, why)
        ledger.resembles(EPISODE, row, "EHE-01", named, says)


def _episode(ledger: Ledger, started: date, ended: date | None, why: str) -> dict[str, str]:
    person = ledger.person(FAMILIES, ledger.somebody(date(2015, 5, 14)))
    number = f"FAM{len(ledger.tables[FAMILIES]['early_help']):03d}"
    told = {"Person No": person["Person No"], "Family No": number, "Started": said(started)}
    return ledger.add(FAMILIES, "early_help", told | {"Ended": said(ended), "Ended Because": why})
