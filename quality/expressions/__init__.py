"""One function per check: true where a record fails, false where it passes, null where it cannot be told.

Polars decides with three values: `null & False` is False, `null | True` is True, else null wins.
A function returns None when the question cannot be asked at all. One module per entity.
"""

from quality.expressions import address, characteristics, contact, every, outcome_measure, person, referral
from quality.facts import Asked

MODULES = (person, address, characteristics, referral, contact, outcome_measure, every)
VERDICTS: dict[str, Asked] = {name: ask for module in MODULES for name, ask in module.VERDICTS.items()}
