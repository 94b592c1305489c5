"""A finding of a month or quarter that is no longer judged: over, and not called mended."""

from datetime import UTC, date, datetime
from pathlib import Path

import polars as pl
import pytest

from quality import FINDINGS, Facts, FindingStore, Night, Submitted, judge, judged_from
from quality.life import first_month
from quality.tallies import TALLIES

PERIODS = {"SUB-05": "referrals 2022-10", "SUB-03": "2021-12", "CHR-01": "2021-Q4", "CHR-03": "2022-Q3"}


def found() -> pl.DataFrame:
    """Return one finding of each check of a period."""
    told = ("period", "warning", "none", "")
    rows = [("hub", "submission", record, None, check, *told) for check, record in PERIODS.items()]
    return pl.DataFrame(rows, schema=FINDINGS, orient="row")


def of(at: datetime) -> Submitted:
    """Return what a source gives that has nothing to tell, pulled at this instant."""
    return Submitted(TALLIES.to_frame(), Facts({"hub": at}))


@pytest.mark.parametrize(
    ("at", "over"),
    [
        (datetime(2022, 11, 30, 23, tzinfo=UTC), {"CHR-01"}),
        (datetime(2022, 12, 1, 0, tzinfo=UTC), {"CHR-01", "SUB-05"}),
        (datetime(2023, 1, 1, 0, tzinfo=UTC), {"CHR-01", "SUB-05", "SUB-03"}),
        (datetime(2023, 8, 1, 0, tzinfo=UTC), {"CHR-01", "SUB-05", "SUB-03", "CHR-03"}),
    ],
)
def test_a_period_that_is_no_longer_judged_ends_its_finding_as_withdrawn(
    tmp_path: Path, at: datetime, over: set[str]
) -> None:
    """The calendar moving on mends nothing: only what is still judged and passes is mended."""
    store = FindingStore(tmp_path / "findings.sqlite")
    first = datetime(2022, 11, 2, tzinfo=UTC)
    store.record_night(Night("run-0", first, found(), ["hub"]), keep=True)
    night = Night("run-1", at, FINDINGS.to_frame(), ["hub"], judged=judged_from(of(at)))
    store.record_night(night, keep=True)
    ended = store.frame(["withdrawn"]).select("check", "reason")
    assert set(ended.rows()) == {(check, "period_over") for check in over}
    assert set(store.frame(["mended"])["check"]) == PERIODS.keys() - over


def test_a_night_that_read_nothing_whole_ends_no_period(tmp_path: Path) -> None:
    """Of a source that was not read whole nothing is known tonight, its calendar least of all."""
    store = FindingStore(tmp_path / "findings.sqlite")
    at = datetime(2023, 8, 1, tzinfo=UTC)
    store.record_night(Night("run-0", at, found(), ["hub"]), keep=True)
    store.record_night(Night("run-1", at, FINDINGS.to_frame(), []), keep=True)
    assert store.frame(["open"]).height == len(PERIODS)


def test_what_is_judged_is_of_no_month_that_is_over() -> None:
    """What the checks speak of, and what they say they speak of, is the same."""
    at = datetime(2022, 12, 1, tzinfo=UTC)
    months = pl.date_range(date(2019, 1, 1), date(2023, 3, 1), "1mo", eager=True)
    kinds = ("referral", "contact", "clients")
    counts = [
        ("hub", kind, month, 1000 if month < date(2022, 11, 1) else 10)
        for kind in kinds
        for month in months
        if kind != "clients" or month.month % 3 == 1
    ]
    tallies = pl.DataFrame(counts, schema=TALLIES, orient="row")
    submitted = Submitted(tallies, Facts({"hub": at}))
    since = {check: month for _, check, month in judged_from(submitted)}
    told = [
        (check, first_month(record))
        for check, record in judge(submitted).findings.select("check", "reference").rows()
    ]
    assert {check for check, _ in told} == {"SUB-03", "SUB-05", "CHR-01"}
    assert all(month is not None and month >= since[check] for check, month in told)
    assert min(month or "" for check, month in told if check == "CHR-01") == "2022-01"


@pytest.mark.parametrize(
    ("record", "month"),
    [
        ("2022-05", "2022-05"),
        ("referrals 2022-05", "2022-05"),
        ("2022-Q3", "2022-07"),
        ("export", None),
        ("R1", None),
    ],
)
def test_the_first_month_of_what_a_finding_names(record: str, month: str | None) -> None:
    """A month, and a quarter's first; an export or a record is no period."""
    assert first_month(record) == month
