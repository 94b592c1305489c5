"""dlt, load only: the raw rows of every export as dictionaries into DuckDB, by its Parquet loader."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any


def run(exports: Path, place: Path) -> None:
    """Load each export as a table of text, replaced whole, handed over a thousand rows at a time."""
    import dlt

    pipeline = dlt.pipeline(
        "raw_exports",
        pipelines_dir=str(place / "pipelines"),
        destination=dlt.destinations.duckdb(str(place / "raw.duckdb")),
        dataset_name="exports",
    )
    resources = [
        dlt.resource(_rows(path), name=path.stem, write_disposition="replace")
        for path in sorted(exports.glob("*.csv"))
    ]
    pipeline.run(resources, loader_file_format="parquet")


def _rows(path: Path) -> Iterator[list[dict[str, Any]]]:
    import csv
    from itertools import islice

    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        while page := list(islice(reader, 1000)):
            yield page
