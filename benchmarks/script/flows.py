"""Step 8, what a flow is to the script: who is in it, on which conditions, and when each rule holds.

Which fields it releases and which rule hides which field is read from a list that was copied out of the
assessment beforehand.
"""

import json
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

LOT = "L8-DA"
SAFE = pl.col("flag").eq_missing(pl.lit(value=False))
TELLS_NOT = pl.col("reveals").eq_missing(pl.lit(value=False)) & (pl.col("lot") != LOT)
OF_CASE = ("need", "contact", "advice", "signposting", "onward_referral", "service_episode")
OF_CASE += ("outcome_measure", "outcome")
COHORT = {
    "early_help": (pl.col("share_council") == "given") & ~pl.col("anonymised"),
    "commissioning": pl.lit(value=True),
}
WHERE = {
    "early_help": dict.fromkeys(OF_CASE, TELLS_NOT),
    "commissioning": {
        "service": pl.col("lot_code").is_null() | (pl.col("lot_code") != LOT),
        "referral": pl.col("lot_code") != LOT,
    },
}
SAFETY = ("S1", "S3", "S6", "S7")


@dataclass(frozen=True)
class Column:
    """One released field, the entity whose key it is, and the rules that hide it."""

    name: str
    key_of: str | None
    rules: list[str]


@dataclass(frozen=True)
class Flow:
    """One flow: its name, its cohort, its conditions, its fields."""

    name: str
    cohort: pl.Expr
    where: dict[str, pl.Expr]
    columns: dict[str, list[Column]] = field(default_factory=dict)


def read_flows(path: Path) -> dict[str, Flow]:
    """Return the flows of the list."""
    said = json.loads(path.read_text(encoding="utf-8"))
    return {name: Flow(name, COHORT[name], WHERE[name], _columns(said[name])) for name in COHORT}


def _columns(said: dict[str, list[dict[str, object]]]) -> dict[str, list[Column]]:
    return {
        entity: [Column(one["field"], one["key_of"], one["hidden_by"]) for one in fields]
        for entity, fields in said.items()
    }


def holds(rule: str, columns: list[str]) -> pl.Expr:
    """Return where the rule holds; what cannot be told holds."""
    false = pl.lit(value=False)
    if rule in SAFETY:
        return ~SAFE
    if rule == "S5":
        return pl.col("anonymised").ne_missing(false)
    if rule == "S4":
        return (pl.col("lot") == LOT).fill_null(True)
    if rule != "S2":
        raise SystemExit(f"the assessment has a rule {rule} that the script does not know")
    told = [pl.col(name).ne_missing(false) for name in ("reveals", "case_tells") if name in columns]
    return pl.any_horizontal(told)
