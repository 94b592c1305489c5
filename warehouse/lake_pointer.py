"""The pointer of a lake: the one file that says which versions of which tables are its whole state now."""

import json
import stat
from datetime import datetime, timedelta
from pathlib import Path

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from common import clock
from common.files import made_folder, whole_file
from warehouse.errors import LakeNotOurs

POINTER = "current.json"
FORMAT = 1
UNTOUCHED = "Nothing in that folder was changed; the warehouse file holds what was loaded."


class _Part(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)


class TableState(_Part):
    """One table as it stands: where it is, from the lake's folder, and what must be found there."""

    path: str
    rows: int
    bytes: int
    sha256: str | None = Field(description="Of a file; a version of Delta may have several.")
    version: int | None = Field(default=None, description="Of a Delta table.")
    columns: dict[str, str]


class FlowState(_Part):
    """One flow as it stands: what of the warehouse it shows, and its tables."""

    state: str = Field(description="Digest of the list of what was loaded and removed.")
    batch_sequence: int
    published_at: str
    folder: str
    tables: dict[str, TableState]


class Superseded(_Part):
    """A version that is no longer the current one, and since when."""

    folder: str
    since: str

    def stays(self, keep: timedelta, now: datetime) -> bool:
        """Return whether a reader that began before may still be at it; a clock set back keeps nothing."""
        since = datetime.fromisoformat(self.since)
        return since <= now < since + keep


class Pointer(_Part):
    """The whole state of a lake."""

    format_version: int = FORMAT
    kind: str
    flows: dict[str, FlowState] = {}
    superseded: list[Superseded] = []

    def tables(self) -> list[TableState]:
        """Return every table that counts now, of all flows."""
        return [table for flow in self.flows.values() for table in flow.tables.values()]

    def folders(self) -> set[str]:
        """Return every folder that is named: those that count, and those that may still be read."""
        return {flow.folder for flow in self.flows.values()} | {old.folder for old in self.superseded}


def read_pointer(folder: Path, kind: str) -> Pointer | None:
    """Return the lake's pointer; None where the folder is absent or empty.

    Errors:  LakeNotOurs, if the folder holds anything else, or a lake of another kind.
    """
    try:
        said = (folder / POINTER).read_bytes()
    except FileNotFoundError:
        if any(folder.glob("*")):
            raise LakeNotOurs(f"{folder.as_posix()}: not empty, and no {POINTER}.", sent=UNTOUCHED) from None
        return None
    pointer = _understood(said)
    if pointer is None or (pointer.format_version, pointer.kind) != (FORMAT, kind):
        raise LakeNotOurs(f"{folder.as_posix()}/{POINTER}: no {kind} lake of this version.", sent=UNTOUCHED)
    return pointer


def write_pointer(folder: Path, pointer: Pointer) -> None:
    """Make this the lake's state: a reader finds the pointer of before or this one, whole."""
    text = json.dumps(pointer.model_dump(mode="json"), indent=1)
    with whole_file(folder / POINTER) as temporary:
        temporary.write_text(text + "\n", encoding="utf-8")
        for_the_group(temporary)


def group_folder(path: Path) -> Path:
    """Return the folder; if absent it is made, for its owner and the readers of its group."""
    if not path.exists():
        for_the_group(made_folder(path))
    return path


def for_the_group(path: Path) -> None:
    """Let the group read, whatever the process lets it by default, and nobody else."""
    mode = stat.S_IMODE(path.stat().st_mode) & ~0o027
    path.chmod(mode | (0o050 if path.is_dir() else 0o040))


def stamp_now() -> str:
    """Return this instant as the pointer writes it."""
    return clock.stamp(clock.now())


def _understood(said: bytes) -> Pointer | None:
    try:
        return Pointer.model_validate_json(said)
    except ValidationError:
        return None
