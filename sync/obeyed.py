"""What a run asks of the assessment before all else; a stop that it obeys is written into the log.

A version that lets nothing run would leave no leaf, and the bytes before it could be laid back as if it had
never been. Named in the log, it is what last ran: only a version that comes from it runs again.
"""

from typing import Any

from common import clock, log
from sharing import Dpia
from sharing.errors import DpiaNotInForce, DpiaNotSigned, DpiaNotTheNext
from sync.place import Workplace
from sync.run_leaves import named, run_leaf
from sync.sign_off import keep_assessment, require_sign_off

LOG = log.get("sync")


def require_reliable(place: Workplace) -> tuple[Dpia, list[str]]:
    """Return the assessment if it may be used today, and, of a dry run, why nothing of it could be sent.

    Where every flow has come to its end and the file has not, each flow is stopped on its own: what people's
    choices take back leaves all the same. Errors: DpiaNotInForce, and those of `require_sign_off` (exit 11).
    """
    try:
        dpia = place.dpia_in_force()
    except DpiaNotInForce as error:
        if place.dpia.ends_only_flows(clock.today()):
            return place.dpia, require_sign_off(place)
        if not place.dry_run and place.dpia.ends_what_ran(clock.today()):
            _remember(place, error)
        raise
    return dpia, require_sign_off(place)


def _remember(place: Workplace, error: DpiaNotInForce) -> None:
    """Name in the log the version that stops everything, once, if it is signed and comes from what last ran.

    Errors: those of the log; that the version is not signed is no error here, for it stops all the same.
    """
    try:
        require_sign_off(place)
        if place.log.last_assessment == place.dpia.sha256:
            return
        keep_assessment(place)
    except (DpiaNotInForce, DpiaNotSigned, DpiaNotTheNext) as why:
        LOG.warning("stop_not_logged", run_id=place.run_id, error_code=why.code)
        return
    for leaf in _leaves(place, error.code):
        place.log.append_once(leaf["identity"], [leaf])


def _leaves(place: Workplace, code: str) -> list[dict[str, Any]]:
    """Return that the run began without a source, and that each flow of the file was stopped."""
    dpia, at = place.dpia, clock.stamp(clock.now())
    flows = dpia.active_flows or [flow.id for flow in dpia.flows]
    stopped = [
        {
            "kind": "stopped",
            "identity": f"stopped:{flow}:{place.run_id}",
            "run": place.run_id,
            "at": at,
            "flow": flow,
            "after_seq": place.log.last_sequence(flow),
            "dpia": named(dpia),
            "code": code,
        }
        for flow in flows
    ]
    return [run_leaf(place, at, [], flows, []), *stopped]
