"""Words for people: a figure by its name instead of its number, a field by what it tells."""

import re
from collections.abc import Mapping

from canonical.entities import ENTITIES
from reports.pages import spoken

FIELDS = {
    "accepted_on": "the day of acceptance",
    "area_kind": "the place",
    "attendance": "whether the person came",
    "birth_date": "the date of birth",
    "birth_year_month": "the month of birth",
    "case_review_on": "the day of a case review",
    "closed_at": "the day of closing",
    "completed_on": "the day a form was filled in",
    "contact_at": "the time of a contact",
    "duration_min": "how long a contact took",
    "ended_on": "the day support ended",
    "ethnicity_2021": "the ethnic group",
    "given_at": "the day of advice",
    "heard_about_us": "where people heard of the hub",
    "hours_caring_band": "the hours of caring",
    "is_primary": "which need comes first",
    "length_days": "how long support took",
    "made_at": "the day of an onward referral",
    "money_gained_gbp": "the money gained",
    "need_code": "the kind of need",
    "offered_start_on": "the first day offered",
    "outcome_code": "what was gained",
    "person": "the person",
    "raw_total": "the score of a form",
    "re_referral": "an earlier referral",
    "received_at": "the day of receipt",
    "recorded_at": "the day it was recorded",
    "referrer_org_id": "the referring organisation",
    "referrer_type": "the kind of referrer",
    "signposted_on": "the day of signposting",
    "source_type": "the kind of source",
    "started_on": "the day support began",
    "step": "whether support was stepped up or down",
    "target_service_id": "the service asked for",
    "timepoint": "whether a form is a first or a last one",
    "to_lot": "the receiving service’s lot",
    "to_org_id": "the organisation",
    "to_service_id": "the receiving service",
    "triage_days": "the day of triage",
    "triaged_at": "the time of triage",
    "uprn": "the property",
    "valid_from": "since when it is true",
    "wait_days": "the wait",
    "wait_working_days": "the wait",
}
"""What a field tells, where its own name would not be understood."""
_FIGURE = r"K[0-9]{2}[a-z]?(?:\.[a-z0-9_]+)?"
_IN_BRACKETS, _BARE = re.compile(rf" \({_FIGURE}\)"), re.compile(rf"\b{_FIGURE}\b")
_FIELD = re.compile(rf"\b(?:{'|'.join(ENTITIES)})\.([a-z][a-z0-9]*(?:_[a-z0-9]+)*)\b")


def field_words(name: str) -> str:
    """Return what a field tells, in words."""
    return FIELDS.get(name, spoken(name))


def capital(words: str) -> str:
    """Return the words as a sentence begins."""
    return words[:1].upper() + words[1:]


def plainly(text: str, names: Mapping[str, str]) -> str:
    """Return the text without the numbers of figures and the names of fields: in their words instead.

    Given: the figures' names by their numbers.
    """
    named = _BARE.sub(lambda found: _called(found[0], names), _IN_BRACKETS.sub("", text))
    return _FIELD.sub(lambda found: field_words(found[1]), named)


def _called(figure: str, names: Mapping[str, str]) -> str:
    return f"“{names[figure]}”" if figure in names else figure
