"""How records are weighed: Splink's model on DuckDB, its weights fixed.

They are not learnt from a site's people, so that two records weigh the same on every night and nothing of the
people is in them. Clear values are held in DuckDB's memory alone: it may write no file, reach nothing
outside, and is gone when the pairs are known.
"""

from typing import Any

import duckdb
import polars as pl
import splink.comparison_level_library as levels
from splink import DuckDBAPI, Linker, SettingsCreator, block_on
from splink.comparison_library import CustomComparison

PRIOR = 1e-5
"""How probable it is that two records of the site, whichever, are one person's."""
EQUAL = {"born": 1 / 30_000, "family": 1 / 400, "given": 1 / 150, "place": 1 / 2_000}
"""How probable it is that two people, whoever, agree: 80 years of days; names and homes of one borough."""
MEMORY = "2GB"


def predicted(rows: pl.DataFrame, least: float, blocks: int) -> pl.DataFrame | None:
    """Return DataFrame[who_l, who_r, match_probability, mw_given, mw_born] of such pairs.

    Given: a row per record: who, the four values, and `block0` to the last of so many keys; pairs are weighed
           that are equal in one of them. Nothing comes back where Splink failed: its words may hold a value.
    """
    with duckdb.connect(":memory:", config={"temp_directory": "", "memory_limit": MEMORY}) as memory:
        try:
            memory.execute("SET threads = 1")
            memory.register("given", rows.to_arrow())
            memory.execute("CREATE TABLE clear AS SELECT * FROM given")
            memory.unregister("given")
            memory.execute("SET enable_external_access = false")
            linker = Linker(DuckDBAPI(memory).register("clear"), _model(blocks), log_level=None)
            pairs = linker.inference.predict(threshold_match_probability=least).physical_name
            columns = "who_l, who_r, match_probability, mw_given, mw_born"
            return memory.execute(f"SELECT {columns} FROM {pairs}").pl()  # noqa: S608 (a name that Splink made)
        except Exception:  # noqa: BLE001 (whatever it is, its words may hold a value)
            return None


def _model(blocks: int) -> SettingsCreator:
    """Return the fixed weights, as Splink's settings."""
    return SettingsCreator(
        link_type="dedupe_only",
        unique_id_column_name="who",
        probability_two_random_records_match=PRIOR,
        comparisons=[_slips("born"), _spelt("family"), _spelt("given"), _slips("place")],
        blocking_rules_to_generate_predictions=[block_on(f"block{n}") for n in range(blocks)],
        retain_matching_columns=False,
        retain_intermediate_calculation_columns=True,
    )


def _spelt(name: str) -> Any:
    """Return how names are compared: equal, spelt alike, spelt somewhat alike, another."""
    return _levels(
        name,
        levels.ExactMatchLevel(name).configure(m_probability=0.9, u_probability=EQUAL[name]),
        levels.JaroWinklerLevel(name, 0.92).configure(m_probability=0.05, u_probability=2 * EQUAL[name]),
        levels.JaroWinklerLevel(name, 0.85).configure(m_probability=0.03, u_probability=4 * EQUAL[name]),
        levels.ElseLevel().configure(m_probability=0.02, u_probability=1 - 7 * EQUAL[name]),
    )


def _slips(name: str) -> Any:
    """Return how days and postcodes are compared: equal, one slip apart, another."""
    return _levels(
        name,
        levels.ExactMatchLevel(name).configure(m_probability=0.9, u_probability=EQUAL[name]),
        levels.DamerauLevenshteinLevel(name, 1).configure(m_probability=0.07, u_probability=20 * EQUAL[name]),
        levels.ElseLevel().configure(m_probability=0.03, u_probability=1 - 21 * EQUAL[name]),
    )


def _levels(name: str, *known: Any) -> Any:

    return CustomComparison(output_column_name=name, comparison_levels=[levels.NullLevel(name), *known])
