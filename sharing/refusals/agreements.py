"""What stands behind a flow on paper: the agreement of those who take part, and what each tells people."""

from collections.abc import Iterator

from config.documents import Problem
from sharing.document import Agreement, FlowBlock
from sharing.refusals.look import Look, Path
from sharing.vocabulary import FlowStatus

SHARING = "ICO data sharing code; UK GDPR Articles 5(2) and 26"
TOLD = "UK GDPR Articles 13 and 14"


def refusals(look: Look) -> Iterator[Problem]:
    """Yield agreements and privacy notices that do not carry the flows."""
    for at, agreement in enumerate(look.file.agreements):
        for number, party in enumerate(agreement.parties):
            yield from look.unknown("party", party, look.parties, "agreements", at, "parties", number)
        if agreement.end_date < agreement.start_date:
            yield look.problem(f"{agreement.id} ends before it begins.", "agreements", at, "endDate")
    yield from _notices(look)
    known = {agreement.id: agreement for agreement in look.file.agreements}
    for at, flow in enumerate(look.file.flows):
        path: Path = ("flows", at, "agreement")
        yield from look.unknown("agreement", flow.agreement, known, *path)
        if flow.status is not FlowStatus.ENDED:
            if flow.agreement in known:
                yield from _carries(look, path, flow, known[flow.agreement])
            yield from _told(look, at, flow)


def _carries(look: Look, path: Path, flow: FlowBlock, agreement: Agreement) -> Iterator[Problem]:
    """Yield what an agreement lacks on paper; its status is asked of each flow, each night."""
    day = look.file.validity.effective_from
    if not agreement.start_date <= day <= agreement.end_date:
        words = f"{agreement.id} is not in force on {day}: {agreement.start_date} to {agreement.end_date}."
        yield look.problem(words, *path)
    for party in sorted(look.involved(flow) - set(agreement.parties)):
        yield look.problem(f"{agreement.id} does not name {party}, who takes part ({SHARING}).", *path)


def _notices(look: Look) -> Iterator[Problem]:
    for at, notice in enumerate(look.file.transparency.privacy_notices):
        path: Path = ("transparency", "privacyNotices", at)
        yield from look.unknown("party", notice.party, look.parties, *path, "party")
        for number, flow in enumerate(notice.covers):
            yield from look.unknown("flow", flow, look.flow_ids, *path, "covers", number)


def _told(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    telling = {notice.party for notice in look.file.transparency.privacy_notices if flow.id in notice.covers}
    for party in sorted(look.involved(flow) - telling):
        words = f"no privacy notice of {party} covers {flow.id} ({TOLD})."
        yield look.problem(words, "flows", at, "id")
