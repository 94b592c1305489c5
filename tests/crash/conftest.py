"""One stage for every test of this folder: a prepared process, a fresh site, the eve of a changed night."""

from collections.abc import Iterator

import pytest

from tests.crash.points import Night, night_from
from tests.crash.scene import Stage, staged
from tests.crash.tracing import needed
from tests.today import SEED


@pytest.fixture(scope="session")
def seed() -> int:
    """Return what the samples are drawn from: VIADUCT_SEED, else another one every day."""
    return SEED


@pytest.fixture(scope="session")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """Return the stage; skip where calls cannot be traced, or fail in continuous integration."""
    needed()
    with staged(tmp_path_factory.mktemp("crash")) as stage:
        yield stage


@pytest.fixture(scope="session")
def first(stage: Stage) -> Night:
    """Return the very first night of a site that has its keys and nothing else."""
    return night_from(stage, stage.fresh)


@pytest.fixture(scope="session")
def changed(stage: Stage) -> Night:
    """Return a night on which one person was renamed, one has gone and one has come."""
    return night_from(stage, stage.eve)
