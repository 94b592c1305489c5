"""The sample, made once, and its exports in DuckDB, read by nobody's mapping."""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest

from demo.sample import EXPORTS, SOURCES, Sample, generate, write_csvs


@pytest.fixture(scope="session")
def sample() -> Sample:
    return generate()


@pytest.fixture(scope="session")
def folder(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("sample")
    write_csvs(sample, written)
    return written


@pytest.fixture(scope="session")
def tables(sample: Sample, folder: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    """Return a database with one table per source and export, all text, dates read by `day()`."""
    database = duckdb.connect()
    database.execute("create macro reference(t) as upper(trim(t))")
    database.execute("create macro day(t) as try_strptime(nullif(t, ''), '%d/%m/%Y')::date")
    for source in SOURCES:
        database.execute(f"create schema {source}")
        for export in EXPORTS:
            path = folder / source / f"{export}.csv"
            columns = dict.fromkeys(EXPORTS[export], "VARCHAR")
            database.execute(
                f"create table {source}.{export} as from read_csv('{path}', header=true, nullstr='',"
                f""" delim=',', quote='"', escape='"', auto_detect=false, columns={columns})"""
            )
    database.execute(
        "create table truth (source text, entity text, reference text, checked text, field text, fate text)"
    )
    database.executemany(
        "insert into truth values (?, ?, ?, ?, ?, ?)",
        [(f.source, f.entity, f.reference, f.check, f.field, f.fate) for f in sample.truth],
    )
    database.execute(
        "create macro planted(checks) as table select reference from main.truth where checked in (select"
        " unnest(string_split(checks, ' ')))"
    )
    database.execute(
        """create view counted as from hub.referrals
        where "Diary Reference Number" not in (select reference from truth where fate = 'hold_record')
          and "Org Person ID" not in (select reference from truth where fate = 'hold_record')
          and day("Referral Date") <= date '2022-11-30'"""
    )
    database.execute(
        'create view acts as select contacts.*, day("Contact Date") as on_day, counted."Referral Date"'
        ' from hub.contacts join counted using ("Diary Reference Number")'
    )
    yield database
    database.close()
