"""A profile of disclosure control that could not be kept, or that two profiles contradict."""

from collections.abc import Iterator

from canonical.lists import codes
from config.documents import Problem
from sharing.document import DisclosureControl, days_of
from sharing.refusals.look import Look

BLOCK = "disclosureControl"
ROUNDED = {7: 5, 4: 1}
"""To what the rest is rounded, by the largest count that is hidden: the two ways that were attacked."""
SHORTEST_MEMORY = 12 * 30


def refusals(look: Look) -> Iterator[Problem]:
    """Yield every profile that names what is not there, or says what cannot be kept."""
    named: dict[str, str] = {}
    for name, said in look.file.disclosure_control.items():
        for flow in said.flows:
            if flow not in {each.id for each in look.file.flows}:
                yield look.problem(f"{name}: there is no flow {flow}.", BLOCK, name, "flows")
            if named.setdefault(flow, name) != name:
                text = f"{flow}: {named[flow]} says already how its figures hide small counts."
                yield look.problem(text, BLOCK, name, "flows")
        yield from _unkept(look, name, said)


def _unkept(look: Look, name: str, said: DisclosureControl) -> Iterator[Problem]:
    largest = said.suppress_between[1]
    if said.round_to != ROUNDED[largest]:
        text = f"{name}: where 1 to {largest} is hidden, write roundTo {ROUNDED[largest]}."
        yield look.problem(text, BLOCK, name, "roundTo")
    if said.least_width > min(largest - 1, said.round_to - 1 if said.round_to > 1 else largest - 1):
        text = f"{name}: no number that is hidden, or rounded, could lie in a range so wide."
        yield look.problem(text, BLOCK, name, "leastWidth")
    if days_of(said.memory) < SHORTEST_MEMORY:
        text = f"{name}: what was published is known for a year at least. Write P12M or more."
        yield look.problem(text, BLOCK, name, "memory")
    for lot in said.borough_only.lots if said.borough_only else []:
        if lot not in codes("stockport_lots"):
            yield look.problem(f"{name}: there is no lot {lot}.", BLOCK, name, "boroughOnly", "lots")
