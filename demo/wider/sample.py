"""The second sample from one seed: two nights of exports, and the truth about them."""

from dataclasses import dataclass

from demo.flaws import Flaw, LookAlike
from demo.wider.cases import write_cases
from demo.wider.children import write_reviews
from demo.wider.directory import write_directory
from demo.wider.early_help import write_early_help
from demo.wider.later import Drop, write_later
from demo.wider.ledger import Ledger
from demo.wider.months import write_months


@dataclass(frozen=True)
class WiderSample:
    """Two nights of eight sources; the truth is as it stands after the second."""

    first: Drop
    second: Drop
    truth: tuple[Flaw, ...]
    look_alikes: tuple[LookAlike, ...]


def generate_wider(seed: int = 2022) -> WiderSample:
    """Return the second sample that the seed stands for; everybody in it is invented."""
    ledger = Ledger.begun(seed)
    for write in (write_reviews, write_early_help, write_directory, write_cases, write_months):
        write(ledger)
    first = Drop(ledger.tables, {}, ())
    second = write_later(ledger)
    return WiderSample(first, second, tuple(sorted(ledger.flaws)), tuple(sorted(ledger.look_alikes)))
