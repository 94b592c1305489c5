"""What a lake of Delta promises beside what every lake does: nothing of a removed row in log or files."""

import datetime as dt
import errno
import json
import os
import time
from functools import partial
from pathlib import Path

import pytest

from canonical import ENTITIES, spec
from config.lake import LakePlace
from tests.batches import SOURCE, Change, Parties, parties, row
from tests.lakes import every_value, read_lake, read_warehouse
from warehouse import lake
from warehouse.errors import LakeNotCleared, LakeNotOurs, LakeNotPublished
from warehouse.lake import publish_lake
from warehouse.load import load_landing

CANARY = "Zqcanary"
NOW = dt.timedelta(0)


@pytest.fixture
def both(tmp_path: Path) -> Parties:
    return parties(tmp_path)


def people(*numbers: int, name: str = "Ann") -> Change:
    return Change("person", [row("person", n, given_name=name) for n in numbers])


def place_of(both: Parties, kind: str = "delta") -> LakePlace:
    return LakePlace(kind, both.landing.parent / "lake")  # type: ignore[arg-type]


def load(both: Parties, keep: dt.timedelta | None = None) -> list[str]:
    publish = partial(publish_lake, both.warehouse, place_of(both), keep)
    answers = load_landing(both.zone, both.warehouse, both.council, publish=publish)
    return [str(answer.reason or answer.outcome) for answer in answers]


def test_every_table_is_a_delta_table_row_for_row(both: Parties) -> None:
    """All entities with every field: the versions that the pointer names hold what the file holds."""
    changes = [
        Change(entity, [row(entity, 1)], columns=[*spec(entity).fields, SOURCE]) for entity in ENTITIES
    ]
    sender = both.sender()
    sender.publish(*changes)
    sender.publish(people(2, 3, name='a"b\n,é'))
    assert load(both) == ["loaded"] * 2
    assert read_lake(place_of(both).folder) == read_warehouse(both.warehouse)
    before = sorted(place_of(both).folder.rglob("*"))
    assert load(both) == []
    assert sorted(place_of(both).folder.rglob("*")) == before, "a second load commits nothing"


def test_no_value_of_a_withdrawn_row_stays_in_a_file_or_in_the_log(both: Parties) -> None:
    """The version before stays while it may still be read; then vacuum takes it; the log never knew values.

    The least and the greatest value of each column would stand in Delta's log for good.
    """
    sender = both.sender()
    sender.publish(people(1, name=CANARY), people(2))
    load(both)
    sender.publish(Change("person", [row("person", 1)], "withdraw"))
    load(both)
    folder = place_of(both).folder
    assert CANARY not in str(read_lake(folder))
    assert CANARY in every_value(folder), "who began before can still read on"
    load(both, keep=NOW)
    assert CANARY not in every_value(folder)
    assert read_lake(folder) == read_warehouse(both.warehouse)
    logs = list(folder.rglob("_delta_log/*.json"))
    assert len(logs) > 6
    assert all(CANARY.encode() not in path.read_bytes() for path in folder.rglob("*.*"))


def test_the_scan_of_the_log_finds_values_where_statistics_are_on(
    both: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With Delta's own default the name stands in the log: the test above looks in the right place."""
    from warehouse import lake_delta

    monkeypatch.setattr(lake_delta, "WITHOUT_VALUES", {})
    both.sender().publish(people(1, name=CANARY))
    load(both)
    assert any(CANARY.encode() in path.read_bytes() for path in place_of(both).folder.rglob("*.json"))


def test_a_publication_cut_short_between_tables_leaves_the_pointer_on_whole_versions(
    both: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Some tables have a new version, the pointer still names the old ones, and the next load ends it."""
    from warehouse import lake_delta

    sender = both.sender()
    sender.publish(people(1), Change("referral", [row("referral", 1, priority="Ann")]))
    load(both)
    before = read_lake(place_of(both).folder)
    sender.publish(people(1, name="Bea"), Change("referral", [row("referral", 1, priority="Bea")]))
    write, written = lake_delta._write, []

    def once(*given: object) -> object:
        if len(written) == 2:
            raise OSError
        written.append(given)
        return write(*given)  # type: ignore[arg-type]

    monkeypatch.setattr(lake_delta, "_write", once)
    with pytest.raises(LakeNotPublished):
        load(both)
    assert read_lake(place_of(both).folder) == before
    assert len(list((both.landing / "receipts").rglob("*.json"))) == 1
    monkeypatch.undo()
    load(both)
    assert read_lake(place_of(both).folder) == read_warehouse(both.warehouse) != before
    assert len(list((both.landing / "receipts").rglob("*.json"))) == 2


def test_nothing_of_a_removed_row_stays_whatever_the_clock_said(both: Parties) -> None:
    """Vacuum goes by the clock. Where a version was superseded under a clock that stood an hour ahead and was
    put right since, where a killed write left a file that no log knows: nothing of it stays at `keep` 0.
    """
    sender = both.sender()
    sender.publish(people(1, name=CANARY), people(2))
    load(both)
    sender.publish(Change("person", [row("person", 1)], "withdraw"))
    load(both)
    table = place_of(both).folder / "early_help/person"
    for log in (table / "_delta_log").glob("*.json"):
        log.write_text("".join(f"{an_hour_ahead(line)}\n" for line in log.read_text().splitlines()))
    cut_short = table / "part-00000-0000.parquet#1"
    cut_short.write_text(CANARY)
    for file in table.rglob("*.*"):
        os.utime(file, (time.time() + 3600,) * 2)
    assert len(list(table.glob("*.parquet"))) == 2
    load(both, keep=NOW)
    assert len(list(table.glob("*.parquet"))) == 1
    assert not any(CANARY.encode() in path.read_bytes() for path in table.rglob("*.*"))
    assert read_lake(place_of(both).folder) == read_warehouse(both.warehouse)
    before = sorted(place_of(both).folder.rglob("*"))
    load(both, keep=NOW)
    assert sorted(place_of(both).folder.rglob("*")) == before, "once cleared, it is left alone"


def an_hour_ahead(line: str) -> str:
    """Return a line of Delta's log as a clock an hour ahead would have written it."""
    (said,) = json.loads(line).items()
    times = {"timestamp", "modificationTime", "deletionTimestamp", "createdTime"} & said[1].keys()
    return json.dumps({said[0]: said[1] | {each: said[1][each] + 3_600_000 for each in times}})


def test_a_file_that_cannot_be_removed_is_an_error_where_none_may_stay(both: Parties, tmp_path: Path) -> None:
    """What lies in the tables' folders is listed after they were cleared, and compared with the pointer."""
    both.sender().publish(people(1))
    load(both, keep=NOW)
    (tmp_path / "old").mkdir()
    (tmp_path / "old/person.parquet").write_text(CANARY)
    stray = place_of(both).folder / "early_help/old"
    stray.symlink_to(tmp_path / "old", target_is_directory=True)
    with pytest.raises(LakeNotCleared) as caught:
        load(both, keep=NOW)
    assert (caught.value.exit_code, CANARY in str(caught.value)) == (50, False)
    stray.unlink()
    assert load(both, keep=NOW) == []


@pytest.mark.parametrize("healed", ["the next batch", "the warehouse of before"])
def test_a_publication_killed_before_the_pointer_costs_the_pointer_no_file(
    both: Parties, monkeypatch: pytest.MonkeyPatch, healed: str
) -> None:
    """The tables have a later version than the pointer names, and vacuum counts the later one.

    So nothing is cleared before the pointer moved, be it that the next publication meets a full disk, be it
    that the warehouse was restored meanwhile to what the pointer shows.
    """
    sender = both.sender()
    sender.publish(people(1))
    load(both)
    before, backup = read_lake(place_of(both).folder), both.warehouse.read_bytes()
    sender.publish(people(1, name="Bea"))
    with monkeypatch.context() as killed:
        killed.setattr(lake, "write_pointer", full_disk)
        with pytest.raises(LakeNotPublished):
            load(both)
    if healed == "the warehouse of before":
        both.warehouse.write_bytes(backup)
    publish = partial(publish_lake, both.warehouse, place_of(both), NOW)
    with monkeypatch.context() as full:
        full.setattr("warehouse.lake_delta.write_deltalake", full_disk)
        with pytest.raises(LakeNotPublished):
            publish()
    assert read_lake(place_of(both).folder) == before
    assert publish() == ["early_help"]
    assert read_lake(place_of(both).folder) == read_warehouse(both.warehouse)
    assert publish() == []


def full_disk(*_: object, **__: object) -> None:
    raise OSError(errno.ENOSPC, "full")


def test_a_folder_whose_name_has_a_space_holds_a_lake_of_delta(both: Parties, tmp_path: Path) -> None:
    """The library writes a space in its folders as %20, which is no folder of the disk."""
    both.sender().publish(people(1))
    load_landing(both.zone, both.warehouse, both.council)
    place = LakePlace("delta", tmp_path / "the lake é")
    publish = partial(publish_lake, both.warehouse, place, NOW)
    assert [publish(), publish()] == [["early_help"], []]
    assert read_lake(place.folder) == read_warehouse(both.warehouse)


def test_a_file_of_a_version_that_is_gone_is_published_anew(both: Parties) -> None:
    """Somebody took a file away: the next load shows the table whole again."""
    both.sender().publish(people(1))
    load(both)
    (file,) = (place_of(both).folder / "early_help/person").glob("*.parquet")
    file.unlink()
    assert load(both) == []
    assert read_lake(place_of(both).folder) == read_warehouse(both.warehouse)


def test_one_folder_holds_one_kind_of_lake(both: Parties) -> None:
    """A lake of Delta is not written over by one of Parquet."""
    both.sender().publish(people(1))
    load(both)
    with pytest.raises(LakeNotOurs):
        publish_lake(both.warehouse, place_of(both, "parquet"))
    assert json.loads((place_of(both).folder / "current.json").read_text())["kind"] == "delta"


def test_without_its_library_the_error_says_what_to_install(
    both: Parties, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Delta is an extra: who asks for it and lacks it is told, and no receipt is left."""
    both.sender().publish(people(1))
    monkeypatch.setattr(lake, "find_spec", lambda _: None)
    with pytest.raises(LakeNotPublished) as caught:
        load(both)
    assert "requirements-delta.txt" in str(caught.value.lines()[-1])
    assert not list((both.landing / "receipts").rglob("*.json"))
