"""Who is not shared, why, and since when: counts from what the last run left in state; never who they are.

People are counted, not records, but for records that wait to be put right. A person is known by the keyed
digest that the memory holds; two flows are laid side by side by it, and nothing of it leaves this module.
"""

from collections.abc import Iterable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import polars as pl

from common import clock
from config.site import Site
from sync.fates import COLUMNS, remembered
from sync.memory import EXPIRED, Memory
from sync.outbox import read_json
from sync.treatments import identity

AGES = (("up to a week", 7), ("up to a month", 31), ("up to a quarter", 92), ("longer", None))
NO_AGE = "not known"
STAYED = {"flow": pl.String, **COLUMNS}
SENT = {
    "flow": pl.String,
    "source": pl.String,
    "entity": pl.String,
    "person": pl.UInt64,
    "emptied": pl.Boolean,
}


def not_shared(site: Site) -> dict[str, Any]:
    """Return the register as its page shows it.

    Returns: people who stay, by flow, source, fate and reason; records that wait; people of whom fields were
             emptied to keep somebody safe; and how many are in no flow at all. Ages in days, as of today.
    Errors:  StateUnreadable.
    """
    state = site.var / "state"
    flows = sorted(path.stem for path in (state / "fates").glob("*.parquet"))
    stayed = pl.concat([pl.DataFrame(schema=STAYED), *(_stayed(state, flow) for flow in flows)])
    sent = pl.concat([pl.DataFrame(schema=SENT), *(_sent(state, flow) for flow in flows)])
    people = stayed.filter(pl.col("entity") == "person")
    held = (pl.col("fate") == "held") & pl.col("since").is_not_null()
    waiting = stayed.filter(held & (pl.col("entity") != "person"))
    return {
        "as_of": clock.today().isoformat(),
        "flows": flows,
        "people": list(_by_reason(_each_once(people), ["flow", "source", "fate", "reason"])),
        "waiting": list(_by_reason(waiting, ["flow", "source", "entity", "reason"])),
        "emptied": list(_emptied(sent)),
        "in_no_flow": _in_no_flow(people, sent),
    }


def _stayed(state: Path, flow: str) -> pl.DataFrame:
    rows = remembered(state / "fates" / f"{flow}.parquet").collect()
    return rows.with_columns(pl.lit(flow).alias("flow")).select(list(STAYED))


def _sent(state: Path, flow: str) -> pl.DataFrame:
    """Return what the recipient has: whose it is, and whether a rule emptied a field that others keep."""
    path = state / "treatments" / f"{flow}.json"
    emptied = _emptying(read_json(path)) if path.exists() else []
    rows = Memory(state / "memory" / f"{flow}.parquet").everything()
    narrower = pl.col("treatment").is_in(emptied).alias("emptied")
    there = rows.filter(pl.col("batch") != EXPIRED)
    return there.select(
        pl.lit(flow).alias("flow"), "source", pl.col("entity").cast(pl.String), "person", narrower
    )


def _emptying(treatments: Mapping[str, Mapping[str, Any]]) -> list[int]:
    """Return the ids of treatments that empty a field which another treatment of the entity shows."""
    shown: dict[str, set[str]] = {}
    for said in treatments.values():
        kept = {name for name, action in said["fields"].items() if action != "redact"}
        shown.setdefault(said["entity"], set()).update(kept)
    return [
        identity(digest)
        for digest, said in treatments.items()
        if any(
            action == "redact" and name in shown[said["entity"]] for name, action in said["fields"].items()
        )
    ]


def _each_once(people: pl.DataFrame) -> pl.DataFrame:
    """Return each person once per reason: a reference on two rows is one person, since the earlier day."""
    by = ["flow", "source", "fate", "reason", "person"]
    return people.group_by(by, maintain_order=True).agg(pl.col("since").min())


def _by_reason(rows: pl.DataFrame, by: list[str]) -> Iterable[dict[str, Any]]:
    """Yield one line per group: how many people, how many records, since when, and how old they are."""
    for names, part in sorted(rows.partition_by(by, as_dict=True).items()):
        days = (pl.lit(clock.today()) - part["since"]).dt.total_days()
        ages = part.select(days.alias("days"))["days"]
        yield {
            **dict(zip(by, names, strict=True)),
            "people": part["person"].drop_nulls().n_unique(),
            "records": part.height,
            "oldest_since": _day(part["since"].min()),
            "ages": _aged(ages),
        }


def _aged(days: pl.Series) -> dict[str, int]:
    """Return how many of so many days fall into each stretch of AGES."""
    found, before = {}, -1
    for name, most in AGES:
        within = (days > before) & (days <= most) if most is not None else days > before
        found[name], before = int(within.sum()), most or before
    return {**found, NO_AGE: days.null_count()}


def _day(day: object) -> str | None:
    return day.isoformat() if isinstance(day, date) else None


def _emptied(sent: pl.DataFrame) -> Iterable[dict[str, Any]]:
    emptied = sent.filter("emptied")
    for (flow, source), part in sorted(emptied.partition_by("flow", "source", as_dict=True).items()):
        records = dict(part.group_by("entity").len().sort("entity").iter_rows())
        people = part["person"].drop_nulls().n_unique()
        yield {"flow": flow, "source": source, "people": people, "records": records}


def _in_no_flow(people: pl.DataFrame, sent: pl.DataFrame) -> dict[str, int]:
    """Return by source how many people stay in every flow of which the last runs told."""
    shared = sent.filter(pl.col("entity") == "person")["person"].drop_nulls()
    alone = people.filter(~pl.col("person").is_in(shared.implode()).fill_null(value=False))
    counted = alone.group_by("source").agg(pl.col("person").n_unique()).sort("source")
    return dict(counted.iter_rows())
