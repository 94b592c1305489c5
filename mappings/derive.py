"""What records tell together: services and lots, ages and waits, consent, and what reveals abuse."""

import polars as pl

from canonical import codes, polars_schema, unreadable_bit
from mappings import waits
from mappings.abuse import reveal
from mappings.lookups import Directory

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


def complete(tables: dict[str, pl.DataFrame], directory: Directory) -> dict[str, pl.DataFrame]:
    """Return the tables with every field that needs more than its own record.

    Given:   canonical tables of whole people, each with all columns, in any order; any may be empty
             or absent. The directory holds the services and organisations of every source, whole.
    Returns: the same rows in the same order. What cannot be worked out is null.
    """
    whole = {entity: tables.get(entity, pl.DataFrame(schema=polars_schema(entity))) for entity in _NEEDED}
    whole["referral"] = find_service(whole["referral"], directory)
    whole["referral"] = waits.age_band(whole["referral"], whole["person"])
    whole["referral"] = waits.returned(whole["referral"])
    whole["person"] = share_council(whole["person"], whole["consent"])
    whole["service_episode"] = waits.service_wait(_episode_service(whole), whole["referral"])
    whole["advice"] = waits.advice_wait(whole["advice"], whole["referral"])
    whole["onward_referral"] = onward_lot(whole["onward_referral"], directory)
    whole["outcome_measure"] = metric_score(whole["outcome_measure"])
    told = reveal({**tables, **whole}, directory)
    return {entity: told[entity] for entity in tables}


_NEEDED = ("person", "consent", "referral", "service_episode", "advice", "onward_referral", "outcome_measure")


def find_service(referrals: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Return the referrals with the service that their project stands for, and its lot.

    A project that several services share is told apart by its subcategory; else it is not known.
    """
    if "_project" in referrals.columns:
        services = directory.services
        project = {
            "_source": pl.col("_source"),
            "_p": _same("source_project"),
            "_s": _same("source_subcategory"),
        }
        offered = services.select(**project, _service=pl.col("service_id"))
        by_both = _only(offered, ["_source", "_p", "_s"], "_service")
        by_project = _only(offered, ["_source", "_p"], "_service").rename({"_service": "_alone"})
        asked = referrals.with_columns(_p=_same("_project"), _s=_same("_subcategory"))
        met = asked.join(
            by_both, on=["_source", "_p", "_s"], how="left", maintain_order="left", nulls_equal=True
        )
        met = met.join(by_project, on=["_source", "_p"], how="left", maintain_order="left")
        found = pl.coalesce("target_service_id", "_service", "_alone")
        referrals = met.with_columns(target_service_id=found).select(referrals.columns)
    return _with_lot(referrals, "target_service_id", directory)


def share_council(people: pl.DataFrame, consents: pl.DataFrame) -> pl.DataFrame:
    """Return the people with their latest answer to sharing with the council.

    An answer taken back counts from then as withdrawn. An answer without a readable instant, status
    or purpose may be the latest and may be a refusal: with one, nothing is known.
    """
    told = consents.filter((pl.col("purpose") == "share_council").fill_null(True))
    unread = pl.lit(1 << unreadable_bit("consent", "withdrawn_at"), pl.UInt64)
    taken_back = pl.col("withdrawn_at").is_not_null() | ((pl.col("_unreadable").fill_null(0) & unread) != 0)
    at = pl.when(taken_back).then(pl.max_horizontal("withdrawn_at", "recorded_at")).otherwise("recorded_at")
    status = pl.when(taken_back & (pl.col("status") == "given")).then(pl.lit("withdrawn")).otherwise("status")
    doubtful = pl.col("purpose").is_null() | at.is_null()
    rank = {status: place for place, status in enumerate(STRICTEST_FIRST) if status is not None}
    told = told.select(
        "_source",
        "person_id",
        _doubtful=doubtful,
        _at=at,
        _rank=pl.when(~doubtful)
        .then(status)
        .replace_strict(rank, default=0, return_dtype=pl.Int8)
        .fill_null(0),
    )
    latest = told.sort("_doubtful", "_at", "_rank", descending=[True, True, False], nulls_last=True)
    latest = latest.unique(["_source", "person_id"], keep="first", maintain_order=True)
    named = pl.col("_rank").replace_strict(
        {place: name for name, place in rank.items()}, default=None, return_dtype=pl.String
    )
    answers = latest.select("_source", _reference="person_id", share_council=named)
    met = people.drop("share_council").join(
        answers, on=["_source", "_reference"], how="left", maintain_order="left"
    )
    return met.select(people.columns)


def onward_lot(onward: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Return the onward referrals with the lot of the service, else the only lot the organisation has."""
    by_service = _with_lot(onward, "to_service_id", directory)
    lots = directory.services.select("_source", "lot_code", _org="org_id").drop_nulls()
    alone = _only(lots, ["_source", "_org"], "lot_code").rename({"lot_code": "_lot"})
    met = by_service.join(
        alone,
        left_on=["_source", "to_org_id"],
        right_on=["_source", "_org"],
        how="left",
        maintain_order="left",
    )
    return met.with_columns(lot_code=pl.coalesce("lot_code", "_lot")).select(onward.columns)


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


def _episode_service(whole: dict[str, pl.DataFrame]) -> pl.DataFrame:
    episodes, referrals = whole["service_episode"], whole["referral"]
    services = referrals.select(
        "_source", referral_id="_reference", _service="target_service_id", _lot="lot_code"
    )
    services = services.unique().filter(~pl.struct("_source", "referral_id").is_duplicated())
    met = episodes.join(services, on=["_source", "referral_id"], how="left", maintain_order="left")
    told = met.with_columns(service_id=pl.coalesce("service_id", "_service"), lot_code="_lot")
    return told.select(episodes.columns)


def _with_lot(table: pl.DataFrame, link: str, directory: Directory) -> pl.DataFrame:
    lots = _only(
        directory.services.select("_source", "lot_code", _link="_reference"), ["_source", "_link"], "lot_code"
    )
    met = table.drop("lot_code").join(
        lots, left_on=["_source", link], right_on=["_source", "_link"], how="left", maintain_order="left"
    )
    return met.select(table.columns)


def _only(table: pl.DataFrame, by: list[str], value: str) -> pl.DataFrame:
    """Return the value of each group that has only one."""
    one = table.group_by(by).agg(pl.col(value).unique())
    return one.filter(pl.col(value).list.len() == 1).with_columns(pl.col(value).list.first())


def _same(name: str) -> pl.Expr:
    return pl.col(name).str.to_lowercase().str.replace_all(r"\s+", " ")
