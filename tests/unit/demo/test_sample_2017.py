"""The export of 2017 in the repository is the one its generator writes, and its people are invented."""

import csv
import io

from demo.sample_2017 import COLUMNS, SAMPLE_2017, csv_2017


def test_the_file_is_what_the_generator_writes() -> None:
    """Nobody edits it by hand."""
    assert SAMPLE_2017.read_bytes().decode() == csv_2017()


def test_it_has_the_twelve_columns_the_council_met() -> None:
    """Thirty rows; names and addresses are canary words; one person's cells agree wherever they stand."""
    rows = list(csv.DictReader(io.StringIO(csv_2017(), newline="")))
    assert tuple(rows[0]) == COLUMNS
    assert len(rows) == 30
    assert all(row["Name"].startswith("Zqfor") and "Zqstr" in row["Address"] for row in rows)
    people = {
        (row["Org Person ID"], row["Name"], row["DOB"], row["Address"], row["Report Person Type"])
        for row in rows
    }
    assert len(people) == len({row["Org Person ID"] for row in rows}) == 26
