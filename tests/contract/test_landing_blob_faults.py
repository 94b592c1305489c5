"""The landing zone in Azure Blob when it fails: what is tried again, and what is not believed."""

import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import pytest

from common.errors import Answer, ViaductError
from connectors.budget import RunBudget
from connectors.landing import MANIFEST_NAME
from connectors.landing_errors import (
    BatchDiffers,
    BatchNotWhole,
    LandingKeepsNothing,
    LandingRefusesUs,
    LandingUnavailable,
)
from tests.azure_blob import (
    MANIFEST,
    ONE,
    SIGNATURE,
    BadLine,
    BlobAccount,
    Passing,
    bad_line,
    landing_at,
    refused,
    whole,
)
from tests.reliability.book import Row, RowBook
from tests.sftp_servers import quick

BROUGHT, STAYS = "a batch is brought", "the batch stays in the outbox"
CUT = ("line cut before it is asked", "line cut before the answer")
KEPT_NOT = "says it keeps, and keeps nothing"
NO_BLOBS = b"""<?xml version="1.0" encoding="utf-8"?>
<EnumerationResults ContainerName="x"><Blobs></Blobs><NextMarker /></EnumerationResults>"""


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("landing_blob") as book:
        yield book


def given_up(book: RowBook, account: BlobAccount, fault: str, error: ViaductError, note: str = STAYS) -> None:
    """Enter what an error came to, and that nothing of the batch stands in the container."""
    empty = account.blobs(account.batches) == {}
    book.saw(Row(fault, "blob", BROUGHT, error.exit_code, error.code, empty, note))


@pytest.mark.parametrize("sync", [True, pytest.param(False, marks=pytest.mark.soak)])
@pytest.mark.parametrize("after", [True, False])
def test_a_line_cut_at_any_request_leaves_a_whole_batch_or_none(
    blob_account: BlobAccount, files: dict[str, Path], line: BadLine, book: RowBook, sync: bool, after: bool
) -> None:
    """Cut before a request is done or before its answer comes, the next try ends the same."""
    both = blob_account.both_in_one(port=line.port)
    settings = blob_account.settings(sync=True, port=line.port) if sync else both
    expected = {name.removeprefix(ONE): content for name, content in whole(files).items()}
    for at in range(1, 40):
        one = ONE.replace("early_help", f"flow_{at}")
        line.seen.clear()
        cut = partial(lambda at, passing: -1 if passing.number == at else None, at)
        line.fault, line.after = (None, cut) if after else (cut, None)
        with landing_at(settings) as landing:
            landing.publish(one, files, MANIFEST, SIGNATURE)
        line.fault = line.after = None
        held = blob_account.blobs(blob_account.batches)
        mine = {name.removeprefix(one): content for name, content in held.items() if name.startswith(one)}
        assert mine == expected
        if len(line.seen) < at:
            break
    assert len(files) + 2 < at < 39
    note = "asked again; whole, each file once"
    book.saw(Row(CUT[after], "blob", "every request", 0, None, False, note))


@pytest.mark.parametrize(
    ("status", "fault", "tries"),
    [(403, LandingRefusesUs, 1), (500, LandingUnavailable, 3), (503, LandingUnavailable, 3)],
)
def test_a_landing_zone_that_refuses_ends_the_night_with_50(
    blob_account: BlobAccount,
    files: dict[str, Path],
    line: BadLine,
    status: int,
    fault: type[ViaductError],
    tries: int,
    book: RowBook,
) -> None:
    """What a person must mend is tried once, what may pass as often as allowed; the batch stays here."""
    line.fault = lambda _: status
    budget = RunBudget(retries=9)
    settings = blob_account.settings(sync=True, port=line.port, limits=quick(budget, attempts=3))
    error = refused(settings, files, fault)
    assert (error.exit_code, len(line.seen), budget.retries) == (50, tries, 9 - tries + 1)
    assert "stays in the outbox" in str(error)
    assert "sig=" not in f"{error}{settings!r}"
    given_up(book, blob_account, f"answers {status}", error, f"tried {tries}; {STAYS}")


def test_a_wait_that_is_asked_for_is_kept_and_a_longer_one_than_allowed_ends_it(
    blob_account: BlobAccount, files: dict[str, Path], line: BadLine, book: RowBook
) -> None:
    """Retry-After is obeyed within `longest_wait_seconds`."""
    settings = blob_account.settings(sync=True, port=line.port, limits=quick(longest_wait_seconds=2))
    line.headers["Retry-After"] = "1"
    line.fault = lambda passing: 503 if passing.number == 1 else None
    began = time.monotonic()
    with landing_at(settings) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
    assert 1 <= time.monotonic() - began < 5
    book.saw(Row("asks for a wait", "blob", BROUGHT, 0, None, False, "waited for"))
    before = blob_account.blobs(blob_account.batches)
    line.seen.clear()
    line.headers["Retry-After"] = "3600"
    line.fault = lambda _: 503
    error = refused(settings, files, LandingUnavailable)
    assert len(line.seen) == 1
    unchanged = blob_account.blobs(blob_account.batches) == before
    asked = "asks for a longer wait than allowed"
    book.saw(Row(asked, "blob", BROUGHT, error.exit_code, error.code, unchanged, STAYS))


@pytest.mark.parametrize("drips", [True, False])
def test_a_landing_zone_that_stalls_is_given_up(
    blob_account: BlobAccount, files: dict[str, Path], line: BadLine, book: RowBook, drips: bool
) -> None:
    """Silence, and a byte now and then without end, both end in exit 50 and not in a night that hangs."""

    def stall(_: Passing) -> bytes | None:
        time.sleep(0.6)
        return b"HTTP/1.1 2"

    line.fault = stall
    limits = quick(read_seconds=5 if drips else 0.2, answer_seconds=0.2 if drips else 30, attempts=2)
    error = refused(
        blob_account.settings(sync=True, port=line.port, limits=limits), files, LandingUnavailable
    )
    assert ("longer than it may" if drips else "silent") in str(error)
    given_up(book, blob_account, "drips for ever" if drips else "is silent", error)


def lie(passing: Passing) -> int | None:
    """Say that it was kept."""
    return 201 if passing.method == "PUT" else None


def test_a_landing_zone_that_lies_is_found_out_where_it_may_be_read(
    blob_account: BlobAccount, files: dict[str, Path], line: BadLine, book: RowBook
) -> None:
    """Accepted and not kept: no manifest follows. A side that may not read learns it by the receipt alone."""
    line.fault = lie
    error = refused(blob_account.both_in_one(port=line.port), files, LandingKeepsNothing)
    assert (error.exit_code, len([seen for seen in line.seen if seen.startswith("PUT")])) == (50, 1)
    given_up(book, blob_account, f"{KEPT_NOT}, and may be read", error, f"no manifest follows; {STAYS}")
    with landing_at(blob_account.settings(sync=True, port=line.port)) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        assert landing.receipt("early_help", 1) is None
    assert blob_account.blobs(blob_account.batches) == {}
    note = "no receipt comes: E806 in time, and laid down again each night"
    book.saw(Row(f"{KEPT_NOT}, and may not be read", "blob", BROUGHT, 0, None, False, note))
    line.fault = None
    with landing_at(blob_account.settings(sync=True, port=line.port)) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
    assert blob_account.blobs(blob_account.batches) == whole(files)


@pytest.mark.parametrize("rights", ["crld", "crwld"])
def test_other_bytes_under_a_name_of_ours_are_noticed_where_they_may_be_read(
    blob_account: BlobAccount, files: dict[str, Path], book: RowBook, rights: str
) -> None:
    """A name that others gave is not taken from them, even where the key would let us: the batch is refused,
    and stays in the outbox.
    """
    name = f"{ONE}/person-0001.parquet.age"
    blob_account.service.get_blob_client(blob_account.batches, name).upload_blob(b"?")
    key = blob_account.sas(blob_account.batches, rights)
    error = refused(blob_account.settings(sync=False, batches_sas=key), files, BatchDiffers)
    assert error.answer is Answer.STOP
    held = blob_account.blobs(blob_account.batches)
    assert held[name] == b"?"
    book.saw(Row("other bytes under our name", "blob", BROUGHT, error.exit_code, error.code, True, STAYS))
    assert f"{ONE}/{MANIFEST_NAME}" not in held


def test_a_landing_zone_that_lists_late_holds_up_nothing_but_the_listing(
    blob_account: BlobAccount, files: dict[str, Path], line: BadLine
) -> None:
    """What is not listed yet is not loaded yet; what is asked for by its name is there."""
    with landing_at(blob_account.both_in_one(port=line.port)) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        landing.put_receipt("early_help", 1, b"loaded")
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/xml\r\nContent-Length: %d\r\n\r\n" % len(
            NO_BLOBS
        )
        line.fault = lambda passing: head + NO_BLOBS if "comp=list" in passing.query else None
        assert (landing.flows(), landing.batches("early_help"), landing.receipts("early_help")) == (
            [],
            [],
            {},
        )
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        assert landing.read(ONE, MANIFEST_NAME) == MANIFEST
        assert landing.receipt("early_help", 1) == b"loaded"
        with pytest.raises(BatchDiffers):
            landing.put_receipt("early_help", 1, b"another")


def test_a_key_whose_time_has_passed_and_a_container_that_is_not_there_are_told_apart(
    blob_account: BlobAccount, files: dict[str, Path]
) -> None:
    """The one is renewed, the other made; neither is taken for a batch that is missing."""
    past = blob_account.sas(blob_account.batches, "c", hours=-1)
    assert refused(blob_account.settings(sync=True, batches_sas=past), files, LandingRefusesUs).code == "E504"
    nowhere = blob_account.settings(
        sync=False, batches="nowhere", batches_sas=blob_account.sas("nowhere", "crld")
    )
    assert "the container is not there" in str(refused(nowhere, files, LandingUnavailable))
    with landing_at(nowhere) as landing, pytest.raises(LandingUnavailable):
        landing.read(ONE, MANIFEST_NAME)


def test_no_one_is_followed_to_another_place(
    blob_account: BlobAccount, files: dict[str, Path], line: BadLine
) -> None:
    """A redirect would carry the batch, and the key in the address, to whoever it names."""
    with bad_line(blob_account.port) as other:
        line.fault = lambda _: 307
        line.headers["Location"] = f"http://127.0.0.1:{other.port}/"
        refused(blob_account.settings(sync=True, port=line.port), files, LandingUnavailable)
        assert (len(line.seen), other.seen) == (1, [])


def test_a_blob_without_end_is_not_taken(
    blob_account: BlobAccount, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No more is read than any of ours can be."""
    with landing_at(blob_account.both_in_one()) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        monkeypatch.setattr("connectors.landing_zone.LARGEST_SEALED", 100)
        assert landing.read(ONE, "person-0001.parquet.age") == b"sealed one"
        with pytest.raises(BatchNotWhole):
            landing.read(ONE, "referral-0001.parquet.age")


def test_every_row_of_the_book_has_its_fault(book: RowBook) -> None:
    """No committed row outlives what plays it."""
    waits = ["asks for a wait", "asks for a longer wait than allowed", "drips for ever", "is silent"]
    lies = [f"{KEPT_NOT}, and may {word}be read" for word in ("", "not ")]
    faults = [
        *waits,
        *lies,
        "other bytes under our name",
        *(f"answers {status}" for status in (403, 500, 503)),
    ]
    played = {("blob", fault, BROUGHT) for fault in faults} | {("blob", cut, "every request") for cut in CUT}
    assert book.keys() == played
