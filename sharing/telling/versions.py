"""The versions before an assessment, as far as their files stand beside it."""

from collections.abc import Iterator
from typing import Any

from sharing.dpia import Dpia
from sharing.loading import superseded


def versions_before(dpia: Dpia) -> tuple[dict[str, Any], ...]:
    """Return version, digest and days of each version before this one, the last first.

    Note: where a file is not kept beside the others, its version and digest are told and the rest is None.
    """
    return tuple(_before(dpia))


def _before(dpia: Dpia) -> Iterator[dict[str, Any]]:
    met: set[str] = set()
    now: Dpia | None = dpia
    while now is not None and now.supersedes is not None and now.supersedes.sha256 not in met:
        said, now = now.supersedes, superseded(now)
        met.add(said.sha256)
        yield {
            "version": said.version,
            "sha256": said.sha256,
            "effective_from": now.validity.effective_from if now else None,
            "expires_on": now.validity.expires_on if now else None,
        }
