"""Who signed an assessment, who must, and whether what runs tonight is what they signed."""

from sharing.signing.chain import Standing, require_signed, standing, why_not_signed
from sharing.signing.descent import descends_from, require_next
from sharing.signing.judging import Judged, Signed, judge
from sharing.signing.signers import Needed, controllers, needed

__all__ = [
    "Judged",
    "Needed",
    "Signed",
    "Standing",
    "controllers",
    "descends_from",
    "judge",
    "needed",
    "require_next",
    "require_signed",
    "standing",
    "why_not_signed",
]
