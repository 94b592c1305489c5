"""What the doctor asks of this machine and of what it reaches; nothing is changed and no value is shown."""

from sync.doctor.asking import examine
from sync.doctor.lines import Line, State

__all__ = ["Line", "State", "examine"]
