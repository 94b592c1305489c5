"""Organisations, their services, and the entries of the directory of services."""

from datetime import date, datetime
from decimal import Decimal

from canonical.fields import Entity, field, links


class Organisation(Entity):
    """An organisation that provides, refers or is referred to."""

    key = ("org_id",)

    org_id: str = field("key", "M", "N", "The organisation.", standard="ORUK organization.id")
    name: str = field("text", "M", "N", "Its name.", standard="ORUK organization.name")
    org_role: str | None = field("code", "R", "N", "The part it plays for the hub.", codes="org_role")
    ods_code: str | None = field(
        "text", "R", "N", "Its NHS Organisation Data Service code.", standard="NHS ODS; PRSB organisation"
    )
    charity_number: str | None = field(
        "text", "O", "N", "Its Charity Commission number.", standard="ORUK organization_identifier"
    )
    company_number: str | None = field(
        "text", "O", "N", "Its Companies House number.", standard="ORUK organization_identifier"
    )
    source_of_referral_category: str | None = field(
        "code",
        "R",
        "N",
        "The national category of source it belongs to; needed where it refers people.",
        codes="dd_source_of_referral_community",
        standard="CSDS SOURCE OF REFERRAL",
    )
    external_referral_consent_rule: str | None = field(
        "text",
        "R",
        "N",
        "The consent rule attached to it; without one it cannot be referred to.",
        standard="Charitylog External Referral Settings",
    )


class Service(Entity):
    """A service of an organisation, with the lot it is commissioned under."""

    key = ("service_id",)
    parents = links(org_id="organisation")

    service_id: str = field("key", "M", "N", "The service.", standard="ORUK service.id")
    org_id: str = field(
        "key", "M", "N", "The organisation that runs it.", standard="ORUK", references="organisation"
    )
    lot_code: str | None = field(
        "code",
        "R",
        "N",
        "The lot it is commissioned under; blank if it is not commissioned.",
        codes="stockport_lots",
        standard="award entry",
    )
    source_project: str = field(
        "text", "M", "N", "The CRM's project that this service stands for.", standard="Charitylog Project"
    )
    source_subcategory: str | None = field(
        "text", "O", "N", "The CRM's project subcategory.", standard="Charitylog Project Subcategory"
    )
    name: str = field("text", "M", "N", "Its name.", standard="ORUK service.name")
    status: str = field(
        "code", "M", "N", "Whether it runs now.", codes="service_status", standard="ORUK service.status"
    )
    valid_from: date = field("date", "M", "N", "First day it runs; for a lot not before 2022-04-01.")
    valid_to: date | None = field("date", "O", "N", "Last day it runs.")
    waiting_time_target_days: int | None = field(
        "integer", "R", "N", "Days in which it is to start; 30 unless the contract says otherwise."
    )
    minimum_age: int | None = field(
        "integer", "O", "N", "Youngest age it serves, in whole years.", standard="ORUK service.minimum_age"
    )
    maximum_age: int | None = field(
        "integer", "O", "N", "Oldest age it serves, in whole years.", standard="ORUK service.maximum_age"
    )
    domestic_abuse: bool | None = field(
        "boolean",
        "R",
        "N",
        "Whether it serves people affected by domestic abuse; a blank cannot exclude it.",
        standard="Domestic Abuse Act 2021",
    )


class DirectoryService(Entity):
    """An entry of the public directory of services: agreed, and pulled by no mapping yet."""

    key = ("directory_service_id",)

    directory_service_id: str = field("key", "M", "N", "This entry.", standard="ORUK 3.0 service.id")
    directory_org_id: str = field(
        "key",
        "M",
        "N",
        "The organisation that runs it, in the directory's own numbering.",
        standard="ORUK service.organization_id",
    )
    name: str = field("text", "M", "N", "Its name.", standard="ORUK service.name")
    status: str = field(
        "code", "M", "N", "Whether it runs now.", codes="service_status", standard="ORUK service.status"
    )
    description: str | None = field(
        "text",
        "R",
        "N",
        "Free text: what the directory tells the public about it.",
        standard="ORUK service.description",
    )
    url: str | None = field("text", "O", "N", "Its page.", standard="ORUK service.url")
    email: str | None = field(
        "text", "O", "N", "Its public address for e-mail.", standard="ORUK service.email"
    )
    minimum_age: int | None = field(
        "integer", "O", "N", "Youngest age it serves, in whole years.", standard="ORUK service.minimum_age"
    )
    maximum_age: int | None = field(
        "integer", "O", "N", "Oldest age it serves, in whole years.", standard="ORUK service.maximum_age"
    )
    assured_on: date | None = field(
        "date", "R", "N", "Day somebody last checked the entry.", standard="ORUK service.assured_date"
    )
    modified_at: datetime | None = field(
        "instant", "R", "N", "When it was last changed.", standard="ORUK service.last_modified"
    )
    latitude: Decimal | None = field(
        "coordinate", "O", "N", "Degrees north, WGS 84.", standard="ORUK location.latitude"
    )
    longitude: Decimal | None = field(
        "coordinate", "O", "N", "Degrees east, WGS 84; west is negative.", standard="ORUK location.longitude"
    )
    taxonomy_terms: str | None = field(
        "text",
        "R",
        "N",
        "What it is about: the addresses of its terms, a space between them.",
        standard="ORUK attribute.taxonomy_term; LGA esd lists",
    )
    legacy_group_slug: str | None = field(
        "text",
        "O",
        "N",
        "Its mark in the directory of before May 2025.",
        standard="Stockport Local Group.Slug",
    )
