"""Which fields somebody is asked for, and which nobody is; and the words that answer without telling."""

from collections.abc import Iterable, Iterator, Mapping

REFUSED_WORDS = (
    "refused", "declined", "prefer not to say", "prefer not to answer", "prefer not to disclose",
    "declined to say", "declined to answer", "refused to say", "refused to answer", "client refused",
    "client declined", "asked, refused", "asked, declined", "not disclosed",
)  # fmt: skip
UNKNOWN_WORDS = (
    "not known", "unknown", "asked, not known", "asked - not known", "asked not known", "asked, unknown",
    "does not know", "don't know", "not stated",
)  # fmt: skip
PEOPLE = ("person", "address", "characteristics")
"""Entities of which people are asked every field but their references."""
ITEMS = tuple(f"item_{number:02}" for number in range(1, 15))
ASKED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "referral": {"the referrer": ("referrer_type", "referrer_org_id", "referrer_name", "heard_about_us")},
    "need": {"the person": ("need_code",)},
    "outcome_measure": {"the person": (*ITEMS, "raw_total", "self_completed")},
    "outcome": {"the person": ("achieved", "awarded_on", "money_gained_gbp", "arrears_obtained_gbp")},
    "consent": {"the person": ("status",)},
    "relationship": {"the person": ("relation", "valid_from", "valid_to")},
    "risk": {"whoever told of the risk": ("start_on", "end_on")},
    "onward_referral": {"the organisation referred to": ("outcome",)},
}
"""Fields of other entities, by whom the question is put to."""
NEVER_REFUSED = {
    "onward_referral.outcome": "It may mean that the case was rejected, or that the person withdrew.",
}
"""Fields in which "not known" is an answer, but "refused" says something else, which is asked back."""
ASKED_OF = {entity: frozenset().union(*who.values()) for entity, who in ASKED.items()}
NOT_ASKED: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "The worker who writes the record does it, and knows when and how.": {
        "contact": ("contact_at", "medium", "duration_min", "worker_ref", "is_administrative"),
        "advice": ("given_at", "category", "subcategory"),
        "signposting": ("signposted_on", "reason_code"),
        "onward_referral": ("made_at",),
        "need": ("raised_on", "resolved_on"),
        "consent": ("purpose", "recorded_at", "withdrawn_at"),
        "outcome_measure": ("tool", "timepoint", "completed_on"),
    },
    "Whoever waited saw whether somebody came; the list has a code for each way it can go.": {
        "contact": ("attendance",),
    },
    "The organisation receives the referral and decides on it by itself; each decision has a code.": {
        "referral": (
            "received_at", "received_time_known", "referral_method", "priority", "triaged_at",
            "triage_outcome", "status", "closed_at", "closure_reason",
        ),
        "service_episode": ("accepted_on", "started_on", "ended_on", "end_reason", "case_review_on"),
        "outcome": ("outcome_code",),
    },
    "The worker judges it by what is known; whoever cannot tell has not yet judged.": {
        "need": ("is_primary",),
        "risk": ("risk_code", "level"),
    },
    "The provider's own register of services and organisations; no person is asked.": {
        "organisation": (
            "name", "ods_code", "charity_number", "source_of_referral_category",
            "external_referral_consent_rule", "_domestic_abuse",
        ),
        "service": (
            "source_project", "source_subcategory", "name", "lot_code", "status", "valid_from", "valid_to",
            "waiting_time_target_days", "minimum_age", "maximum_age", "domestic_abuse",
        ),
        "referral": ("_project", "_subcategory", "_entered_by_role"),
    },
}  # fmt: skip
"""Fields that nobody is asked for, by the reason: "refused" there is a word that cannot be read."""


def not_asked() -> Iterator[tuple[str, str, str]]:
    """Yield entity, field and reason of every field that nobody is asked for."""
    for reason, entities in NOT_ASKED.items():
        for entity, fields in entities.items():
            yield from ((entity, name, reason) for name in fields)


def _written(words: Iterable[str]) -> list[str]:
    """Return the words as people and systems write them."""
    cased = {each for word in words for each in (word, word.upper(), word.capitalize(), word.title())}
    marked = [cased, {f"[{word}]" for word in cased}, {f"({word})" for word in cased}]
    return sorted(set().union(*marked))


REFUSED, UNKNOWN = _written(REFUSED_WORDS), _written(UNKNOWN_WORDS)
TELL_NOTHING = [*REFUSED, *UNKNOWN]
ANSWERS = frozenset(TELL_NOTHING)
