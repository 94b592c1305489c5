"""A mapping made ready for a source: a pure function from a batch of its export to canonical tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from canonical import Kind, polars_schema, spec, unreadable_bit
from mappings.cells import Cells, fitted
from mappings.fields import OWN_FIELDS
from mappings.load import COLUMN_MARK, EntityPlan, Mapping, columns
from mappings.local import DERIVED_LOCALLY, derive_locally
from mappings.lookups import Postcodes
from mappings.model import When
from mappings.words import normal, normal_word, nowhere

OWN_TYPES = {
    name: pl.List(pl.String) if kind is Kind.KEY else (pl.Boolean() if kind is Kind.BOOLEAN else pl.String())
    for fields in OWN_FIELDS.values()
    for name, kind in fields.items()
}
REJECTED = {"_row": pl.UInt32, "code": pl.String}


@dataclass(frozen=True)
class Mapped:
    """What a batch's rows became.

    entities: canonical tables; the first is the one that every row makes.
    rejected: rows whose own reference is blank or malformed, with the reason as a code.
    """

    entities: dict[str, pl.DataFrame] = field(repr=False)
    rejected: pl.DataFrame = field(repr=False)
    repeated: int = 0
    furniture: int = 0


@dataclass(frozen=True)
class Compiled:
    """A mapping for one source; `apply` depends on its batch alone."""

    mapping: Mapping
    source: str
    null_words: tuple[str, ...]
    postcodes: Postcodes | None = field(repr=False)
    parent_source: str | None = None

    @property
    def columns(self) -> tuple[str, ...]:
        """Return the columns the export must have."""
        return tuple(dict.fromkeys(columns(self.mapping.declared)))

    @property
    def ignored(self) -> tuple[str, ...]:
        """Return the columns that are known and never taken."""
        return tuple(ignored.column for ignored in self.mapping.declared.ignore)

    @property
    def entities(self) -> tuple[str, ...]:
        """Return the entities that rows become, the one of every row first."""
        return tuple(dict.fromkeys(plan.entity for plan in self.mapping.entities))

    def fills(self, entity: str) -> frozenset[str]:
        """Return the fields that this mapping gives the entity, those worked out from one row included."""
        named = {part.name for plan in self.mapping.entities if plan.entity == entity for part in plan.fields}
        named |= {name for name, needs in DERIVED_LOCALLY.get(entity, {}).items() if needs <= named}
        return frozenset(named | set(spec(entity).key))

    def apply(self, batch: pl.DataFrame) -> Mapped:
        """Return the batch's records.

        Given: the needed columns as text, and `_row`.
        """
        cells = Cells(batch, self.null_words, self.parent_source)
        declared = self.mapping.declared.reference
        reference = cells.reference(declared.column, declared.pattern)
        made = reference.is_not_null()
        tables: dict[str, list[pl.DataFrame]] = {}
        for plan in self.mapping.entities:
            tables.setdefault(plan.entity, []).append(self._records(plan, cells, reference, made))
        whole = {entity: _stack(parts) for entity, parts in tables.items()}
        finished = {entity: derive_locally(entity, table, self.postcodes) for entity, table in whole.items()}
        return Mapped(finished, _rejected(batch, cells.filled(declared.column), made))

    def _records(
        self, plan: EntityPlan, cells: Cells, row_reference: pl.Series, made: pl.Series
    ) -> pl.DataFrame:
        reference = _reference(plan, cells, row_reference)
        rows = made & reference.is_not_null()
        if plan.declared.when is not None:
            rows &= _holds(plan.declared.when, cells)
        values, unreadable = self._fields(plan, cells)
        key = spec(plan.entity).key[0]
        values |= {key: reference.alias(key), "_reference": reference.alias("_reference")}
        values["_person"] = _person(plan, cells, values).alias("_person")
        values["_row"] = cells.batch["_row"].cast(pl.UInt32)
        values["_unreadable"] = unreadable.alias("_unreadable")
        table = pl.DataFrame(list(values.values()))
        table = table if rows.all() else table.filter(rows)
        if plan.declared.reference is not None:
            table = table.unique(
                [name for name in table.columns if name != "_row"], keep="first", maintain_order=True
            )
        return _completed(plan.entity, table.with_columns(_source=pl.lit(self.source)))

    def _fields(self, plan: EntityPlan, cells: Cells) -> tuple[dict[str, pl.Series], pl.Series]:
        values: dict[str, pl.Series] = {}
        told = {p.declared.column for p in plan.fields if p.declared.converter == "time_known"}
        bits = [(unreadable_bit(plan.entity, spec(plan.entity).key[0]), self._unknown_kind(cells))]
        for part in plan.fields:
            read, unread = cells.read(part, time_told=part.declared.time_column in told)
            values[part.name] = (
                read.alias(part.name) if part.name in OWN_TYPES else fitted(read, part.name, part.kind)
            )
            if part.name not in OWN_TYPES:
                bits.append((unreadable_bit(plan.entity, part.name), unread))
        return values, _bitmask(bits, cells.batch.height)

    def _unknown_kind(self, cells: Cells) -> pl.Series:
        """Return the rows whose kind is not known: what other records they should make cannot be read."""
        kinds = self.mapping.declared.row_kinds
        if kinds is None:
            return nowhere(cells.batch.height)
        return ~_among(cells, kinds.column, kinds.known)


def compile_mapping(
    mapping: Mapping,
    postcodes: Postcodes | None = None,
    *,
    source: str,
    null_words: Sequence[str] = (),
    parent_source: str | None = None,
) -> Compiled:
    """Return the mapping made ready for a source, with the words that stand for nothing there."""
    words = tuple(dict.fromkeys((*mapping.declared.null_words, *null_words)))
    return Compiled(mapping, source, words, postcodes, parent_source)


def _reference(plan: EntityPlan, cells: Cells, row_reference: pl.Series) -> pl.Series:
    template = plan.declared.reference
    if template is None:
        return row_reference
    named = COLUMN_MARK.findall(template)
    parts = {f"part {at}": cells.reference(name, None) for at, name in enumerate(named)}
    text = COLUMN_MARK.sub("{}", template)
    built = pl.DataFrame(parts).select(reference=pl.format(text, *parts)).to_series()
    pattern = plan.declared.reference_pattern
    fits = built.str.contains(f"^(?:{pattern})$") if pattern else built.is_not_null()
    return built.zip_with(fits.fill_null(False), pl.Series([None], dtype=pl.String))


def _person(plan: EntityPlan, cells: Cells, values: dict[str, pl.Series]) -> pl.Series:
    if plan.entity == "person":
        return values["_reference"]
    if "person_id" in values:
        return values["person_id"]
    if plan.declared.person is not None:
        return cells.reference(plan.declared.person, None)
    return pl.repeat(None, cells.batch.height, dtype=pl.String, eager=True)


def _holds(when: When, cells: Cells) -> pl.Series:
    if when.not_blank is not None:
        rows = nowhere(cells.batch.height)
        for name in when.not_blank:
            rows |= cells.filled(name)
        return rows
    among = _among(cells, str(when.column), when.within or when.without or [])
    return among if when.within else ~among


def _among(cells: Cells, name: str, words: list[str]) -> pl.Series:
    column = cells.column(name)
    return column.spread(normal(column.words).is_in([normal_word(word) for word in words]).fill_null(False))


def _bitmask(bits: list[tuple[int, pl.Series]], rows: int) -> pl.Series:
    mask = pl.repeat(0, rows, dtype=pl.UInt64, eager=True)
    for bit, unread in bits:
        if unread.any():
            mask |= unread.cast(pl.UInt64) * (1 << bit)
    return mask


def _completed(entity: str, table: pl.DataFrame) -> pl.DataFrame:
    own = {name: OWN_TYPES[name] for name in OWN_FIELDS.get(entity, {})}
    wanted = dict(polars_schema(entity)) | own
    missing = [pl.lit(None, dtype).alias(name) for name, dtype in wanted.items() if name not in table.columns]
    return table.with_columns(missing).select(list(wanted))


def _stack(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return parts[0] if len(parts) == 1 else pl.concat(parts).sort("_row", maintain_order=True)


def _rejected(batch: pl.DataFrame, filled: pl.Series, made: pl.Series) -> pl.DataFrame:
    if made.all():
        return pl.DataFrame(schema=REJECTED)
    blank = pl.when(pl.col("filled")).then(pl.lit("reference_malformed")).otherwise(pl.lit("reference_blank"))
    rows = pl.DataFrame({"_row": batch["_row"].cast(pl.UInt32), "filled": filled, "made": made})
    return rows.filter(~pl.col("made")).select("_row", code=blank)
