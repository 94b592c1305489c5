"""How often each check is right: a run on the sample, with its flaws and with what only looks wrong."""

import os

import pytest

from quality import FindingStore, Severity, check_named
from quality.precision import Measured, read_measured, write_measured
from tests.end_to_end.conftest import PortalNights


def test_only_what_may_be_right_ever_misfires(portal_nights: PortalNights) -> None:
    """No error is told of a record that is right; what warns or informs of one says so in the catalogue."""
    told = {one.check for one in portal_nights.sample.look_alikes if one.told}
    assert all(check_named(check).severity is not Severity.ERROR for check in told)
    tempted = {one.check for one in portal_nights.sample.look_alikes if not one.told}
    assert {"PER-09", "PER-11"} <= tempted


def test_each_check_states_its_precision_and_recall_on_the_sample(
    portal_nights: PortalNights, capsys: pytest.CaptureFixture[str]
) -> None:
    """Of what it told how much is true, and of what is true how much it told: printed, and in the reference.

    UPDATE_GOLDEN=1 writes the file anew; then: python -m quality.generate.
    """
    sample = portal_nights.sample
    truth = {(f.source, f.entity, f.reference, f.check) for f in sample.truth}
    alike = {(one.source, one.entity, one.reference, one.check) for one in sample.look_alikes}
    found = {
        (f.source, f.entity, f.record, f.check) for f in FindingStore.of(portal_nights.night.site).open()
    }
    rows = [
        Measured(
            check=check,
            planted=sum(one[3] == check for one in truth),
            found=sum(one[3] == check for one in truth & found),
            look_alikes=sum(one[3] == check for one in alike),
            misfires=sum(one[3] == check for one in found - truth),
        )
        for check in sorted({one[3] for one in truth | found})
    ]
    with capsys.disabled():
        print("".join(f"\n{row.check}: {row.words}" for row in rows))
        right = f"{len(truth & found)} of {len(truth)} flaws found"
        print(f"{len(rows)} checks, {right}, {len(found - truth)} misfires")
    if os.environ.get("UPDATE_GOLDEN"):
        write_measured(rows)
    assert read_measured() == rows
    assert all(row.recall == 1 for row in rows)
