"""Whether a version may run by its signatures: its own, and those of the versions it rests on."""

from dataclasses import dataclass

from sealing.trust import Trust
from sharing.dpia import Dpia
from sharing.errors import DpiaNotSigned
from sharing.loading import superseded
from sharing.signing.judging import Judged, judge, refusals_of
from sharing.signing.signers import Needed, needed, needed_of_all


@dataclass(frozen=True)
class Standing:
    """How an assessment stands: which signatures hold, what it needs, what is lacking; why it may not run."""

    judged: Judged
    needed: Needed
    reasons: list[str]

    @property
    def lacking(self) -> list[str]:
        """Return the parties that have still to sign this version."""
        return self.needed.lacking(self.judged.parties)


def standing(dpia: Dpia, trust: Trust, *, is_superseded: bool = False) -> Standing:
    """Return how an assessment stands by the keys trusted here.

    A version signed by every controller of its flows, and of those of the version before, stands for itself.
    Every other rests on the version that it supersedes, signed in its turn; so back to one that all signed.
    """
    judged = judge(dpia, trust, superseded=is_superseded)
    reasons = list(refusals_of(judged))
    before = superseded(dpia)
    alone = needed_of_all(dpia, before)
    if not alone.lacking(judged.parties):
        return Standing(judged, alone, reasons)
    asked = alone if before is None else needed(before, dpia)
    if lacking := asked.lacking(judged.parties):
        reasons.append(asked.words(lacking))
    if before is not None:
        reasons += _of_the_earlier(before, trust)
    elif dpia.supersedes is not None:
        reasons.append(f"version {dpia.supersedes.version}, which it supersedes, is not beside it.")
    return Standing(judged, asked, reasons)


def _of_the_earlier(before: Dpia, trust: Trust) -> list[str]:
    """Return why the superseded version, on which one rests that not all have signed, does not hold."""
    found = standing(before, trust, is_superseded=True).reasons
    return [f"version {before.version}, which it supersedes: {reason}" for reason in found]


def why_not_signed(dpia: Dpia, trust: Trust) -> list[str]:
    """Return every reason why the signatures do not let it run; none when they do."""
    return standing(dpia, trust).reasons


def require_signed(dpia: Dpia, trust: Trust) -> Dpia:
    """Return the assessment if its signatures let it run. Errors: DpiaNotSigned (exit 11)."""
    reasons = why_not_signed(dpia, trust)
    if reasons:
        raise DpiaNotSigned("\n".join(f"{dpia.path.as_posix()}: {reason}" for reason in reasons))
    return dpia
