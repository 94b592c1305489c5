"""Published figures as views: in a file and on a server they show the same, and only what is signed."""

import shutil
from contextlib import closing
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from filelock import FileLock

from feed.declared import declarations
from feed.release.build import Keys, build_release
from feed.release.errors import FeedUnderWay, ReleaseAltered
from feed.release.sheet import Kind
from feed.release.words import AsOf
from feed.views import declared
from feed.views.declared import View, views
from feed.views.file import NAME
from sealing.signing import Signer
from tests.unit.feed.release.invented import KEYS, ROWS, build, changed_with, contents, row, why
from tests.view_places import Place, in_a_file, on_a_server
from warehouse.postgres_line import connect

TYPES = {
    Kind.TEXT: {"VARCHAR", "text"},
    Kind.DATE: {"DATE", "date"},
    Kind.WHOLE: {"BIGINT", "bigint"},
    Kind.NUMBER: {"DOUBLE", "double precision"},
}


@pytest.fixture(params=["file", "server"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Place:
    """Two places that show what is published, each in turn."""
    if request.param == "file":
        return in_a_file(tmp_path)
    return on_a_server(tmp_path, request.getfixturevalue("postgres"))


def test_every_view_has_the_columns_and_types_that_the_page_has(place: Place) -> None:
    """Names stay: a report that was built on them finds them, on either."""
    build(place.feed)
    place.show()
    found: dict[str, list[tuple[str, str]]] = {}
    for view, column, kind in place.asked(
        "SELECT table_name, column_name, data_type FROM information_schema.columns "
        "WHERE table_schema = 'published' ORDER BY table_name, ordinal_position"
    ):
        found.setdefault(view, []).append((column, kind))
    assert set(found) == {view.name for view in views()}
    for view in views():
        assert [name for name, _ in found[view.name]] == [column.name for column in view.columns]
        for column, (_, kind) in zip(view.columns, found[view.name], strict=True):
            assert kind in TYPES[column.kind], (view.name, column.name)


def test_no_topic_has_the_name_of_a_view_of_its_own() -> None:
    """A table of figures called releases would hide the releases."""
    assert len({view.name for view in views()}) == len(views())
    assert {topic.topic for topic in declarations().topics} <= {view.name for view in views()}


def test_what_is_shown_is_what_was_published_row_for_row(place: Place) -> None:
    """Each table of the release, read from its own file, stands in its view behind release and edition."""
    folder = build(place.feed).folder
    place.show()
    for name in ("referrals", "waits", "dictionary", "quality_sheet"):
        rows = pl.read_parquet(folder / f"{name}.parquet").rows()
        shown = place.asked(f"SELECT * FROM published.{name}")
        assert sorted(map(repr, shown)) == sorted(repr(("2022-23-Q3", 1, *each)) for each in rows)
    assert len(place.figures()) == len(ROWS)


def test_every_view_keeps_to_its_key(place: Place) -> None:
    """What the page says makes a row the only one does, over releases and editions."""
    _three_releases(place)
    place.show()
    for view in views():
        assert _repeated(place, view) == [], view.name


def test_a_revised_figure_is_shown_as_it_is_now_and_as_it_was(place: Place) -> None:
    """The view has the edition in force, with its number; the earlier one stands beside, and why."""
    build(place.feed)
    place.show()
    build(place.feed, contents(changed_with(row("K01", value=3664))))
    place.show()
    one = "kpi = 'K01' AND statistic = 'count' AND category = 'all'"
    assert place.figures("referrals", one) == [("2022-23-Q3", 2, "K01", "count", "all", 3664)]
    assert [(each[1], each[5]) for each in place.figures("figures_by_edition", one)] == [(1, 3663), (2, 3664)]
    assert place.asked("SELECT edition, state FROM published.editions ORDER BY 1") == [
        (1, "earlier"), (2, "in_force"),
    ]  # fmt: skip
    assert place.asked("SELECT release, edition FROM published.releases") == [("2022-23-Q3", 2)]
    told = place.asked("SELECT edition, kpi, from_value, to_value, because FROM published.revisions")
    assert told == [(2, "K01", 3663, 3664, "late_records")]


def test_the_same_edition_again_changes_nothing(place: Place) -> None:
    """The file is not touched, and no row of the server is another one."""
    build(place.feed)
    place.show()
    before = _written(place)
    build(place.feed)
    place.show()
    assert _written(place) == before


def test_an_earlier_period_stays_when_another_is_published(place: Place) -> None:
    """Three releases, each with its figures; the one of a period that another tells too is not lost."""
    _three_releases(place)
    place.show()
    assert [each[0] for each in place.asked("SELECT release FROM published.releases ORDER BY 1")] == [
        "2022-10..2022-12", "2022-23-Q2", "2022-23-Q3",
    ]  # fmt: skip
    assert {each[0] for each in place.figures("figures_by_edition")} == {
        "2022-10..2022-12", "2022-23-Q2", "2022-23-Q3",
    }  # fmt: skip


def test_a_figure_that_two_releases_tell_is_shown_once_as_the_later_batch_has_it(place: Place) -> None:
    """Whoever adds up the view counts nothing twice."""
    _three_releases(place)
    place.show()
    one = "kpi = 'K01' AND statistic = 'count' AND category = 'all' AND period = '2022-23-Q3'"
    assert place.figures("figures", one) == [("2022-10..2022-12", 1, "K01", "count", "all", 3670)]


def test_a_release_that_is_taken_out_of_the_folder_is_shown_no_longer(place: Place) -> None:
    """The views are what lies in the folder."""
    _three_releases(place)
    place.show()
    shutil.rmtree(place.feed / "2022-10..2022-12")
    place.show()
    assert {each[0] for each in place.figures()} == {"2022-23-Q2", "2022-23-Q3"}


def test_an_altered_release_stops_the_load_and_the_views_stay(place: Place) -> None:
    """A digit in a file of a new edition: its digest does not hold, and readers see the edition before."""
    build(place.feed)
    place.show()
    before = place.figures()
    folder = build(place.feed, contents(changed_with(row("K01", value=3664)))).folder
    path = folder / "referrals.parquet"
    path.write_bytes(path.read_bytes().replace(b"K01", b"K02", 1))
    with pytest.raises(ReleaseAltered):
        place.show()
    assert place.figures() == before


def test_a_release_that_nobody_of_ours_signed_stops_the_load(place: Place) -> None:
    """A whole release, well formed, by another's key."""
    build(place.feed)
    place.show()
    stranger = Signer(bytes(range(1, 33)))
    told = contents(period="2022-23-Q2", start=date(2022, 7, 1), end=date(2022, 9, 30))
    build_release(told, place.feed, Keys(stranger, (stranger.verifier,)), why)
    with pytest.raises(ReleaseAltered) as caught:
        place.show()
    assert "2022-23-Q2/datapackage.json: no key of ours made its signature." in caught.value.where
    assert {each[0] for each in place.figures()} == {"2022-23-Q3"}


def test_what_a_revoked_key_signed_is_shown_no_longer(place: Place) -> None:
    """It is not believed; what the new key signs is shown."""
    build(place.feed)
    place.show()
    later = Signer(bytes(range(1, 33)))
    keys = Keys(later, (later.verifier,), KEYS.trusted)
    place.show(keys)
    assert place.figures() == []
    build_release(contents(), place.feed, keys, why)
    place.show(keys)
    assert {(each[0], each[1]) for each in place.figures()} == {("2022-23-Q3", 2)}


def test_an_edition_that_a_kill_left_without_its_name_is_shown_whole(place: Place) -> None:
    """Between two renames the period has no folder of its name; the views wait for none."""
    build(place.feed)
    build(place.feed, contents(changed_with(row("K01", value=3664))))
    place.show()
    shutil.rmtree(place.feed / "2022-23-Q3")
    place.show()
    assert {each[1] for each in place.figures()} == {1}


def test_views_that_an_older_version_made_are_made_anew(
    place: Place, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A column less than today in every table: after the next feed all is there, whole."""
    build(place.feed)
    with monkeypatch.context() as older:
        older.setattr(declared.observed, "COLUMNS", declared.observed.COLUMNS[:-1])
        views.cache_clear()
        place.show()
        assert len(place.asked("SELECT * FROM published.figures")[0]) == 18
    views.cache_clear()
    place.show()
    assert len(place.asked("SELECT * FROM published.figures")[0]) == 19
    assert len(place.figures()) == len(ROWS)


def test_nobody_shows_while_another_builds(place: Place) -> None:
    """The folder may be between two editions: exit 75, type it again."""
    build(place.feed)
    with FileLock(place.feed / ".lock"), pytest.raises(FeedUnderWay):
        place.show()


def test_a_file_that_is_none_of_ours_is_written_over(tmp_path: Path) -> None:
    """What cannot be read as the views is no reason to stay without them."""
    build(tmp_path)
    (tmp_path / NAME).write_bytes(b"not a database")
    place = in_a_file(tmp_path)
    place.show()
    assert len(place.figures()) == len(ROWS)
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(f".{NAME}")] == []


def test_the_file_can_be_renamed_and_carried_elsewhere(tmp_path: Path) -> None:
    """A view knows its tables by their schema, whatever the file is called."""
    build(tmp_path)
    in_a_file(tmp_path).show()
    other = tmp_path / "elsewhere"
    other.mkdir()
    shutil.copyfile(tmp_path / NAME, other / NAME)
    assert len(in_a_file(other).figures("referrals")) == 5


def _three_releases(place: Place) -> None:
    build(place.feed)
    days = {"period_start": date(2022, 7, 1), "period_end": date(2022, 9, 30)}
    quarter = [each | days | {"period": "2022-23-Q2"} for each in ROWS]
    build(place.feed, contents(quarter, period="2022-23-Q2", start=date(2022, 7, 1), end=date(2022, 9, 30)))
    rows: list[dict[str, Any]] = changed_with(row("K01", value=3670))
    months = [each | {"period": "2022-10..2022-12"} for each in rows]
    later = AsOf(9, "2023-02-04T03:00:00Z")
    build(place.feed, contents([*rows, *months], period="2022-10..2022-12", as_of=later))


def _repeated(place: Place, view: View) -> list[tuple[Any, ...]]:
    key = ", ".join(f'"{name}"' for name in view.key)
    return place.asked(f'SELECT {key} FROM published."{view.name}" GROUP BY {key} HAVING count(*) > 1')


def _written(place: Place) -> object:
    if place.views is None:
        return (place.feed / NAME).stat().st_mtime_ns
    with closing(connect(place.views)) as connection:
        return connection.execute(
            "SELECT max(xmin::text::bigint), count(*) FROM published_rows.figures"
        ).fetchall()
