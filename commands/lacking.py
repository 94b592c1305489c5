"""What a site still lacks before it can run: keys and secrets, which are never declared, only referred to."""

from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from types import MappingProxyType
from typing import Any

from common.errors import ViaductError
from config.alerts import each_secret
from config.lake import DestinationPlace
from config.secrets import SecretExposed, SecretReference
from config.site import Site

ROLES = ("signing", "log", "memory", "choices")
NONE: Mapping[str, str] = MappingProxyType({})
COUNCIL_ROLES = ("council", "receipt")
SENDER_ROLES = ("signing",)
FEED_ROLES = ("feed",)
"""Nothing is loaded with it; without it figures are not published."""


def lacking(site: Site, flows: list[str] | None = None, registers: Mapping[str, str] = NONE) -> list[str]:
    """Return what is not there yet, a line each, with what to type; nothing of it is a fault of a file.

    Given: the names of the assessment's registers, by the type that their verb knows.
    """
    asked = registers if site.pulls else NONE
    return [*_keys(site, flows or []), *_registers(site, asked), *_secrets(site)]


def _registers(site: Site, registers: Mapping[str, str]) -> Iterator[str]:
    for kind, name in registers.items():
        if not (site.registers / f"{name}.csv").is_file():
            yield f"the register {name}: python run_sync.py choices begin --type {kind}"


def roles_of(site: Site, flows: list[str]) -> tuple[list[str], list[str]]:
    """Return the roles whose private part this machine needs, and those of which a public part is enough."""
    ours = [*ROLES, *(f"pseudonym-{flow}" for flow in flows)]
    private = (ours if site.pulls else []) + (list(COUNCIL_ROLES) if site.loads else [])
    public = list(COUNCIL_ROLES) if site.pulls else list(SENDER_ROLES)
    return private, [role for role in public if role not in private]


def _keys(site: Site, flows: list[str]) -> Iterator[str]:
    private, public = roles_of(site, flows)
    for role in [*private, *(FEED_ROLES if site.loads else ())]:
        if not (site.keys.private / f"{role}.key").is_file():
            yield f"a key of the role {role}: python run_sync.py keys new {role}"
    for role in public:
        if not (site.keys.public / f"{role}.pub").is_file():
            side = "council" if site.pulls else "sync side"
            yield f"the {side}'s public key of the role {role}: ask the {side} for {role}.pub"


def missing_roles(site: Site, flows: list[str]) -> list[str]:
    """Return the roles of which the part that a run or a load needs is not here."""
    private, public = roles_of(site, flows)
    lost = [role for role in private if not (site.keys.private / f"{role}.key").is_file()]
    return lost + [role for role in public if not (site.keys.public / f"{role}.pub").is_file()]


def unread_secrets(site: Site) -> list[ViaductError]:
    """Return an error for each secret that cannot be read, or that others may read; none tells the secret."""
    return [type(error)(f"{name}, {key}: {error.where}") for name, key, error in _unread(site)]


def exposed(site: Site) -> list[ViaductError]:
    """Return an error for each secret that others on this machine may read: a fault, not a thing to do."""
    return [
        SecretExposed(f"{name}, {key}: {error.where}")
        for name, key, error in _unread(site)
        if isinstance(error, SecretExposed)
    ]


def _secrets(site: Site) -> Iterator[str]:
    for name, key, error in _unread(site):
        if not isinstance(error, SecretExposed):
            yield f"{name}, {key}: {error.where} ({error.title.rstrip('.').lower()})"


def _of_providers(site: Site) -> dict[str, Iterable[tuple[str, Any]]]:
    """Return what may refer to a secret of the ways by which providers are reached."""
    drops = {name: one.worklist.sftp for name, one in sorted(site.providers.items())}
    found: dict[str, Any] = {f"worklist of {name}": drop for name, drop in drops.items() if drop is not None}
    notices = site.findings.notices
    if notices is not None and notices.mail_server is not None:
        found["findings.notices.mail_server"] = notices.mail_server
    return found


def _unread(site: Site) -> Iterator[tuple[str, str, ViaductError]]:
    """Yield each secret that cannot be read, and why."""
    settings: dict[str, Iterable[tuple[str, Any]]] = {
        f"source {name}": source for name, source in sorted(site.sources.items())
    }
    if not isinstance(site.landing, Path):
        settings["landing"] = site.landing
    if not isinstance(site.warehouse, Path) and site.loads:
        settings["warehouse"] = site.warehouse
    if isinstance(site.lake, DestinationPlace) and site.loads:
        settings["lake"] = [("credentials", site.lake.credentials)]
    if site.pings is not None and site.pulls:
        settings["pings"] = site.pings
    settings["alerts"] = each_secret(site.alerts)
    settings |= _of_providers(site)
    for name, said in settings.items():
        for key, value in said:
            if isinstance(value, SecretReference):
                try:
                    value.read()
                except ViaductError as error:
                    yield name, key, error
