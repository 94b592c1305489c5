"""How a run still reaches the recipient of a flow that rests: which version speaks for it, its keys, its box.

Of a flow that is paused or ended the assessment itself says whom it tells; of one that is gone from the file,
the last version that ran and named it, as the log keeps it. Its rows are taken back, and nothing else.
"""

from dataclasses import dataclass, field, replace
from typing import Any

from audit.errors import DisclosureLogBroken
from audit.reading import read_log
from sealing import keys
from sealing.earlier import recipients
from sealing.errors import KeyUnusable
from sealing.rotation import load_version
from sealing.trust import read_trust
from sharing import Dpia, FlowKeys, WithdrawingFlow, compile_withdrawing
from sync.errors import RecipientOutOfReach
from sync.outbox import Outbox
from sync.place import Workplace
from sync.resting import status_of
from sync.rotation import role_of, version_in_use
from sync.signed_by import ran_and_signed

AGE_KEY = "age1"
"""How a public key of the recipient begins; what does not begin so is a label, and says nothing of a key."""
NOT_TOLD = "Nothing of this flow was sent: its recipient still has those rows."


@dataclass(frozen=True)
class Reach:
    """What a run needs to take back rows of a flow that rests: which version speaks for it, and its box."""

    flow: WithdrawingFlow
    dpia: Dpia
    outbox: Outbox = field(repr=False)


def reach(place: Workplace, flow: str) -> Reach:
    """Return how the recipient of a flow that rests is reached.

    Errors: RecipientOutOfReach, where no version that can be relied on speaks for the flow, the key it names
            is none of this site's, or the key of its rows is gone; StateUnreadable.
    """
    try:
        dpia = last_word(place, flow)
        _require_recipient(place, dpia, flow)
        outbox = Outbox(place.state, flow)
        return Reach(_compiled(place, dpia, outbox), dpia, outbox)
    except (DisclosureLogBroken, KeyUnusable) as error:
        why = error.places[0]
    raise RecipientOutOfReach(f"flow {flow} is {status_of(place.dpia, flow)}: {why}", sent=NOT_TOLD)


def last_word(place: Workplace, flow: str) -> Dpia:
    """Return the version that speaks for the flow: tonight's, or of a flow that is gone the last that ran.

    Errors: DisclosureLogBroken, where a version on the way there is not as it was signed, or is not kept.
    """
    if flow in {one.id for one in place.dpia.flows}:
        return place.dpia
    log = read_log(place.site.var / "log", keys.load_verifier("log", place.site.keys.public))
    named = versions_that_ran(log.heads)
    trust = replace(read_trust(place.site.keys.public), ran=frozenset(named))
    for sha256 in dict.fromkeys(named):
        dpia = ran_and_signed(log.folder, sha256, trust)
        if flow in {one.id for one in dpia.flows}:
            return dpia
    raise DisclosureLogBroken(f"no assessment that ran names flow {flow}.")


def versions_that_ran(heads: list[dict[str, Any]]) -> list[str]:
    """Return the digests of the versions that ran, the latest first, as the leaves of a log name them.

    A run's own leaf says under which it went; a batch of that run that takes back alone may name an earlier
    one. In logs from before run leaves said it, whatever else the run logged does.
    """
    saying = {head["run"] for head in heads if head["kind"] == "run" and head.get("dpia")}
    return [
        head["dpia"]["sha256"]
        for head in reversed(heads)
        if head.get("dpia") and (head["kind"] == "run" or head["run"] not in saying)
    ]


def _require_recipient(place: Workplace, dpia: Dpia, flow: str) -> None:
    """Errors: KeyUnusable, where the version names a key that this site never sealed to."""
    named = dpia.flow(flow).to.key_id
    if named.startswith(AGE_KEY) and named not in recipients(place.site.keys.public):
        raise KeyUnusable(f"to.keyId of version {dpia.version} is no key of this site's council.")


def _compiled(place: Workplace, dpia: Dpia, outbox: Outbox) -> WithdrawingFlow:
    """Return the flow under the key by which its recipient has the rows. Errors: KeyUnusable."""
    version = version_in_use(place.site, outbox, outbox.flow)
    secret = load_version(role_of(outbox.flow), version, place.site.keys.private)
    providers = {name: settings.provider for name, settings in place.site.sources.items()}
    keyed = FlowKeys(secret, place.memory_key, version)
    return compile_withdrawing(dpia, outbox.flow, keyed, providers)
