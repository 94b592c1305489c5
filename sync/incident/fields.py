"""What the assessments kept with the log say of an incident's batches: fields, recipients, grounds, harms."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from audit.assessments import NOT_KEPT, Assessment
from sync.incident.people import Concerned, people_json
from sync.incident.scope import Part

WORST_FIRST = ("safety_critical", "criminal_offence", "special_category", "not known", "personal", "none")


def told_by_assessments(folder: Path, parts: list[Part], found: Concerned) -> dict[str, Any]:
    """Return, by flow and assessment, who received what on which ground; sensitivity, contacts, harms.

    Given: the log's folder, and the batches as far as they are meant.
    """
    groups: dict[tuple[str, str], list[Part]] = {}
    for part in parts:
        groups.setdefault((part.leaf["flow"], part.leaf["dpia"]["sha256"]), []).append(part)
    kept = {digest: Assessment(folder, digest) for _, digest in groups}
    flows = [_flow(kept[digest], flow, some, found) for (flow, digest), some in groups.items()]
    latest = kept[parts[-1].leaf["dpia"]["sha256"]] if parts else None
    return {
        "flows": flows,
        "sensitivity": _sensitivity(flows),
        "assessments_not_kept": sorted(digest for digest, said in kept.items() if not said.kept),
        "contacts": latest.parties if latest else [],
        "operators": latest.operators if latest else [],
        "risks_foreseen": latest.risks if latest else [],
    }


def _flow(said: Assessment, flow: str, parts: list[Part], found: Concerned) -> dict[str, Any]:
    words = said.flow(flow)
    first, last = parts[0].leaf, parts[-1].leaf
    return {
        "flow": flow,
        **words,
        "agreement": said.agreement(words["agreement"]) or {"id": words["agreement"] or NOT_KEPT},
        "dpia": last["dpia"],
        "law_pack": said.law_pack,
        "waivers": said.waivers,
        "batches": len(parts),
        "first_at": first["at"],
        "last_at": last["at"],
        "people": people_json(found.within(parts), "upsert"),
        "fields": _fields(said, parts),
    }


def _fields(said: Assessment, parts: Iterable[Part]) -> list[dict[str, Any]]:
    """Return every field that the sent rows may hold, the most sensitive first.

    A safety rule may have emptied a field of some people: these are the fields that the flow lets out.
    """
    treated: dict[tuple[str, str], str] = {}
    for part in parts:
        sent = {file["entity"] for file in part.files if file["operation"] == "upsert"}
        for entity in sent:
            treated |= {(entity, name): how for name, how in part.leaf["fields"].get(entity, {}).items()}
    found = [
        {"entity": entity, "field": name, "treatment": how, **_facts(said, entity, name)}
        for (entity, name), how in treated.items()
    ]
    return sorted(found, key=lambda one: (_rank(one["sensitivity"]), one["entity"], one["field"]))


def _facts(said: Assessment, entity: str, name: str) -> dict[str, Any]:
    facts = said.field(entity, name)
    return {
        "sensitivity": facts.get("sensitivity", "not known"),
        "special_categories": list(facts.get("specialCategory", [])),
    }


def _rank(sensitivity: str) -> int:
    return WORST_FIRST.index(sensitivity) if sensitivity in WORST_FIRST else 0


def _sensitivity(flows: Iterable[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return each degree of sensitivity that is among the fields, the worst first, with its fields."""
    by_degree: dict[str, set[str]] = {}
    for flow in flows:
        for one in flow["fields"]:
            by_degree.setdefault(one["sensitivity"], set()).add(f"{one['entity']}.{one['field']}")
    degrees = sorted(by_degree, key=_rank)
    return [{"sensitivity": degree, "fields": sorted(by_degree[degree])} for degree in degrees]
