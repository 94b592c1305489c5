"""Examples that could prove nothing: of what is not there, or cannot be, or that could not fail."""

from collections.abc import Iterator

from canonical import ENTITIES, Kind, spec
from config.documents import Problem
from sharing.choices import Choice
from sharing.condition_names import can_hold
from sharing.conditions import ConditionFault, names, parse
from sharing.document import Example
from sharing.document.examples import Given
from sharing.refusals.look import Look, Path
from sharing.refusals.names import field_named

CHOICES = {choice.plain: choice for choice in Choice if choice is not Choice.FORGOTTEN}
SET_ASIDE = "set_aside"
WORKED_OUT = ("person.safety_flag", "person.household_id", "person.linked_person_id")


def refusals(look: Look) -> Iterator[Problem]:
    """Yield every reason why an example cannot be asked, or could not fail."""
    asked = _asked(look)
    for at, example in enumerate(look.file.examples):
        yield from look.unknown("flow", example.flow, look.flow_ids, "examples", at, "flow")
        yield from _named_twice(look, at, example)
        if example.recorded_by is not None:
            own: Path = ("examples", at, "recordedBy")
            yield from look.unknown("source", example.recorded_by, look.controllers, *own)
        yield from _given(look, example.given, "examples", at, "given", choices=True)
        for link, given in example.linked.items():
            yield from _given(look, given, "examples", at, "linked", link)
        yield from _expected(look, at, example, asked)


def _named_twice(look: Look, at: int, example: Example) -> Iterator[Problem]:
    if example.id and example.id in {each.id for each in look.file.examples[:at]}:
        yield look.problem(f"{example.id}: another example has this id.", "examples", at, "id")


def _given(look: Look, given: Given, *path: str | int, choices: bool = False) -> Iterator[Problem]:
    for name, value in given.items():
        if "." not in name:
            yield from _choice(look, given, name, *path, allowed=choices)
            continue
        found = list(field_named(look, name, *path, name))
        yield from found or _value(look, name, value, *path, name)


def _choice(look: Look, given: Given, name: str, *path: str | int, allowed: bool) -> Iterator[Problem]:
    yield from look.unknown("choice", name, CHOICES if allowed else (), *path, name)
    choice = CHOICES.get(name)
    if choice is None or not allowed:
        return
    if choice.value not in {str(stop.type) for stop in look.file.person_stops}:
        yield look.problem(f"{name}: no register under personStops keeps this choice.", *path, name)
    elif given[name] is not True and not (given[name] == SET_ASIDE and choice.may_be_set_aside):
        aside = f", or {SET_ASIDE}" if choice.may_be_set_aside else ""
        yield look.problem(f"{name}: write true if it stands{aside}; leave it out if not.", *path, name)
    elif choice.by_number and given.get("person.nhs_number") is None:
        yield look.problem(f"{name}: it is found by the NHS number: give person.nhs_number.", *path, name)


def _value(look: Look, name: str, value: str | bool | int | None, *path: str | int) -> Iterator[Problem]:
    entity, _, field = name.partition(".")
    own = spec(entity).fields[field]
    if name in WORKED_OUT:
        yield look.problem(f"{name} is worked out: give what proves it.", *path)
    elif own.kind is Kind.KEY:
        yield look.problem(f"{name} links records; an example's records are linked without it.", *path)
    elif value is not None and not can_hold(own, value):
        yield look.problem(f"{name} is {own.kind}: this can never be its value.", *path)


def _expected(look: Look, at: int, example: Example, asked: frozenset[str]) -> Iterator[Problem]:
    for key, paths in (("absent", example.expect.absent), ("present", example.expect.present)):
        for number, name in enumerate(paths):
            own: Path = ("examples", at, "expect", key, number)
            found = list(field_named(look, name, *own))
            yield from found
            if found:
                continue
            if name in example.given and example.given[name] is None:
                yield look.problem(f"{name} is given as unknown: whether it leaves proves nothing.", *own)
            elif name in asked and name not in example.given:
                yield look.problem(f"{name}: a condition asks for it, so say under 'given' what it is.", *own)


def _asked(look: Look) -> frozenset[str]:
    """Return every field that a condition of the file asks for; of `record`, that of each entity."""
    file = look.file
    texts = [rule.when for rule in file.safety]
    texts += [proof.when for source in file.safety_sources for proof in source.proves]
    texts += [text for flow in file.flows for text in (flow.cohort, *flow.where.values())]
    found: set[str] = set()
    for text in texts:
        try:
            named = list(names(parse(text)))
        except ConditionFault:
            continue  # `everyone`, or told where it stands
        for name in named:
            found |= (
                {f"{entity}.{name.field}" for entity in ENTITIES} if name.entity == "record" else {str(name)}
            )
    return frozenset(found)
