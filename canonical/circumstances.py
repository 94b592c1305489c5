"""Where people live, and what they said about themselves."""

from datetime import date

from canonical.fields import Entity, field, links

LINES = "PRSB address lines"


class Address(Entity):
    """Where a person lives, or may be reached."""

    key = ("address_id",)
    parents = links(person_id="person")
    person_field = "person_id"

    address_id: str = field("key", "M", "P", "This address.")
    person_id: str = field("key", "M", "I", "The person who lives there.", references="person")
    line1: str | None = field("text", "R", "I", "First line.", standard=LINES)
    line2: str | None = field("text", "R", "I", "Second line.", standard=LINES)
    line3: str | None = field("text", "R", "I", "Third line, often the town.", standard=LINES)
    line4: str | None = field("text", "R", "I", "Fourth line.", standard=LINES)
    line5: str | None = field("text", "R", "I", "Fifth line.", standard=LINES)
    postcode: str | None = field(
        "text", "R", "I", "Postcode, in capitals with one space.", standard="NHS DD POSTCODE"
    )
    postcode_status: str | None = field(
        "code", "derived", "P", "What kind of postcode it is.", codes="postcode_status"
    )
    uprn: str | None = field(
        "text", "O", "I", "Unique Property Reference Number, 1 to 12 digits.", standard="BS 7666"
    )
    lsoa21: str | None = field(
        "code",
        "derived",
        "P",
        "Lower layer super output area of 2021, from the site's look-up.",
        standard="ONS",
    )
    lsoa11: str | None = field(
        "code",
        "derived",
        "P",
        "Lower layer super output area of 2011, which the deprivation index of 2019 needs.",
        standard="ONS",
    )
    ward: str | None = field(
        "code",
        "derived",
        "P",
        "Ward of the wards in force, from the site's look-up (Stockport's changed on 4 May 2023).",
        standard="ONS",
    )
    ward_before: str | None = field(
        "code",
        "derived",
        "P",
        "Ward the home lay in before the wards changed, from the site's look-up; the latest change first.",
        standard="ONS",
    )
    neighbourhood: str | None = field(
        "code", "derived", "P", "Neighbourhood, from the site's look-up (open list)."
    )
    imd_decile: int | None = field(
        "integer",
        "derived",
        "P",
        "Decile of the deprivation index of 2019 by the site's look-up; 1 is the most deprived.",
        standard="IoD 2019",
    )
    lad: str | None = field(
        "code", "derived", "P", "Local authority district; E08000007 is Stockport.", standard="ONS"
    )
    valid_from: date | None = field("date", "R", "P", "First day they lived there.", standard="SSD ADDR004A")
    valid_to: date | None = field("date", "O", "P", "Last day they lived there.", standard="SSD ADDR005A")
    address_type: str | None = field(
        "code",
        "O",
        "SG",
        "What kind of address it is; a refuge sets the safety flag.",
        codes="address_type",
        standard="PRSB",
    )
    sensitive_location: bool | None = field(
        "boolean",
        "R",
        "SG",
        "Whether knowing the place may endanger somebody; a blank cannot exclude it.",
        standard="Domestic Abuse Act 2021",
    )
    postcode_district: str | None = field(
        "text", "derived", "P", "Outward part of the postcode.", standard="ONS"
    )


class Characteristics(Entity):
    """What the person said about themselves for equality monitoring."""

    key = ("characteristics_id",)
    parents = links(person_id="person")
    person_field = "person_id"

    characteristics_id: str = field("key", "M", "P", "This set of answers.")
    person_id: str = field("key", "M", "I", "The person who gave them.", references="person")
    recorded_on: date | None = field("date", "R", "P", "Day they were recorded, where the source says.")
    ethnicity_2021: str | None = field(
        "code",
        "R",
        "S9",
        "Ethnic group in the words of the 2021 census.",
        codes="ethnicity_2021",
        standard="CLD R2",
    )
    ethnicity_nhs: str | None = field(
        "code",
        "derived",
        "S9",
        "Ethnic category of 2001, worked out from the group of 2021, never the other way.",
        codes="dd_ethnic_category_2001",
        standard="NHS DD; CSDS",
    )
    gender: str | None = field(
        "code", "R", "P", "Gender they state.", codes="dd_person_stated_gender", standard="NHS DD; CLD"
    )
    gender_same_as_birth: str | None = field(
        "code",
        "O",
        "S9",
        "Whether it is the gender assigned at birth; treated as special category.",
        codes="dd_gender_identity_same_at_birth",
        standard="NHS DD",
    )
    sexual_orientation: str | None = field(
        "code", "O", "S9", "Sexual orientation they state.", codes="dd_sexual_orientation", standard="NHS DD"
    )
    religion: str | None = field(
        "code", "O", "S9", "Religion or belief they state.", codes="dd_religion_group", standard="NHS DD"
    )
    disability: str | None = field(
        "code", "R", "S9", "Main disability they state.", codes="dd_disability", standard="NHS DD; CSDS"
    )
    disability_impact: str | None = field(
        "code",
        "O",
        "S9",
        "How far a disability limits them.",
        codes="dd_disability_impact_perception",
        standard="NHS DD",
    )
    accommodation_status: str | None = field(
        "code",
        "R",
        "SG",
        "Where they live, by kind; refuge and prison are among the words.",
        codes="cld_r2_accommodation_status",
        standard="CLD R2 Accommodation Status",
    )
    employment_status: str | None = field(
        "code", "R", "P", "Whether they work.", codes="cld_r2_employment_status", standard="CLD R2"
    )
    unpaid_carer: str | None = field(
        "code",
        "R",
        "P",
        "Whether somebody cares for them unpaid.",
        codes="unpaid_carer",
        standard="CLD Has_Unpaid_Carer; PRSB Carer Status 224484003",
    )
    armed_forces: str | None = field(
        "code",
        "O",
        "P",
        "Whether they served in the armed forces.",
        codes="dd_ex_british_armed_forces_indicator",
        standard="NHS DD",
    )
    marital_status: str | None = field(
        "code", "O", "P", "Marital status they state.", codes="dd_marital_status", standard="NHS DD"
    )
