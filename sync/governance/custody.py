"""Keys and who keeps them: which there are, how old, until when, and when each was last used."""

from collections.abc import Mapping, Sequence
from typing import Any

from common import clock
from config.site import Site
from sealing import keys, periods
from sharing import Dpia
from sharing.telling.processing import keys_at
from sync.governance.logged import Logged, logged
from sync.rotation import AGEING, profile_of, role_of

LOGGED_BY = {"council": "batch", "signing": "batch", "log": "run", "receipt": "receipt"}
ON_EVERY_RUN = ("memory", "choices")


def custody(site: Site, runs: Sequence[Mapping[str, Any]], dpia: Dpia | None = None) -> dict[str, Any]:
    """Return every key by role, and who keeps keys by the assessment; no key, no digest of one.

    Given: run summaries, the newest first; the assessment, for the greatest age of a key and who keeps them.
    Errors: KeyUnusable.
    """
    log = logged(site.var / "log")
    last_run = runs[0]["started_at"] if runs else None
    limits = _limits(dpia) if dpia else {}
    facts = keys.list_keys(site.keys.private, site.keys.public)
    found = [_key(fact, limits.get(fact.role), _last_used(fact.role, log, last_run)) for fact in facts]
    return {
        "as_of": clock.today().isoformat(),
        "max_age": dpia.encryption.key_max_age if dpia else None,
        "keys": found,
        "overdue": [one["role"] for one in found if one["overdue"]],
        "custodians": [
            {
                "operator": one.name,
                "role": one.role.value,
                "keys": keys_at(one),
                "key_custodian": one.key_custodian,
            }
            for one in (dpia.operators if dpia else ())
        ],
        "failures": _failures(runs),
    }


def _limits(dpia: Dpia) -> dict[str, str]:
    """Return how old a key may grow, by role: those that seal and sign, and each flow's own; no others."""
    profiles = {flow: profile_of(dpia, flow) for flow in dpia.active_flows}
    rotations = {role_of(flow): profile.rotation for flow, profile in profiles.items() if profile}
    return dict.fromkeys(AGEING, dpia.encryption.key_max_age) | rotations


def _key(fact: keys.KeyFacts, limit: str | None, used_at: str | None) -> dict[str, Any]:
    until = periods.after(fact.created_on, limit) if limit else None
    return {
        "role": fact.role,
        "form": fact.form.value,
        "version": fact.version,
        "created_on": fact.created_on.isoformat(),
        "age_days": fact.age_days(),
        "private_part_here": fact.has_private,
        "limit": limit,
        "use_until": until.isoformat() if until else None,
        "days_left": (until - clock.today()).days if until else None,
        "overdue": until is not None and until < clock.today(),
        "last_used_at": used_at,
    }


def _last_used(role: str, log: Logged, last_run: str | None) -> str | None:
    if role.startswith("pseudonym-"):
        return log.last("batch", role.removeprefix("pseudonym-"))
    return last_run if role in ON_EVERY_RUN else log.last(LOGGED_BY[role]) if role in LOGGED_BY else None


def _failures(runs: Sequence[Mapping[str, Any]]) -> list[dict[str, str]]:
    """Return the errors of keys and seals (E4..) that runs met."""
    return [
        {"run": run["run_id"], "code": lines[0].split()[0], "said": lines[0].partition("  ")[2]}
        for run in runs
        for lines in run["errors"]
        if lines[0].startswith("E4")
    ]
