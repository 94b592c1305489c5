"""Referrals, what they were about, and the time a service spent on them."""

from datetime import date, datetime

from canonical.fields import Entity, field, links, reveals_abuse_field


class Referral(Entity):
    """A request that a service help a person; the clock starts here."""

    key = ("referral_id",)
    parents = links(person_id="person")
    person_field = "person_id"

    referral_id: str = field(
        "key", "M", "P", "The referral.", standard="CSDS SERVICE REQUEST IDENTIFIER; FHIR ServiceRequest.id"
    )
    person_id: str = field(
        "key", "M", "I", "The person it is for.", standard="CSDS; PRSB", references="person"
    )
    received_at: datetime = field(
        "instant",
        "M",
        "P",
        "When it was received; every wait is counted from here.",
        standard="CSDS REFERRAL REQUEST RECEIVED DATE; Charitylog Referral Date",
    )
    received_time_known: bool | None = field(
        "boolean",
        "R",
        "N",
        "Whether the hour was recorded, or the day alone.",
        standard="CSDS REFERRAL REQUEST RECEIVED TIME",
    )
    target_service_id: str | None = field(
        "key",
        "R",
        "N",
        "The service it is made to, found by the CRM's project.",
        standard="PRSB Referral to; CSDS SERVICE OR TEAM TYPE",
        references="service",
    )
    referrer_type: str | None = field(
        "code",
        "R",
        "P",
        "Who referred, by kind; self is 02.",
        codes="dd_source_of_referral_community",
        standard="CSDS SOURCE OF REFERRAL",
    )
    referrer_org_id: str | None = field(
        "key",
        "R",
        "N",
        "The organisation that referred; needed unless the person or a carer did.",
        standard="CSDS ORGANISATION IDENTIFIER (REFERRING)",
        references="organisation",
    )
    referrer_name: str | None = field(
        "text", "O", "I", "Name of the professional who referred.", standard="PRSB Referrer name"
    )
    heard_about_us: str | None = field(
        "code",
        "O",
        "N",
        "Where the person heard of the service, in the source's words (open list); not the referrer.",
        standard="Charitylog Referral Source",
    )
    referral_method: str | None = field(
        "code",
        "O",
        "N",
        "How the referral reached the service.",
        codes="referral_method",
        standard="PRSB; UK Core",
    )
    parent_referral_id: str | None = field(
        "key", "R", "P", "The hub's referral that this one came from.", references="referral"
    )
    priority: str | None = field(
        "code", "R", "P", "How urgent it is.", codes="dd_priority_type", standard="CSDS PRIORITY TYPE"
    )
    triaged_at: datetime | None = field(
        "instant", "R", "P", "When it was triaged.", standard="award entry same-day triage"
    )
    triage_outcome: str | None = field("code", "R", "P", "What triage decided.", codes="triage_outcome")
    status: str = field(
        "code",
        "M",
        "P",
        "How far it has come.",
        codes="referral_status",
        standard="Charitylog Referral Stage/Status; FHIR request-status",
    )
    closed_at: date | None = field(
        "date",
        "R",
        "P",
        "Day it was closed.",
        standard="Charitylog Referral Closure Date; CSDS REFERRAL CLOSURE DATE",
    )
    closure_reason: str | None = field(
        "code",
        "R",
        "P",
        "Why it was closed.",
        codes="closure_reason",
        standard="CSDS REFERRAL CLOSURE REASON; CLD Event_Outcome",
    )
    re_referral: bool | None = field(
        "boolean",
        "derived",
        "P",
        "Whether the same person came back to the same service within 183 days of a closure.",
    )
    route_of_access: str | None = field(
        "code",
        "O",
        "P",
        "Route to Adult Social Care, where it was passed there (open list).",
        standard="CLD Request_Route_of_Access",
    )
    received_on: date | None = field(
        "date",
        "derived",
        "P",
        "Day it was received, in Europe/London.",
        standard="CSDS REFERRAL REQUEST RECEIVED DATE",
    )
    triage_days: int | None = field(
        "integer", "derived", "P", "Calendar days from received to triaged.", standard="award entry"
    )
    age_band: str | None = field(
        "code",
        "derived",
        "P",
        "Age band on the day it was received, so that it never moves with the run.",
        codes="age_bands",
        standard="CLD",
    )
    lot_code: str | None = field(
        "code",
        "derived",
        "P",
        "Lot of the service it is made to.",
        codes="stockport_lots",
        standard="award entry",
    )
    reveals_abuse: bool | None = reveals_abuse_field()


class Need(Entity):
    """A need the person presented with."""

    key = ("need_id",)
    parents = links(person_id="person", referral_id="referral")
    person_field = "person_id"

    need_id: str = field("key", "M", "P", "This need.", standard="PRSB Needs, concerns or problems")
    person_id: str = field("key", "M", "I", "The person who has it.", references="person")
    referral_id: str = field("key", "M", "P", "The referral it was told in.", references="referral")
    need_code: str = field(
        "code",
        "M",
        "S9",
        "What the need is; how sensitive it is, the list says code by code.",
        codes="presenting_need",
        standard="PRSB; LGA needs; SAVVI",
    )
    is_primary: bool | None = field("boolean", "R", "P", "Whether it is the main one; one in each referral.")
    raised_on: date | None = field("date", "R", "P", "Day it was told.")
    resolved_on: date | None = field("date", "O", "P", "Day it was resolved.")
    reveals_abuse: bool | None = reveals_abuse_field()


class Risk(Entity):
    """A risk recorded about the person."""

    key = ("risk_id",)
    parents = links(person_id="person")
    person_field = "person_id"

    risk_id: str = field("key", "M", "SG", "This risk.", standard="PRSB Risks")
    person_id: str = field("key", "M", "I", "The person it is recorded about.", references="person")
    risk_code: str = field("code", "M", "SG", "What the risk is.", codes="risk_kind", standard="PRSB Risks")
    level: str | None = field("code", "R", "SG", "How high it is.", codes="risk_level")
    start_on: date | None = field("date", "R", "SG", "First day it holds.", standard="PRSB")
    end_on: date | None = field("date", "O", "SG", "Last day it holds.", standard="PRSB")
    recorded_by_org: str | None = field(
        "key", "R", "N", "The organisation that recorded it.", references="organisation"
    )
    reveals_abuse: bool | None = reveals_abuse_field()


class ServiceEpisode(Entity):
    """The time a service worked with the person."""

    key = ("episode_id",)
    parents = links(person_id="person", referral_id="referral")
    person_field = "person_id"

    episode_id: str = field(
        "key", "M", "P", "This episode.", standard="SSD earl_episode_id; UK Core EpisodeOfCare"
    )
    referral_id: str = field("key", "M", "P", "The referral that led to it.", references="referral")
    person_id: str = field("key", "M", "I", "The person it is with.", references="person")
    service_id: str | None = field("key", "R", "N", "The service that works with them.", references="service")
    accepted_on: date | None = field("date", "R", "P", "Day the service accepted the referral.")
    offered_start_on: date | None = field(
        "date",
        "O",
        "P",
        "First day offered; explains a wait that the person chose.",
        standard="CSDS EARLIEST REASONABLE OFFER DATE",
    )
    started_on: date | None = field(
        "date", "R", "P", "Day of the first work with the person.", standard="CLD Event_Start_Date"
    )
    ended_on: date | None = field(
        "date", "R", "P", "Day it ended.", standard="CLD Event_End_Date; CSDS SERVICE DISCHARGE DATE"
    )
    end_reason: str | None = field(
        "code", "R", "P", "Why it ended.", codes="closure_reason", standard="SSD earl_episode_end_reason"
    )
    case_review_on: date | None = field(
        "date", "O", "P", "Day of the latest case review with the council.", standard="award entry"
    )
    step: str | None = field(
        "code", "O", "P", "Whether it stepped up or down.", codes="episode_step", standard="award entry"
    )
    wait_days: int | None = field(
        "integer", "derived", "P", "Calendar days from the referral received to the start.", standard="DHSC"
    )
    lot_code: str | None = field(
        "code", "derived", "P", "Lot of the service.", codes="stockport_lots", standard="award entry"
    )
    reveals_abuse: bool | None = reveals_abuse_field()
