"""What the second engine's checks are made of: short pieces of SQL for DuckDB. `r` is the record asked."""

from dataclasses import dataclass

from canonical import spec

AT = "(CASE r._source WHEN 'hub' THEN $at::TIMESTAMPTZ ELSE $at::TIMESTAMPTZ - INTERVAL 30 DAY END)"
ON = f"timezone('Europe/London', {AT})::DATE"


@dataclass(frozen=True)
class Sql:
    """One check in SQL: whether the record fails, and whether it is asked at all."""

    fails: str
    applies: str = "true"


def unread(entity: str, *fields: str, row: str = "r") -> str:
    """Return SQL for: one of these fields could not be read."""
    mask = sum(1 << list(spec(entity).fields).index(name) for name in fields)
    return f"({row}._unreadable & {mask}::UBIGINT <> 0)"


def blank(entity: str, field: str) -> str:
    """Return SQL for: nothing was entered, null if it could not be read."""
    return f"(CASE WHEN NOT {unread(entity, field)} THEN r.{field} IS NULL END)"


def day(instant: str) -> str:
    """Return SQL for the day in London."""
    return f"timezone('Europe/London', {instant})::DATE"


def age(born: str, on: str) -> str:
    """Return SQL for the age in whole years."""
    return f"date_part('year', age({on}, {born}))"


def there(entity: str, key: str) -> str:
    """Return SQL for: the reference stands in the other table."""
    return f"EXISTS (FROM {entity} x WHERE x._source = r._source AND x.{spec(entity).key[0]} = {key})"


def of(entity: str, key: str, value: str) -> str:
    """Return SQL for the value of the one row that the key names; null if it names none, or several."""
    one = "count(*) = 1 AND NOT bool_or(coalesce(x._reference_repeated, false))"
    where = f"x._source = r._source AND x.{spec(entity).key[0]} = {key}"
    return f"(SELECT CASE WHEN {one} THEN first({value}) END FROM {entity} x WHERE {where})"


def sure(entity: str, key: str) -> str:
    """Return SQL for: the key names one row."""
    return f"coalesce({of(entity, key, 'true')}, false)"


def certain(told: str) -> str:
    """Return SQL for what is told of the record, unless its own reference stands on several rows."""
    return f"(CASE WHEN NOT coalesce(r._reference_repeated, false) THEN {told} END)"


def any_of(entity: str, link: str, key: str, told: str) -> str:
    """Return SQL for: of the other table's rows that name what this record's key names, one is surely so."""
    return f"EXISTS (FROM {entity} c WHERE c._source = r._source AND c.{link} = r.{key} AND ({told}))"


def own(entity: str, key: str, told: str) -> str:
    """Return SQL for: of the other table's rows that name this very record, one is surely so."""
    return f"({any_of(entity, key, key, told)} AND NOT coalesce(r._reference_repeated, false))"


def day_span(entity: str, link: str, key: str, value: str, end: str) -> str:
    """Return SQL for the first or last (min, max) of a value in the rows that name this record for sure."""
    rows = f"FROM {entity} c WHERE c._source = r._source AND c.{link} = r.{key}"
    return f"(CASE WHEN NOT coalesce(r._reference_repeated, false) THEN (SELECT {end}(c.{value}) {rows}) END)"


def later(entity: str, same: str, before: str) -> str:
    """Return SQL for: another row of the table is the same, and stands before this one."""
    return f"EXISTS (FROM {entity} c WHERE c._source = r._source AND {same} AND {before})"


def order(*columns: str) -> str:
    """Return SQL for: row `c` stands before row `r` by these columns (blanks last), reference, row."""
    mine, theirs = ([f"{row}.{name}" for name in (*columns, "_reference", "_row")] for row in ("r", "c"))
    cases = [
        f"WHEN {c} IS DISTINCT FROM {r} THEN {r} IS NULL OR coalesce({c} < {r}, false)"
        for c, r in zip(theirs, mine, strict=True)
    ]
    return f"(CASE {' '.join(cases)} ELSE false END)"


def first_before(entity: str, same: str, before: str, *columns: str) -> str:
    """Return SQL for the reference of the first row that is the same and stands before this one."""
    by = ", ".join(f"{column} NULLS LAST" for column in (*columns, "c._reference", "c._row"))
    rows = f"FROM {entity} c WHERE c._source = r._source AND {same} AND {before}"
    return f"(SELECT c._reference {rows} ORDER BY {by} LIMIT 1)"
