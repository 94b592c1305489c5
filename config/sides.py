"""Which sides of the exchange a machine is, as its own site.yaml says it."""

from enum import StrEnum


class CouncilSide(StrEnum):
    """Where batches are opened and loaded, seen from this machine."""

    EMBEDDED = "embedded"
    ELSEWHERE = "elsewhere"
    HERE = "here"

    @property
    def pulls(self) -> bool:
        """Return whether this machine is the sync side: it pulls, decides, seals and sends."""
        return self is not CouncilSide.HERE

    @property
    def loads(self) -> bool:
        """Return whether this machine is the council side: it opens and loads."""
        return self is not CouncilSide.ELSEWHERE
