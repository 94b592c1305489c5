"""The documents that an assessment makes: what each tells today, and their pages beside the site's others."""

from pathlib import Path
from typing import TYPE_CHECKING, Any

from common import clock, log
from config.site import Site

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from sealing.trust import Trust
    from sharing import Dpia
    from sharing.calendar import Due
    from sharing.telling.observed import Observed

LOG = log.get("commands")


def build_documents(site: Site) -> list[Path]:
    """Write the pages of the site's assessment and return them; of one that cannot be read, none stands."""
    from common.errors import ViaductError
    from reports import Beside, write_documents
    from sharing import load_dpia
    from sync.days import days_of_site
    from sync.sign_off import trusted_here

    try:
        dpia = load_dpia(site.dpia, sources=site.known_sources)
        days = days_of_site(site, dpia, clock.today())
        told = readings(dpia, trusted_here(site), days, _seen(site))
    except ViaductError as error:
        LOG.error("pages_not_made", error_code=error.code, failure=error.failure)
        told = {}
    return write_documents(Beside(folder_of(site), site.name, site.sample, linked=True), told)


def _seen(site: Site) -> "dict[str, Observed] | None":
    """Return what the site's log shows was sent; None where it cannot be read, which the run itself tells."""
    from audit.errors import DisclosureLogBroken
    from sync.observed import observed_flows

    try:
        return observed_flows(site.var / "log")
    except DisclosureLogBroken:
        return None


def folder_of(site: Site) -> Path:
    """Return the folder of the site's pages of governance."""
    from reports.documents import FOLDER

    return site.var / "reports" / FOLDER


def readings(
    dpia: "Dpia",
    trust: "Trust",
    days: "Iterable[Due] | None" = None,
    seen: "Mapping[str, Observed] | None" = None,
) -> dict[str, dict[str, Any]]:
    """Return what the assessment tells today by the keys trusted here, by the name of the document.

    Given: the days of the site's keys and registers too, where a site is at hand, else the assessment's own;
           what the site's log shows was sent, where it was looked at.
    """
    from sharing import telling

    opened = telling.Opened(dpia, clock.today(), trust, telling.versions_before(dpia))
    return {
        "register": telling.public_register(opened),
        "record_of_processing": telling.record_of_processing(opened, seen),
        "sharing_schedule": telling.sharing_schedule(opened),
        "sharing_decisions": telling.sharing_decisions(opened),
        "impact_assessment": telling.impact_assessment(opened),
        "calendar": telling.expiry_calendar(opened, opened.days if days is None else days),
        "measures": telling.measures_enforced(opened),
        "law_and_notices": telling.law_and_notices(opened, telling.newer_packs(dpia.law_pack)),
    }
