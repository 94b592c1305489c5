"""What records tell together: services and lots, ages and waits, consent, and what reveals abuse."""

import polars as pl

from canonical import codes, polars_schema, unreadable_bit
from mappings import waits
from mappings.abuse import reveal
from mappings.links import follow
from mappings.lookups import Directory
from mappings.services import find_service, onward_lot

SHORT_FORM = tuple(f"item_{number:02}" for number in (1, 2, 3, 6, 7, 9, 11))
OTHER_ITEMS = tuple(name for number in range(1, 15) if (name := f"item_{number:02}") not in SHORT_FORM)
# Of two answers recorded at the same instant, the one that stands earlier here is taken.
STRICTEST_FIRST = (
    None,
    "refused",
    "withdrawn",
    "not_asked",
    "best_interests",
    "not_required_other_basis",
    "given",
)
RANKS = {status: place for place, status in enumerate(STRICTEST_FIRST) if status is not None}
YES = RANKS["given"]
ANSWER = ("_doubtful", "_at", "_rank")
REVEAL_LIKE_REFERRAL = ("contact", "service_episode", "outcome_measure")
THROUGH_REFERRAL = (*REVEAL_LIKE_REFERRAL, "advice")
NEEDED = ("person", "consent", "referral", "onward_referral", *THROUGH_REFERRAL)


def complete(tables: dict[str, pl.DataFrame], directory: Directory) -> dict[str, pl.DataFrame]:
    """Return the tables with every field that needs more than its own record.

    Given:   canonical tables of whole people, each with all columns, in any order; any may be empty
             or absent. The directory holds the services and organisations of every source, whole.
    Returns: the same rows in the same order. What cannot be worked out is null.
    """
    whole = tables | {entity: _empty(entity) for entity in NEEDED if entity not in tables}
    whole["person"] = share_council(whole["person"], whole["consent"])
    whole["referral"] = _referrals(whole, directory)
    whole["onward_referral"] = onward_lot(whole["onward_referral"], directory)
    whole["outcome_measure"] = metric_score(whole["outcome_measure"])
    whole = _through_referral(reveal(whole, directory))
    return {entity: whole[entity] for entity in tables}


def reveal_in_batch(tables: dict[str, pl.DataFrame], directory: Directory) -> dict[str, pl.DataFrame]:
    """Return a batch's tables with `reveals_abuse`, for finding people whose rows alone tell of abuse.

    Given: tables as a mapping makes them. A contact, episode or form reveals what its referral does,
           and is told here to reveal nothing of its own; without a readable referral it stays unknown.
    """
    told = dict(tables)
    if "referral" in told:
        told["referral"] = find_service(told["referral"], directory)
    for entity in REVEAL_LIKE_REFERRAL:
        if entity in told:
            linked = pl.when(pl.col("referral_id").is_not_null()).then(False)
            told[entity] = told[entity].with_columns(reveals_abuse=linked)
    return reveal(told, directory)


def _empty(entity: str) -> pl.DataFrame:
    return pl.DataFrame(schema=polars_schema(entity))


def _referrals(whole: dict[str, pl.DataFrame], directory: Directory) -> pl.DataFrame:
    referrals, people = find_service(whole["referral"], directory), whole["person"]
    person = follow([(referrals, "person_id")], people)[0]
    return waits.returned(waits.age_band(referrals, people["birth_date"].gather(person)), person)


def _through_referral(whole: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Return the tables with what their referral tells them, each link followed once."""
    referrals = whole["referral"]
    places = follow([(whole[entity], "referral_id") for entity in THROUGH_REFERRAL], referrals)
    at = dict(zip(THROUGH_REFERRAL, places, strict=True))
    for entity in REVEAL_LIKE_REFERRAL:
        reveals = referrals["reveals_abuse"].gather(at[entity])
        whole[entity] = whole[entity].with_columns(reveals.alias("reveals_abuse"))
    episodes = whole["service_episode"]
    service = referrals["target_service_id"].gather(at["service_episode"])
    episodes = episodes.with_columns(
        referrals["lot_code"].gather(at["service_episode"]).alias("lot_code"),
        service_id=pl.coalesce("service_id", service),
    )
    received = referrals["received_on"]
    whole["service_episode"] = waits.service_wait(episodes, received.gather(at["service_episode"]))
    whole["advice"] = waits.advice_wait(whole["advice"], received.gather(at["advice"]))
    return whole


def share_council(people: pl.DataFrame, consents: pl.DataFrame) -> pl.DataFrame:
    """Return the people with their latest answer to sharing with the council.

    With an answer that may be the latest and may be a refusal, nothing is known.
    """
    latest = latest_answers(answers(consents, "_source"), "_source", "person_id")
    named = pl.col("_rank").replace_strict(
        {place: name for name, place in RANKS.items()}, default=None, return_dtype=pl.String
    )
    told = latest.select("_source", _reference="person_id", share_council=named)
    met = people.drop("share_council").join(
        told, on=["_source", "_reference"], how="left", maintain_order="left"
    )
    return met.select(people.columns)


def answers(consents: pl.DataFrame, *kept: str) -> pl.DataFrame:
    """Return every answer to sharing with the council: DataFrame[person_id, _doubtful, _at, _rank, kept...].

    An answer taken back counts from then as withdrawn. An answer without a readable instant, status
    or purpose may be the latest and may be a refusal: it is doubtful, or of rank 0.
    """
    told = consents.filter((pl.col("purpose") == "share_council").fill_null(True))
    unread = pl.lit(1 << unreadable_bit("consent", "withdrawn_at"), pl.UInt64)
    taken_back = pl.col("withdrawn_at").is_not_null() | ((pl.col("_unreadable").fill_null(0) & unread) != 0)
    at = pl.when(taken_back).then(pl.max_horizontal("withdrawn_at", "recorded_at")).otherwise("recorded_at")
    status = pl.when(taken_back & (pl.col("status") == "given")).then(pl.lit("withdrawn")).otherwise("status")
    doubtful = pl.col("purpose").is_null() | at.is_null()
    rank = pl.when(~doubtful).then(status).replace_strict(RANKS, default=0, return_dtype=pl.Int8)
    return told.select(*kept, "person_id", _doubtful=doubtful, _at=at, _rank=rank.fill_null(0))


def latest_answers(told: pl.DataFrame, *person: str) -> pl.DataFrame:
    """Return of each person the answer that counts; of two at the same instant, the stricter one."""
    ordered = told.sort("_doubtful", "_at", "_rank", descending=[True, True, False], nulls_last=True)
    return ordered.unique(list(person), keep="first", maintain_order=True)


def metric_score(measures: pl.DataFrame) -> pl.DataFrame:
    """Return the forms with the metric score of every complete short form whose total agrees.

    Source: Stewart-Brown et al. 2009; a form with a gap has no score.
    """
    answered = pl.all_horizontal(pl.col(name).is_between(1, 5).fill_null(False) for name in SHORT_FORM)
    no_other = pl.all_horizontal(pl.col(name).is_null() for name in OTHER_ITEMS)
    total = pl.sum_horizontal(*SHORT_FORM)
    agrees = (pl.col("raw_total") == total).fill_null(True)
    table = {int(raw): metric for raw, metric in codes("swemwbs_metric").items()}
    metric = total.replace_strict(table, default=None, return_dtype=pl.String).cast(pl.Decimal(12, 2))
    whole = (pl.col("tool") == "SWEMWBS") & answered & no_other & agrees
    return measures.with_columns(metric_score=pl.when(whole).then(metric))
