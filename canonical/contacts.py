"""The work done within a referral: contacts, advice, signposting and onward referrals."""

from datetime import date, datetime

from canonical.fields import Entity, field, links, reveals_abuse_field


class Contact(Entity):
    """Work done for the person within a referral."""

    key = ("contact_id",)
    parents = links(referral_id="referral")
    person_field = "referral_id"

    contact_id: str = field("key", "M", "P", "This contact.", standard="CSDS CARE CONTACT IDENTIFIER")
    referral_id: str = field(
        "key", "M", "P", "The referral it sits in.", standard="Charitylog Contact", references="referral"
    )
    contact_at: datetime = field("instant", "M", "P", "When it was.", standard="CSDS CARE CONTACT DATE")
    medium: str | None = field(
        "code", "R", "P", "By what means.", codes="dd_consultation_medium_used", standard="CSDS"
    )
    attendance: str | None = field(
        "code", "R", "P", "Whether the person came.", codes="dd_attended_or_did_not_attend", standard="CSDS"
    )
    subject: str | None = field(
        "code", "O", "P", "With the person or with a proxy.", codes="dd_care_contact_subject", standard="CSDS"
    )
    duration_min: int | None = field(
        "integer", "O", "N", "How long it took, in minutes.", standard="CSDS CLINICAL CONTACT DURATION"
    )
    worker_ref: str | None = field("text", "O", "P", "The source's mark for the worker.")
    is_administrative: bool | None = field(
        "boolean",
        "R",
        "N",
        "Whether it was paperwork only, without the person.",
        standard="Charitylog Contact",
    )
    contact_on: date | None = field(
        "date", "derived", "P", "Day of the contact, in Europe/London.", standard="CSDS CARE CONTACT DATE"
    )
    reveals_abuse: bool | None = reveals_abuse_field()


class Advice(Entity):
    """One piece of advice."""

    key = ("advice_id",)
    parents = links(person_id="person", referral_id="referral")
    person_field = "person_id"

    advice_id: str = field("key", "M", "P", "This piece of advice.")
    person_id: str = field("key", "M", "I", "The person it was given to.", references="person")
    referral_id: str = field("key", "M", "P", "The referral it was given in.", references="referral")
    contact_id: str | None = field("key", "R", "P", "The contact it was given in.", references="contact")
    given_at: datetime = field("instant", "M", "P", "When it was given.")
    category: str = field(
        "code", "M", "P", "What it was about: one of five.", codes="advice_category", standard="award entry"
    )
    subcategory: str | None = field(
        "code", "R", "S9", "What it was about, more closely.", codes="presenting_need"
    )
    by_org_id: str | None = field(
        "key", "R", "N", "The organisation that gave it.", references="organisation"
    )
    given_on: date | None = field("date", "derived", "P", "Day it was given, in Europe/London.")
    wait_working_days: int | None = field(
        "integer",
        "derived",
        "P",
        "Working days in England from the referral received to this advice.",
        standard="award entry",
    )
    reveals_abuse: bool | None = reveals_abuse_field()


class Signposting(Entity):
    """Information given about another organisation; nothing was sent."""

    key = ("signposting_id",)
    parents = links(person_id="person", referral_id="referral")
    person_field = "person_id"

    signposting_id: str = field("key", "M", "P", "This signposting.", standard="PRSB Signpost details")
    person_id: str = field("key", "M", "I", "The person who was told.", references="person")
    referral_id: str = field("key", "M", "P", "The referral it was done in.", references="referral")
    signposted_on: date = field("date", "M", "P", "Day it was done, in Europe/London.", standard="PRSB Date")
    to_org_id: str | None = field(
        "key",
        "R",
        "N",
        "The organisation they were told of.",
        standard="PRSB Signpost to; Charitylog Signposting",
        references="organisation",
    )
    to_service_id: str | None = field(
        "key", "O", "N", "The service they were told of.", standard="ORUK service.id", references="service"
    )
    reason_code: str | None = field(
        "code",
        "R",
        "S9",
        "The need it answers.",
        codes="presenting_need",
        standard="PRSB Reason for signpost",
    )
    reveals_abuse: bool | None = reveals_abuse_field()


class OnwardReferral(Entity):
    """Details sent to another organisation."""

    key = ("onward_referral_id",)
    parents = links(person_id="person", referral_id="referral")
    person_field = "person_id"

    onward_referral_id: str = field("key", "M", "P", "This onward referral.", standard="CSDS Onward Referral")
    person_id: str = field("key", "M", "I", "The person who was referred on.", references="person")
    referral_id: str = field(
        "key",
        "M",
        "P",
        "The referral it grew out of.",
        standard="CSDS SERVICE REQUEST IDENTIFIER",
        references="referral",
    )
    made_at: datetime = field("instant", "M", "P", "When it was made.", standard="CSDS ONWARD REFERRAL DATE")
    to_org_id: str | None = field(
        "key",
        "R",
        "N",
        "The organisation it was made to.",
        standard="CSDS ORGANISATION IDENTIFIER (RECEIVING)",
        references="organisation",
    )
    to_service_id: str | None = field(
        "key", "R", "N", "The service it was made to; needed for a commissioned lot.", references="service"
    )
    reason_code: str | None = field(
        "code", "O", "P", "Why it was made.", codes="dd_onward_referral_reason", standard="CSDS"
    )
    consent_id: str | None = field(
        "key",
        "R",
        "P",
        "The consent it rests on.",
        standard="Charitylog external referral consent",
        references="consent",
    )
    resulting_referral_id: str | None = field(
        "key", "R", "P", "The referral it became at the receiving provider.", references="referral"
    )
    outcome: str | None = field("code", "R", "P", "What came of it.", codes="onward_outcome")
    made_on: date | None = field(
        "date", "derived", "P", "Day it was made, in Europe/London.", standard="CSDS ONWARD REFERRAL DATE"
    )
    lot_code: str | None = field(
        "code",
        "derived",
        "P",
        "Lot of the receiving service.",
        codes="stockport_lots",
        standard="award entry",
    )
    reveals_abuse: bool | None = reveals_abuse_field()
