"""The file under examination: its names indexed, and where each of its keys stands."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import cached_property

from config.documents import Place, Problem, suggest
from sharing.document import DataSet, DpiaFile, FieldDescription, FlowBlock, LegalBasis, Party, SafetyRule
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

    def unknown(self, what: str, word: str, known: Iterable[str], *path: str | int) -> Iterator[Problem]:
        """Yield a problem if the word is none of those known."""
        names = sorted(known)
        if word not in names:
            yield self.problem(f"{word}: no such {what}.{suggest(word, names)}", *path)

    @cached_property
    def parties(self) -> dict[str, Party]:
        """Return the parties by id."""
        return {party.id: party for party in self.file.parties}

    @cached_property
    def bases(self) -> dict[str, LegalBasis]:
        """Return the legal bases by id."""
        return {basis.id: basis for basis in self.file.legal_bases}

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
