"""The register of entities, in the order in which their links can be followed."""

from functools import cache
from typing import Any

from canonical import aggregates, casework, children, circumstances, contacts, organisations, outcomes, people
from canonical.fields import Entity, EntitySpec, FieldSpec, Kind, Need, Sensitivity

ENTITIES: dict[str, type[Entity]] = {
    "organisation": organisations.Organisation,
    "service": organisations.Service,
    "person": people.Person,
    "person_identifier": people.PersonIdentifier,
    "relationship": people.Relationship,
    "address": circumstances.Address,
    "characteristics": circumstances.Characteristics,
    "consent": people.Consent,
    "referral": casework.Referral,
    "need": casework.Need,
    "risk": casework.Risk,
    "contact": contacts.Contact,
    "advice": contacts.Advice,
    "signposting": contacts.Signposting,
    "onward_referral": contacts.OnwardReferral,
    "service_episode": casework.ServiceEpisode,
    "outcome_measure": outcomes.OutcomeMeasure,
    "outcome": outcomes.Outcome,
    "child_review": children.ChildReview,
    "child_score": children.ChildScore,
    "early_help_episode": children.EarlyHelpEpisode,
    "directory_service": organisations.DirectoryService,
    "aggregate_count": aggregates.AggregateCount,
}

COUNTED = "aggregate_count"
"""What Viaduct counts itself: no export gives it, and only a flow of counts lets it out."""
ABOUT_NOBODY = frozenset({"organisation", "service", COUNTED})
# The bit of `_unreadable` that says that a record's whole row is not believed: its cells may have shifted.
UNBELIEVED = 1 << 63
# The first of the bits of `_unreadable` that say that a field is answered ("refused", "asked, not known"),
# though there is no value to send: no check takes it for a gap. What cannot be read is marked beside it.
ANSWERED = 31
technical_columns = ("_source", "_reference", "_person", "_row", "_unreadable")


@cache
def spec(entity: str) -> EntitySpec:
    """Return what is declared about the entity. Errors: KeyError for a name that is no entity."""
    model = ENTITIES[entity]
    fields = {name: _field(name, info) for name, info in model.model_fields.items()}
    return EntitySpec(entity, model.__doc__ or "", model.key, fields, model.parents, model.person_field)


def _field(name: str, info: Any) -> FieldSpec:
    said = info.json_schema_extra["viaduct"]
    return FieldSpec(
        name=name,
        kind=Kind(said["kind"]),
        need=Need(said["need"]),
        sensitivity=Sensitivity(said["sensitivity"]),
        description=info.description or "",
        codes=said["codes"],
        standard=said["standard"],
        references=said["references"],
    )


def unreadable_bit(entity: str, field: str) -> int:
    """Return the number of the field's bit in `_unreadable`. Errors: ValueError for an unknown field."""
    return list(spec(entity).fields).index(field)
