"""New versions of a key, and the old ones beside them."""

from pathlib import Path

import pytest

from sealing import keys, rotation
from sealing.errors import KeyUnusable

ROLE = "pseudonym-early_help"


@pytest.fixture
def private(tmp_path: Path) -> Path:
    keys.create(ROLE, tmp_path / "private", tmp_path / "public")
    return tmp_path / "private"


def test_each_version_can_be_asked_for_by_its_number(private: Path) -> None:
    """The latest is in force; those before it are kept aside, readable by their owner alone."""
    made = [keys.load_secret(ROLE, private)]
    for number in (2, 3):
        assert rotation.rotate(ROLE, private) == number
        made.append(keys.load_secret(ROLE, private))
    assert len(set(made)) == 3
    assert [rotation.load_version(ROLE, number, private) for number in (1, 2, 3)] == made
    assert rotation.retired_versions(ROLE, private) == [1, 2]
    assert all(path.stat().st_mode & 0o077 == 0 for path in private.rglob("*.key"))
    assert [facts.version for facts in keys.list_keys(private, private)] == [3]
    rotation.destroy_retired(ROLE, 1, private)
    with pytest.raises(KeyUnusable):
        rotation.load_version(ROLE, 1, private)
    assert rotation.load_version(ROLE, 2, private) == made[1]


def test_a_change_that_was_cut_off_leaves_the_old_key_in_force(private: Path, monkeypatch) -> None:
    """Killed after the old one was laid aside: it is the one in force, and the next call begins again."""
    before, write = keys.load_secret(ROLE, private), rotation.write_atomic

    def once(path: Path, content: bytes) -> None:
        write(path, content)
        raise KeyboardInterrupt

    monkeypatch.setattr(rotation, "write_atomic", once)
    with pytest.raises(KeyboardInterrupt):
        rotation.rotate(ROLE, private)
    assert keys.load_secret(ROLE, private) == before
    assert rotation.retired_versions(ROLE, private) == []
    monkeypatch.undo()
    assert rotation.rotate(ROLE, private) == 2
    assert rotation.load_version(ROLE, 1, private) == before


def test_keys_that_sign_or_open_are_given_no_new_version_this_way(tmp_path: Path) -> None:
    """A new signing key is an agreement between two sides, no command of one."""
    keys.create("signing", tmp_path, tmp_path)
    with pytest.raises(KeyUnusable):
        rotation.rotate("signing", tmp_path)
