"""Where the warehouse is: a DuckDB file within the site, or a PostgreSQL server."""

import ipaddress
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Discriminator, Field, Tag

from config.paths import misplaced
from config.problems import Place, Problem
from config.secrets import Secret

SAFE: Literal["verify-full"] = "verify-full"
ServerName = Annotated[str, Field(pattern=r"^[A-Za-z_][A-Za-z0-9_.@-]{0,62}$")]


class PostgresWarehouse(BaseModel):
    """A PostgreSQL server, reached by TLS with a certificate and a name that are both verified."""

    model_config = ConfigDict(
        defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )

    connector: Literal["postgresql"]
    host: str = Field(pattern=r"^[A-Za-z0-9/_.:-]{1,255}$", description="Its name as its certificate has it.")
    port: int = Field(default=5432, ge=1, le=65_535)
    database: ServerName
    role: ServerName = Field(description="The loader's role; it owns the schemas of the flows, nothing else.")
    role_secret: Secret | None = Field(
        default=None, description="Its password; none where the server knows the account otherwise."
    )
    sslmode: Literal["verify-full", "verify-ca", "require", "prefer", "allow", "disable"] = Field(
        default=SAFE,
        description="Anything but verify-full is refused, save for the invented people of a sample site on "
        "this machine.",
    )
    ca_file: str | None = Field(
        default=None,
        min_length=1,
        max_length=500,
        description="The certificates that the server's own must come from (PEM).",
    )
    connect_seconds: int = Field(default=15, ge=2, le=600, description="The longest wait for the server.")
    answer_seconds: int = Field(
        default=1800,
        ge=1,
        le=14_400,
        description="The longest wait for an answer; then it is lost. E515.",
    )

    @property
    def is_here(self) -> bool:
        """Return whether the server is reached without leaving this machine."""
        if self.host.startswith("/") or self.host == "localhost":
            return True
        try:
            return ipaddress.ip_address(self.host).is_loopback
        except ValueError:
            return False


Whereabouts = Path | PostgresWarehouse
Server = TypeVar("Server", bound=PostgresWarehouse)


def _kind(said: Any) -> str:
    return "[server]" if isinstance(said, dict | PostgresWarehouse) else "[file]"


WarehouseSetting = Annotated[
    Annotated[str, Field(min_length=1, max_length=500), Tag("[file]")]
    | Annotated[PostgresWarehouse, Tag("[server]")],
    Discriminator(_kind),
]


class PostgresViews(PostgresWarehouse):
    """A PostgreSQL server, the warehouse's or another, that shows what is published by views."""

    role: ServerName = Field(
        description="The role that publishes: it owns the schemas of the views, nothing else, and may read "
        "nothing else. Not the loader's."
    )


def problems_of(
    folder: Path,
    said: str | PostgresWarehouse,
    place: Place,
    *,
    sample: bool,
    at: tuple[str, ...] = ("warehouse",),
) -> Iterator[Problem]:
    """Yield what no setting by itself shows: a line that is not safe enough, a file that is not there."""
    if isinstance(said, str):
        return
    name = ".".join(at)
    if said.sslmode != SAFE and not (sample and said.is_here):
        text = (
            f"{name}.sslmode: {said.sslmode} does not prove who answers; write {SAFE}. Less is for a "
            "sample site's server on this machine alone."
        )
        yield place.problem(text, *at, "sslmode")
    if said.sslmode == SAFE and said.ca_file is None:
        text = f"{name}: {SAFE} needs ca_file, the certificates that the server's own must come from."
        yield place.problem(text, *at)
    if said.ca_file is not None and (why := misplaced(folder, said.ca_file)):
        yield place.problem(f"{name}.ca_file: {why}", *at, "ca_file")


def view_problems(
    folder: Path,
    said: PostgresViews | None,
    warehouse: str | PostgresWarehouse,
    place: Place,
    *,
    sample: bool,
) -> Iterator[Problem]:
    """Yield what is wrong with the server of the views: as of the warehouse's, and a role that may more."""
    if said is None:
        return
    at = ("feed", "views")
    yield from problems_of(folder, said, place, sample=sample, at=at)
    if isinstance(warehouse, PostgresWarehouse) and said.role == warehouse.role:
        text = "feed.views.role: it is the loader's, which may read every row. Name a role of its own."
        yield place.problem(text, *at, "role")
    if isinstance(warehouse, PostgresWarehouse) and _one_database(said, warehouse):
        text = (
            "feed.views.database: it is the warehouse's, and PostgreSQL tells whoever signs in how many rows "
            "each table has. Name a database of its own, on the same server if you like."
        )
        yield place.problem(text, *at, "database")


def _one_database(one: PostgresWarehouse, other: PostgresWarehouse) -> bool:
    return (one.host.lower(), one.port, one.database) == (other.host.lower(), other.port, other.database)


def placed(folder: Path, said: str | PostgresWarehouse) -> Whereabouts:
    """Return the warehouse with every path whole."""
    return folder / said if isinstance(said, str) else server_placed(folder, said)


def server_placed(folder: Path, said: Server) -> Server:
    """Return the server with every path whole."""
    secret = said.role_secret.within(folder) if said.role_secret else None
    ca_file = (folder / said.ca_file).as_posix() if said.ca_file else None
    return said.model_copy(update={"role_secret": secret, "ca_file": ca_file})


def name_of(warehouse: Whereabouts) -> str:
    """Return the warehouse as a line on the screen or in an error names it."""
    if isinstance(warehouse, Path):
        return warehouse.as_posix()
    at = f"{warehouse.host}:{warehouse.port}"
    return f"{at}, database {warehouse.database}, role {warehouse.role}"
