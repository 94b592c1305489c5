"""What the registers held when they were last written, so that a copy from before is not taken for them.

An older copy is whole and well formed, and lacks whoever chose since: believed, it would send them again.
Kept below the state, as SHA-256 of a register's rows. The day on its first line has a rule of its own.
"""

import hashlib
from pathlib import Path

from common import clock
from common.files import private_folder, write_atomic
from config.documents import Problem
from sharing.choices import Choice
from sharing.errors import RegisterRefused
from sharing.registers import Register, RegisterKey, read_register
from sync.outbox import as_json, read_json
from sync.place import Workplace

NOT_AS_WRITTEN = "Its rows are not those last written: a copy from before lacks whoever chose since."


def register_path(place: Workplace, name: str) -> Path:
    """Return where the site keeps the register of this name."""
    return place.site.registers / f"{name}.csv"


def read_as_written(
    place: Workplace, name: str, choice: Choice, key: RegisterKey, *, as_found: bool = False
) -> Register:
    """Return the register if it is as it was last written.

    Given:  `as_found` takes it as it is.
    Errors: RegisterRefused; StateUnreadable.
    """
    path = register_path(place, name)
    register = read_register(path, choice, key.mark, clock.today())
    if not as_found:
        RegisterMemory(place.state).require_as_written(name, register, path)
    return register


class RegisterMemory:
    """What is remembered of every register of the site, by name."""

    def __init__(self, state: Path) -> None:
        self._path = state / "registers.json"

    def knows(self, name: str) -> bool:
        """Return whether a register of this name was ever written. Errors: StateUnreadable."""
        return name in self._said()

    def require_as_written(self, name: str, register: Register, path: Path) -> None:
        """Errors: RegisterRefused, where the register is not as it was last written; StateUnreadable."""
        said = self._said().get(name)
        if said is not None and rows_sha256(register) not in said:
            raise RegisterRefused([Problem(path, 1, NOT_AS_WRITTEN)])

    def expect(self, name: str, *registers: Register) -> None:
        """Remember that the register is one of these: the old and the new, until the new is written."""
        private_folder(self._path.parent)
        said = self._said() | {name: sorted({rows_sha256(one) for one in registers})}
        write_atomic(self._path, as_json(said))

    def _said(self) -> dict[str, list[str]]:
        return dict(read_json(self._path)) if self._path.exists() else {}


def rows_sha256(register: Register) -> str:
    """Return SHA-256 of the register's rows, its first line left aside, as 64 hexadecimal digits."""
    return hashlib.sha256(b"\n".join(register.to_bytes().split(b"\n")[1:])).hexdigest()
