"""Where tiny nights begin: a site after its first night, made once and copied by whoever goes on from it."""

import atexit
import shutil
import tempfile
from functools import cache
from pathlib import Path

from tests.tiny.model import Model, Wanted
from tests.tiny.nights import TinyNights
from tests.tiny.site import TinySite
from tests.tiny.world import World


@cache
def work_folder() -> Path:
    """Return a new folder that is gone when the process is; in memory where there is room for that."""
    shared = Path("/dev/shm")  # noqa: S108 - a folder in memory: nights are measured in fsyncs
    folder = Path(tempfile.mkdtemp(prefix="viaduct-nights-", dir=shared if shared.is_dir() else None))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def new_site(folder: Path) -> TinyNights:
    """Return a site before its first night: three people of the hub and two of the other charity."""
    world = World.begun()
    for number in range(5):
        world.arrive("hub" if number < 3 else "community_support", 1 + number, agreed=number != 2)
    return TinyNights(TinySite.made(folder), Model(world))


@cache
def begun() -> TinyNights:
    """Return such a site, made once for whoever copies it."""
    return new_site(work_folder() / "begun")


@cache
def settled() -> TinyNights:
    """Return the same site after its first night, which was at once and whole."""
    nights = begun().copy(work_folder() / "settled")
    nights.night(Wanted(accept=True))
    return nights
