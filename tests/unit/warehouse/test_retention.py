"""What has had its time goes, by the terms that came with the rows; what is kept back is counted."""

import datetime as dt
from pathlib import Path
from typing import Any

import polars as pl
import pytest

from common import clock
from sealing.certificate import MARK_BYTES, Certificate, marks_of, open_certificate, open_marks
from sealing.errors import CertificateUnreadable, SignatureRefused
from sealing.manifest import RetentionTerm
from sealing.signing import Signer
from tests.batches import RECEIPTS, SOURCE, Change, Parties, Sender, key_of, row, uuid_of
from tests.warehouses import asked
from warehouse.errors import HoldUnknown
from warehouse.expiring import Hold
from warehouse.load import load_landing
from warehouse.retention import FlowRetention, apply_retention, look_at_retention

REFERRAL = ["referral_id", "person_id", "closed_at", SOURCE]
EPISODE = ["episode_id", "person_id", "referral_id", "ended_on", SOURCE]
CONTACT = ["contact_id", "referral_id", SOURCE]
ADDRESS = ["address_id", "person_id", SOURCE]
PERIODS = dict.fromkeys(("person", "address", "referral", "service_episode", "contact"), "P1Y")
NOW = dt.datetime(2026, 11, 20, 12, tzinfo=dt.UTC)
OLD, RECENT = dt.date(2025, 11, 20), dt.date(2025, 11, 21)


def terms(since: str = "case_closed", **periods: str) -> list[RetentionTerm]:
    return [
        RetentionTerm.model_validate({"entity": entity, "period": period, "since": since})
        for entity, period in (periods or PERIODS).items()
    ]


def person(number: int) -> Change:
    return Change("person", [row("person", number)])


def case(number: int, of: int, closed: dt.date | None, **more: Any) -> dict[str, Any]:
    return row("referral", number, person_id=key_of("person", of), closed_at=closed, **more)


def episode(number: int, referral: int, of: int, ended: dt.date | None) -> dict[str, Any]:
    links = {"referral_id": key_of("referral", referral), "person_id": key_of("person", of)}
    return row("service_episode", number, ended_on=ended, **links) | {
        "episode_id": key_of("service_episode", number)
    }


def people(*numbers: int) -> Change:
    return Change("person", [row("person", number) for number in numbers])


def addresses(*numbers: int) -> Change:
    rows = [row("address", number, person_id=key_of("person", number)) for number in numbers]
    return Change("address", rows, columns=ADDRESS)


def referrals(*rows: dict[str, Any]) -> Change:
    return Change("referral", list(rows), columns=REFERRAL)


def episodes(*rows: dict[str, Any]) -> Change:
    return Change("service_episode", list(rows), columns=EPISODE)


def contacts(*referral: int) -> Change:
    rows = [row("contact", number, referral_id=key_of("referral", number)) for number in referral]
    return Change("contact", rows, columns=CONTACT)


def loaded(both: Parties, *changes: Change, **values: Any) -> Sender:
    sender = both.sender()
    sender.publish(*changes, **({"retention": terms()} | values))
    assert load_landing(both.zone, both.warehouse, both.council)[0].outcome == "loaded"
    return sender


def applied(both: Parties, *holds: Hold) -> FlowRetention:
    with clock.frozen(NOW):
        looked = look_at_retention(both.warehouse, holds)
        (done,) = apply_retention(both.zone, both.warehouse, RECEIPTS, holds)
    assert [flow.removals for flow in looked] == [done.removals], "a dry run says what will be"
    return done


def left(both: Parties, entity: str, key: str) -> set[int]:
    """Return the numbers of the invented records that the warehouse still has."""
    found = asked(both, f"SELECT {key} FROM early_help.{entity}")
    return {number for number in range(20) if (uuid_of(entity, number),) in found}


def counts(done: FlowRetention) -> dict[str, tuple[int, ...]]:
    return {r.entity: (r.rows, r.expired, r.blocked, r.waiting, r.no_clock) for r in done.removals}


def test_a_case_goes_a_period_after_its_end_with_all_that_hangs_on_it(both: Parties) -> None:
    """On the very day: closed a year ago goes, a day less stays; and the person with their last case."""
    loaded(
        both, people(1, 2), addresses(1, 2),
        referrals(case(1, 1, OLD), case(2, 2, OLD), case(3, 2, RECENT)), contacts(1, 2, 3),
    )  # fmt: skip
    done = applied(both)
    assert left(both, "person", "person_id") == {2}
    assert left(both, "address", "address_id") == {2}
    assert left(both, "referral", "referral_id") == {3}
    assert left(both, "contact", "contact_id") == {3}
    assert counts(done)["referral"] == (3, 2, 0, 0, 0)
    assert done.total("due") == done.total("expired") == 6


def test_an_open_case_an_open_episode_and_no_case_at_all_have_no_clock(both: Parties) -> None:
    """What has not ended is counted from nothing, kept, and counted for whoever asks."""
    loaded(
        both, people(1, 2, 3), referrals(case(1, 1, None), case(2, 2, OLD), case(4, 2, OLD)),
        episodes(episode(1, 2, 2, None), episode(2, 4, 2, RECENT)),
    )  # fmt: skip
    done = applied(both)
    assert done.total("expired") == 0
    assert counts(done)["person"] == (3, 0, 0, 0, 3)
    assert counts(done)["referral"] == (3, 0, 0, 0, 2), "the third ended with its episode, and not long ago"


def test_a_row_stays_while_a_row_that_stays_names_it(both: Parties) -> None:
    """Contacts are kept two years, so their case and its person wait; nothing is left hanging."""
    loaded(
        both, people(1), referrals(case(1, 1, OLD)), contacts(1), addresses(1),
        retention=terms(person="P1Y", referral="P1Y", contact="P2Y", address="P1Y"),
    )  # fmt: skip
    done = applied(both)
    assert counts(done) == {
        "person": (1, 0, 0, 1, 0),
        "address": (1, 1, 0, 0, 0),
        "referral": (1, 0, 0, 1, 0),
        "contact": (1, 0, 0, 0, 0),
    }


def test_a_case_stays_as_long_as_anything_is_counted_from_its_end(both: Parties) -> None:
    """The person is kept two years from their last case: the case is there to say when that was."""
    loaded(
        both, people(1), referrals(case(1, 1, OLD)), contacts(1),
        retention=terms(person="P2Y", referral="P1Y", contact="P1Y"),
    )  # fmt: skip
    done = applied(both)
    wanted = {"person": (1, 0, 0, 0, 0), "referral": (1, 0, 0, 1, 0), "contact": (1, 1, 0, 0, 0)}
    assert counts(done) == wanted
    with clock.frozen(NOW.replace(year=2027)):
        (later,) = apply_retention(both.zone, both.warehouse, RECEIPTS, [])
    assert counts(later)["person"] == counts(later)["referral"] == (1, 1, 0, 0, 0)


def test_what_is_counted_from_its_disclosure_goes_by_its_batch(both: Parties) -> None:
    """Sent in December 2022 and kept three years: whatever the row says, its time is over."""
    loaded(both, people(1), retention=terms("disclosure", person="P3Y"))
    assert counts(applied(both)) == {"person": (1, 1, 0, 0, 0)}


def test_without_terms_nothing_goes(both: Parties) -> None:
    """A batch that brings no terms leaves rows that nobody removes, and gives no certificate."""
    sender = loaded(both, people(1), referrals(case(1, 1, OLD)), retention=[])
    with clock.frozen(NOW):
        assert apply_retention(both.zone, both.warehouse, RECEIPTS, []) == []
    sender.publish(person(2), retention=terms())
    load_landing(both.zone, both.warehouse, both.council)
    assert applied(both).total("expired") == 2, "the latest terms hold for all rows of the flow"


@pytest.mark.parametrize("entity", [None, "referral"])
def test_a_hold_keeps_what_is_due_and_says_by_which_decision(both: Parties, entity: str | None) -> None:
    """Nothing of the held kind goes, nor what it names; the certificate names the decision."""
    loaded(both, people(1), referrals(case(1, 1, OLD)), contacts(1))
    done = applied(both, Hold("LIT-2026-4", "early_help", entity))
    assert done.holds == ["LIT-2026-4"]
    assert counts(done)["referral"] == (1, 0, 1, 0, 0)
    assert counts(done)["contact"] == ((1, 0, 1, 0, 0) if entity is None else (1, 1, 0, 0, 0))
    assert left(both, "person", "person_id") == {1}
    assert done.certificate is not None
    assert done.certificate.holds == ["LIT-2026-4"]
    assert applied(both, Hold("LIT-2026-4", "early_help", entity)).certificate is None, "nothing new to say"
    assert applied(both).total("expired") > 0, "the hold lifted, it goes"


@pytest.mark.parametrize(("flow", "entity"), [("early_hlep", None), ("early_help", "refferal")])
def test_a_hold_that_would_hold_nothing_lets_nothing_go(both: Parties, flow: str, entity: str | None) -> None:
    """A slip of the pen in a hold must not cost what it was to keep."""
    loaded(both, people(1), referrals(case(1, 1, OLD)))
    for retain in (
        lambda holds: look_at_retention(both.warehouse, holds),
        lambda holds: apply_retention(both.zone, both.warehouse, RECEIPTS, holds),
    ):
        with pytest.raises(HoldUnknown), clock.frozen(NOW):
            retain([Hold("LIT-1", flow, entity)])
    assert left(both, "person", "person_id") == {1}


def test_a_removed_row_leaves_a_tombstone_and_no_byte_of_itself(both: Parties) -> None:
    """Key, batch, when, and the word `expired`; a file is written anew without the old values."""
    name = "Zqforremoved"
    change = Change("person", [row("person", 1, given_name=name)])
    loaded(both, change, referrals(case(1, 1, OLD)))
    file = both.warehouse if isinstance(both.warehouse, Path) else None
    assert file is None or name.encode() in file.read_bytes()
    applied(both)
    assert file is None or name.encode() not in file.read_bytes()
    stones = asked(both, "SELECT * FROM early_help.withdrawn_records ORDER BY entity")
    assert stones == [
        ("person", uuid_of("person", 1), 1, NOW, "expired"),
        ("referral", uuid_of("referral", 1), 1, NOW, "expired"),
    ]


def test_a_removed_row_that_is_sent_again_is_there_again(both: Parties) -> None:
    """A case that was opened again comes back with its next batch, and its tombstone goes."""
    sender = loaded(both, people(1), referrals(case(1, 1, OLD)))
    applied(both)
    sender.publish(people(1), referrals(case(1, 1, None)), retention=terms())
    assert load_landing(both.zone, both.warehouse, both.council)[0].outcome == "loaded"
    assert left(both, "referral", "referral_id") == {1}
    assert asked(both, "SELECT * FROM early_help.withdrawn_records") == []
    assert applied(both).total("no_clock") == 2


def test_the_certificate_counts_and_names_nobody(both: Parties) -> None:
    """Signed, numbered, chained to the one before; only who knows a key can tell its mark."""
    sender = loaded(both, people(1), referrals(case(1, 1, OLD)))
    first = applied(both)
    sender.publish(people(2), referrals(case(2, 2, OLD)), retention=terms())
    load_landing(both.zone, both.warehouse, both.council)
    second = applied(both)
    left_there = both.zone.certificates("early_help")
    given = [open_certificate(content, RECEIPTS.verifier) for content in left_there.values()]
    assert given == [first.certificate, second.certificate]
    assert [one.number for one in given] == [1, 2]
    assert given[0].previous_certificate_sha256 is None
    assert given[1].previous_certificate_sha256 is not None
    assert given[1].after_sequence == 2
    marks = open_marks(both.zone.marks("early_help", 2), given[1])
    known = pl.Series("key", [key_of(entity, n) for entity in ("person", "referral") for n in (1, 2, 3)])
    told = dict(zip(known.to_list(), marks_of(known, given[1].marks.salt).to_list(), strict=True))
    assert {key for key, mark in told.items() if mark in set(marks.to_list())} == {
        key_of("person", 2),
        key_of("referral", 2),
    }
    written = b"".join(left_there.values()) + (both.zone.marks("early_help", 2) or b"")
    for number in (1, 2):
        assert key_of("person", number) not in written
        assert key_of("person", number).hex().encode() not in written


def test_a_certificate_that_another_signed_or_that_was_touched_is_refused(both: Parties) -> None:
    """A changed count, another key, a mark more or less: none of it is believed."""
    loaded(both, people(1), referrals(case(1, 1, OLD)))
    done = applied(both)
    content = both.zone.certificates("early_help")[1]
    marks = both.zone.marks("early_help", 1)
    assert isinstance(done.certificate, Certificate)
    assert marks is not None
    assert len(marks) == 2 * MARK_BYTES
    with pytest.raises(SignatureRefused):
        open_certificate(content.replace(b'"expired":1', b'"expired":0', 1), RECEIPTS.verifier)
    with pytest.raises(SignatureRefused):
        open_certificate(content, Signer(b"\x09" * 32).verifier)
    with pytest.raises(CertificateUnreadable):
        open_certificate(content[:-1], RECEIPTS.verifier)
    for touched in (None, marks[:-1], marks + marks[:MARK_BYTES], bytes([marks[0] ^ 1]) + marks[1:]):
        with pytest.raises(CertificateUnreadable):
            open_marks(touched, done.certificate)


def test_a_certificate_that_was_not_left_is_left_the_next_time_the_same_bytes(both: Parties) -> None:
    """A kill between publishing and leaving loses nothing."""
    loaded(both, people(1), referrals(case(1, 1, OLD)))
    applied(both)
    place = both.landing / "certificates" / "early_help"
    before = {path.name: path.read_bytes() for path in place.iterdir()}
    assert len(before) == 2
    (place / "00000001.json").unlink()
    again = applied(both)
    assert again.certificate is None
    assert {path.name: path.read_bytes() for path in place.iterdir()} == before
