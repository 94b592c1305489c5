"""One function per check: to which records it applies, and which of them fail. One module per entity.

Polars decides with three values: `null & False` is False, `null | True` is True, else null wins.
A function returns None when the question cannot be asked at all.
"""

from quality.expressions import (
    address,
    advice,
    characteristics,
    child_review,
    child_score,
    contact,
    directory_service,
    early_help_episode,
    every,
    form_dates,
    onward_referral,
    outcome,
    outcome_measure,
    person,
    referral,
    referral_course,
    service_episode,
    signposting,
)
from quality.questions import Asked

MODULES = (
    person,
    address,
    characteristics,
    referral,
    referral_course,
    contact,
    advice,
    signposting,
    onward_referral,
    service_episode,
    outcome_measure,
    form_dates,
    outcome,
    child_review,
    child_score,
    early_help_episode,
    directory_service,
    every,
)
VERDICTS: dict[str, Asked] = {name: ask for module in MODULES for name, ask in module.VERDICTS.items()}
