"""Whom a flow is about, which kinds of data may leave, what an objection does: worked out, never declared."""

from sharing.choices import Choice
from sharing.document import FlowBlock
from sharing.refusals.stops import NO_RIGHT
from sharing.telling.opened import Opened
from sharing.telling.said import GATES, NOT_ASKED, OBJECTIONS, code


def objections(opened: Opened, flow: FlowBlock) -> str:
    """Return what becomes of an objection to the flow; honoured only where a register of them is asked."""
    answer = flow.options.objection
    asked = answer == NO_RIGHT or opened.look.stops(flow, Choice.OBJECTION.value)
    return OBJECTIONS[answer] if asked else NOT_ASKED


def subjects(opened: Opened, flow: FlowBlock) -> list[str]:
    """Return the categories of people of the data sets of which personal data may leave, in file order."""
    entities = {name.partition(".")[0] for name, _ in opened.personal(flow)}
    return list(
        dict.fromkeys(who for each in opened.dpia.data_sets if each.id in entities for who in each.subjects)
    )


def categories(opened: Opened, flow: FlowBlock) -> list[str]:
    """Return the categories of the personal data that may leave, in words, in file order."""
    return list(dict.fromkeys(code(said.category) for _, said in opened.personal(flow)))


def special_terms(opened: Opened, flow: FlowBlock) -> list[str]:
    """Return the special categories that may leave, in the words of Article 9(1), in file order."""
    return list(
        dict.fromkeys(code(term) for _, said in opened.special(flow) for term in said.special_category)
    )


def gates(opened: Opened) -> list[str]:
    """Return what the file has somebody answer for before a copy is given, in words, in file order."""
    return [GATES[gate] for gate in dict.fromkeys(opened.dpia.rights.access.release_gate)]
