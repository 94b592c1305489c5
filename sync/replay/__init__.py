"""What a new assessment would let out of tonight's exports that the old one does not, and the reverse."""

from sync.replay.both import Replay, replay
from sync.replay.telling import sentences, to_json

__all__ = ["Replay", "replay", "sentences", "to_json"]
