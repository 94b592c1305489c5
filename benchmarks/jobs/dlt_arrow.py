"""dlt, load only: the raw rows of every export as Arrow tables into DuckDB. No mapping, checks or release."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any


def run(exports: Path, place: Path) -> None:
    """Load each export as a table of text, replaced whole, handed over batch by batch as Arrow."""
    import dlt
    import pyarrow as pa
    import pyarrow.csv as pacsv

    def batches(path: Path) -> Iterator[Any]:
        names = _header(path)
        types = dict.fromkeys(names, pa.string())
        reader = pacsv.open_csv(
            path,
            pacsv.ReadOptions(block_size=16 << 20),
            convert_options=pacsv.ConvertOptions(column_types=types, strings_can_be_null=False),
        )
        for batch in reader:
            yield pa.Table.from_batches([batch])

    pipeline = dlt.pipeline(
        "raw_exports",
        pipelines_dir=str(place / "pipelines"),
        destination=dlt.destinations.duckdb(str(place / "raw.duckdb")),
        dataset_name="exports",
    )
    resources = [
        dlt.resource(batches(path), name=path.stem, write_disposition="replace")
        for path in sorted(exports.glob("*.csv"))
    ]
    pipeline.run(resources)


def _header(path: Path) -> list[str]:
    with path.open(encoding="utf-8-sig") as file:
        return file.readline().rstrip("\r\n").split(",")
