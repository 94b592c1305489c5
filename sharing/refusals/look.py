"""The file under examination: its names indexed, and where each of its keys stands."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import cached_property

from canonical import ENTITIES
from config.documents import Place, Problem, suggest
from sharing.conditions import names, parse
from sharing.document import (
    DataSet,
    DpiaFile,
    FieldDescription,
    FlowBlock,
    LegalBasis,
    Party,
    PersonStop,
    Purpose,
    SafetyRule,
)
from sharing.vocabulary import Action

Path = tuple[str | int, ...]


@dataclass(frozen=True)
class Look:
    """A DPIA file being read for contradictions."""

    file: DpiaFile
    place: Place
    site_sources: frozenset[str] | None

    def problem(self, text: str, *path: str | int) -> Problem:
        """Return a problem at the key."""
        return self.place.problem(text, *path)

    def unknown(self, what: str, word: str, known: Collection[str], *path: str | int) -> Iterator[Problem]:
        """Yield a problem if the word is none of those known."""
        if word not in known:
            yield self.problem(f"{word}: no such {what}.{suggest(word, sorted(known))}", *path)

    @cached_property
    def parties(self) -> dict[str, Party]:
        """Return the parties by id."""
        return {party.id: party for party in self.file.parties}

    @cached_property
    def bases(self) -> dict[str, LegalBasis]:
        """Return the legal bases by id."""
        return {basis.id: basis for basis in self.file.legal_bases}

    @cached_property
    def purposes(self) -> dict[str, Purpose]:
        """Return the purposes by id."""
        return {purpose.id: purpose for purpose in self.file.purposes}

    @cached_property
    def flow_ids(self) -> frozenset[str]:
        """Return the ids of the flows."""
        return frozenset(flow.id for flow in self.file.flows)

    @cached_property
    def data_sets(self) -> dict[str, DataSet]:
        """Return the data sets by entity."""
        return {each.id: each for each in self.file.data_sets}

    @cached_property
    def controllers(self) -> dict[str, str]:
        """Return the controller of each source."""
        return {source: party.id for party in self.file.parties for source in party.sources}

    def described(self, entity: str, field: str) -> FieldDescription | None:
        """Return what the file says of a field."""
        data_set = self.data_sets.get(entity)
        return data_set.fields.get(field) if data_set else None

    def involved(self, flow: FlowBlock) -> set[str]:
        """Return the parties that take part in a flow: each source's controller, and the recipient."""
        controllers = {self.controllers[source] for source in flow.sources if source in self.controllers}
        return controllers | {flow.to.party} & set(self.parties)

    def grounds(self, flow: FlowBlock) -> list[LegalBasis]:
        """Return the legal bases that a flow names and the file has."""
        return [self.bases[basis] for basis in flow.basis if basis in self.bases]

    def stops(self, flow: FlowBlock, kind: str) -> list[PersonStop]:
        """Return the stops of a kind that govern the flow."""
        return [
            stop
            for stop in self.file.person_stops
            if stop.type == kind and (stop.flows is None or flow.id in stop.flows)
        ]

    def rules_of(self, flow: FlowBlock) -> list[SafetyRule]:
        """Return the safety rules that govern the flow."""
        return [rule for rule in self.file.safety if rule.flows is None or flow.id in rule.flows]


def released(flow: FlowBlock, entity: str) -> dict[str, Action]:
    """Return the columns that the flow lets out of the entity, and how."""
    found: dict[str, Action] = {}
    for name, decision in flow.decisions(entity).items():
        if decision.action is not Action.DROP:
            found[decision.to if decision.action is Action.GENERALISE and decision.to else name] = (
                decision.action
            )
    return found


def shown(look: Look, at: int, flow: FlowBlock) -> Iterator[tuple[Path, str, FieldDescription]]:
    """Yield every field that leaves in a flow: where it is decided, its name, what the file says of it."""
    for entity, decided in flow.fields.items():
        for name, decision in decided.items():
            seen = decision.to if decision.action is Action.GENERALISE and decision.to else name
            said = look.described(entity, seen)
            if entity in ENTITIES and decision.action is not Action.DROP and said is not None:
                yield ("flows", at, "fields", entity, name), f"{entity}.{seen}", said


def asked_to_count(flow: FlowBlock) -> Iterator[str]:
    """Yield each field that is asked in order to count, as ENTITY.FIELD, once; none of them leaves."""
    found = {}
    for count in flow.aggregate.counts if flow.aggregate else ():
        found[count.by] = True
        if count.of:
            found[count.of] = True
        for name in names(parse(count.where)) if count.where else ():
            found[f"{count.entity if name.entity == 'record' else name.entity}.{name.field}"] = True
    yield from found
