"""Flows of counts: no row beside them, and no two counts between which a third could be worked out."""

from collections.abc import Iterator
from itertools import combinations

from canonical import COUNTED, ENTITIES, Kind, spec
from canonical.quarters import quarter_named
from config.documents import Problem
from sharing.compiled import askable
from sharing.condition_names import read_condition
from sharing.conditions import names, parse
from sharing.diff.reach import overlap
from sharing.document import Aggregate, Count, FlowBlock
from sharing.refusals.look import Look, Path
from sharing.vocabulary import Action, Classification, Directness, Identifiability

QUARTERLY = "P3M"


def refusals(look: Look) -> Iterator[Problem]:
    """Yield what is wrong with flows of counts, and with flows of rows that would let counts out."""
    for at, flow in enumerate(look.file.flows):
        path: Path = ("flows", at)
        aggregate = flow.identifiability is Identifiability.AGGREGATE
        if aggregate != (flow.aggregate is not None):
            words = f"{flow.id}: identifiability aggregate and the block 'aggregate' go together."
            yield look.problem(words, *path, "identifiability")
        elif flow.aggregate is None:
            if COUNTED in flow.fields:
                words = f"{flow.id} releases rows: {COUNTED} leaves in a flow of counts alone."
                yield look.problem(words, *path, "fields", COUNTED)
        else:
            yield from _flow(look, path, flow)
            yield from _counts(look, path, flow, flow.aggregate)


def _flow(look: Look, path: Path, flow: FlowBlock) -> Iterator[Problem]:
    """Yield what a flow of counts says beside them that it cannot mean."""
    for entity in flow.fields:
        if entity != COUNTED:
            words = f"{flow.id} releases counts, so no {entity} may leave in it."
            yield look.problem(words, *path, "fields", entity)
    own, key = flow.fields.get(COUNTED, {}), spec(COUNTED).key
    for name in spec(COUNTED).fields:
        wanted = Action.PSEUDONYMISE if name in key else Action.DISCLOSE
        if name not in own or own[name].action is not wanted:
            words = f"{COUNTED}.{name}: a count leaves whole, with the rule it was protected by: {wanted}."
            yield look.problem(words, *path, "fields")
    for said, name in ((flow.where, "where"), (flow.drop, "drop"), (flow.pseudonym, "pseudonym")):
        if said:
            words = f"{flow.id}: '{name}' belongs to a flow of rows; each count says its own 'where'."
            yield look.problem(words, *path, name)
    if flow.schedule.frequency != QUARTERLY:
        words = f"{flow.id}: counts leave once a quarter: {QUARTERLY}."
        yield look.problem(words, *path, "schedule", "frequency")


def _counts(look: Look, path: Path, flow: FlowBlock, said: Aggregate) -> Iterator[Problem]:
    own = (*path, "aggregate")
    if quarter_named(said.first_quarter) is None:
        words = f"{said.first_quarter}: no such financial quarter; 2022-23-Q1 begins in April 2022."
        yield look.problem(words, *own, "firstQuarter")
    seen: set[str] = set()
    sound: list[tuple[int, Count]] = []
    for at, count in enumerate(said.counts):
        if count.id in seen:
            yield look.problem(f"{count.id}: another count has this id.", *own, "counts", at, "id")
        seen.add(count.id)
        found = list(_count(look, (*own, "counts", at), flow, count))
        yield from found
        sound += [] if found else [(at, count)]
    for (_, one), (at, other) in combinations(sound, 2):
        yield from _apart(look, (*own, "counts", at), one, other)
    idle = set(flow.sources) - {source for count in said.counts for source in count.sources}
    for source in sorted(idle):
        yield look.problem(f"{source}: no count is made of it, so it takes no part.", *path, "from")


def _count(look: Look, path: Path, flow: FlowBlock, count: Count) -> Iterator[Problem]:
    for at, source in enumerate(count.sources):
        yield from look.unknown("source of this flow", source, flow.sources, *path, "from", at)
    people = [name for name in ENTITIES if name == "person" or spec(name).person_field]
    yield from look.unknown("entity about people", count.entity, people, *path, "entity")
    if count.entity not in people:
        return
    fields = askable(count.entity)
    entity, _, field = count.by.partition(".")
    known = fields.get(entity, {}).get(field) if entity != "record" else None
    if known is None or known.kind is not Kind.DATE:
        words = f"{count.by}: no day of a {count.entity}, or of what it belongs to."
        yield look.problem(words, *path, "by")
    yield from _answers(look, path, flow, count)
    for text in read_condition(count.where, fields)[1] if count.where else ():
        yield look.problem(f"{count.id}: {text}", *path, "where")
    if count.where and read_condition(count.where, fields)[0] is not None:
        yield from _grounds(look, path, flow, count, count.where)


def _answers(look: Look, path: Path, flow: FlowBlock, count: Count) -> Iterator[Problem]:
    """Yield what is wrong with the field whose answers are counted."""
    if (count.unit == "answers") != (count.of is not None):
        words = f"{count.id}: the unit 'answers' and the field of which they are ('of') go together."
        yield look.problem(words, *path, "unit")
    if count.of is None:
        return
    entity, _, field = count.of.partition(".")
    known = spec(entity).fields.get(field) if entity == count.entity else None
    said = look.described(entity, field)
    if known is None or known.kind not in {Kind.CODE, Kind.TEXT}:
        yield look.problem(f"{count.of}: no words of a {count.entity}.", *path, "of")
    elif said is None or said.identifiability is not Directness.NONE:
        words = f"{count.of} may tell who somebody is: its answers are not counted."
        yield look.problem(words, *path, "of")
    else:
        yield from _grounds(look, path, flow, count, f"{count.of} is null")


def _grounds(look: Look, path: Path, flow: FlowBlock, count: Count, where: str) -> Iterator[Problem]:
    """Yield what is asked of records without a ground in law to ask it; counting is processing too."""
    for name in names(parse(where)):
        entity = count.entity if name.entity == "record" else name.entity
        said = look.described(entity, name.field)
        kind = said.sensitivity if said else None
        special = kind is Classification.SPECIAL or bool(said and said.special_category)
        bare = [basis.id for basis in look.grounds(flow) if special and basis.article9 is None]
        bare += [
            basis.id
            for basis in look.grounds(flow)
            if kind is Classification.OFFENCE
            and not (basis.criminal_offence and basis.criminal_offence.applies)
        ]
        if bare:
            words = f"{count.id} asks for {entity}.{name.field}: {', '.join(bare)} has no condition for it"
            yield look.problem(f"{words} (UK GDPR Articles 9 and 10).", *path, "where")


def _apart(look: Look, path: Path, one: Count, other: Count) -> Iterator[Problem]:
    """Yield two counts of the same records: the difference of two counts is a count that nobody hides."""
    if one.entity != other.entity or not set(one.sources) & set(other.sources):
        return
    if overlap(one.entity, one.where, other.where) is not False:
        words = (
            f"{other.id} and {one.id} may count the same {one.entity}: what lies between them could be "
            "worked out. Make their conditions exclude each other."
        )
        yield look.problem(words, *path, "where")
