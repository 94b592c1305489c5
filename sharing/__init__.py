"""The DPIA: reading it, and doing what it says to every record. No network, no file written."""

from importlib import import_module
from typing import TYPE_CHECKING, Any

from sharing.dpia import Dpia
from sharing.errors import DpiaNotInForce, DpiaRefused, FlowKeyRefused, ReleaseRefused
from sharing.loading import load_dpia
from sharing.treatment import Treatment, narrower

if TYPE_CHECKING:
    from sharing.aggregate_flow import AggregateFlow
    from sharing.compile import compile_flow, compile_withdrawing
    from sharing.flow import Flow
    from sharing.references import FlowKeys
    from sharing.release import Released
    from sharing.safety import Ground, own_flag, own_ground, said_of_flags
    from sharing.withdrawing_flow import WithdrawingFlow

__all__ = [
    "AggregateFlow",
    "Dpia",
    "DpiaNotInForce",
    "DpiaRefused",
    "Flow",
    "FlowKeyRefused",
    "FlowKeys",
    "Ground",
    "ReleaseRefused",
    "Released",
    "Treatment",
    "WithdrawingFlow",
    "compile_flow",
    "compile_withdrawing",
    "load_dpia",
    "narrower",
    "own_flag",
    "own_ground",
    "said_of_flags",
]

HEAVY = {
    "AggregateFlow": "sharing.aggregate_flow",
    "compile_flow": "sharing.compile",
    "compile_withdrawing": "sharing.compile",
    "Flow": "sharing.flow",
    "FlowKeys": "sharing.references",
    "Released": "sharing.release",
    "WithdrawingFlow": "sharing.withdrawing_flow",
    "Ground": "sharing.safety",
    "own_flag": "sharing.safety",
    "own_ground": "sharing.safety",
    "said_of_flags": "sharing.safety",
}


def __getattr__(name: str) -> Any:
    """Return a name that needs Polars; reading a DPIA does not pay for importing it."""
    if name in HEAVY:
        return getattr(import_module(HEAVY[name]), name)
    raise AttributeError(name)
