"""An assessment opened to be told of: its names indexed, its law at hand, the day known."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import cached_property
from typing import Any

from config.documents import Place
from sealing.trust import Trust
from sharing.calendar import Due
from sharing.document import Agreement, FieldDescription, FlowBlock
from sharing.dpia import Dpia
from sharing.lawpacks import LawPack, law_pack
from sharing.refusals.look import Look, asked_to_count, shown
from sharing.signing import Standing, standing
from sharing.vocabulary import Classification, FlowStatus


@dataclass(frozen=True)
class Opened:
    """An assessment on a day, by the keys trusted here; and what is told of the versions before it."""

    dpia: Dpia
    today: date
    trust: Trust = field(default_factory=Trust)
    earlier: tuple[dict[str, Any], ...] = ()

    @cached_property
    def look(self) -> Look:
        """Return the file with its names indexed."""
        return Look(self.dpia, Place(self.dpia.path, {}), None)

    @cached_property
    def pack(self) -> LawPack:
        """Return the law that the file is checked against."""
        return law_pack(self.dpia.law_pack)

    @cached_property
    def flows(self) -> list[FlowBlock]:
        """Return the flows that have not ended, in file order."""
        return [flow for flow in self.dpia.flows if flow.status is not FlowStatus.ENDED]

    @cached_property
    def agreements(self) -> dict[str, Agreement]:
        """Return the agreements by id."""
        return {agreement.id: agreement for agreement in self.dpia.agreements}

    @cached_property
    def standing(self) -> Standing:
        """Return who signed it, who has still to, and what of the signatures does not count."""
        return standing(self.dpia, self.trust)

    @cached_property
    def days(self) -> list[Due]:
        """Return every day that the assessment depends on, the earliest first."""
        return self.dpia.calendar(self.today)

    @cached_property
    def stopped(self) -> dict[str, list[str]]:
        """Return the flows that are to run and do not today, each with every reason; the file's own apart."""
        found = {flow: self.dpia.why_flow_stops(flow, self.today) for flow in self.dpia.active_flows}
        return {flow: why for flow, why in found.items() if why}

    def name(self, party: str) -> str:
        """Return the name of a party."""
        return self.look.parties[party].name

    def givers(self, flow: FlowBlock) -> list[str]:
        """Return the parties that are controllers of the flow's sources, in file order."""
        giving = {self.look.controllers[source] for source in flow.sources}
        return [party.id for party in self.dpia.parties if party.id in giving]

    def involved(self, flow: FlowBlock) -> list[str]:
        """Return the parties that take part: who gives, then who receives."""
        return list(dict.fromkeys([*self.givers(flow), flow.to.party]))

    def leaving(self, flow: FlowBlock) -> Iterator[tuple[str, FieldDescription]]:
        """Yield every field that may leave, as ENTITY.FIELD, with what the file says of it.

        Of a flow of counts also those that are asked in order to count: none leaves, and all are processed.
        """
        for _, name, said in shown(self.look, self.dpia.flows.index(flow), flow):
            yield name, said
        for name in asked_to_count(flow):
            described = self.look.described(*name.split("."))
            if described is not None:
                yield name, described

    def personal(self, flow: FlowBlock) -> list[tuple[str, FieldDescription]]:
        """Return the fields that may leave and that are about people."""
        return [
            (name, said)
            for name, said in self.leaving(flow)
            if said.sensitivity is not Classification.NONE or said.special_category
        ]

    def special(self, flow: FlowBlock) -> list[tuple[str, FieldDescription]]:
        """Return the fields that may leave and that are special category data."""
        return [
            (name, said)
            for name, said in self.leaving(flow)
            if said.sensitivity is Classification.SPECIAL or said.special_category
        ]

    def offence(self, flow: FlowBlock) -> bool:
        """Return whether a field that may leave is about offences, allegations included."""
        return any(said.sensitivity is Classification.OFFENCE for _, said in self.leaving(flow))
