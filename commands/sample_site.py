"""The sample's own site, written under var/: the example with today's dates, its own keys and secrets."""

import re
import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from pathlib import Path

from commands.lacking import COUNCIL_ROLES, FEED_ROLES, ROLES
from commands.sample_signing import says_the_same
from common import clock
from common.files import private_folder, write_atomic
from config.site import Site, load_site

EXAMPLE = Path(__file__).parent.parent / "config" / "example"
ASSESSMENT = EXAMPLE / "dpia" / "charity-crm-to-warehouse.yaml"
DATES = {"effectiveFrom": -1, "startDate": -1, "reviewBy": 180, "expiresOn": 364, "endDate": 364}
DATED = re.compile(r"\b(effectiveFrom|startDate|reviewBy|expiresOn|endDate):\s*\"?(\d{4}-\d\d-\d\d)\"?")


@dataclass(frozen=True)
class Account:
    """How Viaduct signs in to one provider's system of the sample portal."""

    address: str
    organisation: str
    organisation_password: str = field(repr=False)
    user: str
    user_password: str = field(repr=False)


def write_sample_site(folder: Path, accounts: Mapping[str, Account]) -> Site:
    """Return the sample's site, its declared files written anew; keys and everything under its var/ stay."""
    made_on = _made_on(folder)
    for path in sorted(EXAMPLE.rglob("*")):
        within = path.relative_to(EXAMPLE)
        if path.is_file() and within.parts[0] not in {"var", "keys", "dpia"}:
            target = folder / within
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)
    _write_assessment(folder / "dpia" / ASSESSMENT.name, made_on)
    for name, account in accounts.items():
        _write_source(folder, name, account)
    return load_site(folder)


def _write_assessment(path: Path, made_on: date) -> None:
    """Write the sample's assessment, dated; one that says the same already stays, with its signatures."""
    text = DATED.sub(lambda found: _dated(found[1], made_on), ASSESSMENT.read_text(encoding="utf-8"))
    if not says_the_same(path, text):
        path.parent.mkdir(parents=True, exist_ok=True)
        write_atomic(path, text.encode(), private=False)


def make_keys(site: Site, flows: list[str]) -> list[str]:
    """Make the key of every role that has none yet, and the registers; return the roles made now."""
    from sealing.keys import create

    roles = [*ROLES, *COUNCIL_ROLES, *FEED_ROLES, *(f"pseudonym-{flow}" for flow in flows)]
    lacking = [role for role in roles if not (site.keys.private / f"{role}.key").exists()]
    for role in lacking:
        create(role, site.keys.private, site.keys.public)
    _make_registers(site)
    return lacking


def _make_registers(site: Site) -> None:
    """Begin the registers of the sample's choices, or confirm them as of today: nobody invented objects."""
    from sync.place import look
    from sync.register_memory import register_path
    from sync.registering import begin, confirm, declared

    with look(site) as place:
        for which in declared(place).values():
            keep = confirm if register_path(place, which.name).exists() else begin
            keep(place, which)


def _made_on(folder: Path) -> date:
    """Return the day the sample's assessment was dated on while that is still in force, else today."""
    today = clock.today()
    path = folder / "dpia" / ASSESSMENT.name
    if path.exists():
        said = dict(DATED.findall(path.read_text(encoding="utf-8")))
        if "effectiveFrom" in said and "expiresOn" in said:
            begins, ends = (date.fromisoformat(said[key]) for key in ("effectiveFrom", "expiresOn"))
            if begins <= today < ends:
                return begins + timedelta(days=-DATES["effectiveFrom"])
    return today


def _dated(key: str, made_on: date) -> str:
    return f"{key}: {made_on + timedelta(days=DATES[key])}"


def _write_source(folder: Path, name: str, account: Account) -> None:
    secrets = private_folder(folder / "secrets")
    write_atomic(secrets / f"{name}-organisation", account.organisation_password.encode())
    write_atomic(secrets / f"{name}-user", account.user_password.encode())
    said = {
        "address": account.address,
        "organisation": account.organisation,
        "organisation_secret": f"file:secrets/{name}-organisation",
        "user": account.user,
        "user_secret": f"file:secrets/{name}-user",
    }

    def told(text: str) -> str:
        lines = text.splitlines(keepends=True)
        return "".join(_said(line, said) for line in lines)

    _rewrite(folder / "sources" / f"{name}.yaml", told)


def _said(line: str, said: dict[str, str]) -> str:
    key = line.partition(":")[0]
    return f'{key}: "{said[key]}"\n' if key in said else line


def _rewrite(path: Path, change: Callable[[str], str]) -> None:
    text = change(path.read_text(encoding="utf-8"))
    write_atomic(path, text.encode(), private=False)
