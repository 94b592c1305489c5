"""The addresses by which people are told of problems: secrets, so each is named by where it is declared."""

from collections.abc import Iterator
from urllib.parse import urlsplit

from requests.utils import get_environ_proxies

from common.errors import ViaductError
from config.alerts import each_secret
from config.secrets import SecretReference
from config.site import Site
from connectors.web import is_loopback


def addresses(site: Site) -> Iterator[tuple[str, str]]:
    """Yield each webhook and the pings, by name, with its address; what cannot be read is told elsewhere."""
    for about, reference in _references(site):
        try:
            yield about, reference.read()
        except ViaductError:
            continue


def proxied(address: str) -> bool:
    """Return whether what is posted there goes by way of a proxy that this machine names."""
    parts = urlsplit(address)
    return not is_loopback(parts.hostname or "") and parts.scheme in get_environ_proxies(address)


def _references(site: Site) -> Iterator[tuple[str, SecretReference]]:
    hooks = {name: found for name, found in each_secret(site.alerts) if name.endswith(".webhook")}
    yield from ((f"alerts, {name}", reference) for name, reference in hooks.items())
    if site.pings is not None and site.pulls:
        yield "pings", site.pings.address
