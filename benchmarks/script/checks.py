"""Step 7: every check asked of one chunk; fields blanked, records held, findings by reference."""

from datetime import UTC, datetime

import polars as pl

from benchmarks.script.read import Tables
from benchmarks.script.together import SHORT_ITEMS

EXTRACTED_AT = datetime(2022, 12, 1, 6, tzinfo=UTC)
ITEMS = [f"item_{number:02}" for number in range(1, 15)]
PLACEHOLDERS = [*(str(digit) * 10 for digit in range(10)), "0123456789", "9876543210"]
ENDED = ["rejected", "withdrawn", "completed", "closed_other", "duplicate"]
NOT_SEEN = ["2", "3", "4", "7"]
SPOKEN_FOR = {"received_at": "REF-01", "ethnicity_2021": "CHR-02"}
LINKED = ("referral", "relationship", "consent", "need", "risk", "signposting", "onward_referral")
LINKED += ("outcome_measure",)
REPEATED = {"person": "PER-12", "referral": "REF-02"}
Checks = dict[str, tuple[str, pl.Expr]]


def check(chunk: Tables) -> list[pl.DataFrame]:
    """Ask every check; `held` and blanked fields go into the chunk, findings are returned."""
    asked: dict[str, Checks] = {
        "person": _person(),
        "address": _address(),
        "characteristics": {},
        "referral": _referral(chunk),
        "contact": _contact(chunk),
        "outcome_measure": _form(),
    }
    found: list[pl.DataFrame] = []
    for entity, table in chunk.items():
        if entity != "first":
            checks = asked.get(entity, {}) | _of_any(entity, table)
            chunk[entity] = _asked(entity, table, checks, found)
    return found


def _asked(entity: str, table: pl.DataFrame, checks: Checks, found: list[pl.DataFrame]) -> pl.DataFrame:
    verdicts = table.select(failed.fill_null(False).alias(name) for name, (_, failed) in checks.items())
    held, blanked = pl.lit(value=False), {}
    for name, (effect, _) in checks.items():
        failed = verdicts[name]
        if not failed.any():
            continue
        rows = table.filter(failed)
        found.append(
            rows.select("reference", "row", check=pl.lit(name.partition(" ")[0]), entity=pl.lit(entity))
        )
        if effect == "hold":
            held = held | pl.lit(failed)
        for column in effect.split() if effect != "hold" else ():
            blanked[column] = pl.when(~pl.lit(failed)).then(blanked.get(column, pl.col(column)))
    return table.with_columns(held.alias("held"), **blanked)


def _of_any(entity: str, table: pl.DataFrame) -> Checks:
    made: Checks = {REPEATED.get(entity, "ENT-01"): ("hold", pl.col("repeated"))}
    if entity in (*LINKED, "advice"):
        ends = [pl.col(name).is_null() for name in ("p", "r") if name in table.columns]
        made["ADV-02" if entity == "advice" else "LNK-01"] = ("hold", pl.any_horizontal(ends))
    for column in table.columns:
        if column.startswith("bad."):
            field = column.removeprefix("bad.")
            known = SPOKEN_FOR.get(field)
            if known != "REF-01":
                made[known or f"MAP-01 {field}"] = ("", pl.col(column))
    return made


def _person() -> Checks:
    number = pl.col("nhs_number")
    whole = number.cast(pl.UInt64, strict=False)
    total = pl.sum_horizontal((whole // 10**place % 10).cast(pl.UInt16) * (place + 1) for place in range(10))
    valid = number.str.contains(r"^\d{10}$") & (total % 11 == 0)
    placeholder = number.is_in(PLACEHOLDERS)
    unnamed = pl.col("anonymised")
    missing = (pl.col("role_type") == "client") & ~unnamed & pl.col("birth_date").is_null()
    return {
        "PER-04": ("", missing),
        "PER-05": ("nhs_number", number.is_not_null() & ~valid),
        "PER-06": ("nhs_number", valid & placeholder),
        "PER-07": ("hold", valid & ~placeholder & pl.col("nhs_shared")),
    }


def _address() -> Checks:
    postcode = pl.col("postcode")
    pseudo = postcode.str.contains(r"^ZZ99 [0-9][A-Z]{2}$")
    unplaced = pl.col("lsoa21").is_null() & pl.col("lad").is_null()
    return {
        "ADR-01": ("postcode", postcode.is_not_null() & ~pl.col("well") & ~pseudo),
        "ADR-02": ("", pl.col("well") & ~pseudo & unplaced),
    }


def _referral(chunk: Tables) -> Checks:
    table, received = chunk["referral"], pl.col("received_at")
    needs = (
        chunk["need"]
        .group_by("referral_id")
        .agg(certain=pl.col("is_primary").sum(), possible=pl.col("is_primary").fill_null(True).sum())
    )
    counted = table.select(referral_id="reference").join(
        needs, on="referral_id", how="left", maintain_order="left"
    )
    certain, possible = (pl.lit(counted[name].fill_null(0)) for name in ("certain", "possible"))
    single = pl.when(certain == possible).then(certain == 1).when((certain > 1) | (possible < 1)).then(False)
    began = chunk["service"].select("reference", began=_midnight())
    start = table.select(reference="target_service_id").join(
        began, on="reference", how="left", maintain_order="left"
    )["began"]
    late = (received > EXTRACTED_AT) | (received < pl.lit(start))
    dated, explained = pl.col("closed_at").is_not_null(), pl.col("closure_reason").is_not_null()
    ended = pl.col("status").is_in(ENDED)
    parent = pl.col("parent_referral_id")
    return {
        "REF-01": ("hold", received.is_null() | late),
        "REF-05": ("", ~pl.col("referrer_type").is_in(["02", "03"]) & pl.col("referrer_org_id").is_null()),
        "REF-10": ("", (dated != explained) | (dated != ended) | (explained != ended)),
        "REF-15": ("", ~pl.col("status").is_in(["rejected", "duplicate"]) & ~single),
        "REF-16": ("hold", parent.is_not_null() & ~parent.is_in(chunk["referral"]["reference"].implode())),
    }


def _midnight() -> pl.Expr:
    wall = pl.col("valid_from").cast(pl.Datetime("us")).dt.replace_time_zone("Europe/London")
    return pl.when(pl.col("lot_code").is_not_null()).then(wall.dt.convert_time_zone("UTC"))


def _contact(chunk: Tables) -> Checks:
    owner = chunk["referral"]["person_id"].gather(chunk["contact"]["r"])
    other = pl.col("person_id").is_not_null() & (pl.col("person_id") != pl.lit(owner))
    return {
        "CON-01": ("hold", pl.col("r").is_null() | other),
        "CON-03": ("", pl.col("attendance").is_in(NOT_SEEN) & (pl.col("duration_min").fill_null(0) > 0)),
    }


def _form() -> Checks:
    total = pl.col("raw_total")

    def by_tool(long: pl.Expr, short: pl.Expr) -> pl.Expr:
        tool = pl.col("tool")
        return pl.when(tool == "WEMWBS").then(long).when(tool == "SWEMWBS").then(short)

    def gaps(items: list[str]) -> pl.Expr:
        return pl.sum_horizontal(pl.col(item).is_null() for item in items) > 0

    def differs(items: list[str]) -> pl.Expr:
        return total.is_not_null() & (total != pl.sum_horizontal(items, ignore_nulls=False))

    complete = by_tool(~gaps(ITEMS) & differs(ITEMS), ~gaps(SHORT_ITEMS) & differs(SHORT_ITEMS))
    lacking = by_tool(gaps(ITEMS), gaps(SHORT_ITEMS)) & total.is_not_null()
    return {
        "OUT-02": ("raw_total metric_score", complete),
        "OUT-03": ("raw_total metric_score", lacking),
    }
