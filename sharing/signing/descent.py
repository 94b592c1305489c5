"""Whether a version comes from another, by what each says that it supersedes."""

from sharing.dpia import Dpia
from sharing.errors import DpiaNotTheNext
from sharing.loading import superseded


def descends_from(dpia: Dpia, sha256: str) -> bool:
    """Return whether the version of this digest is this one, or one that it supersedes, however far back."""
    now: Dpia | None = dpia
    while now is not None:
        if sha256 in {now.sha256, now.supersedes.sha256 if now.supersedes else None}:
            return True
        now = superseded(now)
    return False


def require_next(dpia: Dpia, last: str | None) -> None:
    """See that this is the version that last ran, or one that comes from it.

    Given:  the digest of what the disclosure log last named, None where it names nothing yet.
    Errors: DpiaNotTheNext (exit 11): the file was rolled back, or changed in place.
    """
    if last is not None and not descends_from(dpia, last):
        raise DpiaNotTheNext(
            f"{dpia.path.as_posix()}: version {dpia.version} ({dpia.sha256[:16]}…) is not what last ran"
            f" ({last[:16]}…), and does not supersede it."
        )
