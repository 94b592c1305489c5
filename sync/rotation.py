"""Which version of a flow's key its rows are named by tonight, and what becomes of the versions before it."""

from collections.abc import Collection

from common import clock
from config.site import Site
from sealing import periods, rotation
from sealing.keys import list_keys
from sharing import Dpia
from sharing.document.profiles import Pseudonym
from sync.errors import KeyTooOld
from sync.outbox import Outbox

AGEING = ("council", "signing")
"""The roles of the keys that seal and sign batches: older than `keyMaxAge`, they stop every flow."""


def role_of(flow: str) -> str:
    """Return the role of the key by which a flow's rows are named."""
    return f"pseudonym-{flow}"


def version_in_use(site: Site, outbox: Outbox | None, flow: str) -> int:
    """Return the version by which the recipient has the flow's rows; of a flow without any, the latest.

    Errors: KeyUnusable, StateUnreadable.
    """
    if outbox is None or not outbox.memory_path.exists():
        return rotation.version_of(role_of(flow), site.keys.private)[0]
    return outbox.chain().pseudonym_version


def due(site: Site, outbox: Outbox, whole: Collection[str], sources: Collection[str]) -> int | None:
    """Return the version to change to tonight; None if there is none or a source was not pulled whole.

    A source that is missing would leave rows under the old key, so the change waits for all of them.
    """
    latest = rotation.version_of(role_of(outbox.flow), site.keys.private)[0]
    pending = latest != version_in_use(site, outbox, outbox.flow)
    return latest if pending and set(sources) <= set(whole) else None


def profile_of(dpia: Dpia, flow: str) -> Pseudonym | None:
    """Return what the assessment says of the flow's pseudonyms."""
    name = dpia.flow(flow).pseudonym
    return dpia.pseudonyms.get(name) if name else None


def destroy_outlived(site: Site, dpia: Dpia, outbox: Outbox) -> int:
    """Destroy the versions whose overlap is over and that name nothing any more; return how many."""
    role, profile = role_of(outbox.flow), profile_of(dpia, outbox.flow)
    old = rotation.retired_versions(role, site.keys.private)
    if profile is None or not old:
        return 0
    version, made_on = rotation.version_of(role, site.keys.private)
    if version_in_use(site, outbox, outbox.flow) != version:
        return 0
    over = clock.today() >= periods.after(made_on, profile.overlap)
    for number in old if over else ():
        rotation.destroy_retired(role, number, site.keys.private)
    return len(old) if over else 0


def require_fresh_keys(site: Site, dpia: Dpia) -> None:
    """Errors: KeyTooOld, when a key by which batches are sealed or signed has outlived `keyMaxAge`."""
    today, allowed = clock.today(), dpia.encryption.key_max_age
    old = [
        f"{key.role}, made on {key.created_on}"
        for key in list_keys(site.keys.private, site.keys.public)
        if key.role in AGEING and today > periods.after(key.created_on, allowed)
    ]
    if old and dpia.encryption.refuse_if_key_expired:
        raise KeyTooOld(f"{'; '.join(old)}: allowed are {allowed}.")


def overdue(site: Site, dpia: Dpia) -> list[str]:
    """Return a line for the operator per flow whose key is older than the assessment allows."""
    lines = []
    for flow in dpia.active_flows:
        profile = profile_of(dpia, flow)
        path = site.keys.private / f"{role_of(flow)}.key"
        if profile is None or not path.exists():
            continue
        by = periods.after(rotation.version_of(role_of(flow), site.keys.private)[1], profile.rotation)
        if clock.today() > by:
            verb = f"python run_sync.py keys rotate pseudonym --flow {flow}"
            lines.append(f"flow {flow}: its pseudonym key was to be changed by {by}. {verb}")
    return lines
