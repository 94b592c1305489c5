"""Who may sign in to the sample portal: one organisation and one user for each system."""

import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

from demo.words import SOURCES

ORGANISATIONS = {source: source.replace("_", "-") for source in SOURCES} | {"hub": "support-hub"}
USER = "viaduct"


@dataclass(frozen=True)
class Account:
    """The two levels of signing in to one system."""

    organisation: str
    organisation_password: str = field(repr=False)
    user: str
    user_password: str = field(repr=False)


def variables(source: str) -> tuple[str, str]:
    """Return the environment variables that hold the two passwords of the system."""
    return f"VIADUCT_{source.upper()}_ORGANISATION", f"VIADUCT_{source.upper()}_USER"


def accounts(environment: Mapping[str, str] = os.environ) -> dict[str, Account]:
    """Return an account for each system; a password that the environment does not give is made now."""
    found = {}
    for source in SOURCES:
        organisation, user = (
            environment.get(name) or secrets.token_urlsafe(12) for name in variables(source)
        )
        found[source] = Account(ORGANISATIONS[source], organisation, USER, user)
    return found


def as_environment(known: Mapping[str, Account]) -> dict[str, str]:
    """Return the passwords as environment variables, which is how they reach another process."""
    told: dict[str, str] = {}
    for source, account in known.items():
        organisation, user = variables(source)
        told |= {organisation: account.organisation_password, user: account.user_password}
    return told
