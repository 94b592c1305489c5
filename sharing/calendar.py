"""Every day that an assessment depends on: what it is of, where it stands, which flows it governs."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date

from sharing.dated import DATED, Stops
from sharing.document import DpiaFile, FlowBlock, LegalBasis
from sharing.lawpacks import known_packs, law_pack
from sharing.vocabulary import FlowStatus


@dataclass(frozen=True)
class Due:
    """One day of one assessment.

    path:         where it stands, by the names of the blocks, as in agreements/dsa-1/endDate.
    on:           the last day on which what it is of may be relied on; of what begins, the first.
    flows:        the flows it governs, those that have ended left out.
    waived_until: the last day of the waiver that names it, if one stands today.
    """

    what: str
    path: str
    on: date
    flows: tuple[str, ...]
    stops: Stops
    begins: bool = False
    waived_until: date | None = None

    @property
    def last_day(self) -> date:
        """Return the last day it may be relied on, a waiver counted in."""
        return max(self.on, self.waived_until or self.on)

    def days_left(self, today: date) -> int:
        """Return the days from today to it; of what has passed, a negative number."""
        return ((self.on if self.begins else self.last_day) - today).days

    def holds(self, today: date) -> bool:
        """Return whether today lies on its right side."""
        return today >= self.on if self.begins else today <= self.last_day

    def why(self, today: date) -> str:
        """Return in words why today is not covered, for who has asked `holds`."""
        verb = "is" if self.begins else "was"
        ended = f", and its waiver ended on {self.waived_until}" if self.waived_until else ""
        return f"{self.what} {verb} {self.on}{ended}; today is {today} ({self.path})."


@dataclass(frozen=True)
class _Day:
    """A day found in the file: its kind, the names its stars stand for, and which flows it governs."""

    kind: str
    names: tuple[str, ...]
    on: date
    flows: tuple[FlowBlock, ...] = ()


def calendar(file: DpiaFile, today: date) -> list[Due]:
    """Return every day the assessment depends on, the earliest first.

    Given: today, for a waiver counts from the day it was approved.
    """
    running = tuple(flow for flow in file.flows if flow.status is not FlowStatus.ENDED)
    found = [
        *_of_file(file),
        *_of_flows(running, file),
        *_of_grounds(running, file),
        *_of_nothing(running, file),
    ]
    dues = [_due(day, running, _waived(file, today)) for day in found]
    return sorted(dues, key=lambda due: (due.on, due.path))


def _waived(file: DpiaFile, today: date) -> dict[str, date]:
    """Return, per place, the last day of the waivers that name it and have been approved by today."""
    ends: dict[str, date] = {}
    for waiver in file.waivers:
        if waiver.approved_on <= today:
            ends[waiver.rule] = max(waiver.expires_on, ends.get(waiver.rule, waiver.expires_on))
    return ends


def _due(day: _Day, running: tuple[FlowBlock, ...], waived: dict[str, date]) -> Due:
    known, left = DATED[day.kind], iter(day.names)
    path = "/".join(next(left) if part == "*" else part for part in day.kind.split("/"))
    governed = running if known.stops is Stops.FILE else day.flows
    return Due(
        known.says.format(*day.names),
        path,
        day.on,
        tuple(flow.id for flow in governed),
        known.stops,
        known.begins,
        waived.get(path) if known.waivable else None,
    )


def _of_file(file: DpiaFile) -> Iterator[_Day]:
    """Yield the days that govern the file as a whole."""
    valid, signed = file.validity, file.signoff
    days = {
        "validity/effectiveFrom": valid.effective_from,
        "validity/reviewBy": valid.review_by,
        "validity/expiresOn": valid.expires_on,
        "signoff/dpoAdvice/date": signed.dpo_advice.on,
        "signoff/caldicott/date": signed.caldicott.on,
        "signoff/siro/date": signed.siro.on,
        "signoff/icoPriorConsultation/date": signed.ico_prior_consultation.on,
    }
    yield from (_Day(kind, (), on) for kind, on in days.items() if on is not None)


def _of_flows(running: tuple[FlowBlock, ...], file: DpiaFile) -> Iterator[_Day]:
    """Yield the days of agreements, of contracts with processors, and of who reads what people typed."""
    controller = {source: party.id for party in file.parties for source in party.sources}
    for agreed in file.agreements:
        under = tuple(flow for flow in running if flow.agreement == agreed.id)
        yield _Day("agreements/*/startDate", (agreed.id,), agreed.start_date, under)
        yield _Day("agreements/*/endDate", (agreed.id,), agreed.end_date, under)
    for operator in file.operators:
        if operator.article28 is not None:
            for_whom = set(operator.on_behalf_of)
            served = tuple(
                flow
                for flow in running
                if for_whom & {flow.to.party, *(controller.get(source, "") for source in flow.sources)}
            )
            yield _Day("operators/*/article28/signedOn", (operator.id,), operator.article28.signed_on, served)
    for flow in running:
        for entity in flow.fields:
            for field, decided in flow.decisions(entity).items():
                if decided.review is not None:
                    names = (flow.id, entity, field)
                    yield _Day("flows/*/fields/*/*/review/since", names, decided.review.since, (flow,))


def _of_grounds(running: tuple[FlowBlock, ...], file: DpiaFile) -> Iterator[_Day]:
    """Yield the days of the legal bases: requests, policy documents, and what the law pack says."""
    for basis in file.legal_bases:
        on_it = tuple(flow for flow in running if basis.id in flow.basis)
        if basis.request is not None:
            yield _Day("legalBases/*/request/requestedOn", (basis.id,), basis.request.requested_on, on_it)
        if basis.article9 is not None and basis.article9.apd is not None:
            review = basis.article9.apd.review_by
            yield _Day("legalBases/*/article9/apd/reviewBy", (basis.id,), review, on_it)
    if file.law_pack in known_packs():
        yield from _of_law(running, file)


def _of_law(running: tuple[FlowBlock, ...], file: DpiaFile) -> Iterator[_Day]:
    """Yield from when to when all that the file cites is law; of one code known twice, the narrower."""
    pack, citing = law_pack(file.law_pack), _citing(running, file)
    for code, flows in sorted(citing.items()):
        known = pack.dated(code)
        if known:
            # Such a file does not load; a day of which nobody has read holds on no day here either.
            begins = max(each.in_force_from or date.max for each in known)
            yield _Day("lawPack/*/inForceFrom", (code,), begins, flows)
        if ends := [each.in_force_until for each in known if each.in_force_until is not None]:
            yield _Day("lawPack/*/inForceUntil", (code,), min(ends), flows)


def _citing(running: tuple[FlowBlock, ...], file: DpiaFile) -> dict[str, tuple[FlowBlock, ...]]:
    """Return the flows that stand on each code of law, through any of their bases."""
    codes = {basis.id: set(_codes(basis)) for basis in file.legal_bases}
    cited = {code for each in codes.values() for code in each}
    return {
        code: tuple(flow for flow in running if any(code in codes.get(basis, ()) for basis in flow.basis))
        for code in cited
    }


def _codes(basis: LegalBasis) -> list[str]:
    special, offence, further = basis.article9, basis.criminal_offence, basis.compatibility
    maybe = [
        *((special.condition, special.schedule1) if special else ()),
        offence.authority if offence and offence.applies else None,
        further.annex2 if further else None,
    ]
    return [basis.article6, *basis.law, *basis.confidentiality.law, *filter(None, maybe)]


def _of_nothing(running: tuple[FlowBlock, ...], file: DpiaFile) -> Iterator[_Day]:
    """Yield the days that stop nothing themselves: of measures, and of waivers."""
    for measure in file.measures:
        if measure.review_by is not None:
            yield _Day("measures/*/reviewBy", (measure.id,), measure.review_by, running)
    for waiver in file.waivers:
        yield _Day("waivers/*/approvedOn", (waiver.id,), waiver.approved_on, running)
        yield _Day("waivers/*/expiresOn", (waiver.id,), waiver.expires_on, running)
