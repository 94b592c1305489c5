"""The three keys of a request to the sample API: the supplier's, the charity's, and the user's."""

import os
import secrets
import string
from collections.abc import Mapping
from dataclasses import dataclass, field

from demo.words import SOURCES

HEADERS = ("Source", "Org", "User")
SUPPLIER = "VIADUCT_API_SOURCE"
# Marks that such keys hold besides letters and digits; none may be taken for part of an address.
MARKS = "_:.,/?!@=-+*&^%"


@dataclass(frozen=True)
class ApiKeys:
    """What a request must carry to read one charity's system, in the order of HEADERS."""

    source: str = field(repr=False)
    org: str = field(repr=False)
    user: str = field(repr=False)

    def headers(self) -> dict[str, str]:
        """Return the keys as the headers of a request."""
        return dict(zip(HEADERS, (self.source, self.org, self.user), strict=True))


def variables(source: str) -> tuple[str, str, str]:
    """Return the environment variables that hold the three keys of one system."""
    return SUPPLIER, f"VIADUCT_{source.upper()}_API_ORG", f"VIADUCT_{source.upper()}_API_USER"


def new_key() -> str:
    """Return a new key: twelve letters and digits, a hyphen, and 32 of all the marks a key may hold."""
    plain = string.ascii_letters + string.digits
    first = "".join(secrets.choice(plain) for _ in range(12))
    return f"{first}-{''.join(secrets.choice(plain + MARKS) for _ in range(31))}{secrets.choice(plain)}"


def api_keys(environment: Mapping[str, str] = os.environ) -> dict[str, ApiKeys]:
    """Return the keys of each system; a key that the environment does not give is made now."""
    supplier = environment.get(SUPPLIER) or new_key()
    found = {}
    for source in SOURCES:
        org, user = (environment.get(name) or new_key() for name in variables(source)[1:])
        found[source] = ApiKeys(supplier, org, user)
    return found


def as_environment(known: Mapping[str, ApiKeys]) -> dict[str, str]:
    """Return the keys as environment variables, which is how they reach another process."""
    told: dict[str, str] = {}
    for source, keys in known.items():
        told |= dict(zip(variables(source), (keys.source, keys.org, keys.user), strict=True))
    return told
