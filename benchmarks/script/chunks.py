"""Step 4: rows that repeat a reference, and people kept whole while the tables are cut into chunks."""

from collections.abc import Iterator

import polars as pl

from benchmarks.script.read import Tables

SHARED = ("organisation", "service")


def once(table: pl.DataFrame) -> pl.DataFrame:
    """Return the table without rows that say the same again; `repeated` marks references that clash."""
    if table["reference"].n_unique() == table.height:
        return table.with_columns(repeated=pl.lit(value=False))
    content = [name for name in table.columns if name != "row"]
    table = table.unique(content, keep="first", maintain_order=True)
    return table.with_columns(repeated=pl.col("reference").is_duplicated())


def whole_people(tables: Tables, count: int) -> dict[str, list[pl.DataFrame]]:
    """Return each table cut by its people, and let go of the tables."""
    cut = {}
    for entity in list(tables):
        table = tables.pop(entity)
        owner = "reference" if entity == "person" else "person_id"
        if entity in SHARED or count == 1:
            cut[entity] = [table]
            continue
        parts = table.with_columns(part=pl.col(owner).hash(7).fill_null(0) % count).partition_by(
            "part", as_dict=True, include_key=False
        )
        cut[entity] = [parts.get((number,), table.clear()) for number in range(count)]
    return cut


def chunks(cut: dict[str, list[pl.DataFrame]], count: int) -> Iterator[Tables]:
    """Yield one chunk of whole people after another; organisations and services go out with the first."""
    for number in range(count):
        yield {entity: parts[0] if entity in SHARED else parts[number] for entity, parts in cut.items()} | {
            "first": pl.DataFrame({"first": [number == 0]})
        }
        for entity, parts in cut.items():
            if entity not in SHARED:
                parts[number] = parts[number].clear()
