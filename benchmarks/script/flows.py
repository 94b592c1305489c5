"""Step 8, written down: who is in each flow, its fields (`KEY>entity`: a key), and the rules that hide them.

The example's assessment says the same; a test holds what the two release together.
"""

from dataclasses import dataclass, field

import polars as pl

TELLS_NOT = pl.col("reveals").eq_missing(pl.lit(value=False)) & (pl.col("lot") != "L8-DA")


@dataclass(frozen=True)
class Flow:
    """One flow: its name, its cohort, its conditions, its fields."""

    name: str
    cohort: pl.Expr
    fields: dict[str, str]
    hidden: dict[str, dict[str, str]]
    where: dict[str, pl.Expr] = field(default_factory=dict)

    def rules(self, entity: str, name: str) -> list[str]:
        """Return the rules that may hide the field."""
        return [rule for rule, told in self.hidden.items() if name in told.get(entity, "").split()]


HOME = {
    "person": "gp_practice_code",
    "address": "line1 line2 line3 postcode lsoa21 ward neighbourhood",
}
TELLING = {
    "referral": "person_id target_service_id referrer_type referrer_org_id referral_method "
    "parent_referral_id priority triage_outcome status closed_at closure_reason re_referral age_band",
    "need": "person_id referral_id need_code is_primary raised_on",
    "contact": "referral_id medium attendance duration_min is_administrative contact_on",
    "advice": "person_id referral_id contact_id subcategory",
    "signposting": "person_id referral_id reason_code",
    "onward_referral": "person_id referral_id to_service_id outcome lot_code",
    "service_episode": "person_id referral_id service_id accepted_on started_on ended_on end_reason "
    "wait_days lot_code",
    "outcome_measure": "person_id referral_id episode_id timepoint completed_on raw_total metric_score "
    "self_completed",
    "outcome": "person_id referral_id episode_id achieved money_gained_gbp arrears_obtained_gbp awarded_on",
}
PLACES = {
    "referral": "target_service_id referrer_org_id referrer_name",
    "signposting": "to_org_id",
    "onward_referral": "to_org_id to_service_id lot_code",
    "service_episode": "service_id lot_code",
}
SPECIALIST = {
    "referral": "target_service_id referrer_org_id referrer_name referrer_type parent_referral_id priority "
    "triage_outcome closed_at closure_reason re_referral",
}
DESCRIBED = {
    "person": "birth_year_month",
    "address": "lsoa21 ward neighbourhood",
    "characteristics": "gender employment_status",
    "referral": "age_band",
}
DAYS = {
    "referral": "received_on closed_at re_referral",
    "need": "raised_on resolved_on",
    "contact": "contact_on",
    "advice": "given_on",
    "signposting": "signposted_on",
    "onward_referral": "made_on",
    "service_episode": "started_on ended_on",
    "outcome_measure": "completed_on",
    "outcome": "awarded_on",
}
IN_DANGER = {
    "person": "birth_year_month role_type",
    "characteristics": "gender employment_status",
    "referral": "re_referral age_band",
}
EARLY_HELP = Flow(
    "early_help",
    (pl.col("share_council") == "given") & ~pl.col("anonymised"),
    {
        "organisation": "org_id>organisation name ods_code charity_number source_of_referral_category",
        "service": "service_id>service org_id>organisation lot_code name status waiting_time_target_days",
        "person": "person_id>person given_name family_name preferred_name birth_date death_date role_type "
        "nhs_number gp_practice_code preferred_language",
        "address": "address_id>address person_id>person line1 line2 line3 postcode ward neighbourhood",
        "characteristics": "characteristics_id>characteristics person_id>person gender",
        "referral": "referral_id>referral person_id>person target_service_id>service referrer_type "
        "referrer_org_id>organisation referrer_name parent_referral_id>referral priority "
        "triage_outcome status closed_at closure_reason re_referral received_on lot_code",
        "need": "need_id>need person_id>person referral_id>referral need_code is_primary raised_on "
        "resolved_on",
        "contact": "contact_id>contact referral_id>referral attendance contact_on",
        "advice": "advice_id>advice person_id>person referral_id>referral category given_on",
        "signposting": "signposting_id>signposting person_id>person referral_id>referral signposted_on "
        "to_org_id>organisation",
        "onward_referral": "onward_referral_id>onward_referral person_id>person referral_id>referral "
        "to_org_id>organisation to_service_id>service outcome made_on lot_code",
        "service_episode": "episode_id>service_episode referral_id>referral person_id>person "
        "service_id>service started_on ended_on end_reason lot_code",
        "outcome_measure": "measure_id>outcome_measure person_id>person episode_id>service_episode tool "
        "timepoint completed_on raw_total referral_id>referral",
        "outcome": "outcome_id>outcome episode_id>service_episode achieved awarded_on "
        "person_id>person referral_id>referral",
    },
    {"S1": HOME, "S3": PLACES, "S4": SPECIALIST, "S6": DAYS},
    dict.fromkeys(
        (
            "need",
            "contact",
            "advice",
            "signposting",
            "onward_referral",
            "service_episode",
            "outcome_measure",
            "outcome",
        ),
        TELLS_NOT,
    ),
)
COMMISSIONING = Flow(
    "commissioning",
    pl.lit(value=True),
    {
        "organisation": EARLY_HELP.fields["organisation"],
        "service": EARLY_HELP.fields["service"],
        "person": "person_id>person birth_year_month role_type",
        "address": "address_id>address person_id>person lsoa21 ward neighbourhood",
        "characteristics": "characteristics_id>characteristics person_id>person gender employment_status",
        "referral": "referral_id>referral person_id>person target_service_id>service referrer_type "
        "referrer_org_id>organisation referral_method parent_referral_id>referral priority "
        "triage_outcome status closed_at closure_reason re_referral received_on triage_days "
        "age_band lot_code",
        "need": "need_id>need person_id>person referral_id>referral need_code is_primary raised_on",
        "contact": "contact_id>contact referral_id>referral medium attendance duration_min "
        "is_administrative contact_on",
        "advice": "advice_id>advice person_id>person referral_id>referral contact_id>contact "
        "category subcategory given_on wait_working_days",
        "signposting": "signposting_id>signposting person_id>person referral_id>referral signposted_on "
        "to_org_id>organisation reason_code",
        "onward_referral": "onward_referral_id>onward_referral person_id>person referral_id>referral "
        "to_org_id>organisation to_service_id>service outcome made_on lot_code",
        "service_episode": "episode_id>service_episode referral_id>referral person_id>person "
        "service_id>service accepted_on started_on ended_on end_reason wait_days lot_code",
        "outcome_measure": "measure_id>outcome_measure person_id>person episode_id>service_episode "
        "tool timepoint completed_on raw_total metric_score self_completed referral_id>referral",
        "outcome": "outcome_id>outcome episode_id>service_episode achieved money_gained_gbp "
        "arrears_obtained_gbp awarded_on person_id>person referral_id>referral",
    },
    {"S1": HOME, "S2": TELLING, "S5": DESCRIBED, "S7": IN_DANGER},
    {
        "service": pl.col("lot_code").is_null() | (pl.col("lot_code") != "L8-DA"),
        "referral": pl.col("lot_code") != "L8-DA",
    },
)
FLOWS = {flow.name: flow for flow in (EARLY_HELP, COMMISSIONING)}
