"""Whether a lake can be published is asked before the first load, and changes nothing."""

from dataclasses import replace
from pathlib import Path

import pytest

from commands.connecting import signed_in
from config.lake import LakeFormat, LakePlace
from tests.unit.scheduler.nights_by_clock import site_at
from warehouse.errors import LakeNotOurs, LakeNotPublished
from warehouse.lake_pointer import Pointer, write_pointer
from warehouse.lake_try import try_lake


@pytest.mark.parametrize("kind", ["parquet", "delta"])
def test_check_tries_a_lake_and_leaves_nothing_there(tmp_path: Path, kind: LakeFormat) -> None:
    """Not there yet, empty, or its own: well. Somebody else's, another kind's, a file: the error of load."""
    place = LakePlace(kind, tmp_path / "not" / "yet")
    assert try_lake(place) == "its folder is ours or empty, and can be written into"
    assert list(tmp_path.iterdir()) == []
    own = replace(place, folder=tmp_path)
    write_pointer(tmp_path, Pointer(kind=kind))
    assert try_lake(own)
    assert [path.name for path in tmp_path.iterdir()] == ["current.json"]
    with pytest.raises(LakeNotOurs):
        try_lake(replace(own, format="delta" if kind == "parquet" else "parquet"))
    with pytest.raises(LakeNotPublished):
        try_lake(replace(own, folder=tmp_path / "current.json" / "below"))
    (tmp_path / "current.json").rename(tmp_path / "somebody's")
    with pytest.raises(LakeNotOurs):
        try_lake(own)
    assert [path.name for path in tmp_path.iterdir()] == ["somebody's"]


def test_the_verb_says_how_its_lake_was_found(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`check --connect` asks it beside the sources and the landing zone."""
    site = replace(site_at(tmp_path), sources={}, lake=LakePlace("parquet", tmp_path / "lake"))
    assert signed_in(site) == []
    assert "lake: its folder is ours or empty, and can be written into." in capsys.readouterr().err
    (tmp_path / "lake").write_text("a file stands where the folder should be")
    (error,) = signed_in(site)
    assert (error.code, error.exit_code) == ("E519", 50)
    assert "lake: refused." in capsys.readouterr().err
