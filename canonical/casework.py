"""Referrals and the work done within them."""

from datetime import date, datetime
from decimal import Decimal

from canonical.fields import Entity, field


class Referral(Entity):
    """A request that a service help a person; the clock starts here."""

    key = ('referral_id',)
    parents = {'person_id': 'person'}
    person_field = "person_id"

    referral_id: str = field('key', 'M', 'P', 'Referral id.', standard='CSDS SERVICE REQUEST IDENTIFIER; FHIR ServiceRequest.id')
    person_id: str = field('key', 'M', 'I', 'Person id.', standard='CSDS; PRSB', references='person')
    received_at: datetime = field('instant', 'M', 'P', 'Clock start.', standard='CSDS REFERRAL REQUEST RECEIVED DATE (M); Charitylog Referral Date')
    received_time_known: bool = field('boolean', 'M', 'N', 'Same-day triage needs a date only.', standard='CSDS ... RECEIVED TIME (R)')
    target_service_id: str = field('key', 'M', 'N', 'Stockport Support Hub or a lot service.', standard='PRSB Referral to; CSDS SERVICE OR TEAM TYPE', references='service')
    referrer_type: str = field('code', 'M', 'P', 'Self = 02.', codes='dd_source_of_referral_community', standard='CSDS SOURCE OF REFERRAL (R)')
    referrer_org_id: str | None = field('key', 'R', 'N', 'Required unless self/carer/anonymous.', standard='CSDS ORGANISATION IDENTIFIER (REFERRING); PRSB Organisation (M)', references='organisation')
    referrer_name: str | None = field('text', 'O', 'I', 'Professional personal data.', standard='PRSB Referrer name (M)')
    heard_about_us: str | None = field('code', 'O', 'N', 'NOT the referrer: see section 6.', codes='provider list', standard='Charitylog "Referral Source"')
    referral_method: str | None = field('code', 'O', 'N', 'Referral method.', codes='phone|web form|portal|email|letter|in person|other', standard='PRSB Referral method; UK Core ServiceRequestMethod')
    parent_referral_id: str | None = field('key', 'R', 'P', 'Set when referral came through the hub portal.', references='referral')
    priority: str | None = field('code', 'R', 'P', 'Priority.', codes='dd_priority_type (1,2)', standard='CSDS PRIORITY TYPE')
    triaged_at: datetime | None = field('instant', 'R', 'P', 'Triaged at.', standard='award entry same-day triage')
    triage_outcome: str | None = field('code', 'R', 'P', 'Triage outcome.', codes='accept|iag_only|signpost|refer_on|reject|duplicate|no_contact')
    status: str = field('code', 'M', 'P', 'Status.', codes='referral_status', standard='Charitylog Referral Stage/Status; FHIR request-status')
    closed_at: date | None = field('date', 'R', 'P', 'Closed at.', standard='Charitylog Referral Closure Date; CSDS REFERRAL CLOSURE DATE')
    closure_reason: str | None = field('code', 'R', 'P', 'Closure reason.', codes='closure_reason', standard='CSDS REFERRAL CLOSURE REASON; CLD Event_Outcome')
    re_referral: bool | None = field('boolean', 'derived', 'P', 'Same person, same service, within 183 days of closure.')
    route_of_access: str | None = field('code', 'O', 'P', 'Only when passed to ASC.', codes='cld_r1_route_of_access', standard='CLD Request_Route_of_Access')
    received_on: date | None = field('date', 'derived', 'P', 'Day the referral was received, in Europe/London.', standard='CSDS REFERRAL REQUEST RECEIVED DATE')
    triage_days: int | None = field('integer', 'derived', 'P', 'Calendar days from received to triaged.')
    age_band: str | None = field('code', 'derived', 'P', 'Age band on the day the referral was received (so it never moves with the run).', codes='age_bands', standard='CLD')
    lot_code: str | None = field('code', 'derived', 'P', 'Lot of the target service.', codes='stockport_lots', standard='award entry')
    reveals_abuse: bool | None = field('boolean', 'derived', 'SG', 'This row by itself reveals, or cannot exclude, domestic abuse.', standard='Domestic Abuse Act 2021')


class Need(Entity):
    """A need the person presented with."""

    key = ('need_id',)
    parents = {'person_id': 'person', 'referral_id': 'referral'}
    person_field = "person_id"

    need_id: str = field('key', 'M', 'P', 'Need id.', standard='PRSB Needs, concerns or problems')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    referral_id: str = field('key', 'M', 'P', 'Referral id.', references='referral')
    need_code: str = field('code', 'M', 'S9', 'Per-code class in list.', codes='presenting_need', standard='PRSB ^1127581000000103; LGA needs; SAVVI')
    is_primary: bool = field('boolean', 'M', 'P', 'Exactly one per referral.')
    raised_on: date = field('date', 'M', 'P', 'Raised on.')
    resolved_on: date | None = field('date', 'O', 'P', 'Resolved on.')
    reveals_abuse: bool | None = field('boolean', 'derived', 'SG', 'This row by itself reveals, or cannot exclude, domestic abuse.', standard='Domestic Abuse Act 2021')


class Risk(Entity):
    """A risk recorded about the person."""

    key = ('risk_id',)
    parents = {'person_id': 'person'}
    person_field = "person_id"

    risk_id: str = field('key', 'M', 'SG', 'Risk id.', standard='PRSB Risks (1..1 M)')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    risk_code: str = field('code', 'M', 'SG', 'Risk code.', codes='local risk list', standard='PRSB SNOMED <281694009')
    level: str = field('code', 'M', 'SG', 'Level.', codes='low|medium|high')
    start_on: date = field('date', 'M', 'SG', 'Start on.', standard='PRSB')
    end_on: date | None = field('date', 'O', 'SG', 'End on.', standard='PRSB')
    recorded_by_org: str = field('key', 'M', 'N', 'Recorded by org.', references='organisation')
    reveals_abuse: bool | None = field('boolean', 'derived', 'SG', 'This row by itself reveals, or cannot exclude, domestic abuse.', standard='Domestic Abuse Act 2021')


class Contact(Entity):
    """Work done for the person within a referral."""

    key = ('contact_id',)
    parents = {'referral_id': 'referral'}
    person_field = "referral_id"

    contact_id: str = field('key', 'M', 'P', 'Contact id.', standard='CSDS CARE CONTACT IDENTIFIER')
    referral_id: str = field('key', 'M', 'P', 'Referral id.', standard='Charitylog: a Contact must sit in a Referral', references='referral')
    contact_at: datetime = field('instant', 'M', 'P', 'Contact at.', standard='CSDS CARE CONTACT DATE')
    medium: str | None = field('code', 'R', 'P', 'Medium.', codes='dd_consultation_medium_used', standard='CSDS')
    attendance: str | None = field('code', 'R', 'P', 'Attendance.', codes='dd_attended_or_did_not_attend', standard='CSDS')
    subject: str | None = field('code', 'O', 'P', 'Person or proxy.', codes='dd_care_contact_subject', standard='CSDS')
    duration_min: int | None = field('integer', 'O', 'N', 'Duration min.', standard='CSDS CLINICAL CONTACT DURATION')
    worker_ref: str | None = field('text', 'O', 'P', 'Pseudonymised.')
    is_administrative: bool = field('boolean', 'M', 'N', 'Charitylog contacts can be admin-only.')
    contact_on: date | None = field('date', 'derived', 'P', 'Day of the contact, in Europe/London.', standard='CSDS CARE CONTACT DATE')
    reveals_abuse: bool | None = field('boolean', 'derived', 'SG', 'This row by itself reveals, or cannot exclude, domestic abuse.', standard='Domestic Abuse Act 2021')


class Advice(Entity):
    """One piece of advice."""

    key = ('advice_id',)
    parents = {'person_id': 'person', 'referral_id': 'referral'}
    person_field = "person_id"

    advice_id: str = field('key', 'M', 'P', 'Advice id.')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    referral_id: str = field('key', 'M', 'P', 'Referral id.', references='referral')
    contact_id: str | None = field('key', 'R', 'P', 'Contact id.', references='contact')
    given_at: datetime = field('instant', 'M', 'P', 'Given at.')
    category: str = field('code', 'M', 'P', 'Exactly one.', codes='advice_category', standard='award entry 5 categories')
    subcategory: str | None = field('code', 'R', 'S9', 'Subcategory.', codes='presenting_need')
    by_org_id: str = field('key', 'M', 'N', 'By org id.', references='organisation')
    given_on: date | None = field('date', 'derived', 'P', 'Day the advice was given, in Europe/London.')
    wait_working_days: int | None = field('integer', 'derived', 'P', 'Working days in England from the referral to this advice.', standard='award entry')
    reveals_abuse: bool | None = field('boolean', 'derived', 'SG', 'This row by itself reveals, or cannot exclude, domestic abuse.', standard='Domestic Abuse Act 2021')


class Signposting(Entity):
    """Information given about another organisation; nothing was sent."""

    key = ('signposting_id',)
    parents = {'person_id': 'person', 'referral_id': 'referral'}
    person_field = "person_id"

    signposting_id: str = field('key', 'M', 'P', 'Signposting id.', standard='PRSB Signpost details')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    referral_id: str = field('key', 'M', 'P', 'Referral id.', references='referral')
    signposted_on: date = field('date', 'M', 'P', 'Signposted on.', standard='PRSB Date')
    to_org_id: str = field('key', 'M', 'N', 'To org id.', standard='PRSB Signpost to > Organisation; Charitylog Signposting', references='organisation')
    to_service_id: str | None = field('key', 'O', 'N', 'To service id.', standard='ORUK service.id')
    reason_code: str | None = field('code', 'R', 'S9', 'Reason code.', codes='presenting_need', standard='PRSB Reason for signpost')
    reveals_abuse: bool | None = field('boolean', 'derived', 'SG', 'This row by itself reveals, or cannot exclude, domestic abuse.', standard='Domestic Abuse Act 2021')


class OnwardReferral(Entity):
    """Details sent to another organisation."""

    key = ('onward_referral_id',)
    parents = {'person_id': 'person', 'referral_id': 'referral'}
    person_field = "person_id"

    onward_referral_id: str = field('key', 'M', 'P', 'Onward referral id.', standard='CSDS Onward Referral')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    referral_id: str = field('key', 'M', 'P', 'The originating referral.', standard='CSDS SERVICE REQUEST IDENTIFIER', references='referral')
    made_at: datetime = field('instant', 'M', 'P', 'Made at.', standard='CSDS ONWARD REFERRAL DATE')
    to_org_id: str = field('key', 'M', 'N', 'To org id.', standard='CSDS ORGANISATION IDENTIFIER (RECEIVING)', references='organisation')
    to_service_id: str | None = field('key', 'R', 'N', 'Required when target is a commissioned lot.', references='service')
    reason_code: str | None = field('code', 'O', 'P', 'Reason code.', codes='dd_onward_referral_reason', standard='CSDS')
    consent_id: str | None = field('key', 'R', 'P', 'Consent id.', standard='Charitylog external referral consent', references='consent')
    resulting_referral_id: str | None = field('key', 'R', 'P', 'Link into receiving provider.', references='referral')
    outcome: str | None = field('code', 'R', 'P', 'Outcome.', codes='accepted|rejected|withdrawn|no_response|pending')
    made_on: date | None = field('date', 'derived', 'P', 'Day the onward referral was made, in Europe/London.', standard='CSDS ONWARD REFERRAL DATE')
    lot_code: str | None = field('code', 'derived', 'P', 'Lot of the receiving service.', codes='stockport_lots', standard='award entry')
    reveals_abuse: bool | None = field('boolean', 'derived', 'SG', 'This row by itself reveals, or cannot exclude, domestic abuse.', standard='Domestic Abuse Act 2021')


class ServiceEpisode(Entity):
    """The time a service worked with the person."""

    key = ('episode_id',)
    parents = {'person_id': 'person', 'referral_id': 'referral'}
    person_field = "person_id"

    episode_id: str = field('key', 'M', 'P', 'Episode id.', standard='SSD earl_episode_id; UK Core EpisodeOfCare')
    referral_id: str = field('key', 'M', 'P', 'Referral id.', references='referral')
    person_id: str = field('key', 'M', 'I', 'Person id.', references='person')
    service_id: str = field('key', 'M', 'N', 'Service id.', references='service')
    accepted_on: date | None = field('date', 'R', 'P', 'Accepted on.')
    offered_start_on: date | None = field('date', 'O', 'P', 'Explains waits caused by person choice.', standard='CSDS EARLIEST REASONABLE OFFER DATE')
    started_on: date | None = field('date', 'R', 'P', 'First non-administrative contact or service delivery.', standard='CLD Event_Start_Date')
    ended_on: date | None = field('date', 'R', 'P', 'Ended on.', standard='CLD Event_End_Date; CSDS SERVICE DISCHARGE DATE')
    end_reason: str | None = field('code', 'R', 'P', 'End reason.', codes='closure_reason', standard='SSD earl_episode_end_reason')
    case_review_on: date | None = field('date', 'O', 'P', 'Case review on.', standard='award entry monthly case review with ASC')
    step: str | None = field('code', 'O', 'P', 'Step.', codes='step_up|step_down|same', standard='award entry step up / step down')
    wait_days: int | None = field('integer', 'derived', 'P', 'Calendar days from the referral received to the service started.', standard='DHSC wait to first service')
    lot_code: str | None = field('code', 'derived', 'P', 'Lot of the service.', codes='stockport_lots', standard='award entry')
    reveals_abuse: bool | None = field('boolean', 'derived', 'SG', 'This row by itself reveals, or cannot exclude, domestic abuse.', standard='Domestic Abuse Act 2021')
