"""Where the warehouse is: a file as ever, or a server that must prove who it is."""

from collections.abc import Callable
from pathlib import Path

import pytest

from config.documents import DocumentRefused
from config.lake import DestinationPlace, LakePlace
from config.site import Site, load_site
from config.warehouse import PostgresWarehouse, name_of
from tests.unit.config.test_site import change, problems

SERVER = {
    "connector": "postgresql",
    "host": "db.council.example",
    "database": "warehouse",
    "role": "viaduct_loader",
    "role_secret": "env:VIADUCT_WAREHOUSE",
    "ca_file": "keys/ca.pem",
}


@pytest.fixture
def with_server(folder: Path) -> Callable[..., Path]:
    """Return what writes a server into the site's settings; None leaves a key out."""
    (folder / "keys").mkdir(exist_ok=True)
    (folder / "keys/ca.pem").write_text("a certificate")

    def write(*, sample: bool = False, **settings: str | int | None) -> Path:
        said = {key: value for key, value in (SERVER | settings).items() if value is not None}
        block = "".join(f"  {key}: {value}\n" for key, value in said.items())
        change(folder / "site.yaml", "warehouse: var/warehouse.duckdb\n", f"warehouse:\n{block}")
        change(folder / "site.yaml", "sample: true", f"sample: {str(sample).lower()}")
        return folder

    return write


def loaded(folder: Path) -> PostgresWarehouse:
    site = load_site(folder)
    assert isinstance(site, Site)
    assert isinstance(site.warehouse, PostgresWarehouse)
    return site.warehouse


def test_a_path_is_a_file_as_ever(folder: Path) -> None:
    """Whoever has a file changes nothing."""
    assert load_site(folder).warehouse == folder / "var/warehouse.duckdb"


def test_a_server_is_verified_in_full_unless_something_else_is_said(with_server: Callable[..., Path]) -> None:
    """The strict way is the one that needs no word; paths are whole and the secret stays a reference."""
    folder = with_server()
    server = loaded(folder)
    assert (server.sslmode, server.port) == ("verify-full", 5432)
    assert server.ca_file == (folder / "keys/ca.pem").as_posix()
    assert name_of(server) == "db.council.example:5432, database warehouse, role viaduct_loader"
    assert "VIADUCT_WAREHOUSE" not in repr(server)


@pytest.mark.parametrize("sslmode", ["verify-ca", "require", "prefer", "allow", "disable"])
@pytest.mark.parametrize(
    ("sample", "host"), [(False, "db.council.example"), (False, "127.0.0.1"), (True, "db.council.example")]
)
def test_a_weaker_line_keeps_the_site_from_loading(
    with_server: Callable[..., Path], sslmode: str, sample: bool, host: str
) -> None:
    """Real people, or another machine: nothing but verify-full, whatever the server would accept."""
    (said,) = problems(with_server(sample=sample, host=host, sslmode=sslmode))
    assert said.startswith("site.yaml, line ")
    assert f"warehouse.sslmode: {sslmode} does not prove who answers; write verify-full." in said


def test_the_views_of_the_feed_have_a_server_and_a_role_of_their_own(
    with_server: Callable[..., Path], folder: Path
) -> None:
    """As strict as the warehouse's line; the loader's role, which reads every row, is refused."""
    with_server()
    own = {"role": "viaduct_publisher", "database": "published"}
    block = "".join(f"    {key}: {value}\n" for key, value in (SERVER | own).items())
    change(folder / "site.yaml", "feed:\n", f"feed:\n  views:\n{block}")
    views = load_site(folder).feed.views
    assert views is not None
    assert (views.role, views.sslmode) == ("viaduct_publisher", "verify-full")
    assert views.ca_file == (folder / "keys/ca.pem").as_posix()
    change(folder / "site.yaml", "database: published", f"database: {SERVER['database']}")
    (said,) = problems(folder)
    assert "feed.views.database: it is the warehouse's" in said
    change(
        folder / "site.yaml",
        f"database: {SERVER['database']}\n    role: viaduct_pub",
        "database: published\n    role: viaduct_pub",
    )
    change(folder / "site.yaml", "role: viaduct_publisher", "role: viaduct_loader")
    (said,) = problems(folder)
    assert "feed.views.role: it is the loader's, which may read every row. Name a role of its own." in said
    change(folder / "site.yaml", "  views:\n", "  views:\n    sslmode: require\n")
    (said, _) = problems(folder)
    assert "feed.views.sslmode: require does not prove who answers; write verify-full." in said


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "::1", "/run/postgresql"])
def test_the_sample_may_speak_plainly_on_its_own_machine(with_server: Callable[..., Path], host: str) -> None:
    """Invented people, on this machine: a server without TLS will do."""
    written = f'"{host}"'
    assert loaded(with_server(sample=True, host=written, sslmode="disable", ca_file=None)).is_here


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"ca_file": None}, "warehouse: verify-full needs ca_file"),
        ({"ca_file": "keys/none.pem"}, "warehouse.ca_file: there is no file keys/none.pem."),
        ({"role_secret": "hunter2"}, "a secret itself never stands here"),
        ({"connector": "postgres"}, "warehouse.connector: write one of postgresql"),
        ({"pasword": "env:X"}, "warehouse.pasword: no such key."),
        ({"sslmod": "verify-full"}, "warehouse.sslmod: no such key. Did you mean sslmode?"),
        ({"port": 70000}, "warehouse.port: "),
        ({"database": None}, "warehouse.database: this key is missing."),
        ({"host": '"a b"'}, "warehouse.host: "),
    ],
    ids=lambda value: str(value)[:40],
)
def test_what_is_wrong_with_a_server_is_said_by_line(
    with_server: Callable[..., Path], settings: dict[str, str], said: str
) -> None:
    """A slip of the pen is named with its place, and with what was likely meant."""
    found = problems(with_server(**settings))
    assert len(found) == 1
    assert found[0].startswith("site.yaml, line ")
    assert said in found[0]
    assert "hunter2" not in found[0]


def test_the_refusal_is_an_error_of_four_lines(with_server: Callable[..., Path]) -> None:
    """It does not load: exit 10, nothing read and nothing sent."""
    with pytest.raises(DocumentRefused) as caught:
        load_site(with_server(sslmode="require"))
    assert (caught.value.code, caught.value.exit_code) == ("E101", 10)


def test_a_lake_is_of_a_file(folder: Path, with_server: Callable[..., Path]) -> None:
    """Its folder is whole and its hour is told; beside a server it is refused with its line."""
    site = folder / "site.yaml"
    site.write_text(site.read_text() + "lake: {format: parquet, folder: var/lake, keep_hours: 0.5}\n")
    lake = load_site(folder).lake
    assert isinstance(lake, LakePlace)
    assert (lake.format, lake.folder, lake.keep.total_seconds()) == ("parquet", folder / "var/lake", 1800)
    with pytest.raises(DocumentRefused) as caught:
        load_site(with_server())
    assert "lake: the warehouse of this site is a server; a lake is of a file." in str(caught.value)


def test_a_site_without_a_lake_has_none(folder: Path) -> None:
    """Nothing is published that nobody asked for."""
    assert load_site(folder).lake is None


def test_a_destination_is_named_with_a_reference_to_its_credentials(folder: Path) -> None:
    """The reference stays one, from the site's folder; a destination needs no folder and takes none."""
    site = folder / "site.yaml"
    text = site.read_text()
    site.write_text(f"{text}lake: {{format: dlt, destination: snowflake, credentials: file:secrets/line}}\n")
    lake = load_site(folder).lake
    assert isinstance(lake, DestinationPlace)
    assert lake.destination == "snowflake"
    (folder / "secrets").mkdir()
    (folder / "secrets/line").touch(0o600)
    (folder / "secrets/line").write_text("snowflake://somebody\n")
    assert lake.credentials.read() == "snowflake://somebody"
    assert "snowflake" not in repr(lake.credentials)
    site.write_text(f"{text}lake: {{format: dlt, destination: snowflake, folder: x}}\n")
    with pytest.raises(DocumentRefused) as caught:
        load_site(folder)
    assert "lake.folder: no such key." in str(caught.value)
    assert "lake.credentials: this key is missing." in str(caught.value)
