"""Which days an assessment depends on, and what does not run outside each of them.

Nothing else in Viaduct decides that. A test holds that no day of the format stands outside these two tables.
"""

from dataclasses import dataclass
from enum import StrEnum


class Stops(StrEnum):
    """What does not run outside a day: the whole file, the flows it governs, or nothing (it is a finding)."""

    FILE = "file"
    FLOWS = "flows"
    NOTHING = "nothing"


@dataclass(frozen=True)
class Dated:
    """A kind of day: what is said of it, what it stops, whether it is a first day, and may be waived."""

    says: str
    stops: Stops
    begins: bool = False
    waivable: bool = False


DATED: dict[str, Dated] = {
    "validity/effectiveFrom": Dated("the first day of the assessment", Stops.FILE, begins=True),
    "validity/reviewBy": Dated("the last day for the review of the assessment", Stops.FILE, waivable=True),
    "validity/expiresOn": Dated("the last day of the assessment", Stops.FILE),
    "signoff/dpoAdvice/date": Dated("the day of the advice of the DPO", Stops.FILE, begins=True),
    "signoff/caldicott/date": Dated("the day of the Caldicott guardian's word", Stops.FILE, begins=True),
    "signoff/siro/date": Dated("the day of the SIRO's decision", Stops.FILE, begins=True),
    "signoff/icoPriorConsultation/date": Dated("the day of the ICO's answer", Stops.FILE, begins=True),
    "agreements/*/startDate": Dated("the first day of agreement {0}", Stops.FLOWS, begins=True),
    "agreements/*/endDate": Dated("the last day of agreement {0}", Stops.FLOWS),
    "operators/*/article28/signedOn": Dated("the day of the contract of {0}", Stops.FLOWS, begins=True),
    "legalBases/*/request/requestedOn": Dated("the day of the request behind {0}", Stops.FLOWS, begins=True),
    "legalBases/*/article9/apd/reviewBy": Dated(
        "the last day for the review of the policy document of {0}", Stops.FLOWS, waivable=True
    ),
    "lawPack/*/inForceFrom": Dated("the first day of {0}", Stops.FLOWS, begins=True),
    "lawPack/*/inForceUntil": Dated("the last day of {0}", Stops.FLOWS),
    "flows/*/fields/*/*/review/since": Dated(
        "the day from which somebody reads {1}.{2} of {0}", Stops.FLOWS, begins=True
    ),
    "measures/*/reviewBy": Dated("the last day for the review of measure {0}", Stops.NOTHING, waivable=True),
    "waivers/*/approvedOn": Dated("the first day of waiver {0}", Stops.NOTHING, begins=True),
    "waivers/*/expiresOn": Dated("the last day of waiver {0}", Stops.NOTHING),
}
"""Per place (a star stands for one name): what the day is. `lawPack` is the pack that the file names."""

HISTORY: dict[str, str] = {
    "consultation/*/when": "somebody was asked; nothing ends because of it",
    "signoff/signatures/*/signedOn": "whether a signature counts is asked with all the others",
}
"""The days on which nothing hangs, each with why."""
