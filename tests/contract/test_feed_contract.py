"""The published contract is true of the published files, and a reader's own tool finds what breaks it."""

import shutil
from collections.abc import Callable
from pathlib import Path

import duckdb
import polars as pl
import pytest

from tests.contracts_asked import Answer, Job, asked, program
from tests.unit.feed.release.invented import build

CONTRACT = "contract.odcs.yaml"
Fault = Callable[[pl.DataFrame], pl.DataFrame]
Failed = set[tuple[str, str]]
KEPT, LOST = pl.col("shown") == "exact", pl.col("category") == "L7"


def faults_of_rows(rows: pl.DataFrame) -> pl.DataFrame:
    """Return the rows with a code outside its list, part of a key empty, a hidden number, a row twice."""
    spoilt = rows.with_columns(
        shown=pl.when(KEPT).then(pl.lit("perhaps")).otherwise("shown"),
        category=pl.when(KEPT).then(None).otherwise("category"),
        value=pl.when(LOST).then(3.0).otherwise("value"),
    )
    return pl.concat([spoilt, spoilt.tail(1)])


FAULTS: dict[str, tuple[Fault, Failed]] = {
    "a column is missing": (lambda rows: rows.drop("label"), {("field_is_present", "label")}),
    "a number is a word": (
        lambda rows: rows.with_columns(pl.col("value").cast(pl.String).fill_null("few")),
        {("field_type", "value")},
    ),
    "rows are wrong": (
        faults_of_rows,
        {
            ("field_invalid_values", "shown"),
            ("field_required", "category"),
            ("model_quality_sql", "None"),
            ("primary_key_unique", "None"),
        },
    ),
}


def spoilt(release: Path, folder: Path, fault: Fault) -> Path:
    """Return a copy of the release whose table of referrals has the fault, in both of its forms."""
    shutil.copytree(release, folder)
    rows = fault(pl.read_parquet(folder / "referrals.parquet"))
    rows.write_parquet(folder / "referrals.parquet")
    rows.write_csv(folder / "referrals.csv", include_bom=True)
    return folder


def in_a_database(folder: Path) -> Path:
    """Return the contract of the Parquet files, asked of a database they were loaded into, types and all."""
    with duckdb.connect(str(folder / "loaded.duckdb")) as database:
        for path in sorted(folder.glob("*.parquet")):
            database.execute(f"CREATE TABLE {path.stem} AS FROM read_parquet('{path}')")
    text = (folder / CONTRACT).read_text(encoding="utf-8")
    loaded = "servers:\n- server: loaded\n  type: duckdb\n  database: loaded.duckdb\n  schema: main\n"
    (folder / "loaded.yaml").write_text(text.replace("servers:\n", loaded), encoding="utf-8")
    return folder / "loaded.yaml"


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[tuple[str, str], Answer]:
    """Return what datacontract-cli finds of the release, and of the release with each fault, by form."""
    program()
    whole = tmp_path_factory.mktemp("feed")
    release = build(whole).folder
    jobs = {
        ("whole", "lint"): Job(release / CONTRACT, "lint"),
        ("whole", "csv"): Job(release / CONTRACT, "csv"),
        ("whole", "parquet"): Job(release / CONTRACT, "parquet"),
    }
    jobs["whole", "loaded"] = Job(
        in_a_database(spoilt(release, whole / "loaded", pl.DataFrame.clone)), "loaded"
    )
    for name, (fault, _) in FAULTS.items():
        folder = spoilt(release, whole / name, fault)
        jobs[name, "csv"] = Job(folder / CONTRACT, "csv", "referrals")
        jobs[name, "loaded"] = Job(in_a_database(folder), "loaded", "referrals")
    answers, (descriptor,) = asked(list(jobs.values()), [release / "datapackage.json"])
    assert descriptor == []
    return dict(zip(jobs, answers, strict=True))


def test_the_contract_is_one_of_the_standard_and_the_release_keeps_it(
    told: dict[tuple[str, str], Answer],
) -> None:
    """Open Data Contract Standard 3.1, CSV and Parquet: every check passes, types in the loaded tables."""
    for form in ("lint", "csv", "loaded"):
        assert (told["whole", form].result, told["whole", form].findings) == ("passed", []), form
    assert told["whole", "csv"].passed > 100
    assert told["whole", "parquet"].failed() == set()
    unasked = {(each.kind, each.reason) for each in told["whole", "parquet"].findings}
    assert unasked == {("field_type", "Checking types in parquet files is not supported yet.")}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_fault_in_the_tables_is_found(told: dict[tuple[str, str], Answer], fault: str) -> None:
    """In the loaded tables by the very check; in the CSV too, or it cannot be read at all."""
    expected = FAULTS[fault][1]
    assert told[fault, "loaded"].failed() >= expected
    found = told[fault, "csv"].failed()
    assert found >= expected if fault == "rows are wrong" else found
