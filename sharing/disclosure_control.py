"""What the recipient of a flow is told about small counts in figures: the profile that names the flow."""

from typing import Any

from sharing.document import DpiaFile, FlowBlock, days_of

DAYS_OF_A_MONTH = 30.4


def control_of(file: DpiaFile, flow: FlowBlock) -> dict[str, Any] | None:
    """Return the terms that travel with the flow's rows; None where no figures may be made of them."""
    for name, said in file.disclosure_control.items():
        if flow.id in said.flows:
            apart = said.borough_only
            return {
                "profile": name,
                "suppress_to": said.suppress_between[1],
                "round_to": said.round_to,
                "least_width": said.least_width,
                "borough_only_lots": sorted(apart.lots) if apart else [],
                "borough_only_threshold": apart.threshold if apart else said.suppress_between[1] + 1,
                "memory_months": round(days_of(said.memory) / DAYS_OF_A_MONTH),
                "calendar": said.calendar,
            }
    return None
