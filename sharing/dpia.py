"""A DPIA that has loaded, and whether it may be relied on today."""

from datetime import date
from pathlib import Path
from typing import Any

from sharing.calendar import Due, calendar
from sharing.dated import Stops
from sharing.document import DpiaFile, FlowBlock, Waiver
from sharing.errors import DpiaNotInForce
from sharing.vocabulary import FlowStatus, Status


class Dpia(DpiaFile):
    """A DPIA that has loaded: the file, its digest, and where it came from."""

    sha256: str
    path: Path

    def require_in_force(self, today: date) -> "Dpia":
        """Return this DPIA if it may be relied on today. Errors: DpiaNotInForce (exit 11)."""
        self._refuse(self.why_not_in_force(today))
        return self

    def require_file_in_force(self, today: date) -> None:
        """Errors: DpiaNotInForce, if the file as a whole may not be relied on today; of its flows nothing."""
        self._refuse(self._why_file_stops(today))

    def require_flow_in_force(self, flow_id: str, today: date) -> None:
        """Errors: DpiaNotInForce, if the file or what governs this flow may not be relied on today."""
        self._refuse([*self._why_file_stops(today), *self.why_flow_stops(flow_id, today)])

    def why_not_in_force(self, today: date) -> list[str]:
        """Return every reason why nothing runs today: of the file, or of every flow; none when one does."""
        whole = self._why_file_stops(today)
        stopped = [self.why_flow_stops(flow, today) for flow in self.active_flows]
        if whole or not all(stopped):
            return whole
        return list(dict.fromkeys(why for reasons in stopped for why in reasons))

    def why_flow_stops(self, flow_id: str, today: date) -> list[str]:
        """Return every reason why this flow does not run today; what concerns the file is asked apart."""
        agreed = next((each for each in self.agreements if each.id == self.flow(flow_id).agreement), None)
        found = []
        if agreed is not None and agreed.status != "in_force":
            found.append(f"agreement {agreed.id} is {agreed.status}, not in force.")
        return found + [due.why(today) for due in self._passed(Stops.FLOWS, today) if flow_id in due.flows]

    def ends_what_ran(self, today: date) -> bool:
        """Return whether it stops everything by its own word, not because it is unfinished or yet to begin.

        Given: a day on which it is not in force.
        """
        if self.status is not Status.APPROVED:
            return self.status not in {Status.DRAFT, Status.IN_REVIEW}
        passed = [*self._passed(Stops.FILE, today), *self._passed(Stops.FLOWS, today)]
        return not any(due.begins for due in passed)

    def ends_only_flows(self, today: date) -> bool:
        """Return whether the file itself may be relied on, though all of its flows have come to their end.

        Given: a day on which it is not in force.
        """
        return not self._why_file_stops(today) and self.ends_what_ran(today)

    def calendar(self, today: date) -> list[Due]:
        """Return every day that this assessment depends on, the earliest first."""
        return calendar(self, today)

    def waivers_used(self, today: date) -> list[Waiver]:
        """Return the waivers without which something would be overdue today."""
        overdue = {due.path for due in self.calendar(today) if due.waived_until and due.on < today}
        return [
            each
            for each in self.waivers
            if each.rule in overdue and each.approved_on <= today <= each.expires_on
        ]

    def _why_file_stops(self, today: date) -> list[str]:
        found = [due.why(today) for due in self._passed(Stops.FILE, today)]
        if self.status is not Status.APPROVED:
            found.insert(0, f"status is {self.status}, and only an approved DPIA runs.")
        return found

    def _passed(self, stops: Stops, today: date) -> list[Due]:
        return [due for due in self.calendar(today) if due.stops is stops and not due.holds(today)]

    def _refuse(self, reasons: list[str]) -> None:
        """Errors: DpiaNotInForce, with every reason, if there is any."""
        if reasons:
            raise DpiaNotInForce("\n".join(f"{self.path.as_posix()}: {reason}" for reason in reasons))

    @property
    def signatures(self) -> list[Any]:
        """Return the signatures as JSON; they are no part of the digest."""
        listed = self.signoff.model_dump(mode="json", by_alias=True)["signatures"]
        return list(listed)

    def flow(self, flow_id: str) -> FlowBlock:
        """Return the flow. Errors: DpiaNotInForce if there is none of that name."""
        for flow in self.flows:
            if flow.id == flow_id:
                return flow
        raise DpiaNotInForce(f"{self.path.as_posix()}: no flow is called {flow_id}.")

    @property
    def active_flows(self) -> list[str]:
        """Return the ids of the flows that run, in file order."""
        return [flow.id for flow in self.flows if flow.status is FlowStatus.ACTIVE]

    def provider_of(self, source: str) -> str | None:
        """Return the party that is controller of the source."""
        return next((party.id for party in self.parties if source in party.sources), None)
