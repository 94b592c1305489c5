"""The registers that the law has a flow ask: no objection, restriction or order goes unasked (block 7)."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.choices import Choice
from sharing.document import FlowBlock
from sharing.lawpacks import LawPack
from sharing.refusals.look import Look
from sharing.vocabulary import FlowStatus, PurposeKind

NO_RIGHT = "no_right"


def refusals(look: Look, pack: LawPack) -> Iterator[Problem]:
    """Yield the flows in which a register is not asked, or in which a right is denied that the law gives."""
    for at, flow in enumerate(look.file.flows):
        if flow.status is FlowStatus.ENDED:
            continue
        laws_to_object = may_object(look, pack, flow)
        if flow.options.objection == NO_RIGHT and laws_to_object:
            objected = ", ".join(_objectable(look, pack, flow)) or f"{flow.purpose}, which is research"
            words = f"people may object to what rests on {objected} ({', '.join(laws_to_object)})."
            yield look.problem(words, "flows", at, "options", "objection")
        for kind, laws in _needed(look, pack, flow).items():
            if not look.stops(flow, kind):
                words = f"{flow.id}: no register of personStops, type {kind}, governs this flow"
                yield look.problem(f"{words} ({', '.join(laws)}).", "flows", at, "id")


def may_object(look: Look, pack: LawPack, flow: FlowBlock) -> list[str]:
    """Return the law by which people may object to the flow; nothing where they have no such right."""
    return [
        said.law
        for said in pack.stops.values()
        if said.type == Choice.OBJECTION.value and _holds(look, pack, flow, said.governs)
    ]


def _needed(look: Look, pack: LawPack, flow: FlowBlock) -> dict[str, list[str]]:
    """Return the kinds of register that the flow has to ask, each with the law that says so.

    That of objections also where no law gives the right and the flow says that objections are honoured.
    """
    needed: dict[str, list[str]] = {}
    for said in pack.stops.values():
        if said.type != Choice.OBJECTION.value and _holds(look, pack, flow, said.governs):
            needed.setdefault(said.type, []).append(said.law)
    if flow.options.objection != NO_RIGHT:
        promised = f"options.objection: {flow.options.objection}"
        needed[Choice.OBJECTION.value] = may_object(look, pack, flow) or [promised]
    return needed


def _holds(look: Look, pack: LawPack, flow: FlowBlock, governs: str) -> bool:
    if governs == "every_flow":
        return True
    if governs == "research":
        purpose = look.purposes.get(flow.purpose)
        return purpose is not None and purpose.kind is PurposeKind.RESEARCH
    return bool(_objectable(look, pack, flow))


def _objectable(look: Look, pack: LawPack, flow: FlowBlock) -> list[str]:
    """Return the bases of the flow from which a right to object follows."""
    return [
        basis.id
        for basis in look.grounds(flow)
        if basis.article6 in pack.article6 and pack.article6[basis.article6].rights.object
    ]
