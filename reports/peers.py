"""How a provider stands among the others: findings for every hundred records, never with a name."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import quantiles

FEWEST = 5
"""With fewer providers a range would tell of one of them."""


@dataclass(frozen=True)
class Standing:
    """The provider's own rate, and between which rates the middle half of all providers lies."""

    own: float
    low: float
    high: float
    providers: int


def standing_of(provider: str, findings: Mapping[str, int], records: Mapping[str, int]) -> Standing | None:
    """Return where the provider stands; None where it or too few others have records to compare.

    Given: findings to mend and records of the latest run, by provider.
    Units: findings for every hundred records. Quartiles, not ends: an end is one provider's own rate.
    """
    rates = {name: 100 * findings.get(name, 0) / many for name, many in records.items() if many > 0}
    if provider not in rates or len(rates) < FEWEST:
        return None
    low, _, high = quantiles(rates.values(), n=4, method="inclusive")
    return Standing(rates[provider], low, high, len(rates))
