"""Whether a lake can be published as it is declared: asked, and nothing of it changed."""

import tempfile
from importlib.util import find_spec
from pathlib import Path

from config.lake import DestinationPlace, Lake
from warehouse.errors import DestinationFailed, LakeNotPublished
from warehouse.lake import files_of
from warehouse.lake_pointer import read_pointer

NOTHING = "Nothing was written there."


def try_lake(lake: Lake) -> str:
    """Return in words what was seen of the lake; what was written to see it is gone.

    A folder is ours or empty and can be written into. Of a database that dlt writes into only what is here
    is seen: dlt, and that the credentials can be read.
    Errors: LakeNotOurs, LakeNotPublished, DestinationFailed, SecretMissing, SecretExposed.
    """
    if isinstance(lake, DestinationPlace):
        if find_spec("dlt") is None:
            raise DestinationFailed("dlt is not installed.", sent=NOTHING)
        lake.credentials.read()
        return "dlt is here and its credentials can be read; the database itself is first asked by load"
    files = files_of(lake)
    kind = ""
    try:
        read_pointer(lake.folder, files.kind)
        with tempfile.TemporaryFile(dir=_nearest(lake.folder), prefix="."):
            return "its folder is ours or empty, and can be written into"
    except OSError as error:
        kind = type(error).__name__
    raise LakeNotPublished(f"{lake.folder.as_posix()} ({kind}).", sent=NOTHING)


def _nearest(folder: Path) -> Path:
    """Return the folder, or the nearest one above it that is there: the first load makes the rest."""
    return next(one for one in (folder, *folder.parents) if one.exists())
