"""The warehouse that the feed is measured on is the sample's, so many times, and no row of it hangs loose."""

import time
from pathlib import Path

import duckdb
import pytest

from benchmarks.feed import REST, Stages, multiplied


def test_each_copy_has_people_and_referrals_of_its_own_that_belong_together(tmp_path: Path) -> None:
    """Two and a half times as many: every referral's person is there, every key once, organisations stay."""
    sample, made = tmp_path / "sample.duckdb", tmp_path / "made.duckdb"
    with duckdb.connect(str(sample)) as connection:
        connection.execute("CREATE SCHEMA commissioning")
        for statement in (
            "commissioning.person AS SELECT md5('p' || n)::UUID AS person_id, n AS age FROM range(1000) t(n)",
            "commissioning.organisation AS SELECT md5('o' || n)::UUID AS org_id FROM range(3) t(n)",
            """commissioning.referral AS SELECT md5('r' || n)::UUID AS referral_id,
            md5('p' || n % 1000)::UUID AS person_id, md5('o' || n % 3)::UUID AS referrer_org_id
            FROM range(2000) t(n)""",
            "viaduct_batches AS SELECT 1 AS sequence",
        ):
            connection.execute(f"CREATE TABLE {statement}")
    told = multiplied(sample, made, 5000)
    with duckdb.connect(str(made), read_only=True) as connection:

        def number(sql: str) -> int:
            return int(connection.execute(f"SELECT {sql}").fetchall()[0][0])

        assert number("count(*) FROM commissioning.referral") == told["referrals"]
        assert number("count(DISTINCT referral_id) FROM commissioning.referral") == told["referrals"]
        assert (
            number("count(*) FROM commissioning.referral ANTI JOIN commissioning.person USING (person_id)")
            == 0
        )
        assert number("count(DISTINCT person_id) FROM commissioning.person") == number(
            "count(*) FROM commissioning.person"
        )
        assert number("count(DISTINCT referrer_org_id) FROM commissioning.referral") == 3
        assert number("count(*) FROM commissioning.organisation") == 3
        assert number("sequence FROM viaduct_batches") == 1
    assert told["referrals"] == pytest.approx(5000, rel=0.05)


@pytest.mark.skipif(not Path("/proc/self/clear_refs").exists(), reason="memory is asked of Linux")
def test_what_is_done_within_a_stage_by_another_counts_to_that_one() -> None:
    """Each second belongs to one stage, and all of them together are the whole."""
    began = time.perf_counter()
    stages = Stages()
    with stages.stage("outer"), stages.stage("inner"):
        time.sleep(0.05)
    stages.settle()
    whole = time.perf_counter() - began
    spent = {name: stage.wall_seconds for name, stage in stages.spent.items()}
    assert set(spent) == {REST, "outer", "inner"}
    assert spent["inner"] >= 0.05
    assert spent["outer"] < 0.05
    assert sum(spent.values()) == pytest.approx(whole, abs=0.01)
