"""What a flow of counts counts, how the numbers are protected and when they leave, in words."""

from typing import Any

from sharing.condition_words import in_words
from sharing.document import Count, FlowBlock
from sharing.telling.opened import Opened

PROTECTED = (
    "Numbers below {below}, and numbers of fewer people, are hidden, and so is one by which such a number "
    "could be worked out; the others are rounded to {step}."
)
ANSWERS = " A number of answers is told as it is: each of them was given by {below} people or more."
LEAVES = (
    "Once for each financial quarter, when it has been over for {days} days; of the last {revised} quarters "
    "a number that rounds to another one leaves again with the next."
)


def counts_of(opened: Opened, flow: FlowBlock) -> dict[str, Any] | None:
    """Return the flow's counts, each with what is asked of a record; None for a flow of rows."""
    said = flow.aggregate
    if said is None:
        return None
    rule = PROTECTED + (ANSWERS if any(count.of for count in said.counts) else "")
    return {
        "counts": [_count(opened, count) for count in said.counts],
        "first_quarter": said.first_quarter,
        "protected": rule.format(below=said.suppress_below, step=said.round_to),
        "leaves": LEAVES.format(days=said.settle_days, revised=said.revised_quarters),
    }


def _count(opened: Opened, count: Count) -> dict[str, Any]:
    return {
        "count": count.id,
        "label": count.label,
        "unit": f"{count.unit} ({count.of})" if count.of else count.unit,
        "entity": count.entity,
        "by": count.by,
        "sources": [opened.name(opened.look.controllers[source]) for source in count.sources],
        "where": count.where,
        "where_words": in_words(count.where) if count.where else "every record",
        "why": count.why,
    }
