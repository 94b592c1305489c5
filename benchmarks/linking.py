"""What linking costs: `python -m benchmarks.linking [--people N] [--splink]`.

N invented records in two sources, three in ten of them of people whom both know, four in five with a number;
the first night, which founds every link, and a second, which finds them again. Seconds are those of the CPU.
"""

import argparse
import resource
import tempfile
import time
from pathlib import Path

import polars as pl

from benchmarks.febrl import DIGEST, KEY, Notes, said
from common import clock
from sync.linking.link import link_people
from sync.linking.notes import LinkNotes
from sync.linking.table import keep_links, links_path

BOTH, NUMBERED = 0.3, 8
NOBODY = pl.Series("person", [], dtype=pl.UInt64)


def invented(people: int) -> dict[str, pl.DataFrame]:
    """Return so many records in two sources, the same for the same number."""
    known = int(people / (1 + BOTH))
    one = pl.select(n=pl.int_range(known))
    identity = one.select(
        "n",
        nhs_number=pl.when(_drawn(1, 10) < NUMBERED).then(_number(_drawn(2, 10**9))),
        family_name=_letters(_rare(3, 20_000)),
        given_name=_letters(_rare(4, 2_000)),
        birth_date=(_drawn(5, 27_000).cast(pl.Int32) - 12_000).cast(pl.Date),
        postcode=pl.format("ZQ{} {}", _drawn(6, known // 20) // 400, _drawn(6, known // 20) % 400),
    )
    half = people - known
    parts = {"a": identity.head(known - (known - half) // 2), "b": identity.tail((known - half) // 2 + half)}
    return {source: _of(source, part) for source, part in parts.items()}


def _drawn(seed: int, below: int) -> pl.Expr:
    return pl.col("n").hash(seed) % below


def _rare(seed: int, below: int) -> pl.Expr:
    """Return numbers of which the small ones are frequent, as names are."""
    share = (_drawn(seed, 10**6) + 1) / 10**6
    return (below * share**3).cast(pl.Int64)


def _letters(number: pl.Expr) -> pl.Expr:
    """Return seven letters for each number, so that two numbers are not spelt alike."""
    mixed = number.hash(7)
    return pl.concat_str(
        pl.lit("BCDFGHJKLMNPRSTVWZAEIOUYQX").str.slice((mixed // 26**place) % 26, 1) for place in range(7)
    )


def _number(nine: pl.Expr) -> pl.Expr:
    """Return an NHS number of these nine digits; null where no digit stands at its end."""
    weighted = pl.sum_horizontal((nine // 10**place % 10) * (place + 2) for place in range(9))
    check = (11 - weighted % 11) % 11
    return pl.when(check < 10).then((nine * 10 + check).cast(pl.String).str.zfill(10))


def _of(source: str, part: pl.DataFrame) -> pl.DataFrame:
    reference = pl.lit(source) + pl.col("n").cast(pl.String)
    return part.with_columns(_source=pl.lit(source), _reference=reference, _person=reference)


def night(tables: dict[str, pl.DataFrame], state: Path, *, splink: bool) -> tuple[int, float, float]:
    """Return how many links there are, and the CPU seconds of noting and of linking."""
    declared = said(list(tables), splink)
    began = time.process_time()
    notes = {}
    for source, table in tables.items():
        own = LinkNotes(wanted=True, weighed=splink)
        own.take({"person": table, "address": table}, DIGEST)
        notes[source] = Notes(own, [])
    noted = time.process_time()
    linked = link_people(declared, notes, list(tables), state, KEY)
    keep_links(state, linked.table, KEY, NOBODY)
    return linked.people["linked"].n_unique(), noted - began, time.process_time() - noted


def main() -> None:
    """Print what two nights cost."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.linking", description=__doc__.splitlines()[0])
    parser.add_argument("--people", type=int, default=100_000)
    parser.add_argument("--splink", action="store_true")
    asked = parser.parse_args()
    tables = invented(asked.people)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    with tempfile.TemporaryDirectory() as state:
        for which in ("first", "second"):
            links, noting, linking = night(tables, Path(state), splink=asked.splink)
            print(
                f"{which} night: {links:,} links; noting {noting:.1f} s, linking {linking:.1f} s", flush=True
            )
        size = links_path(Path(state)).stat().st_size // 2**20
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024
    print(f"{clock.today()}: the table {size} MiB; at most {peak} MiB, {before} of them before linking began")


if __name__ == "__main__":
    main()
