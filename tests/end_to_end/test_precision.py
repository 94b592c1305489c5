"""How often each check is right: runs on two samples, with their flaws and with what only looks wrong."""

import os
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl
import pytest

from demo.sample import Sample
from demo.wider.sample import WiderSample, generate_wider
from quality import CountStore, Finding, FindingStore, Severity, catalogue, check_named
from quality.precision import (
    Measured,
    Misfire,
    Truth,
    read_measured,
    read_misfires,
    write_measured,
    write_misfires,
)
from sync.summary import Summary
from tests.end_to_end.conftest import PortalNights
from tests.end_to_end.test_truth import NEVER_SHOWN, NOT_IN_A_CRM
from tests.nights import NightSite
from tests.today import SEED
from tests.wider.site import lay_down, wider_site

NONE = "none"
Told = tuple[str, str, str, str]


@dataclass(frozen=True)
class WiderNights:
    """Two nights on the second sample of the day: what each did, and what is open after both."""

    night: NightSite
    sample: WiderSample
    nights: tuple[Summary, Summary]
    found: list[Finding]


@pytest.fixture(scope="module")
def wider(tmp_path_factory: pytest.TempPathFactory) -> WiderNights:
    folder, sample = tmp_path_factory.mktemp("wider") / "site", generate_wider(SEED)
    night = wider_site(folder)
    lay_down(folder, sample.first)
    first = night.first_night()
    lay_down(folder, sample.second)
    second = night.night()
    return WiderNights(night, sample, (first, second), FindingStore.of(night.site).open(None))


def test_what_is_found_in_the_second_sample_is_its_truth_and_nothing_else(wider: WiderNights) -> None:
    """Source, entity, record, check, field and effect: of the flaws, and of what is known to be told of."""
    found = sorted((f.source, f.entity, f.record, f.check, f.field, f.effect) for f in wider.found)
    planted = [(f.source, f.entity, f.reference, f.check, f.field, f.fate) for f in wider.sample.truth]
    misfires = [
        (one.source, one.entity, one.reference, one.check, one.field, NONE)
        for one in wider.sample.look_alikes
        if one.told
    ]
    assert found == sorted(planted + misfires)
    assert {(f.check, f.fate) for f in wider.sample.truth} == {
        (f.check, check_named(f.check).effect.value) for f in wider.sample.truth
    }


def test_the_second_sample_is_read_whole_but_for_the_two_exports_that_lost_rows(wider: WiderNights) -> None:
    """The first night refuses nothing; the second refuses one torn file and one with too few rows."""
    first, second = wider.nights
    assert first.errors == []
    assert sorted(error.code for error in second.errors) == ["E325", "E326"]


def test_the_second_sample_shows_what_the_first_cannot(wider: WiderNights) -> None:
    """Whatever the first has no exports for, or would change its figures by, is planted in the second."""
    lacking = {check.id for check in catalogue() if check.entity in NOT_IN_A_CRM} | NEVER_SHOWN
    assert lacking <= {flaw.check for flaw in wider.sample.truth}
    tempted = {one.check for one in wider.sample.look_alikes}
    assert lacking <= tempted


def test_only_what_may_be_right_ever_misfires(portal_nights: PortalNights, wider: WiderNights) -> None:
    """No error is told of a record that is right; what warns or informs of one says so in the catalogue."""
    alike = [*portal_nights.sample.look_alikes, *wider.sample.look_alikes]
    told = {one.check for one in alike if one.told}
    assert all(check_named(check).severity is not Severity.ERROR for check in told)
    assert {"PER-09", "PER-11"} <= {one.check for one in alike if not one.told}


def test_every_check_states_its_precision_and_recall_on_a_sample(
    portal_nights: PortalNights, wider: WiderNights, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of what it told how much is true, and of what is true how much it told: printed, and in the reference.

    UPDATE_GOLDEN=1 writes the files anew; then: python -m quality.generate.
    """
    rows = sorted(
        [
            *measured(Truth.FIRST, portal_nights.night, portal_nights.sample),
            *measured(Truth.SECOND, wider.night, wider.sample),
        ]
    )
    alike = [*portal_nights.sample.look_alikes, *wider.sample.look_alikes]
    errs = sorted({Misfire(one.check, one.says) for one in alike if one.told})
    with capsys.disabled():
        print("".join(f"\n{row.check}, {row.sample} sample: {row.words}" for row in rows))
        checks, right = len({row.check for row in rows}), sum(row.found for row in rows)
        misfires = sum(row.misfires for row in rows)
        print(
            f"{checks} checks, {right} of {sum(row.planted for row in rows)} flaws found, {misfires} misfires"
        )
    if os.environ.get("UPDATE_GOLDEN"):
        write_measured(rows)
        write_misfires(errs)
    assert read_measured() == rows
    assert read_misfires() == errs
    assert all(row.recall == 1 for row in rows)
    assert {row.check for row in rows if row.planted} == {check.id for check in catalogue()}
    assert {row.check for row in rows if row.misfires} == {one.check for one in errs}


def measured(truth: Truth, night: NightSite, sample: Sample | WiderSample) -> Iterator[Measured]:
    """Yield what the nights found of the flaws of a sample, by check; a record is told of once."""
    planted: set[Told] = {(f.source, f.entity, f.reference, f.check) for f in sample.truth}
    alike: set[Told] = {(one.source, one.entity, one.reference, one.check) for one in sample.look_alikes}
    open_then = FindingStore.of(night.site).open(None)
    found: set[Told] = {(f.source, f.entity, f.record, f.check) for f in open_then}
    asked = asked_of(night)
    for check in sorted({one[3] for one in planted | found}):
        yield Measured(
            check=check,
            sample=truth,
            asked=asked.get(check, 0),
            planted=sum(one[3] == check for one in planted),
            found=sum(one[3] == check for one in planted & found),
            look_alikes=sum(one[3] == check for one in alike),
            misfires=sum(one[3] == check for one in found - planted),
        )


def asked_of(night: NightSite) -> dict[str, int]:
    """Return by check how many records it applied to and could be asked of on the last night."""
    answers = CountStore.of(night.site).answers(list(night.site.sources))
    counted = answers.group_by("check").agg(asked=pl.sum_horizontal(pl.col("passed", "failed").sum()))
    return dict(counted.iter_rows())
