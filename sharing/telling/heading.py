"""Which assessment it is: version, digest, dates, whether it may run today, who signed it."""

from typing import Any

from sharing.telling.opened import Opened


def heading(opened: Opened) -> dict[str, Any]:
    """Return what identifies the assessment, whether it may run today, who signed it, what came before it."""
    dpia, signed = opened.dpia, opened.standing
    because = [*dpia.why_not_in_force(opened.today), *signed.reasons]
    return {
        "id": dpia.id,
        "title": dpia.title,
        "version": dpia.version,
        "sha256": dpia.sha256,
        "status": dpia.status.value,
        "today": opened.today,
        "in_force": not because,
        "not_in_force_because": because,
        "effective_from": dpia.validity.effective_from,
        "review_by": dpia.validity.review_by,
        "expires_on": dpia.validity.expires_on,
        "law_pack": dpia.law_pack,
        "law_pack_title": opened.pack.title,
        "signed_by": [
            {"organisation": opened.name(each.party), "by": each.by, "name": each.name, "on": each.on}
            for each in signed.judged.signed
        ],
        "lacking": [opened.name(party) for party in signed.lacking],
        "any_one": signed.needed.any_one,
        "grounds": len(dpia.legal_bases),
        "grounds_to_confirm": sum(basis.confirm_with_lawyer for basis in dpia.legal_bases),
        "flows_stopped": [
            {"flow": flow, "because": why} for flow, why in opened.stopped.items() if not because
        ],
        "waivers_used": [
            {"rule": each.rule, "reason": each.reason, "expires_on": each.expires_on}
            for each in dpia.waivers_used(opened.today)
        ],
        "earlier": list(opened.earlier),
    }
