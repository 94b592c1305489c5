"""Organisations and their services."""

from datetime import date, datetime
from decimal import Decimal

from canonical.fields import Entity, field


class Organisation(Entity):
    """An organisation that provides, refers or is referred to."""

    key = ('org_id',)

    org_id: str = field('key', 'M', 'N', 'Canonical after de-duplication.', standard='ORUK organization.id')
    name: str = field('text', 'M', 'N', 'Name.', standard='ORUK organization.name')
    org_role: str = field('code', 'M', 'N', 'Commissioned_provider, referrer, signpost_target, referral_target.', codes='org_role')
    ods_code: str | None = field('text', 'R', 'N', 'Ods code.', standard='NHS ODS; PRSB organisation coded value')
    charity_number: str | None = field('text', 'O', 'N', 'Charity number.', standard='ORUK organization_identifier')
    company_number: str | None = field('text', 'O', 'N', 'Company number.', standard='ORUK organization_identifier')
    source_of_referral_category: str | None = field('code', 'R', 'N', 'Required if role=referrer.', codes='dd_source_of_referral_community', standard='CSDS')
    external_referral_consent_rule: str | None = field('text', 'R', 'N', 'No rule = cannot be referred to.', standard='Charitylog External Referral Settings')


class Service(Entity):
    """A service of an organisation, with the lot it is commissioned under."""

    key = ('service_id',)
    parents = {'org_id': 'organisation'}

    service_id: str = field('key', 'M', 'N', 'Service id.', standard='ORUK service.id')
    org_id: str = field('key', 'M', 'N', 'Org id.', standard='ORUK', references='organisation')
    lot_code: str | None = field('code', 'R', 'N', 'Blank for non-commissioned.', codes='stockport_lots', standard='award entry')
    source_project: str = field('text', 'M', 'N', 'Mapping key.', standard='Charitylog Project')
    source_subcategory: str | None = field('text', 'O', 'N', 'Source subcategory.', standard='Charitylog Project Subcategory')
    name: str = field('text', 'M', 'N', 'Name.', standard='ORUK service.name')
    status: str = field('code', 'M', 'N', 'Status.', codes='active|inactive|defunct|temporarily closed', standard='ORUK service.status enum')
    valid_from: date = field('date', 'M', 'N', 'Not before 2022-04-01 for lots.')
    valid_to: date | None = field('date', 'O', 'N', 'Valid to.')
    waiting_time_target_days: int | None = field('integer', 'R', 'N', '30 by default (award entry "less than a month").', standard='contract')
