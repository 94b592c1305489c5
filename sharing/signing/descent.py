"""Whether a version comes from another, by what each says that it supersedes."""

from sharing.dpia import Dpia
from sharing.loading import superseded


def descends_from(dpia: Dpia, sha256: str) -> bool:
    """Return whether the version of this digest is this one, or one that it supersedes, however far back."""
    now: Dpia | None = dpia
    while now is not None:
        if sha256 in {now.sha256, now.supersedes.sha256 if now.supersedes else None}:
            return True
        now = superseded(now)
    return False
