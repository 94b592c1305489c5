"""People, and what is known about them."""

from datetime import date, datetime
from decimal import Decimal

from canonical.fields import Entity, field


class Person(Entity):
    """A person who was referred, helped or cared for."""

    key = ('person_id',)
    person_field = "person_id"

    person_id: str = field('key', 'M', 'I', 'Warehouse surrogate; random, not derived from NHS number.')
    given_name: str | None = field('text', 'R', 'I', 'Given name.', standard='PRSB Person first name (M)')
    family_name: str | None = field('text', 'R', 'I', 'Family name.', standard='PRSB Person family name (M)')
    preferred_name: str | None = field('text', 'O', 'I', 'Preferred name.', standard='PRSB')
    birth_date: date | None = field('date', 'R', 'I', 'Birth date.', standard='PRSB (M); CLD; CSDS (R)')
    birth_date_quality: str | None = field('code', 'derived', 'P', 'Exact, year_month, year, estimated, unknown.', codes='date_quality')
    birth_year_month: str | None = field('text', 'derived', 'P', 'What leaves the restricted zone.', standard='CLD Der_Birth_Year/Month')
    death_date: date | None = field('date', 'R', 'P', 'Death date.', standard='CLD; CSDS')
    role_type: str = field('code', 'M', 'P', 'Never count professionals as people.', codes='client|carer|child|parent|other', standard='Charitylog report-person-type')
    nhs_number: str | None = field('text', 'R', 'I', 'String, keep leading zeros.', standard='NHS DD NHS NUMBER; CLD; CSDS')
    nhs_number_status: str | None = field('code', 'R', 'P', 'Nhs number status.', codes='dd_nhs_number_status', standard='NHS DD; CSDS')
    la_person_id: str | None = field('text', 'O', 'I', 'La person id.', standard='CLD LA_Person_Unique_Identifier')
    uprn: str | None = field('text', 'O', 'I', '1-12 digits.', standard='OS / BS7666')
    gp_practice_code: str | None = field('text', 'O', 'P', 'Gp practice code.', standard='CLD; CSDS; PRSB (M)')
    preferred_language: str | None = field('code', 'O', 'P', 'Preferred language.', codes='ISO 639', standard='CSDS')
    interpreter_required: bool | None = field('boolean', 'O', 'P', 'Interpreter required.', standard='PRSB/AIS')
    preferred_contact_method: str | None = field('code', 'O', 'P', 'Preferred contact method.', codes='ukcore_preferred_contact_method', standard='UK Core')
    safe_to_contact: str | None = field('code', 'R', 'SG', 'Required when any DA service involved.', codes='yes|no|conditional', standard='DA practice')
    anonymous: bool = field('boolean', 'M', 'P', 'Anonymous.', standard='DD withheld_identity_reason')
    merged_into: str | None = field('key', 'O', 'P', 'Merge history, never delete.', references='person')
    anonymised: bool | None = field('boolean', 'derived', 'P', 'The record was anonymised at the source; its identity fields are blank.', standard='Charitylog Anonymise People')
    share_council: str | None = field('code', 'derived', 'P', 'Latest recorded answer to sharing with the council.', codes='consent_status', standard='PRSB Consent for information sharing')
    household_id: str | None = field('key', 'derived', 'I', 'The household: declared relationships, the same UPRN, or the same address.')
    safety_flag: bool | None = field('boolean', 'derived', 'SG', 'Set, or not excluded, that whereabouts may endanger this person or the household.', standard='Domestic Abuse Act 2021')


class PersonIdentifier(Entity):
    """A number by which somebody knows the person."""

    key = ('identifier_id',)
    parents = {'person_id': 'person'}
    person_field = "person_id"

    identifier_id: str = field('key', 'M', 'I', 'Key of this identifier.')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    scheme: str = field('code', 'M', 'N', 'Charitylog_org_person_id, la_client_id, local_patient_id, upn.', codes='identifier_scheme', standard='PRSB Other identifier')
    value: str = field('text', 'M', 'I', 'Value.')
    issuer_org_id: str = field('key', 'M', 'N', 'Ids are unique only within issuer.', standard='CSDS ORGANISATION IDENTIFIER (LOCAL PATIENT IDENTIFIER)', references='organisation')


class Relationship(Entity):
    """A declared link between two people."""

    key = ('relationship_id',)
    parents = {'person_id': 'person'}
    person_field = "person_id"

    relationship_id: str = field('key', 'M', 'P', 'Key of this relationship.')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    related_person_id: str = field('key', 'M', 'I', 'Related person id.', standard='CLD Adult_n_Linked_Person_ID', references='person')
    relation: str = field('code', 'M', 'P', 'Relation.', codes='carer_of|cared_for_by|parent_of|child_of|household', standard='CLD; SSD family')
    hours_caring_band: str | None = field('code', 'O', 'P', 'Hours caring band.', codes='CLD Total_Hrs_Caring_per_week', standard='CLD; SACE')
    valid_from: date | None = field('date', 'O', 'P', 'Valid from.')
    valid_to: date | None = field('date', 'O', 'P', 'Valid to.')


class Address(Entity):
    """Where a person lives, or may be reached."""

    key = ('address_id',)
    parents = {'person_id': 'person'}
    person_field = "person_id"

    address_id: str = field('key', 'M', 'P', 'Key of this address.')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    line1: str | None = field('text', 'R', 'I', 'Line1.', standard='PRSB address lines')
    line2: str | None = field('text', 'R', 'I', 'Line2.', standard='PRSB address lines')
    line3: str | None = field('text', 'R', 'I', 'Line3.', standard='PRSB address lines')
    line4: str | None = field('text', 'R', 'I', 'Line4.', standard='PRSB address lines')
    line5: str | None = field('text', 'R', 'I', 'Line5.', standard='PRSB address lines')
    postcode: str | None = field('text', 'R', 'I', 'Postcode.', standard='NHS DD POSTCODE')
    postcode_status: str | None = field('code', 'derived', 'P', 'Postcode status.', codes='valid|pseudo|nonuk|missing|refused')
    uprn: str | None = field('text', 'O', 'I', 'Uprn.', standard='BS7666')
    lsoa21: str | None = field('code', 'derived', 'P', 'Derived.', codes='stockport_lsoa_2021', standard='ONS')
    lsoa11: str | None = field('code', 'derived', 'P', 'Needed for IMD 2019 join.', codes='stockport_lsoa_2011', standard='ONS')
    ward: str | None = field('code', 'derived', 'P', 'Use ward valid at event date (boundaries changed May 2023).', codes='stockport_wards', standard='ONS')
    neighbourhood: str | None = field('code', 'derived', 'P', 'Neighbourhood.', codes='neighbourhood (8; names to be supplied)', standard='New Local case study')
    imd_decile: int | None = field('integer', 'derived', 'P', '1 = most deprived.', standard='IMD 2019')
    lad: str | None = field('code', 'derived', 'P', 'Lad.', codes='E08000007 = Stockport', standard='ONS')
    valid_from: date | None = field('date', 'R', 'P', 'Valid from.', standard='SSD ADDR004A')
    valid_to: date | None = field('date', 'O', 'P', 'Valid to.', standard='SSD ADDR005A')
    address_type: str | None = field('code', 'O', 'SG', 'Refuge addresses never leave restricted zone.', codes='main|temporary|correspondence|refuge', standard='PRSB')
    sensitive_location: bool = field('boolean', 'M', 'SG', 'Default true for lot 8 clients.', standard='DA Act 2021')
    postcode_district: str | None = field('text', 'derived', 'P', 'Outward part of the postcode.', standard='ONS')


class Characteristics(Entity):
    """What the person said about themselves for equality monitoring."""

    key = ('characteristics_id',)
    parents = {'person_id': 'person'}
    person_field = "person_id"

    characteristics_id: str = field('key', 'M', 'P', 'Key of this record.')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    recorded_on: date = field('date', 'M', 'P', 'Latest per person wins.')
    ethnicity_2021: str | None = field('code', 'R', 'S9', 'Ethnicity 2021.', codes='ethnicity_crosswalk.cld_r2_label', standard='CLD R2')
    ethnicity_nhs: str | None = field('code', 'derived', 'S9', 'Derived from 2021, one way.', codes='dd_ethnic_category_2001', standard='NHS DD; CSDS')
    gender: str | None = field('code', 'R', 'P', 'Gender.', codes='dd_person_stated_gender', standard='NHS DD; CLD')
    gender_same_as_birth: str | None = field('code', 'O', 'S9', 'Treat as special category.', codes='dd_gender_identity_same_at_birth', standard='NHS DD')
    sexual_orientation: str | None = field('code', 'O', 'S9', 'Sexual orientation.', codes='dd_sexual_orientation', standard='NHS DD')
    religion: str | None = field('code', 'O', 'S9', 'Religion.', codes='dd_religion_group', standard='NHS DD')
    disability: str | None = field('code', 'R', 'S9', 'Disability.', codes='dd_disability', standard='NHS DD; CSDS')
    disability_impact: str | None = field('code', 'O', 'S9', 'Disability impact.', codes='dd_disability_impact_perception', standard='NHS DD')
    accommodation_status: str | None = field('code', 'R', 'P', 'Codes HM*, CH02 Refuge, CJ* are SG/C10.', codes='dd_accommodation_status / cld_r2_accommodation_status', standard='NHS DD; CLD')
    employment_status: str | None = field('code', 'R', 'P', 'Employment status.', codes='dd_employment_status / cld_r2_employment_status', standard='NHS DD; CLD')
    unpaid_carer: str | None = field('code', 'R', 'P', 'Unpaid carer.', codes='Y|N|Z|U', standard='CLD Has_Unpaid_Carer; PRSB Carer Status 224484003')
    armed_forces: str | None = field('code', 'O', 'P', 'Armed forces.', codes='dd_ex_british_armed_forces_indicator', standard='NHS DD')
    marital_status: str | None = field('code', 'O', 'P', 'Marital status.', codes='dd_marital_status', standard='NHS DD')


class Consent(Entity):
    """What a person agreed to, for one purpose."""

    key = ('consent_id',)
    parents = {'person_id': 'person'}
    person_field = "person_id"

    consent_id: str = field('key', 'M', 'P', 'Consent id.')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    purpose: str = field('code', 'M', 'P', 'Purpose.', codes='service|share_partners|share_council|external_referral|marketing', standard='PRSB Consent for information sharing')
    status: str = field('code', 'M', 'P', 'Status.', codes='consent_status', standard='PRSB; Charitylog consent rules')
    recorded_at: datetime = field('instant', 'M', 'P', 'Recorded at.')
    withdrawn_at: datetime | None = field('instant', 'O', 'P', 'Withdrawn at.')
    recorded_by_org: str = field('key', 'M', 'N', 'Recorded by org.', references='organisation')
    recorded_on: date | None = field('date', 'derived', 'P', 'Day the consent was recorded, in Europe/London.')
