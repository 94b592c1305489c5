"""The page on other warehouses, done step by step on a site that has had its first night."""

import re
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

import commands
from commands.last_resort import carry_out
from common import log
from tests.lakes import read_lake, read_warehouse
from tests.nights import NightSite

PAGE = (Path(__file__).parents[2] / "docs/how_to/other_warehouses.md").read_text(encoding="utf-8")
FOLDER = "/srv/viaduct/lake"


@pytest.fixture(scope="session")
def settled(hub_settled: NightSite) -> NightSite:
    """Return the hub's own site: nothing here is about several sources."""
    return hub_settled


def typed(night: NightSite, *words: str) -> int:
    """Return the exit code of the verb on this site."""
    try:
        return carry_out(lambda: commands._named([*words, "--site", str(night.folder)]))
    finally:
        log.shut()


def commands_of_the_page(lake: Path) -> list[list[str]]:
    found = re.findall(r"^python run_sync\.py (.+)$", PAGE, re.MULTILINE)
    return [shlex.split(words.replace(FOLDER, str(lake))) for words in found]


def settings_of_the_page(lake: Path) -> str:
    block, through_dlt = re.findall(r"```yaml\n(lake:\n.+?)```", PAGE, re.DOTALL)
    assert FOLDER in block
    assert "format: dlt" in through_dlt
    return str(block.replace(FOLDER, str(lake)))


def test_the_page_s_commands_show_what_the_file_holds(
    again: Callable[[], NightSite], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Typed with the lake's folder: a real night's tables, row for row, and again without what expired."""
    night, lake = again(), tmp_path / "lake"
    load, retain, schema = commands_of_the_page(lake)
    assert typed(night, *load) == 0
    shown = read_lake(lake)
    assert shown == read_warehouse(night.site.warehouse)
    assert len(shown["early_help.person"]) > 1
    assert typed(night, *retain) == 0
    assert read_lake(lake) == read_warehouse(night.site.warehouse) != shown
    assert len(list((lake / "early_help").iterdir())) == 1, "nothing of before stays beside a certificate"
    capsys.readouterr()
    assert typed(night, *schema) == 0
    printed = capsys.readouterr().out
    assert printed.startswith("-- Viaduct")
    assert all(f"[{name.replace('.', '].[')}]" in printed for name in shown)
    assert typed(night, *schema[:-1], "oracle") == 2
    capsys.readouterr()


def test_the_page_s_settings_publish_without_a_word_more(
    again: Callable[[], NightSite], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """With the lake in site.yaml a plain load publishes; another folder typed beside it is refused."""
    night, lake = again(), tmp_path / "lake"
    with (night.folder / "site.yaml").open("a") as site:
        site.write(settings_of_the_page(lake))
    assert typed(night, "load") == 0
    assert read_lake(lake) == read_warehouse(night.site.warehouse)
    assert typed(night, "load", "--to", "parquet", str(lake)) == 0
    assert typed(night, "load", "--to", "parquet", str(tmp_path / "other")) == 2
    assert "names another lake" in capsys.readouterr().err
    assert not (tmp_path / "other").exists()


def test_what_cannot_be_a_lake_is_said_before_anything_is_done(
    again: Callable[[], NightSite], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A format that there is none of is wrong usage; a folder with something in it is left as it is."""
    night = again()
    assert typed(night, "load", "--to", "excel", str(tmp_path / "lake")) == 2
    assert "write one of parquet" in capsys.readouterr().err
    (tmp_path / "theirs").mkdir()
    (tmp_path / "theirs/file").touch()
    assert typed(night, "load", "--to", "parquet", str(tmp_path / "theirs")) == 50
    assert "E518" in capsys.readouterr().err
    assert [path.name for path in (tmp_path / "theirs").iterdir()] == ["file"]
