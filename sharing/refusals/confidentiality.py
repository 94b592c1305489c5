"""The duty of confidentiality and the national data opt-out: a gateway that fits, and an explicit answer."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.document import FlowBlock, OptOutAnswer
from sharing.lawpacks import LawPack
from sharing.lawpacks.pack import OptOut, OptOutReason
from sharing.refusals.look import Look, Path, shown
from sharing.vocabulary import Gateway, Identifiability, PurposeKind

CARE = frozenset({PurposeKind.INDIVIDUAL_CARE, PurposeKind.SAFEGUARDING})
HEALTH = "uk:special/health"
DUTY = "common law duty of confidentiality"


def refusals(look: Look, pack: LawPack) -> Iterator[Problem]:
    """Yield gateways that do not fit a flow, and opt-out answers that are missing or cannot be true."""
    for at, flow in enumerate(look.file.flows):
        yield from _gateways(look, at, flow)
        said, path = flow.options.national_data_opt_out, ("flows", at, "options")
        if said is None:
            of_health = " of health data" if _of_health(look, pack, at, flow) else ""
            words = (
                f"{flow.id}: a flow{of_health} says whether the national data opt-out applies, and why "
                "(options.nationalDataOptOut)."
            )
            yield look.problem(words, *path)
        elif said.applies:
            yield from _register(look, pack.opt_out, (*path, "nationalDataOptOut"), flow)
        else:
            yield from _reason(look, pack.opt_out, (*path, "nationalDataOptOut", "reason"), flow, said)


def _of_health(look: Look, pack: LawPack, at: int, flow: FlowBlock) -> bool:
    return any(
        HEALTH in said.special_category or said.category in pack.health_categories
        for _, _, said in shown(look, at, flow)
    )


def _gateways(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    purpose = look.purposes.get(flow.purpose)
    for basis in look.grounds(flow):
        gateway, path = basis.confidentiality.gateway, ("flows", at, "basis")
        if gateway is Gateway.NOT_IDENTIFIABLE and flow.identifiability is Identifiability.IDENTIFIED:
            yield look.problem(
                f"{basis.id}: {flow.id} names people, so {gateway} is no gateway ({DUTY}).", *path
            )
        if gateway is Gateway.IMPLIED_CONSENT and purpose is not None and purpose.kind not in CARE:
            yield look.problem(
                f"{basis.id}: consent is implied for a person's own care only ({DUTY}).", *path
            )
        if gateway is Gateway.STATUTORY and not basis.confidentiality.law:
            words = f"{basis.id}: a statutory gateway names its provision under confidentiality.law ({DUTY})."
            yield look.problem(words, *path)


def _register(look: Look, law: OptOut, path: Path, flow: FlowBlock) -> Iterator[Problem]:
    for stop in look.stops(flow, "national_data_opt_out"):
        if stop.max_age_days > law.register_days:
            words = f"{flow.id}: the register of opt-outs may be {law.register_days} days old at most."
            yield look.problem(words, *path)


def _reason(look: Look, law: OptOut, path: Path, flow: FlowBlock, said: OptOutAnswer) -> Iterator[Problem]:
    known = law.reasons.get(said.reason)
    if known is None:
        yield from look.unknown("reason against the opt-out", said.reason, law.reasons, *path)
    elif not _true_of(look, known, flow):
        words = f"{flow.id}: {said.reason} cannot be said of this flow (national data opt-out policy)."
        yield look.problem(words, *path)


def _true_of(look: Look, known: OptOutReason, flow: FlowBlock) -> bool:
    purpose = look.purposes.get(flow.purpose)
    fits = purpose is None or not known.purposes or purpose.kind in known.purposes
    hidden = not known.pseudonymised or flow.identifiability is not Identifiability.IDENTIFIED
    grounded = not known.needs_provision or all(basis.law for basis in look.grounds(flow))
    return fits and hidden and grounded and known.standing
