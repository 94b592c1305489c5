"""One of two assessments on the same night: its reading of the rows, its index, its flows and registers."""

import dataclasses
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from sharing import Dpia, Flow, FlowKeys, compile_flow, own_flag, own_ground
from sharing.deciding import HELD
from sync.choices import Choices, opt_out_key, read_choices
from sync.gather import Gathering
from sync.index import index_of
from sync.kernel import flag, link
from sync.linking.notes import notes_for
from sync.noting import Noting
from sync.people import PeopleIndex, SourceNotes
from sync.place import Workplace
from sync.plan import hold_with_parents

Tables = dict[str, pl.DataFrame]
SECRET_BYTES = 32


@dataclass(frozen=True)
class Way:
    """A flow with its recipient: what goes to another party under the same name is another way."""

    flow: str
    party: str


@dataclass(frozen=True)
class Side:
    """One assessment on this night, ready to decide."""

    dpia: Dpia
    place: Workplace = field(repr=False)
    index: PeopleIndex = field(repr=False)
    choices: Choices = field(repr=False)
    flows: Mapping[Way, Flow] = field(repr=False)

    def decide(self, tables: Tables) -> dict[Way, Tables]:
        """Return what each flow decides of a partition, as on a night before which nothing was sent."""
        return {
            way: _with_parents_held(flow.decide(self.choices.stops(way.flow).beside(tables)))
            for way, flow in self.flows.items()
        }

    def seen(self, persons: pl.DataFrame) -> pl.DataFrame:
        """Return the people of a partition, flagged and linked as this assessment has it."""
        alone = persons.with_columns(linked_person_id=pl.lit(None, pl.String))
        return link(flag(alone, self.index, self.place.digest), self.index, self.place.digest)


def _with_parents_held(decided: Tables) -> Tables:
    """Return the decided tables, parents before children, with what hangs on a held record held too."""
    unsent: dict[str, pl.Series] = {}
    held = {}
    for entity, table in decided.items():
        held[entity] = hold_with_parents(entity, table, unsent)
        unsent[entity] = held[entity].filter(pl.col("_fate") == HELD)["_key"]
    return held


def under(place: Workplace, dpia: Dpia) -> Workplace:
    """Return the same workplace under another assessment; what the site remembers stays what it is."""
    other = dataclasses.replace(place)
    other.__dict__["dpia"], other.__dict__["outboxes"] = dpia, place.outboxes
    return other


def noting(place: Workplace) -> dict[str, Noting]:
    """Return a reading of each source as this workplace's assessment has it, still without notes."""
    made = {
        source: Noting(place.digest, own_flag(place.dpia, source), own_ground(place.dpia, source))
        for source in place.site.sources
    }
    for source, reading in made.items():
        reading.notes.numbers.key = opt_out_key(place)
        reading.notes.identity = notes_for(place.dpia, source)
    return made


def side_of(
    place: Workplace,
    gathered: dict[str, Gathering],
    notes: dict[str, SourceNotes],
    flow_keys: dict[str, FlowKeys],
) -> Side:
    """Return the side of this workplace's assessment, by the notes that its own reading took.

    Given: the keys of flows by name, to which those of this side's own flows are added: a flow that stands in
           both assessments has one key, so that equal rows are equal.
    """
    index, _ = index_of(place, gathered, accept_drop=False, notes=notes)
    providers = {name: settings.provider for name, settings in place.site.sources.items()}
    flows = {}
    for flow_id in place.dpia.active_flows:
        made = FlowKeys(secrets.token_bytes(SECRET_BYTES), secrets.token_bytes(SECRET_BYTES))
        keys = flow_keys.setdefault(flow_id, made)
        way = Way(flow_id, place.dpia.flow(flow_id).to.party)
        flows[way] = compile_flow(place.dpia, flow_id, keys, providers)
    return Side(place.dpia, place, index, read_choices(place, place.dpia, notes), flows)
