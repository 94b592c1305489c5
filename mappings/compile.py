"""A mapping made ready for a source: a pure function from a batch of its export to canonical tables."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import polars as pl

from canonical import ANSWERED, Kind, polars_schema, spec, unreadable_bit
from mappings.answered import refused_cells, take_answers
from mappings.cells import Cells
from mappings.disbelief import disbelieve
from mappings.evidence import Evidence
from mappings.fields import OWN_FIELDS
from mappings.load import COLUMN_MARK, EntityPlan, Mapping, columns, columns_of
from mappings.local import DAY_FIELDS, DERIVED_LOCALLY, REFUSED_POSTCODE, derive_locally
from mappings.lookups import Postcodes
from mappings.model import When
from mappings.typed import as_declared
from mappings.words import blanked, nowhere

OWN_TYPES = {
    name: pl.List(pl.String) if kind is Kind.KEY else (pl.Boolean() if kind is Kind.BOOLEAN else pl.String())
    for fields in OWN_FIELDS.values()
    for name, kind in fields.items()
}
REJECTED = {"_row": pl.UInt32, "_person": pl.String, "code": pl.String}


@dataclass(frozen=True)
class Mapped:
    """What a batch's rows became.

    entities: canonical tables; the first is the one that every row makes.
    rejected: rows whose own reference is blank or malformed: the person they name, the reason as a code.
    repeated_for, apart: columns for which the export repeats rows, and the entities made of them.
    """

    entities: dict[str, pl.DataFrame] = field(repr=False)
    rejected: pl.DataFrame = field(repr=False)
    repeated_for: tuple[str, ...] = ()
    apart: frozenset[str] = frozenset()


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

    def evidence(
        self, header: tuple[str, ...], place: str, *, typed: bool = False, may_shift: bool = True
    ) -> Evidence:
        """Return what will look at the cells of an export with this header; `typed` for a workbook."""
        return Evidence(self.mapping, header, place, typed=typed, may_shift=may_shift)

    def apply(self, batch: pl.DataFrame, evidence: Evidence | None = None) -> Mapped:
        """Return the batch's records.

        Given: the needed columns as text, and `_row`. With evidence, rows whose cells may have shifted make
               records that are empty and marked.
        """
        declared = self.mapping.declared.reference
        if evidence is not None and evidence.typed:
            batch = as_declared(self.mapping, batch)
        cells = Cells(batch, self.mapping.patterns, self.null_words, self.parent_source)
        out = evidence.look(cells, self._whose(cells)) if evidence is not None else None
        reference = cells.reference(declared.column)[0]
        made = reference.is_not_null()
        tables: dict[str, list[pl.DataFrame]] = {}
        for plan in self.mapping.entities:
            tables.setdefault(plan.entity, []).append(self._records(plan, cells, reference))
        whole = {entity: _stack(parts) for entity, parts in tables.items()}
        finished = {entity: derive_locally(entity, table, self.postcodes) for entity, table in whole.items()}
        if out is not None:
            shifted = cells.batch["_row"].filter(out)
            finished = {
                entity: disbelieve(entity, table, table["_row"].is_in(shifted.implode()))
                for entity, table in finished.items()
            }
        rejected = pl.DataFrame(schema=REJECTED)
        if not made.all():
            rejected = _rejected(batch, cells.filled(declared.column), made, self._whose(cells))
        return Mapped(finished, rejected, tuple(self.mapping.declared.repeated_for), self._apart)

    @property
    def _apart(self) -> frozenset[str]:
        """Return the entities made of what the export repeats rows for."""
        wanted = set(self.mapping.declared.repeated_for)
        plans = self.mapping.entities
        return frozenset(plan.entity for plan in plans if wanted & set(columns_of(plan.declared)))

    def _whose(self, cells: Cells) -> pl.Series:
        """Return the person each row names, whether or not the row has a reference of its own."""
        plan = self.mapping.entities[0]
        named = next((part for part in plan.fields if part.name == "person_id"), None)
        if named is not None:
            return cells.reference(str(named.declared.column), named.declared.pattern)[0]
        if plan.declared.person is not None:
            return cells.reference(plan.declared.person)[0]
        return pl.repeat(None, cells.batch.height, dtype=pl.String, eager=True)

    def _records(self, plan: EntityPlan, cells: Cells, row_reference: pl.Series) -> pl.DataFrame:
        reference = _reference(plan, cells, row_reference)
        wanted = row_reference.is_not_null() & reference.is_not_null()
        if plan.declared.when is not None:
            wanted &= _holds(plan.declared.when, cells)
        rows = None if wanted.all() else wanted
        values, unreadable = self._fields(plan, cells, rows)
        own = reference if rows is None else reference.filter(rows)
        values[spec(plan.entity).key[0]] = values["_reference"] = own
        values["_person"] = _person(plan, cells, values, rows)
        numbers = cells.batch["_row"].cast(pl.UInt32)
        values["_row"] = numbers if rows is None else numbers.filter(rows)
        values["_unreadable"] = unreadable
        table = pl.DataFrame([series.alias(name) for name, series in values.items()])
        if plan.declared.reference is not None:
            content = [name for name in table.columns if name != "_row"]
            table = table.unique(content, keep="first", maintain_order=True)
        return _completed(plan.entity, table.with_columns(_source=pl.lit(self.source)))

    def _fields(
        self, plan: EntityPlan, cells: Cells, rows: pl.Series | None
    ) -> tuple[dict[str, pl.Series], pl.Series]:
        values: dict[str, pl.Series] = {}
        told = {part.declared.column for part in plan.fields if part.declared.converter == "time_known"}
        bits: list[tuple[str, pl.Series | None]] = [
            (spec(plan.entity).key[0], self._unknown_kind(cells, rows))
        ]
        answered: list[tuple[str, pl.Series | None]] = []
        for part in plan.fields:
            read = cells.read(part, rows, time_told=part.declared.time_column in told)
            if part.name in OWN_TYPES:
                values[part.name] = read[0]
            else:
                values[part.name], unread, said = take_answers(plan.entity, part, cells, read, rows)
                bits.append((part.name, unread))
                answered.append((part.name, said))
            if plan.entity == "address" and part.name == "postcode":
                values[REFUSED_POSTCODE] = refused_cells(part, cells, rows)
            if part.kind is Kind.INSTANT:
                values[DAY_FIELDS.get(part.name, f"_day_of_{part.name}")] = cells.day(part, rows)
        height = len(next(iter(values.values())))
        marks = _bitmask(plan.entity, bits, height)
        return values, marks | _bitmask(plan.entity, answered, height, ANSWERED)

    def _unknown_kind(self, cells: Cells, rows: pl.Series | None) -> pl.Series | None:
        """Return the rows whose kind is not known: what other records they should make cannot be read."""
        kinds = self.mapping.declared.row_kinds
        if kinds is None:
            return None
        unknown = ~cells.among(kinds.column, kinds.known)
        return unknown if rows is None else unknown.filter(rows)


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
    parts = {f"part {at}": cells.reference(name)[0] for at, name in enumerate(named)}
    text = COLUMN_MARK.sub("{}", template)
    built = pl.DataFrame(parts).select(reference=pl.format(text, *parts)).to_series()
    pattern = plan.declared.reference_pattern
    return built if pattern is None else blanked(built, ~built.str.contains(f"^(?:{pattern})$"))


def _person(
    plan: EntityPlan, cells: Cells, values: dict[str, pl.Series], rows: pl.Series | None
) -> pl.Series:
    if plan.entity == "person":
        return values["_reference"]
    if "person_id" in values:
        return values["person_id"]
    if plan.declared.person is not None:
        return cells.reference(plan.declared.person, rows=rows)[0]
    return pl.repeat(None, len(values["_reference"]), dtype=pl.String, eager=True)


def _holds(when: When, cells: Cells) -> pl.Series:
    if when.not_blank is not None:
        rows = nowhere(cells.batch.height)
        for name in when.not_blank:
            rows |= cells.filled(name)
        return rows
    among = cells.among(str(when.column), when.within or when.without or [])
    return among if when.within else ~among


def _bitmask(entity: str, bits: list[tuple[str, pl.Series | None]], rows: int, first: int = 0) -> pl.Series:
    mask = pl.repeat(0, rows, dtype=pl.UInt64, eager=True)
    for name, unread in bits:
        if unread is not None:
            mask |= unread.cast(pl.UInt64) * (1 << (first + unreadable_bit(entity, name)))
    return mask


def _completed(entity: str, table: pl.DataFrame) -> pl.DataFrame:
    own = {name: OWN_TYPES[name] for name in OWN_FIELDS.get(entity, {})}
    wanted = dict(polars_schema(entity)) | own
    days = [name for name in table.columns if name.startswith("_day_of_") or name == REFUSED_POSTCODE]
    columns = [
        pl.col(name).cast(dtype) if name in table.columns else pl.lit(None, dtype).alias(name)
        for name, dtype in wanted.items()
    ]
    return table.select(*columns, *days)


def _stack(parts: list[pl.DataFrame]) -> pl.DataFrame:
    return parts[0] if len(parts) == 1 else pl.concat(parts).sort("_row", maintain_order=True)


def _rejected(batch: pl.DataFrame, filled: pl.Series, made: pl.Series, whose: pl.Series) -> pl.DataFrame:
    blank = pl.when(pl.col("filled")).then(pl.lit("reference_malformed")).otherwise(pl.lit("reference_blank"))
    rows = pl.DataFrame({"_row": batch["_row"].cast(pl.UInt32), "filled": filled, "made": made})
    named = rows.with_columns(whose.cast(pl.String).alias("_person"))
    return named.filter(~pl.col("made")).select("_row", "_person", code=blank)
