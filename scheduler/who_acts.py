"""Who can act on an error: IT, information governance, or the provider whose system it came from."""

from enum import StrEnum


class Actor(StrEnum):
    """Who is asked to act."""

    IT = "IT"
    GOVERNANCE = "information governance"
    PROVIDER = "the provider"


ASSESSMENT = "E701 E702 E703 E705 E706 E707 E708 E711 E712 E761 E762 E763 E764 E765 E766 E835"
LOG = "E601 E604 E605 E606 E607 E608 E609 E611"
BY_NAME = "E816 E819 E832 E834"
SMALL_NUMBERS = "E952 E953 E954"
OF_GOVERNANCE = frozenset(f"{ASSESSMENT} {LOG} {BY_NAME} {SMALL_NUMBERS}".split())
"""The assessment, its signatures, the registers; the log; what a person must accept; small numbers."""

AWAY = "E303 E304 E305 E306 E308 E312 E313 E363"
EXPORTS = (
    "E221 E222 E321 E322 E323 E324 E325 E326 E329 E331 E332 E333 E335 E336 E351 E352 E353 E354 E355 E356 E357"
    " E358 E359 E371 E373 E379 E380 E381 E383 E384 E385 E387 E388 E389 E810 E812 E813"
)
COUNTS = "E802 E803 E811 E817"
OF_PROVIDERS = frozenset(f"{AWAY} {EXPORTS} {COUNTS}".split())
"""What stands in another's system: its exports, what an account there may see, how many records it has."""


def who_acts(code: str) -> Actor:
    """Return who acts first on an error of this code; of a code that is not known here, IT."""
    if code in OF_GOVERNANCE:
        return Actor.GOVERNANCE
    return Actor.PROVIDER if code in OF_PROVIDERS else Actor.IT
