"""A DPIA that has loaded, and whether it may be relied on today."""

from datetime import date
from pathlib import Path

from sharing.document import DpiaFile, FlowBlock
from sharing.errors import DpiaNotInForce
from sharing.vocabulary import FlowStatus, Status


class Dpia(DpiaFile):
    """A DPIA that has loaded: the file, its digest, and where it came from."""

    sha256: str
    path: Path

    def require_in_force(self, today: date) -> "Dpia":
        """Return this DPIA if it may be relied on today. Errors: DpiaNotInForce (exit 11)."""
        reasons = self.why_not_in_force(today)
        if reasons:
            raise DpiaNotInForce("\n".join(f"{self.path.as_posix()}: {reason}" for reason in reasons))
        return self

    def why_not_in_force(self, today: date) -> list[str]:
        """Return every reason why today is not covered; none when it is."""
        valid, found = self.validity, []
        if self.status is not Status.APPROVED:
            found.append(f"status is {self.status}, and only an approved DPIA runs.")
        if not valid.effective_from <= today <= valid.expires_on:
            found.append(f"today ({today}) is outside {valid.effective_from} to {valid.expires_on}.")
        if today > valid.review_by:
            found.append(f"the review was due by {valid.review_by}.")
        agreements = {agreement.id: agreement for agreement in self.agreements}
        for name in sorted({flow.agreement for flow in self.flows if flow.id in self.active_flows}):
            agreed = agreements[name]
            if not agreed.start_date <= today <= agreed.end_date:
                found.append(f"today is outside agreement {name}: {agreed.start_date} to {agreed.end_date}.")
        for basis in self.legal_bases:
            policy = basis.article9.apd if basis.article9 else None
            if policy and today > policy.review_by:
                found.append(f"the policy document of {basis.id} was due for review by {policy.review_by}.")
        return found

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
