"""The incident pack: what a file, batch, key, run or provider concerns, from log and state alone."""

from sync.incident.pack import incident_pack
from sync.incident.scope import Asked, By

__all__ = ["Asked", "By", "incident_pack"]
