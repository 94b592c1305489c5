"""A mapping written for one test."""

from collections.abc import Callable
from pathlib import Path

import pytest

from mappings import Compiled, compile_mapping, load_mapping

HEAD = """\
name: one
version: 1
export: referrals
reference: {column: Ref}
"""
Write = Callable[[str], Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    """Return a function that writes a mapping file: a head of four lines, then what the test says."""

    def write(text: str) -> Path:
        path = tmp_path / "one.yaml"
        path.write_text(HEAD + text, encoding="utf-8")
        return path

    return write


@pytest.fixture
def compiled(write: Write) -> Callable[[str], Compiled]:
    """Return a function that compiles a mapping of one entity for a source."""

    def compiled(text: str) -> Compiled:
        return compile_mapping(load_mapping(write(text)), source="hub", parent_source=None)

    return compiled
