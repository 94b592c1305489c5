"""What each flow asks for, as the assessment says it: columns, sources, and what a safety rule empties."""

FIELDS: dict[str, dict[str, frozenset[str]]] = {
    "early_help": {
        "organisation": frozenset({"org_id", "name"}),
        "service": frozenset({"service_id", "org_id", "lot_code", "status"}),
        "person": frozenset({"person_id", "family_name", "birth_date", "nhs_number"}),
        "address": frozenset({"address_id", "person_id", "line1", "postcode"}),
        "referral": frozenset({
            "referral_id", "person_id", "parent_referral_id", "priority", "received_on", "re_referral",
            "lot_code",
        }),
        "need": frozenset({"need_id", "person_id", "referral_id", "need_code"}),
        "contact": frozenset({"contact_id", "referral_id", "attendance", "contact_on"}),
    },
    "commissioning": {
        "organisation": frozenset({"org_id", "name"}),
        "service": frozenset({"service_id", "org_id", "lot_code", "status"}),
        "person": frozenset({"person_id", "birth_year_month", "role_type"}),
        "address": frozenset({"address_id", "person_id", "postcode_district"}),
        "referral": frozenset({
            "referral_id", "person_id", "parent_referral_id", "priority", "received_on", "age_band",
            "lot_code",
        }),
        "need": frozenset({"need_id", "person_id", "referral_id", "need_code"}),
        "contact": frozenset({"contact_id", "referral_id", "attendance", "contact_on"}),
    },
}  # fmt: skip
NO_LONGER = {
    "no_numbers": ("early_help", "person", "nhs_number"),
    "no_priorities": ("commissioning", "referral", "priority"),
    "no_births": ("commissioning", "person", "birth_year_month"),
}
IN_DANGER: dict[str, dict[str, set[str]]] = {
    "early_help": {
        "address": {"line1", "postcode"},
        "referral": {"received_on", "re_referral"},
        "contact": {"contact_on"},
    },
    "commissioning": {
        "person": {"birth_year_month", "role_type"},
        "address": {"postcode_district"},
        "referral": {"person_id", "parent_referral_id", "priority", "age_band"},
        "need": {"person_id", "referral_id", "need_code"},
        "contact": {"referral_id", "attendance", "contact_on"},
    },
}
OF_LOT_8 = {"priority", "re_referral", "parent_referral_id"}
ANONYMISED = {"person": {"birth_year_month"}, "referral": {"age_band"}}


def released(flow: str, turns: frozenset[str]) -> dict[str, frozenset[str]]:
    """Return the columns of every entity in the flow, under the assessment with these turns."""
    said = {entity: columns | {"source_system"} for entity, columns in FIELDS[flow].items()}
    for turn in turns & NO_LONGER.keys():
        of, entity, column = NO_LONGER[turn]
        if of == flow:
            said[entity] -= {column}
    if "no_contacts" in turns and flow == "early_help":
        del said["contact"]
    return said


def takes_part(flow: str, source: str, turns: frozenset[str]) -> bool:
    """Return whether the flow asks for the source at all."""
    return flow == "early_help" or source == "hub" or "hub_only" not in turns
