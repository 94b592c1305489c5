"""Before a run, and once more before anything leaves: that the assessment is signed, and comes from the last.

What last ran stands in the disclosure log: who rolls the file back would have to roll back that as well.
"""

from dataclasses import replace
from functools import partial

from audit.ledger import Ledger
from audit.reading import read_log
from common import clock, log
from config.site import Site
from sealing.keys import load_verifier
from sealing.trust import Trust, read_trust
from sharing import Dpia
from sharing.errors import DpiaNotInForce, DpiaNotSigned, DpiaNotTheNext
from sharing.loading import canonical_document, digest_of
from sharing.signing import Standing, require_next, require_signed
from sync.place import Workplace

LOG = log.get("sync")


def require_sign_off(place: Workplace) -> list[str]:
    """Return, of a dry run, why nothing of it could be sent; of any other run there is nothing to return.

    Errors: DpiaNotInForce where the file is not the one that was loaded; DpiaNotSigned and DpiaNotTheNext
            (exit 11), but for a dry run, which tries what others have still to sign.
    """
    dpia = place.dpia
    _require_same_file(dpia)
    refused = []
    for step in (_signed, _next):
        try:
            step(place, dpia)
        except (DpiaNotSigned, DpiaNotTheNext) as error:
            if not place.dry_run:
                raise
            refused += error.places
    if refused:
        LOG.warning("assessment_not_signed", run_id=place.run_id)
    return refused


def nobody_began(site: Site, dpia: Dpia) -> bool:
    """Return whether the site trusts no party's key yet, and the file has no signature."""
    return not dpia.signoff.signatures and not read_trust(site.keys.public).current


def require_signed_next(site: Site, dpia: Dpia) -> None:
    """See from outside a run that the assessment may run: it is signed, and comes from what last ran.

    Errors: DpiaNotSigned, DpiaNotTheNext; those of the log.
    """
    require_signed(dpia, trusted_here(site))
    require_next(dpia, last_logged(site))


def why_not_run(site: Site | None, dpia: Dpia, signed: Standing) -> list[str]:
    """Return every reason why a run of today would send nothing of the assessment, though it is valid.

    Given:  the site, if one is at hand: then also that it comes from what last ran there; how it is signed.
    Errors: those of the log.
    """
    found = [*dpia.why_not_in_force(clock.today()), *signed.reasons]
    if not dpia.active_flows:
        found.append("no flow of it is active.")
    try:
        require_next(dpia, last_logged(site) if site else None)
    except DpiaNotTheNext as error:
        found += error.places
    return found


def trusted_here(site: Site) -> Trust:
    """Return whose signatures count on the site, and, where keys were changed, under what those of before do.

    Errors: KeyUnusable, those of the log.
    """
    trust = read_trust(site.keys.public)
    if not trust.retired or not (site.var / "log").exists():
        return trust
    leaves = read_log(site.var / "log", load_verifier("log", site.keys.public)).leaves
    return replace(trust, ran=frozenset(leaf["dpia"]["sha256"] for leaf in leaves if "dpia" in leaf))


def last_logged(site: Site) -> str | None:
    """Return the digest of the assessment that the site's log names last. Errors: those of the log."""
    if not (site.var / "log").exists():
        return None
    leaves = read_log(site.var / "log", load_verifier("log", site.keys.public)).leaves
    ledger = Ledger()
    for leaf in leaves:
        ledger.remember(leaf)
    return ledger.assessment


def keep_assessment(place: Workplace) -> None:
    """Keep the assessment with the log that will name it, and who signed it. Errors: DpiaNotInForce."""
    dpia = place.dpia
    if not place.log.keep_assessment(dpia.sha256, partial(canonical_document, dpia.path)):
        raise _changed(dpia)
    place.log.keep_signatures(dpia.sha256, dpia.signatures)


def _require_same_file(dpia: Dpia) -> None:
    if digest_of(dpia.path) != dpia.sha256:
        raise _changed(dpia)


def _changed(dpia: Dpia) -> DpiaNotInForce:
    return DpiaNotInForce(f"{dpia.path.as_posix()}: it was changed while the run was at work.")


def _signed(place: Workplace, dpia: Dpia) -> None:
    ran = frozenset[str]() if place.no_log_yet else place.log.assessments
    require_signed(dpia, replace(read_trust(place.site.keys.public), ran=ran))


def _next(place: Workplace, dpia: Dpia) -> None:
    require_next(dpia, None if place.no_log_yet else place.log.last_assessment)
