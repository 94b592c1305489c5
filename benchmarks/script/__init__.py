"""The same work as Viaduct's, by hand: one Polars script, whole people chunk by chunk, no rooms.

The list of steps is frozen; whoever makes the script faster does not take one away.

 1. Read the ten exports, only the columns that are used; blanks and null words are nothing.
 2. Map: references held to their pattern; codes by our code lists, words and labels, whatever their case;
    days; London's clock to UTC; whole numbers; text trimmed; NHS numbers and postcodes normalised. What
    cannot be read is counted (MAP-01) and left empty; a row without a reference is not taken.
 3. Places by the postcode look-up (LSOA, ward, neighbourhood), birth year and month.
 4. Link: rows that repeat a reference (PER-12, REF-02, ENT-01); each row to its person and referral; the
    service and lot of each referral by its project; the lot of each onward referral.
 5. Between people: shared NHS numbers; households by address, property and relationship, as connected groups;
    which rows and cases reveal domestic abuse; the safety flag, spread to the household.
 6. Between records: the latest answer to sharing, age band, triage days, waits in days and in working days,
    the person's return within 183 days, the metric score of short forms.
 7. Check: PER-04 to PER-07, ADR-01 and 02, CHR-02, REF-01, 05, 10, 15, 16, CON-01 and 03, ADV-02, LNK-01,
    OUT-02 and 03; fields blanked, records held; findings written down. Viaduct asks sixty more, of which none
    has anything to say here.
 8. Release for both flows: cohort, conditions, records whose parents do not go, safety rules field by field;
    keys by HMAC-SHA-256, 16 bytes, a key for each flow; a keyed fingerprint of what is released.
 9. Seal: rows in the order of their keys; Parquet with zstd, keys as UUID; an age envelope for each file.
10. Load: each file opened, verified by its SHA-256, put into DuckDB, merged by key once a table has rows.
11. Remember: key and fingerprint of every released record, as Parquet.

Left out, because a script in a hurry would: a plan against last night, signatures, the disclosure log,
receipts, reasons and counts of what stays behind, an encrypted spool, and being killed at any moment.
"""

from pathlib import Path

import polars as pl

from benchmarks.script.checks import check
from benchmarks.script.chunks import chunks, whole_people
from benchmarks.script.deliver import Courier, warehouse
from benchmarks.script.flows import read_flows
from benchmarks.script.people import crossing
from benchmarks.script.read import read_exports
from benchmarks.script.release import release
from benchmarks.script.together import complete

ROWS_PER_CHUNK = 250_000


def run(exports: Path, place: Path) -> dict[str, int]:
    """Carry the exports into `place/warehouse.duckdb`; return how many records failed each check."""
    tables = read_exports(exports)
    crossing(tables)
    flows = read_flows(place.parent / "site" / "flows.json")
    findings: list[pl.DataFrame] = []
    count = max(1, round(tables["referral"].height / ROWS_PER_CHUNK))
    with warehouse(place / "warehouse.duckdb") as connection:
        couriers = {name: Courier(name, place, connection) for name in flows}
        for chunk in chunks(whole_people(tables, count), count):
            complete(chunk)
            findings += check(chunk)
            for name, courier in couriers.items():
                for entity, rows in release(chunk, flows[name]):
                    courier.carry(entity, rows)
        for courier in couriers.values():
            courier.close()
    found = pl.concat(findings)
    found.write_parquet(place / "findings.parquet")
    return dict(found.group_by("check").len().iter_rows())
