"""Step 8: what a flow lets out of one chunk, keyed and fingerprinted."""

import binascii
from collections.abc import Iterator
from dataclasses import dataclass, field

import polars as pl
import polars_hash as plh
import pyarrow as pa

from benchmarks.script.flows import Flow, holds
from benchmarks.script.read import Tables

ORDER = (
    "organisation",
    "service",
    "person",
    "address",
    "characteristics",
    "referral",
    "need",
    "contact",
    "advice",
    "signposting",
    "onward_referral",
    "service_episode",
    "outcome_measure",
    "outcome",
)
SECRETS = {"record": "5d7f0c1b" * 8, "fingerprint": "a90e44d2" * 8}
FEW = ("organisation", "service")
OWN = {"service": "organisation", "address": "person", "characteristics": "person", "referral": "person"}


def keyed(texts: pl.Series, key: str) -> pl.Series:
    """Return HMAC-SHA-256 of each text, its first 16 bytes."""
    if not len(texts):
        return pl.Series([], dtype=pl.Binary)
    digits = texts.to_frame("t").select(plh.col("t").chash.hmac_sha256(key=key)).to_series().str.slice(0, 32)
    if digits.null_count():
        return digits.str.decode("hex")
    packed = pa.py_buffer(binascii.unhexlify(digits.str.join("").item()))
    array = pa.FixedSizeBinaryArray.from_buffers(pa.binary(16), len(texts), [None, packed])
    return pl.Series(pl.from_arrow(array), dtype=pl.Binary)


@dataclass
class Chunk:
    """One chunk on its way out of one flow: who may go, and the keys of people and cases."""

    tables: Tables
    flow: Flow
    goes: dict[str, pl.Series] = field(default_factory=dict)
    keys: dict[str, pl.Series] = field(default_factory=dict)

    def key(self, entity: str, references: pl.Series) -> pl.Series:
        """Return the flow's keys of records of the entity."""
        prefix = f"hub\x1fhub\x1f{entity}\x1f"
        if entity in FEW:
            unique = references.unique().to_frame("reference")
            made = unique.with_columns(key=keyed((prefix + unique["reference"]), self._key))
            met = references.to_frame("reference").join(
                made, on="reference", how="left", maintain_order="left", nulls_equal=True
            )
            return met["key"]
        return keyed(prefix + references, self._key)

    @property
    def _key(self) -> str:
        return SECRETS["record"] + self.flow.name

    def let_go(self, entity: str) -> pl.DataFrame:
        """Return the rows of an entity that may go, with the rules that hold for each."""
        table = self._beside(entity, self.tables[entity])
        may = ~pl.col("held") & self.flow.where.get(entity, pl.lit(value=True)).fill_null(False)
        if entity == "person":
            may = may & self.flow.cohort.fill_null(False)
        if "p" in table.columns:
            parent = self.goes["person"].gather(table["p"]).fill_null(False)
            may = may & pl.lit(parent)
        if "r" in table.columns:
            parent = self.goes["referral"].gather(table["r"]).fill_null(False)
            may = may & pl.lit(parent) & (pl.col("person_id") == pl.lit(self._owner(table))).fill_null(False)
        going = table.select(may).to_series()
        if entity in {"person", "referral"}:
            self.goes[entity] = going
        return table if going.all() else table.filter(going)

    def _owner(self, table: pl.DataFrame) -> pl.Series:
        return self.tables["referral"]["person_id"].gather(table["r"])

    def _beside(self, entity: str, table: pl.DataFrame) -> pl.DataFrame:
        """Return the table with what its person and case say, for conditions and rules."""
        made = {}
        if "p" in table.columns:
            person = self.tables["person"]
            made = {name: person[name].gather(table["p"]) for name in ("flag", "anonymised")}
        if "r" in table.columns:
            case = self.tables["referral"]
            made["lot"] = case["lot_code"].gather(table["r"])
            made["case_tells"] = case["reveals"].gather(table["r"])
        elif entity == "referral":
            made["lot"] = table["lot_code"]
        return table.with_columns(series.alias(name) for name, series in made.items())

    def values(self, entity: str, rows: pl.DataFrame) -> pl.DataFrame:
        """Return what leaves of the rows: fields in order, some redacted, and their fingerprint."""
        shown, texts = [], []
        for column in self.flow.columns[entity]:
            name, other, rules = column.name, column.key_of, column.rules
            if name not in rows.columns and other != entity:
                continue
            value = self._column(entity, rows, name, other).alias(name)
            shown.append(_hidden(pl.lit(value), rules, rows).alias(name))
            texts.append(_hidden(_text(rows, name, other), rules, rows).fill_null("\x00"))
        text = rows.select(pl.concat_str(texts, separator="\x1f")).to_series()
        made = rows.select(shown)
        return made.with_columns(keyed(text, SECRETS["fingerprint"] + self.flow.name).alias("_fingerprint"))

    def _column(self, entity: str, rows: pl.DataFrame, name: str, other: str | None) -> pl.Series:
        if not other:
            return rows[name]
        if other == entity and name != "parent_referral_id":
            made = self.key(entity, rows["reference"])
            if entity in {"person", "referral"}:
                self._keep(entity, made)
            return made
        if other == "person" and "p" in rows.columns:
            return self.keys["person"].gather(rows["p"])
        if other == "referral" and name == "referral_id":
            return self.keys["referral"].gather(rows["r"])
        references = rows[name]
        if references.null_count() == len(references):
            return pl.Series([None] * len(references), dtype=pl.Binary)
        return self.key(other, references)

    def _keep(self, entity: str, made: pl.Series) -> None:
        going = self.goes[entity]
        place = pl.select(pl.when(going).then(going.cum_sum() - 1).cast(pl.UInt32)).to_series()
        self.keys[entity] = made.gather(place)


def release(tables: Tables, flow: Flow) -> Iterator[tuple[str, pl.DataFrame]]:
    """Yield each entity's released rows; organisations and services with the first chunk alone."""
    chunk = Chunk(tables, flow)
    for entity in ORDER:
        if entity in FEW and not tables["first"].item():
            continue
        rows = chunk.let_go(entity)
        yield entity, chunk.values(entity, rows)


def _hidden(value: pl.Expr, rules: list[str], rows: pl.DataFrame) -> pl.Expr:
    """Return the value where none of the rules holds."""
    if not rules:
        return value
    return pl.when(~pl.any_horizontal(holds(rule, rows.columns) for rule in rules)).then(value)


def _text(rows: pl.DataFrame, name: str, other: str | None) -> pl.Expr:
    """Return the field as its fingerprint sees it; of a key, the reference it stands for."""
    if other:
        name = name if name in rows.columns and name != "reference" else "reference"
    kind = rows.schema[name]
    value = pl.col(name)
    if kind == pl.String:
        return value
    return (value.cast(pl.Int8) if kind == pl.Boolean else value.to_physical()).cast(pl.String)
