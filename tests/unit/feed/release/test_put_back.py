"""An edition that was replaced is not built upon, though its signature holds."""

import shutil
from pathlib import Path

import pytest

from feed.release.build import in_force
from feed.release.errors import ReleaseAltered
from tests.unit.feed.release.invented import KEYS, build, bytes_in, changed_with, contents, row


def test_nothing_is_built_over_an_edition_that_was_replaced_and_put_back(tmp_path: Path) -> None:
    """It is not the last: what was built over it would bear a number that was given already."""
    build(tmp_path)
    changed = contents(changed_with(row("K01", value=3664)))
    current = build(tmp_path, changed).folder
    shutil.rmtree(current)
    shutil.copytree(tmp_path / "earlier" / current.name / "1", current)
    before = bytes_in(tmp_path)
    for attempt in (lambda: build(tmp_path, changed), lambda: in_force(tmp_path, current.name, KEYS)):
        with pytest.raises(ReleaseAltered, match="is edition 1, which was replaced"):
            attempt()
    assert bytes_in(tmp_path) == before
