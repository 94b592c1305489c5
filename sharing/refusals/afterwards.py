"""For every recipient: how long it keeps, who answers people, which keys it is given (blocks 8 and 9)."""

from collections.abc import Iterator

from canonical import ENTITIES
from config.documents import Problem
from sharing.document import FlowBlock, Pseudonym, days_of
from sharing.lawpacks import LawPack
from sharing.refusals.look import Look, Path, released
from sharing.vocabulary import KEPT_HERE, Action, FlowStatus

STORAGE = "UK GDPR Articles 5(1)(e) and 30(1)(f)"
RIGHTS = "UK GDPR Articles 12 to 21"
KEYS = "UK GDPR Article 32"
TELLING = "UK GDPR Article 14(3)(a)"
A_MONTH = ("P1M", 28)
"""A month by name, and the days that fit into every month."""


def refusals(look: Look, pack: LawPack) -> Iterator[Problem]:
    """Yield what a recipient lacks, and what the blocks about it say wrongly."""
    yield from _retention(look)
    yield from _rights(look, pack)
    yield from _profiles(look)
    yield from _elsewhere(look)
    yield from _told_in_time(look)
    for at, flow in enumerate(look.file.flows):
        if flow.status is not FlowStatus.ENDED:
            yield from _kept(look, at, flow)
            yield from _answered(look, at, flow)
        if flow.aggregate is None:
            yield from _pseudonym(look, at, flow)


def _retention(look: Look) -> Iterator[Problem]:
    said: set[str] = set()
    for at, each in enumerate(look.file.retention):
        if each.what in said:
            yield look.problem(
                f"retention of {each.what} stands twice: one period holds.", "retention", at, "what"
            )
        said.add(each.what)
        named, mark, party = each.what.partition("@")
        flow, _, entity = named.partition(".")
        path: Path = ("retention", at, "what")
        if not mark:
            yield from look.unknown("thing that Viaduct keeps", each.what, KEPT_HERE, *path)
            continue
        yield from look.unknown("flow", flow, look.flow_ids, *path)
        for known in look.file.flows if entity else ():
            if known.id == flow:
                yield from look.unknown("entity of this flow", entity, known.fields, *path)
        yield from look.unknown("party", party, look.parties, *path)


def _kept(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    what = f"{flow.id}@{flow.to.party}"
    periods = [each.period for each in look.file.retention if each.what == what]
    if not periods:
        yield look.problem(f"retention says nothing of {what} ({STORAGE}).", "flows", at, "to")
    for period in periods:
        if days_of(period) != days_of(flow.constraints.delete_after):
            words = f"deleteAfter says {flow.constraints.delete_after}, retention of {what} says {period}."
            yield look.problem(words, "flows", at, "constraints", "deleteAfter")
    yield from _of_entities(look, flow)


def _of_entities(look: Look, flow: FlowBlock) -> Iterator[Problem]:
    """Yield each line by which the recipient would keep an entity for longer than it is bound to."""
    most = days_of(flow.constraints.delete_after)
    for at, each in enumerate(look.file.retention):
        named, _, party = each.what.partition("@")
        of_flow, _, entity = named.partition(".")
        if entity and (of_flow, party) == (flow.id, flow.to.party) and days_of(each.period) > most:
            words = f"{each.what} is kept for {each.period}, and deleteAfter of {flow.id} says "
            yield look.problem(f"{words}{flow.constraints.delete_after}.", "retention", at, "period")


def _rights(look: Look, pack: LawPack) -> Iterator[Problem]:
    rights = look.file.rights
    for party in rights.answered_by:
        yield from look.unknown("party", party, look.parties, "rights", "answeredBy", party)
    yield from look.unknown("party", rights.access.lead, look.parties, "rights", "access", "lead")
    for at, code in enumerate(rights.erasure.except_where):
        if code in pack.article6 and pack.article6[code].rights.erase:
            words = f"there is a right to erasure under {pack.article6[code].law} (Article 17)."
            yield look.problem(words, "rights", "erasure", "exceptWhere", at)


def _answered(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    for party in sorted(look.involved(flow) - set(look.file.rights.answered_by)):
        words = f"rights.answeredBy does not say who answers people for {party} ({RIGHTS})."
        yield look.problem(words, "flows", at, "to")


def _profiles(look: Look) -> Iterator[Problem]:
    for name, profile in look.file.pseudonyms.items():
        path: Path = ("pseudonyms", name)
        yield from look.unknown("party", profile.recipient, look.parties, *path, "recipient")
        roles = {f"pseudonym-{flow}" for flow in look.flow_ids}
        yield from look.unknown("key of a flow", profile.key_ref, roles, *path, "keyRef")
        if days_of(profile.overlap) >= days_of(profile.rotation):
            yield look.problem(
                f"{name}: two keys serve together for longer than one serves.", *path, "overlap"
            )
        yield from _reidentified(look, path, profile)


def _reidentified(look: Look, path: Path, profile: Pseudonym) -> Iterator[Problem]:
    for number, party in enumerate(profile.reidentify.allowed_to if profile.reidentify else []):
        own = (*path, "reidentify", "allowedTo", number)
        yield from look.unknown("party", party, look.parties, *own)
        if party == profile.recipient:
            words = f"{party} receives the pseudonyms and may not ask whose they are (UK GDPR Article 4(5))."
            yield look.problem(words, *own)


def _pseudonym(look: Look, at: int, flow: FlowBlock) -> Iterator[Problem]:
    used = any(
        Action.PSEUDONYMISE in released(flow, entity).values() for entity in flow.fields if entity in ENTITIES
    )
    if flow.pseudonym is None:
        if used:
            words = f"{flow.id} gives pseudonyms: name their profile under 'pseudonym' ({KEYS})."
            yield look.problem(words, "flows", at, "id")
        return
    path: Path = ("flows", at, "pseudonym")
    yield from look.unknown("pseudonyms profile", flow.pseudonym, look.file.pseudonyms, *path)
    profile = look.file.pseudonyms.get(flow.pseudonym)
    if profile is not None and profile.recipient != flow.to.party:
        yield look.problem(
            f"{flow.pseudonym} is made for {profile.recipient}, not for {flow.to.party}.", *path
        )
    if profile is not None and profile.key_ref != f"pseudonym-{flow.id}":
        words = f"{flow.id} is keyed by pseudonym-{flow.id}, and {flow.pseudonym} says {profile.key_ref}"
        yield look.problem(f"{words} ({KEYS}).", *path)


def _elsewhere(look: Look) -> Iterator[Problem]:
    """Yield what transfers and automated decisions lack."""
    if look.file.transfers.outside_uk and not look.file.transfers.safeguards:
        words = "data leave the United Kingdom without safeguards (UK GDPR Articles 44A to 46)."
        yield look.problem(words, "transfers", "outsideUK")
    decisions = look.file.automated_decisions
    if decisions.solely and decisions.safeguards is None:
        words = "decisions by machine alone need safeguards (UK GDPR Articles 22A to 22C)."
        yield look.problem(words, "automatedDecisions", "solely")
    recognised = [basis.id for basis in look.file.legal_bases if basis.article6.startswith("uk:6-1-ea")]
    if decisions.solely and recognised:
        words = f"{recognised[0]}: no decision by machine alone rests on a recognised legitimate interest."
        yield look.problem(f"{words} (UK GDPR Article 22B)", "automatedDecisions", "solely")


def _told_in_time(look: Look) -> Iterator[Problem]:
    """Yield a term for telling people whose data came from elsewhere that is longer than the law's."""
    within, (month, days) = look.file.transparency.art14_within, A_MONTH
    if within != month and days_of(within) > days:
        words = f"people whose data came from others are told within a month: {month}, or P{days}D at most"
        yield look.problem(f"{words} ({TELLING}).", "transparency", "art14Within")
