"""Rights of the published views, on a real server that holds the warehouse too: who sees what."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

from common.errors import ViaductError
from config.secrets import SecretReference
from feed.release.errors import FeedUnderWay
from feed.views.declared import ROWS as HIDDEN
from feed.views.declared import views
from feed.views.errors import ReaderSeesMore, ViewsNotWritten, ViewsServerNotReady
from feed.views.grants import view_grants
from feed.views.server import ONE_PUBLISHER, try_views
from tests.batches import Change, parties, row
from tests.postgres import FLOWS, LOADER, PASSWORD, PUBLISHER, Server
from tests.unit.feed.release.invented import ROWS, build, changed_with, contents
from tests.unit.feed.release.invented import row as figure
from tests.view_places import ANALYST, Place, on_a_server, reader
from warehouse.errors import WarehouseServerNotTrusted
from warehouse.load import load_landing
from warehouse.postgres_line import connect
from warehouse.postgres_views import grants

TABLES = """SELECT table_schema, table_name FROM information_schema.tables
WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"""


TO_ALL = """GRANT USAGE ON SCHEMA early_help TO PUBLIC;
GRANT SELECT (given_name) ON early_help.person TO PUBLIC"""
BEHIND = f"""GRANT USAGE ON SCHEMA {HIDDEN} TO published_reader;
GRANT SELECT ON {HIDDEN}.figures TO published_reader"""


@pytest.fixture
def place(tmp_path: Path, postgres: Server) -> Iterator[Place]:
    """A release that is shown on the very server, in the very database, that holds rows about people."""
    place = on_a_server(tmp_path / "feed", postgres, "whole")
    with closing(postgres.admin("whole")) as admin:
        admin.execute(grants(postgres.address("whole"), FLOWS).encode())
        admin.execute(f"ALTER ROLE {LOADER} PASSWORD '{PASSWORD}'".encode())
    both = parties(tmp_path, postgres.address("whole"))
    both.sender().publish(Change("person", [row("person", 1, given_name="Zqcanary")]))
    assert [each.outcome for each in load_landing(both.zone, both.warehouse, both.council)] == ["loaded"]
    build(place.feed)
    place.show()
    yield place
    with closing(postgres.admin()) as admin:
        admin.execute("DROP DATABASE whole WITH (FORCE)")


def test_a_reader_sees_the_views_and_nothing_else(place: Place, postgres: Server) -> None:
    """Every table and view of every flow, of the lists of batches and behind the views is refused."""
    with closing(postgres.admin("whole")) as admin:
        every = admin.execute(TABLES.encode()).fetchall()
    refused = {name for name in every if name[0] != "published"}
    assert {schema for schema, _ in refused} == {"viaduct", "early_help", "early_help_read", HIDDEN}
    with closing(reader(postgres, "whole")) as line:
        assert sorted(line.execute(TABLES.encode()).fetchall()) == sorted(
            ("published", view.name) for view in views()
        )
        for schema, name in sorted(refused):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                line.execute(f'SELECT * FROM "{schema}"."{name}"'.encode())
        found = line.execute(
            "SELECT DISTINCT table_schema FROM information_schema.columns "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        ).fetchall()
        assert found == [("published",)]
        assert len(line.execute("SELECT * FROM published.figures").fetchall()) == len(ROWS)


def test_a_reader_may_change_nothing(place: Place, postgres: Server) -> None:
    """No row, no view, no table of its own beside them; not through a view that could be written through."""
    tried = (
        "DELETE FROM published.figures",
        "UPDATE published.figures_by_edition SET value = 1",
        "INSERT INTO published.editions SELECT * FROM published.editions",
        "DROP VIEW published.figures",
        "CREATE OR REPLACE VIEW published.figures AS SELECT 1",
        "CREATE TABLE published.mine (a int)",
        "CREATE TABLE published_rows.mine (a int)",
        "CREATE TABLE public.mine (a int)",
        "CREATE SCHEMA mine",
        f"SET ROLE {PUBLISHER}",
        f"SET ROLE {LOADER}",
    )
    with closing(reader(postgres, "whole")) as line:
        for statement in tried:
            with pytest.raises(psycopg.Error) as caught:
                line.execute(statement.encode())
            assert isinstance(
                caught.value,
                psycopg.errors.InsufficientPrivilege | psycopg.errors.ObjectNotInPrerequisiteState,
            ), statement
    assert len(place.figures()) == len(ROWS)


def test_a_view_that_comes_later_is_readable_at_once(place: Place, postgres: Server) -> None:
    """The rights are of the schema's future too: nobody runs the statements again after a release."""
    with closing(connect(place.views)) as line:  # type: ignore[arg-type]
        line.execute("CREATE VIEW published.later AS SELECT 1 AS one")
        line.execute(f"CREATE TABLE {HIDDEN}.later (one int)".encode())
    with closing(reader(postgres, "whole")) as line:
        assert line.execute("SELECT one FROM published.later").fetchall() == [(1,)]
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            line.execute(f"SELECT one FROM {HIDDEN}.later".encode())


def test_who_publishes_reads_and_changes_no_flow(place: Place, postgres: Server) -> None:
    """The role that writes the views cannot read a person, a view of a flow or a list of batches."""
    with closing(postgres.admin("whole")) as admin:
        every = admin.execute(TABLES.encode()).fetchall()
    with closing(connect(place.views)) as line:  # type: ignore[arg-type]
        for schema, name in every:
            if schema in {"published", HIDDEN}:
                continue
            for statement in ("SELECT * FROM {}", "DELETE FROM {}"):
                with pytest.raises(psycopg.errors.InsufficientPrivilege):
                    line.execute(statement.format(f'"{schema}"."{name}"').encode())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            line.execute("CREATE TABLE early_help.mine (a int)")


def test_the_loader_reads_no_more_than_before(place: Place, postgres: Server) -> None:
    """Publishing gave the loader nothing: it cannot write what is published."""
    with closing(connect(postgres.address("whole"))) as line:
        for statement in ("SELECT * FROM published.figures", f"DELETE FROM {HIDDEN}.figures"):
            with pytest.raises(psycopg.errors.InsufficientPrivilege):
                line.execute(statement.encode())


@pytest.mark.parametrize(
    ("granted", "taken_back"),
    [
        ("GRANT early_help_reader TO published_reader", "REVOKE early_help_reader FROM published_reader"),
        (f"GRANT early_help_reader TO {PUBLISHER}", f"REVOKE early_help_reader FROM {PUBLISHER}"),
        (TO_ALL, TO_ALL.replace("GRANT", "REVOKE").replace(" TO ", " FROM ")),
        (BEHIND, BEHIND.replace("GRANT", "REVOKE").replace(" TO ", " FROM ")),
    ],
)
def test_a_role_that_may_read_more_stops_the_load(
    place: Place, postgres: Server, granted: str, taken_back: str
) -> None:
    """Given by mistake, directly, through a role or to everyone: it is named, and nothing new is shown."""
    build(place.feed, contents(changed_with(figure("K01", value=3664))))
    with closing(postgres.admin("whole")) as admin:
        admin.execute(granted.encode())
        try:
            error = _refused(place, ReaderSeesMore)
            with pytest.raises(ReaderSeesMore):
                try_views(place.views)  # type: ignore[arg-type]
        finally:
            admin.execute(taken_back.encode())
    assert "may read early_help" in error.where or f"may read {HIDDEN}.figures" in error.where
    assert "Zqcanary" not in str(error)
    assert {each[1] for each in place.figures()} == {1}
    place.show()
    assert {each[1] for each in place.figures()} == {2}


def test_what_others_lay_in_the_way_is_not_taken_for_ours(place: Place, postgres: Server) -> None:
    """Tables and functions of our names in a schema that anybody may write to: neither written nor read."""
    with closing(postgres.admin("whole")) as admin:
        admin.execute("CREATE SCHEMA viaduct_pg; GRANT CREATE, USAGE ON SCHEMA public TO PUBLIC")
        admin.execute(f"ALTER ROLE {PUBLISHER} SET search_path = public, pg_catalog".encode())
    with closing(reader(postgres, "whole")) as line:
        line.execute("CREATE TABLE public.incoming (a int); CREATE TABLE public.figures (a int)")
        line.execute("CREATE TABLE public.pg_class (a int); CREATE TABLE public.editions (a int)")
        line.execute(
            "CREATE FUNCTION public.current_database() RETURNS name LANGUAGE sql AS $$ SELECT 'x'::name $$"
        )
        line.execute("GRANT ALL ON public.incoming, public.figures TO PUBLIC")
    build(place.feed, contents(changed_with(figure("K01", value=3664))))
    error = _refused(place, ReaderSeesMore)
    assert "public.figures" in error.where, "even that anybody may read it is said"
    with closing(reader(postgres, "whole")) as line:
        line.execute("REVOKE ALL ON public.incoming, public.figures, public.pg_class, public.editions "
                     "FROM PUBLIC")  # fmt: skip
    place.show()
    assert {each[1] for each in place.figures()} == {2}
    with closing(postgres.admin("whole")) as admin:
        admin.execute(f"ALTER ROLE {PUBLISHER} RESET search_path".encode())
        for name in ("incoming", "figures", "editions"):
            assert admin.execute(f"SELECT count(*) FROM public.{name}".encode()).fetchone() == (0,)


def test_what_an_analyst_built_on_a_view_stays_when_the_view_is_made_otherwise(
    place: Place, postgres: Server
) -> None:
    """Another statement behind a view of the same columns is put in its place; rights and dependants stay."""
    with closing(postgres.admin("whole")) as admin:
        admin.execute(f'CREATE SCHEMA analysis AUTHORIZATION "{ANALYST}"'.encode())
    with closing(reader(postgres, "whole")) as line:
        line.execute("CREATE VIEW analysis.mine AS SELECT kpi, value FROM published.referrals")
    with closing(connect(place.views)) as line:  # type: ignore[arg-type]
        line.execute(f"UPDATE {HIDDEN}.shape SET sha256 = 'older' WHERE name LIKE 'published.%'".encode())
    place.show()
    with closing(reader(postgres, "whole")) as line:
        assert len(line.execute("SELECT * FROM analysis.mine").fetchall()) == 5


def test_a_server_that_is_not_set_up_says_what_to_run(place: Place, postgres: Server) -> None:
    """A schema that is missing, rights that are, a role that is: put right first, by --print-grants."""
    with closing(postgres.admin("whole")) as admin:
        admin.execute("DROP SCHEMA published CASCADE")
        build(place.feed, contents(changed_with(figure("K01", value=3664))))
        assert "--print-grants" in str(_refused(place, ViewsServerNotReady))
        admin.execute(view_grants(place.views).encode())  # type: ignore[arg-type]
        admin.execute(f"ALTER SCHEMA {HIDDEN} OWNER TO postgres".encode())
        _refused(place, ViewsServerNotReady)
        admin.execute(f"ALTER SCHEMA {HIDDEN} OWNER TO {PUBLISHER}".encode())
        admin.execute("ALTER ROLE published_reader RENAME TO readers_once")
        assert "there is no role published_reader" in _refused(place, ViewsServerNotReady).where
        admin.execute("ALTER ROLE readers_once RENAME TO published_reader")
    place.show()
    assert {each[1] for each in place.figures()} == {2}


def test_a_line_that_fails_is_told_in_words_of_the_feed(place: Place, postgres: Server) -> None:
    """Wrong password, nobody there, somebody else: what was shown stays, and load is not what to type."""
    secret = postgres.folder / "another_password"
    secret.write_text("wrong\n")
    secret.chmod(0o600)
    right = place.views
    assert right is not None
    place.views = right.model_copy(update={"role_secret": SecretReference("file", str(secret))})
    assert "--print-grants" in str(_refused(place, ViewsServerNotReady))
    place.views = right.model_copy(update={"port": 1})
    assert "run_sync.py load" not in str(_refused(place, ViewsNotWritten))
    place.views = right.model_copy(update={"host": "127.0.0.1"})
    assert _refused(place, WarehouseServerNotTrusted).exit_code == 50
    place.views = right.model_copy(update={"database": "nowhere"})
    _refused(place, ViewsServerNotReady)


def test_two_who_publish_at_once_do_not_mix(place: Place, postgres: Server) -> None:
    """The second leaves with exit 75; what the first shows is whole."""
    build(place.feed, contents(changed_with(figure("K01", value=3664))))
    with closing(postgres.admin("whole")) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [ONE_PUBLISHER])
        assert _refused(place, FeedUnderWay).exit_code == 75
    assert {each[1] for each in place.figures()} == {1}


def test_a_reader_sees_one_edition_or_the_other(place: Place, postgres: Server) -> None:
    """What fails half-way was never seen: the file of the new edition is gone when it is its turn."""
    build(place.feed, contents(changed_with(figure("K01", value=3664))))
    with closing(reader(postgres, "whole")) as line, line.transaction():
        line.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        before = line.execute("SELECT edition, value FROM published.figures ORDER BY 1, 2").fetchall()
        place.show()
        assert line.execute("SELECT edition, value FROM published.figures ORDER BY 1, 2").fetchall() == before
    assert {each[1] for each in place.figures()} == {2}


def _refused(place: Place, kind: type[ViaductError]) -> ViaductError:
    with pytest.raises(kind) as caught:
        place.show()
    assert caught.value.sent == "The release stands in its folder; the views show what they showed before."
    return caught.value


TOLD_TO_ALL = """SELECT relname, n_tup_ins FROM pg_catalog.pg_stat_all_tables
WHERE schemaname IN ('early_help', 'viaduct')"""


def test_how_many_rows_a_table_has_is_told_to_whoever_may_sign_in_to_its_database(
    place: Place, postgres: Server
) -> None:
    """No right hides it, so views belong into a database of their own, and not everybody is let into another.

    Beside the warehouse a reader learns how many people were loaded, and no value; elsewhere, nothing.
    """
    with closing(postgres.admin("whole")) as admin:
        admin.execute("ANALYZE")
    with closing(reader(postgres, "whole")) as line:
        assert ("person", 1) in line.execute(TOLD_TO_ALL.encode()).fetchall()
        values = "SELECT * FROM pg_catalog.pg_stats WHERE schemaname IN ('early_help', 'viaduct')"
        assert line.execute(values.encode()).fetchall() == []
    apart = on_a_server(place.feed, postgres, "apart")
    apart.show()
    with closing(reader(postgres, "apart")) as line:
        assert line.execute(TOLD_TO_ALL.encode()).fetchall() == []
        assert len(line.execute("SELECT * FROM published.figures").fetchall()) == len(ROWS)
    with closing(postgres.admin("whole")) as admin:
        admin.execute("REVOKE CONNECT ON DATABASE whole FROM published_reader")
    with pytest.raises(psycopg.OperationalError, match="permission denied for database"):
        reader(postgres, "whole")
    with closing(postgres.admin()) as admin:
        admin.execute("DROP DATABASE apart WITH (FORCE)")
