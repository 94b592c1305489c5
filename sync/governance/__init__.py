"""What runs, log and state tell information governance: counts, days and codes; never a value."""

from collections.abc import Mapping, Sequence
from typing import Any

from config.site import Site
from sharing import Dpia
from sync.governance.access import access
from sync.governance.choices_applied import choices_applied
from sync.governance.coverage import coverage
from sync.governance.custody import custody
from sync.governance.disposal import disposal
from sync.governance.minimisation import minimisation
from sync.governance.not_shared import not_shared
from sync.governance.nothing_sent import nothing_sent
from sync.governance.recipients_told import recipients_told
from sync.governance.summaries import whole

__all__ = ["readings"]


def readings(
    site: Site, runs: Sequence[Mapping[str, Any]], dpia: Dpia | None = None
) -> dict[str, dict[str, Any]]:
    """Return what there is to tell, by the name of its page.

    Given:  run summaries, the newest first; the assessment, if there is one that loads.
    Errors: StateUnreadable, KeyUnusable.
    """
    told = whole(runs)
    return {
        "not_shared": not_shared(site),
        "nothing_sent": nothing_sent(site, told),
        "choices_applied": choices_applied(told),
        "recipients_told": recipients_told(site, told, dpia),
        "disposal": disposal(site, told, dpia),
        "coverage": coverage(site, told, dpia),
        "minimisation": minimisation(site, dpia),
        "access": access(site, told),
        "custody": custody(site, told, dpia),
    }
