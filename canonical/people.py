"""People, who knows them by which number, who belongs to whom, and what they agreed to."""

from datetime import date, datetime

from canonical.fields import Entity, field, links


class Person(Entity):
    """A person who was referred, helped or cared for."""

    key = ("person_id",)
    person_field = "person_id"

    person_id: str = field("key", "M", "I", "The person; never made from the NHS number.")
    given_name: str | None = field("text", "R", "I", "First name.", standard="PRSB Person first name")
    family_name: str | None = field("text", "R", "I", "Family name.", standard="PRSB Person family name")
    preferred_name: str | None = field(
        "text", "O", "I", "The name they like to be called by.", standard="PRSB"
    )
    birth_date: date | None = field("date", "R", "I", "Day of birth.", standard="PRSB; CLD; CSDS")
    birth_date_quality: str | None = field(
        "code", "derived", "P", "How exactly the day of birth is known.", codes="date_quality"
    )
    birth_year_month: str | None = field(
        "text", "derived", "P", "Year and month of birth, YYYY-MM.", standard="CLD Der_Birth_Year/Month"
    )
    death_date: date | None = field("date", "R", "P", "Day of death.", standard="CLD; CSDS")
    role_type: str = field(
        "code",
        "M",
        "P",
        "Why the CRM holds this person; professionals are never counted as people helped.",
        codes="role_type",
        standard="Charitylog report-person-type",
    )
    nhs_number: str | None = field(
        "text", "R", "I", "NHS number: ten digits as text.", standard="NHS DD NHS NUMBER; CLD; CSDS"
    )
    nhs_number_status: str | None = field(
        "code",
        "R",
        "P",
        "How far the NHS number has been traced.",
        codes="dd_nhs_number_status",
        standard="NHS DD; CSDS",
    )
    la_person_id: str | None = field(
        "text",
        "O",
        "I",
        "The council's own number for the person.",
        standard="CLD LA_Person_Unique_Identifier",
    )
    uprn: str | None = field(
        "text", "O", "I", "Unique Property Reference Number of the home, 1 to 12 digits.", standard="BS 7666"
    )
    gp_practice_code: str | None = field(
        "text", "O", "P", "ODS code of the GP practice.", standard="CLD; CSDS; PRSB"
    )
    preferred_language: str | None = field(
        "code", "O", "P", "Main language, as the source words it (open list).", standard="ISO 639; CSDS"
    )
    interpreter_required: bool | None = field(
        "boolean",
        "O",
        "P",
        "Whether an interpreter is needed.",
        standard="PRSB; Accessible Information Standard",
    )
    preferred_contact_method: str | None = field(
        "code",
        "O",
        "P",
        "How they like to be reached.",
        codes="ukcore_preferred_contact_method",
        standard="UK Core",
    )
    safe_to_contact: str | None = field(
        "code",
        "R",
        "SG",
        "Whether contact may endanger them; needed where a domestic abuse service is involved.",
        codes="safe_to_contact",
        standard="domestic abuse practice",
    )
    anonymous: bool | None = field(
        "boolean", "O", "P", "Whether they asked for help without giving a name.", standard="NHS DD"
    )
    merged_into: str | None = field(
        "key", "O", "P", "The record that this one was merged into.", references="person"
    )
    anonymised: bool | None = field(
        "boolean",
        "R",
        "P",
        "Whether the record was anonymised at the source, its identity fields blanked.",
        standard="Charitylog Anonymise People",
    )
    share_council: str | None = field(
        "code",
        "derived",
        "P",
        "Latest recorded answer to sharing with the council.",
        codes="consent_status",
        standard="PRSB Consent for information sharing",
    )
    household_id: str | None = field(
        "key", "derived", "I", "The household: declared relationships, the same UPRN, or the same address."
    )
    linked_person_id: str | None = field(
        "key",
        "derived",
        "I",
        "The person, the same on every record that is known to be theirs, as far as records may be linked.",
    )
    safety_flag: bool | None = field(
        "boolean",
        "derived",
        "SG",
        "Whether their whereabouts may endanger them or the household, or this cannot be excluded.",
        standard="Domestic Abuse Act 2021",
    )


class PersonIdentifier(Entity):
    """A number by which somebody knows the person."""

    key = ("identifier_id",)
    parents = links(person_id="person")
    person_field = "person_id"

    identifier_id: str = field("key", "M", "I", "This identifier.")
    person_id: str = field("key", "M", "I", "The person it belongs to.", references="person")
    scheme: str = field(
        "code",
        "M",
        "N",
        "Whose numbering it is.",
        codes="identifier_scheme",
        standard="PRSB Other identifier",
    )
    value: str = field("text", "M", "I", "The number itself.")
    issuer_org_id: str | None = field(
        "key",
        "R",
        "N",
        "The organisation that issued it; numbers are unique only within it.",
        standard="CSDS ORGANISATION IDENTIFIER (LOCAL PATIENT IDENTIFIER)",
        references="organisation",
    )


class Relationship(Entity):
    """A declared link between two people."""

    key = ("relationship_id",)
    parents = links(person_id="person")
    person_field = "person_id"

    relationship_id: str = field("key", "M", "P", "This relationship.")
    person_id: str = field("key", "M", "I", "The person it is told about.", references="person")
    related_person_id: str = field(
        "key",
        "M",
        "I",
        "The other person.",
        standard="CLD Adult_n_Linked_Person_ID",
        references="person",
    )
    relation: str = field(
        "code", "M", "P", "What the first is to the other.", codes="relation", standard="CLD; SSD family"
    )
    hours_caring_band: str | None = field(
        "code",
        "O",
        "P",
        "Hours of care a week, in bands (open list).",
        standard="CLD Total_Hrs_Caring_per_week",
    )
    valid_from: date | None = field("date", "O", "P", "First day it holds.")
    valid_to: date | None = field("date", "O", "P", "Last day it holds.")


class Consent(Entity):
    """What a person agreed to, for one purpose."""

    key = ("consent_id",)
    parents = links(person_id="person")
    person_field = "person_id"

    consent_id: str = field("key", "M", "P", "This answer.")
    person_id: str = field("key", "M", "I", "The person who was asked.", references="person")
    purpose: str = field(
        "code",
        "M",
        "P",
        "What they were asked about.",
        codes="consent_purpose",
        standard="PRSB Consent for information sharing",
    )
    status: str = field(
        "code",
        "M",
        "P",
        "What they answered.",
        codes="consent_status",
        standard="PRSB; Charitylog consent rules",
    )
    recorded_at: datetime = field("instant", "M", "P", "When the answer was recorded.")
    withdrawn_at: datetime | None = field("instant", "O", "P", "When they took it back.")
    recorded_by_org: str | None = field(
        "key", "R", "N", "The organisation that recorded it.", references="organisation"
    )
    recorded_on: date | None = field("date", "derived", "P", "Day the answer was recorded, in Europe/London.")
