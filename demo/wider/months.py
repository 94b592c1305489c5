"""What each provider does by the month: months that are missing, and months that were only quiet or busy."""

from datetime import date, timedelta

from demo.flaws import Flaw, LookAlike
from demo.wider.layout import COMMUNITY, DEBTS, HOMES, HUB, MEALS
from demo.wider.ledger import NONE, Ledger

MONTHS = tuple(date(2021 + (11 + step) // 12, (11 + step) % 12 + 1, 1) for step in range(12))
LAST = MONTHS[-1]
USUAL = {HUB: 25, COMMUNITY: 4, HOMES: 25, DEBTS: 30, MEALS: 40}
SUBMISSION = "submission"
COVERED, VOLUME = "SUB-03", "SUB-05"
FIELDS = {COVERED: "period", VOLUME: "referrals"}
FLAWS: tuple[tuple[str, str, date, int], ...] = (
    (HOMES, COVERED, date(2022, 4, 1), 0),
    (HOMES, COVERED, date(2022, 2, 1), 1),
    (MEALS, COVERED, date(2022, 1, 1), 0),
    (HOMES, VOLUME, LAST, 9),
    (HUB, VOLUME, LAST, 50),
)
"""Which month of a provider holds so many cases, because rows are missing or were entered twice."""
RIGHT: tuple[tuple[str, str, date, int, str, bool], ...] = (
    (DEBTS, COVERED, date(2022, 3, 1), 0, "Closed while it moved house.", True),
    (
        MEALS,
        COVERED,
        date(2022, 2, 1),
        12,
        "A quiet month, with more than a fiftieth of the year's events.",
        False,
    ),
    (DEBTS, VOLUME, LAST, 55, "A second contract began on the first of the month.", True),
    (MEALS, VOLUME, LAST, 52, "The first cold month: a third more than usual.", False),
    (COMMUNITY, VOLUME, LAST, 11, "A small provider, with fewer than twenty cases a month.", False),
)


def write_months(ledger: Ledger) -> None:
    """Add every provider's ordinary cases, month by month."""
    numbers = {(source, month): usual for source, usual in USUAL.items() for month in MONTHS}
    numbers |= {(source, month): many for source, _, month, many in FLAWS}
    numbers |= {(source, month): many for source, _, month, many, _, _ in RIGHT}
    for (source, month), many in numbers.items():
        for number in range(many):
            person = ledger.person(source, ledger.somebody())
            ledger.case(source, person, month + timedelta(days=2 + number % 20))
    for source, check, month, _ in FLAWS:
        ledger.flaws.append(Flaw(source, SUBMISSION, _named(check, month), check, FIELDS[check], NONE))
    for source, check, month, _, says, told in RIGHT:
        one = LookAlike(source, SUBMISSION, _named(check, month), check, FIELDS[check], told, says)
        ledger.look_alikes.append(one)


def _named(check: str, month: date) -> str:
    """Return what a finding of the check names."""
    return f"{'referrals ' if check == VOLUME else ''}{month:%Y-%m}"
