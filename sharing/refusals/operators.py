"""Operators: who runs which host for whom, under which contract, and who there keeps which keys (block 1)."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.document import FlowBlock, Operator
from sharing.refusals.look import Look
from sharing.refusals.waivers import normalised
from sharing.vocabulary import FlowStatus, Identifiability, Role

KEYS = "UK GDPR Article 32"
CONTRACT = "UK GDPR Article 28(3)"
APART = "UK GDPR Article 4(5)"
HOSTS = ("sync", "landing", "council")


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with the operators."""
    run = {part for operator in look.file.operators for part in operator.does}
    for part in HOSTS:
        if part not in run:
            words = f"No operator runs the {part} side: every host has one (UK GDPR Articles 28 and 30)."
            yield look.problem(words, "operators")
    for at, operator in enumerate(look.file.operators):
        for number, party in enumerate(operator.on_behalf_of):
            yield from look.unknown("party", party, look.parties, "operators", at, "onBehalfOf", number)
        yield from _contracted(look, at, operator)
        yield from _named(look, at, operator)
    yield from _unserved(look)
    yield from _custody(look)
    yield from _both_sides(look)


def _contracted(look: Look, at: int, operator: Operator) -> Iterator[Problem]:
    """Yield the operator that works for others without a contract that binds it to them."""
    if operator.role is Role.PROCESSOR and operator.article28 is None:
        yield look.problem(f"{operator.id}: a processor needs its Article 28 contract.", "operators", at)
    if operator.role is Role.CONTROLLER and len(set(operator.on_behalf_of)) > 1:
        words = (
            f"{operator.id}: a controller's own team works for one party; for any other it is a processor, "
            f"with its contract, in a block of its own ({CONTRACT})."
        )
        yield look.problem(words, "operators", at, "onBehalfOf")


def _named(look: Look, at: int, operator: Operator) -> Iterator[Problem]:
    """Yield whom the operator of a side must name, and does not."""
    if "sync" in operator.does and not normalised(operator.key_custodian or ""):
        words = f"{operator.id} runs the sync side: name its keyCustodian, who keeps the keys ({KEYS})."
        yield look.problem(words, "operators", at, "does")
    elif "council" in operator.does and not normalised(operator.key_custodian or ""):
        words = f"{operator.id} runs the council side: name its keyCustodian, who keeps the key that opens"
        yield look.problem(f"{words} the batches ({KEYS}).", "operators", at, "does")
    if "council" in operator.does and not any(map(normalised, operator.warehouse_readers)):
        words = f"{operator.id} runs the council side: name its warehouseReaders ({KEYS})."
        yield look.problem(words, "operators", at, "does")


def _unserved(look: Look) -> Iterator[Problem]:
    """Yield the flows with a giver for whom nobody runs the sync side, or a recipient without its side."""
    for at, flow in enumerate(look.file.flows):
        if flow.status is FlowStatus.ENDED:
            continue
        receives = {flow.to.party} & set(look.parties)
        for part, parties in (("sync", look.involved(flow) - receives), ("council", receives)):
            for party in sorted(parties - _served(look, part)):
                words = f"{flow.id}: no operator runs the {part} side on behalf of {party} ({CONTRACT})."
                yield look.problem(words, "flows", at, "id")


def _served(look: Look, part: str) -> set[str]:
    return {party for each in look.file.operators if part in each.does for party in each.on_behalf_of}


def _custody(look: Look) -> Iterator[Problem]:
    """Yield who keeps the keys of the pseudonyms and may read what they hide.

    That is a reader of the warehouse, whoever runs it, and who keeps the key that opens its batches. Names
    are compared, and nothing else: who stands behind a name, no file can know.
    """
    council = [each for each in look.file.operators if "council" in each.does]
    readers = {normalised(reader) for each in look.file.operators for reader in each.warehouse_readers}
    readers |= {normalised(each.name) for each in council}
    openers = {normalised(each.key_custodian or "") for each in council if "sync" not in each.does}
    for at, each in enumerate(look.file.operators):
        name = normalised(each.key_custodian or "")
        if not name or "sync" not in each.does:
            continue
        if name in readers:
            words = "who keeps the keys of the pseudonyms may not read the warehouse"
            yield look.problem(f"{each.key_custodian}: {words} ({APART}).", "operators", at, "keyCustodian")
        elif name in openers:
            words = "who keeps the keys of the pseudonyms may not keep the key that opens the batches"
            yield look.problem(f"{each.key_custodian}: {words} ({APART}).", "operators", at, "keyCustodian")


def _both_sides(look: Look) -> Iterator[Problem]:
    """Yield the operator that makes pseudonyms and runs the warehouse in which they are to hide somebody."""
    hidden = [flow.id for flow in look.file.flows if _pseudonymised(flow)]
    makers = {normalised(each.name): each.id for each in look.file.operators if "sync" in each.does}
    for at, each in enumerate(look.file.operators):
        maker = makers.get(normalised(each.name))
        if hidden and maker is not None and "council" in each.does:
            words = f"{maker} makes the pseudonyms of {', '.join(hidden)} and runs the warehouse they go to"
            yield look.problem(f"{words}: they hide nobody from it ({APART}).", "operators", at, "does")


def _pseudonymised(flow: FlowBlock) -> bool:
    return flow.status is not FlowStatus.ENDED and flow.identifiability is Identifiability.PSEUDONYMISED
