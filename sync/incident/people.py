"""Whom an incident concerns: how many people, who of them is under the safety flag; never who they are."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import polars as pl

from audit.reading import Reading
from audit.secrets import PersonSecrets
from audit.told import told_in
from config.site import Site
from sealing import keys
from sync.incident.file_bounds import Bounds, bounds_of
from sync.incident.scope import Part
from sync.memory import Memory
from sync.safety_memory import known, under_flag

COLUMNS = {
    "flow": pl.String,
    "seq": pl.UInt32,
    "person": pl.UInt64,
    "operation": pl.String,
    "rows": pl.UInt32,
}
THERE = {"flow": pl.String, "source": pl.String, "entity": pl.String, "batch": pl.UInt32, "person": pl.UInt64}
NOT_KNOWN = "not known"


@dataclass(frozen=True)
class Concerned:
    """What log and state know of the people of an incident.

    told:    DataFrame[flow, seq, person, operation, rows]; person null where no secret is kept any more.
    there:   DataFrame[flow, source, entity, batch, person]: what the recipients have now, and of which batch.
    flagged: digests of people under the safety flag, as of the last run that read their source.
    blind:   sources that were never read whole: of their people the flag is not known.
    sure:    digests of those who are surely meant, where others may be too many; None: all are meant.
    counted: by operation, at least and at most how many people some files of one batch can be about.
    """

    told: pl.DataFrame = field(repr=False)
    there: pl.DataFrame = field(repr=False)
    flagged: pl.Series = field(repr=False)
    blind: list[str]
    sure: pl.Series | None = field(default=None, repr=False)
    counted: dict[str, Bounds] = field(default_factory=dict)

    def of(self, operation: str) -> pl.Series:
        """Return the people, each once, with whose rows the batches did this."""
        asked = self.told.filter(pl.col("operation") == operation, pl.col("person").is_not_null())
        return asked["person"].unique()

    def within(self, parts: Iterable[Part]) -> "Concerned":
        """Return whom these batches alone concern."""
        named = [(part.leaf["flow"], part.leaf["seq"]) for part in parts]
        asked = pl.DataFrame(named, schema={"flow": pl.String, "seq": pl.UInt32}, orient="row")
        return replace(self, told=self.told.join(asked, on=["flow", "seq"], how="semi"))

    def unnamed(self, operation: str) -> list[int]:
        """Return, by batch that has any, how many people it tells of whose secret is no longer kept."""
        asked = self.told.filter(pl.col("operation") == operation, pl.col("person").is_null())
        return asked.group_by("flow", "seq").len()["len"].to_list()

    def bounds(self, operation: str) -> dict[str, int]:
        """Return at least and at most how many people.

        Of somebody whose secret is gone nobody can tell whether two batches tell of the same.
        """
        named, unnamed = self.of(operation), self.unnamed(operation)
        least, most = len(named) + max(unnamed, default=0), len(named) + sum(unnamed)
        if self.sure is not None:
            least = int(named.is_in(self.sure.implode()).sum())
        if operation in self.counted:
            low, high = self.counted[operation]
            least, most = max(least, low), min(most, high)
        return {"at_least": least, "at_most": most}

    def by_source(self, people: pl.Series) -> dict[str, int]:
        """Return whose people they are; not known of whom nothing is left at any recipient."""
        own = self.there.select("source", "person").unique().filter(pl.col("person").is_in(people.implode()))
        counted = dict(own.group_by("source").len().sort("source").iter_rows())
        lost = len(people) - own["person"].n_unique()
        return {**counted, NOT_KNOWN: lost} if lost else counted

    def flags(self, people: pl.Series) -> dict[str, int]:
        """Return how many are under the flag, how many are not, and of how many that cannot be known.

        It cannot be known of people of whom nothing is left at any recipient and whom the last run that read
        their source did not see under the flag, nor of people of a source that was never read whole.
        """
        under = people.is_in(self.flagged.implode())
        seeing = self.there.filter(~pl.col("source").is_in(self.blind))["person"].drop_nulls()
        free = ~under & people.is_in(seeing.implode())
        return {
            "under": int(under.sum()),
            "not_under": int(free.sum()),
            "not_known": len(people) - int(under.sum()) - int(free.sum()),
        }


def concerned(site: Site, reading: Reading, parts: list[Part]) -> Concerned:
    """Return whom these batches concern. Errors: DisclosureLogBroken, SecretsUnreadable, StateUnreadable."""
    state = site.var / "state"
    secrets = PersonSecrets(state / "people.sqlite").everybody()
    told = [_told(reading, part, secrets) for part in parts]
    blind = [source for source in sorted(site.sources) if not known(state / "safety", source)]
    seeing = [source for source in sorted(site.sources) if source not in blind]
    everybody = _numbers(secrets["person"])
    flagged = under_flag(state / "safety", seeing, everybody, keys.load_secret("memory", site.keys.private))
    return Concerned(pl.concat([pl.DataFrame(schema=COLUMNS), *told]), _there(state), flagged, blind)


def of_file(found: Concerned, part: Part) -> Concerned:
    """Return whom some files of one batch concern; everybody of the batch where that cannot be told.

    The log says how many rows of a person a batch holds, not in which file. Where every row of the file still
    stands at the recipient as this batch brought it, the memory knows whose rows they are. Else there are
    bounds: from the rows that do stand, and from how many rows the log says each person and each file has.
    """
    flow, seq, entities = part.leaf["flow"], part.leaf["seq"], {file["entity"] for file in part.files}
    operations = {file["operation"] for file in part.files}
    kept = found.told.filter(pl.col("operation").is_in(operations))
    if part.whole:
        return found
    brought = found.there.filter(pl.col("flow") == flow, pl.col("batch") == seq)
    brought = brought.filter(pl.col("entity").is_in(entities))
    people = brought["person"].drop_nulls().unique()
    every = sum(file["rows"] for file in part.leaf["files"] if file["entity"] in entities)
    if operations != {"upsert"} or not brought.height == part.rows("upsert") == every:
        bounds = {
            operation: bounds_of(part, operation, kept.filter(pl.col("operation") == operation)["rows"])
            for operation in sorted(operations)
        }
        return replace(found, told=kept, sure=people, counted=bounds)
    return replace(found, told=kept.filter(pl.col("person").is_in(people.implode())))


def of_sources(found: Concerned, sources: Collection[str]) -> Concerned:
    """Return whom the incident concerns among the people of these sources.

    Of whom nothing is left anywhere, or whose secret is gone, nobody knows whose they are: they stay.
    """
    there = found.there.filter(pl.col("source").is_in(sources))
    others = found.there.filter(~pl.col("source").is_in(sources))["person"].drop_nulls()
    not_theirs = pl.col("person").is_in(others.implode()).fill_null(value=False)
    sure = there["person"].drop_nulls().unique()
    return replace(found, told=found.told.filter(~not_theirs), there=there, sure=sure)


def _told(reading: Reading, part: Part, secrets: pl.DataFrame) -> pl.DataFrame:
    told = told_in(reading, part.leaf, secrets)
    return told.select(
        pl.lit(part.leaf["flow"]).alias("flow"),
        pl.lit(part.leaf["seq"], pl.UInt32).alias("seq"),
        _numbers(told["person"]),
        "operation",
        "rows",
    )


def _there(state: Path) -> pl.DataFrame:
    """Return what the recipients have now, flow by flow. Errors: StateUnreadable."""
    parts = [pl.DataFrame(schema=THERE)]
    for path in sorted((state / "memory").glob("*.parquet")):
        rows = Memory(path).everything()
        flow = pl.lit(path.stem).alias("flow")
        parts.append(rows.select(flow, "source", pl.col("entity").cast(pl.String), "batch", "person"))
    return pl.concat(parts)


def _numbers(people: pl.Series) -> pl.Series:
    """Return the 8-byte digests of people as the numbers that the memory holds."""
    return people.bin.reinterpret(dtype=pl.UInt64, endianness="little").alias("person")


def people_json(found: Concerned, operation: str) -> dict[str, Any]:
    """Return how many people, whose they are and how many are under the flag, as the pack says it."""
    people, lost = found.of(operation), sum(found.unnamed(operation))
    bounds, flag = found.bounds(operation), found.flags(people)
    flag["not_known"] += lost
    return {
        **bounds,
        "exact": bounds["at_least"] == bounds["at_most"],
        "flag": flag,
        "by_source": found.by_source(people),
        "without_secret": lost,
    }
