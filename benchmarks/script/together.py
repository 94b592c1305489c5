"""Steps 4 and 6, within one chunk: links as row numbers, and what records tell together."""

import csv
from datetime import date

import polars as pl

from benchmarks.script.read import Tables
from benchmarks.script.sheet import ROOT

ANSWERS = ("refused", "withdrawn", "not_asked", "best_interests", "not_required_other_basis", "given")
SHORT_ITEMS = [f"item_{number:02}" for number in (1, 2, 3, 6, 7, 9, 11)]
OTHER_ITEMS = [f"item_{number:02}" for number in (4, 5, 8, 10, 12, 13, 14)]
OF_PERSON = ("address", "characteristics", "referral", "relationship", "consent", "risk")
OF_REFERRAL = ("need", "contact", "advice", "signposting", "onward_referral")
OF_REFERRAL += ("service_episode", "outcome_measure", "outcome")


def complete(chunk: Tables) -> None:
    """Add row numbers of parents (`p`, `r`) and every field that needs more than its own record."""
    chunk["person"] = _share_council(chunk["person"], chunk["consent"])
    people = _places(chunk["person"])
    for entity in OF_PERSON:
        chunk[entity] = _at(chunk[entity], people, "person_id", "p")
    cases = _places(chunk["referral"])
    for entity in OF_REFERRAL:
        table = _at(chunk[entity], cases, "referral_id", "r")
        chunk[entity] = table.with_columns(p=chunk["referral"]["p"].gather(table["r"]))
    chunk["referral"] = _referrals(chunk["referral"], chunk["person"])
    case = chunk["referral"]
    for entity in ("contact", "service_episode", "outcome_measure", "outcome"):
        reveals = case["own_reveals"].gather(chunk[entity]["r"])
        chunk[entity] = chunk[entity].with_columns(reveals=reveals)
    chunk["service_episode"] = _episodes(chunk["service_episode"], case)
    chunk["advice"] = _advice(chunk["advice"], case)
    chunk["onward_referral"] = _onward(chunk["onward_referral"], chunk["service"])
    chunk["outcome_measure"] = _score(chunk["outcome_measure"])


def _places(table: pl.DataFrame) -> pl.DataFrame:
    return table.select("reference").with_row_index("at").unique("reference", keep="none")


def _at(table: pl.DataFrame, places: pl.DataFrame, link: str, name: str) -> pl.DataFrame:
    met = table.select(reference=link).join(places, on="reference", how="left", maintain_order="left")
    return table.with_columns(met["at"].alias(name))


def _share_council(person: pl.DataFrame, consent: pl.DataFrame) -> pl.DataFrame:
    """Return the people with their latest answer to sharing with the council; the stricter of two at once."""
    told = consent.filter((pl.col("purpose") == "share_council").fill_null(True))
    back = pl.col("withdrawn_at").is_not_null()
    status = pl.when(back & (pl.col("status") == "given")).then(pl.lit("withdrawn")).otherwise("status")
    at = pl.when(back).then(pl.max_horizontal("withdrawn_at", "recorded_at")).otherwise("recorded_at")
    doubtful = pl.col("purpose").is_null() | at.is_null()
    ranks = {word: rank for rank, word in enumerate(ANSWERS, start=1)}
    rank = pl.when(~doubtful).then(status.replace_strict(ranks, default=0, return_dtype=pl.Int8)).fill_null(0)
    latest = (
        told.select(reference="person_id", doubtful=doubtful, at=at, rank=rank)
        .sort("doubtful", "at", "rank", descending=[True, True, False], nulls_last=True)
        .unique("reference", keep="first")
    )
    names = {rank: word for word, rank in ranks.items()}
    answer = pl.col("rank").replace_strict(names, default=None, return_dtype=pl.String)
    latest = latest.select("reference", share_council=answer)
    return person.join(latest, on="reference", how="left", maintain_order="left")


def _referrals(referral: pl.DataFrame, person: pl.DataFrame) -> pl.DataFrame:
    born, on = pl.col("born"), pl.col("received_on")
    on_day, birthday = (each.dt.month().cast(pl.Int32) * 100 + each.dt.day() for each in (on, born))
    before = on_day < birthday
    age = on.dt.year() - born.dt.year() - before.cast(pl.Int32)
    band = age.replace_strict(_bands(), default="Unknown", return_dtype=pl.String).fill_null("Unknown")
    days = (pl.col("triaged_on") - on).dt.total_days().cast(pl.Int32)
    made = referral.with_columns(born=person["birth_date"].gather(referral["p"])).with_columns(
        age_band=pl.when(on.is_not_null()).then(band),
        triage_days=pl.when(days >= 0).then(days),
    )
    return _returned(made.drop("born"))


def _bands() -> dict[int, str]:
    with (ROOT / "canonical" / "codes" / "age_bands.csv").open(encoding="utf-8", newline="") as file:
        rows = [row for row in csv.DictReader(x for x in file if x[0] != "#") if row["min_age"]]
    return {
        age: row["code"] for row in rows for age in range(int(row["min_age"]), int(row["max_age"] or 150) + 1)
    }


def _returned(referral: pl.DataFrame) -> pl.DataFrame:
    """Return whether the person came back to the service within 183 days of a closure."""
    rows = referral.select("p", "target_service_id", "received_on", "closed_at").with_row_index("at")
    several = rows.filter(pl.col("p").is_not_null() & pl.struct("p", "target_service_id").is_duplicated())
    closures = several.filter(pl.col("closed_at") >= pl.col("received_on")).sort("closed_at")
    met = (
        several.drop_nulls(["received_on", "target_service_id"])
        .sort("received_on")
        .join_asof(
            closures.select("p", "target_service_id", before="closed_at"),
            left_on="received_on",
            right_on="before",
            by=["p", "target_service_id"],
            strategy="backward",
            allow_exact_matches=False,
            check_sortedness=False,
        )
    )
    back = met.filter((pl.col("received_on") - pl.col("before")).dt.total_days() <= 183)["at"]
    asked = rows.select(
        pl.when(
            pl.col("p").is_not_null()
            & pl.col("target_service_id").is_not_null()
            & pl.col("received_on").is_not_null()
        ).then(pl.lit(value=False))
    ).to_series()
    return referral.with_columns(asked.scatter(back, True).alias("re_referral"))


def _episodes(episode: pl.DataFrame, case: pl.DataFrame) -> pl.DataFrame:
    days = (pl.col("started_on") - pl.col("received")).dt.total_days().cast(pl.Int32)
    return episode.with_columns(
        service_id=case["target_service_id"].gather(episode["r"]),
        lot_code=case["lot_code"].gather(episode["r"]),
        received=case["received_on"].gather(episode["r"]),
    ).with_columns(wait_days=pl.when(days >= 0).then(days))


def _advice(advice: pl.DataFrame, case: pl.DataFrame) -> pl.DataFrame:
    path = ROOT / "mappings" / "bank_holidays_england.csv"
    holidays = pl.read_csv(path, comment_prefix="#", schema={"day": pl.Date, "name": pl.String})["day"]
    first, last = pl.col("received"), pl.col("given_on")
    known = first.is_between(date(holidays.min().year, 1, 1), last) & (
        last <= date(holidays.max().year, 12, 31)
    )
    days = pl.business_day_count(first, last, holidays=holidays.to_list()).cast(pl.Int32)
    made = advice.with_columns(received=case["received_on"].gather(advice["r"]))
    return made.with_columns(wait_working_days=pl.when(known).then(days))


def _onward(onward: pl.DataFrame, services: pl.DataFrame) -> pl.DataFrame:
    lots = services.select("reference", "lot_code")
    own = services.select(reference="org_id", lot_code="lot_code").drop_nulls().unique()
    alone = own.unique("reference", keep="none")
    by_service = onward.select(reference="to_service_id").join(
        lots, on="reference", how="left", maintain_order="left"
    )
    by_place = onward.select(reference="to_org_id").join(
        alone, on="reference", how="left", maintain_order="left"
    )
    return onward.with_columns(
        lot_code=pl.select(pl.coalesce(by_service["lot_code"], by_place["lot_code"])).to_series()
    )


def _score(forms: pl.DataFrame) -> pl.DataFrame:
    path = ROOT / "canonical" / "codes" / "swemwbs_metric.csv"
    with path.open(encoding="utf-8", newline="") as file:
        table = {int(row["code"]): row["label"] for row in csv.DictReader(x for x in file if x[0] != "#")}
    answered = pl.all_horizontal(pl.col(name).is_between(1, 5).fill_null(False) for name in SHORT_ITEMS)
    alone = pl.all_horizontal(pl.col(name).is_null() for name in OTHER_ITEMS)
    total = pl.sum_horizontal(SHORT_ITEMS)
    agrees = (pl.col("raw_total") == total).fill_null(True)
    metric = total.replace_strict(table, default=None, return_dtype=pl.String).cast(pl.Decimal(12, 2))
    whole = (pl.col("tool") == "SWEMWBS") & answered & alone & agrees
    return forms.with_columns(metric_score=pl.when(whole).then(metric))
