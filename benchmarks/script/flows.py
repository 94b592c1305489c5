"""Step 8, written down: who is in each flow, and each field with the rule that hides it (`field!RULE`).

`KEY>entity` is a key of that entity.
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
    where: dict[str, pl.Expr] = field(default_factory=dict)


EARLY_HELP = Flow(
    "early_help",
    (pl.col("share_council") == "given") & ~pl.col("anonymised"),
    {
        "organisation": "org_id>organisation name ods_code charity_number source_of_referral_category",
        "service": "service_id>service org_id>organisation lot_code name status waiting_time_target_days",
        "person": "person_id>person given_name family_name preferred_name birth_date death_date role_type "
        "nhs_number gp_practice_code!S1 preferred_language",
        "address": "address_id>address person_id>person line1!S1 line2!S1 line3!S1 postcode!S1 ward!S1 "
        "neighbourhood!S1",
        "characteristics": "characteristics_id>characteristics person_id>person gender",
        "referral": "referral_id>referral person_id>person target_service_id>service!S3!S4 referrer_type!S4 "
        "referrer_org_id>organisation!S3!S4 referrer_name!S3!S4 parent_referral_id>referral!S4 priority!S4 "
        "triage_outcome!S4 status closed_at!S4 closure_reason!S4 re_referral!S4 received_on lot_code",
        "need": "need_id>need person_id>person referral_id>referral need_code is_primary raised_on "
        "resolved_on",
        "contact": "contact_id>contact referral_id>referral attendance contact_on",
        "advice": "advice_id>advice person_id>person referral_id>referral category given_on",
        "signposting": "signposting_id>signposting person_id>person referral_id>referral signposted_on "
        "to_org_id>organisation!S3",
        "onward_referral": "onward_referral_id>onward_referral person_id>person referral_id>referral "
        "to_org_id>organisation!S3 to_service_id>service!S3 outcome made_on lot_code!S3",
        "service_episode": "episode_id>service_episode referral_id>referral person_id>person "
        "service_id>service!S3 started_on ended_on end_reason lot_code!S3",
        "outcome_measure": "measure_id>outcome_measure person_id>person episode_id>service_episode tool "
        "timepoint completed_on raw_total referral_id>referral",
        "outcome": "outcome_id>outcome episode_id>service_episode outcome_code achieved awarded_on "
        "person_id>person referral_id>referral",
    },
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
        "person": "person_id>person birth_year_month!S5 role_type",
        "address": "address_id>address person_id>person lsoa21!S1!S5 ward!S1!S5 neighbourhood!S1!S5",
        "characteristics": "characteristics_id>characteristics person_id>person gender!S5 "
        "employment_status!S5",
        "referral": "referral_id>referral person_id>person!S2 target_service_id>service!S2 referrer_type "
        "referrer_org_id>organisation heard_about_us referral_method parent_referral_id>referral!S2 priority "
        "triage_outcome!S2 status closed_at closure_reason!S2 re_referral received_on triage_days "
        "age_band!S2!S5 lot_code",
        "need": "need_id>need person_id>person!S2 referral_id>referral!S2 need_code!S2 is_primary raised_on",
        "contact": "contact_id>contact referral_id>referral!S2 medium attendance duration_min "
        "is_administrative contact_on",
        "advice": "advice_id>advice person_id>person!S2 referral_id>referral!S2 contact_id>contact!S2 "
        "category subcategory!S2 given_on wait_working_days",
        "signposting": "signposting_id>signposting person_id>person!S2 referral_id>referral!S2 signposted_on "
        "to_org_id>organisation reason_code!S2",
        "onward_referral": "onward_referral_id>onward_referral person_id>person!S2 referral_id>referral!S2 "
        "to_org_id>organisation to_service_id>service!S2 outcome made_on lot_code!S2",
        "service_episode": "episode_id>service_episode referral_id>referral!S2 person_id>person!S2 "
        "service_id>service!S2 accepted_on started_on ended_on end_reason wait_days lot_code!S2",
        "outcome_measure": "measure_id>outcome_measure person_id>person!S2 episode_id>service_episode!S2 "
        "tool timepoint completed_on raw_total metric_score self_completed referral_id>referral!S2",
        "outcome": "outcome_id>outcome episode_id>service_episode!S2 outcome_code achieved money_gained_gbp "
        "arrears_obtained_gbp awarded_on person_id>person!S2 referral_id>referral!S2",
    },
    {
        "service": pl.col("lot_code").is_null() | (pl.col("lot_code") != "L8-DA"),
        "referral": pl.col("lot_code") != "L8-DA",
    },
)
FLOWS = {flow.name: flow for flow in (EARLY_HELP, COMMISSIONING)}
