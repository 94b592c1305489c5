"""What rests on law still to be confirmed, what a newer law pack would change, what notices leave out."""

from collections.abc import Iterator
from typing import Any

from sharing.document import LegalBasis
from sharing.lawpacks import LawPack, known_packs, law_pack
from sharing.lawpacks.pack import Statement
from sharing.telling.heading import heading
from sharing.telling.law import cited, inferred_from
from sharing.telling.opened import Opened
from sharing.telling.said import period

TABLES = ("article6", "article9", "schedule1", "article10", "provisions", "annex2")


def law_and_notices(opened: Opened, newer: tuple[LawPack, ...] = ()) -> dict[str, Any]:
    """Return the law to confirm with the flows on it, what newer packs change, and what notices say.

    Given: the law packs that are dated after the one of the file.
    """
    statements = list(_statements(opened))
    return {
        "assessment": heading(opened),
        "statements": statements,
        "to_confirm": sum(each["confirm_with_lawyer"] for each in statements),
        "bases_to_confirm": [
            {"basis": basis.id, "name": opened.name(basis.party), "flows": _flows_on(opened, {basis.id})}
            for basis in opened.dpia.legal_bases
            if basis.confirm_with_lawyer
        ],
        "newer_packs": [_changes(opened, pack) for pack in newer],
        "notices": _notices(opened),
        "uncovered": [
            {"flow": flow.id, "name": opened.name(party)}
            for flow in opened.flows
            for party in opened.involved(flow)
            if not _tells(opened, party, flow.id)
        ],
        "told_within": period(opened.dpia.transparency.art14_within),
    }


def newer_packs(name: str) -> tuple[LawPack, ...]:
    """Return the law packs of the same country that are dated after this one."""
    country = name.partition("/")[0]
    return tuple(
        law_pack(other) for other in known_packs() if other.partition("/")[0] == country and other > name
    )


def _statements(opened: Opened) -> Iterator[dict[str, Any]]:
    """Yield every statement of law that the file cites, and the flows that stand on it."""
    for code, name, said, bases in _cited_of_all(opened):
        yield {
            "code": code,
            "law": name,
            "source": said.source,
            "day_inferred": inferred_from(said),
            "confirm_with_lawyer": said.confirm_with_lawyer,
            "bases": [basis.id for basis in opened.dpia.legal_bases if basis.id in bases],
            "flows": _flows_on(opened, bases),
        }
    answered = [flow.id for flow in opened.flows if flow.options.national_data_opt_out is not None]
    if answered:
        opt_out = opened.pack.opt_out
        yield {
            "code": "optOut",
            "law": "The national data opt-out: where it does not apply",
            "source": opt_out.source,
            "day_inferred": None,
            "confirm_with_lawyer": opt_out.confirm_with_lawyer,
            "bases": [],
            "flows": answered,
        }


def _flows_on(opened: Opened, bases: set[str]) -> list[str]:
    return [flow.id for flow in opened.flows if bases & set(flow.basis)]


def _changes(opened: Opened, newer: LawPack) -> dict[str, Any]:
    """Return what another pack says otherwise of what this file cites, and the flows that it touches."""
    changed = []
    for code, name, _, bases in _cited_of_all(opened):
        before, after = _entry(opened.pack, code), _entry(newer, code)
        differs = [key for key in before if after.get(key) != before[key] and not key.endswith(".source")]
        if differs:
            changed.append(
                {
                    "code": code,
                    "law": name,
                    "gone": not after,
                    "differs": differs if after else [],
                    "flows": _flows_on(opened, bases),
                }
            )
    return {"law_pack": newer.law_pack, "title": newer.title, "changed": changed}


def _cited_of_all(opened: Opened) -> Iterator[tuple[str, str, Statement, set[str]]]:
    """Yield what the bases cite, once each: code, name, what the law pack says, the bases that cite it."""
    found: dict[tuple[str, str], tuple[Statement, set[str]]] = {}
    for basis in opened.dpia.legal_bases:
        for code, name, said in cited(opened, basis):
            found.setdefault((code, name), (said, set()))[1].add(basis.id)
    for (code, name), (said, bases) in found.items():
        yield code, name, said, bases


def _entry(pack: LawPack, code: str) -> dict[str, Any]:
    """Return all that a pack says of a code: Schedule 1 and Article 10 know some codes both."""
    return {
        f"{table}.{key}": value
        for table in TABLES
        if code in getattr(pack, table)
        for key, value in getattr(pack, table)[code].model_dump(mode="json").items()
    }


def _tells(opened: Opened, party: str, flow: str) -> bool:
    notices = opened.dpia.transparency.privacy_notices
    return any(notice.party == party and flow in notice.covers for notice in notices)


def _notices(opened: Opened) -> list[dict[str, Any]]:
    """Return each notice, the flows it covers, and where it says other than what is done."""
    running = {flow.id for flow in opened.flows}
    found = []
    for notice in opened.dpia.transparency.privacy_notices:
        own = [basis for basis in opened.dpia.legal_bases if basis.party == notice.party]
        relied = _interests(opened, own, notice.covers)
        found.append(
            {
                "name": opened.name(notice.party),
                "uri": notice.uri,
                "sha256": notice.sha256,
                "covers": list(notice.covers),
                "ended": [flow for flow in notice.covers if flow not in running],
                "takes_no_part": [
                    flow.id
                    for flow in opened.flows
                    if flow.id in notice.covers and notice.party not in opened.involved(flow)
                ],
                "interests_not_named": [name for name in relied if name not in notice.names_interests],
                "interests_not_relied_on": [name for name in notice.names_interests if name not in relied],
            }
        )
    return found


def _interests(opened: Opened, own: list[LegalBasis], covered: list[str]) -> list[str]:
    """Return the interests on which a party relies in the flows that its notice covers."""
    used = {basis for flow in opened.flows if flow.id in covered for basis in flow.basis}
    return list(
        dict.fromkeys(
            basis.article6
            for basis in own
            if basis.id in used and "named_interest" in opened.pack.article6[basis.article6].needs
        )
    )
