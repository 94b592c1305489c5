"""What the REST connector asks for, in which windows, with which keys; what it does with silence."""

import itertools
import json
import logging
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from datetime import date, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from common.errors import ViaductError
from connectors.charitylog_rest import CharitylogRest
from connectors.errors import (
    AddressNotSafe,
    CredentialsRefused,
    RowCountDiffers,
    SourceChanged,
    SourceLeadsAway,
    SourceUnavailable,
)
from connectors.rest_errors import (
    AnswerCapped,
    AnswerRepeated,
    FieldNotOffered,
    KeyExpired,
    KeyMalformed,
    ListNotRead,
    MessageInsteadOfRecords,
    RecordTwice,
)
from connectors.rest_settings import Request
from connectors.spool import Spool
from connectors.tables import read_batches
from tests.contract.api_server import API_KEYS, AS_AT, Handler, SmallApi, start_api
from tests.contract.conftest import QUICK, rest_settings
from tests.contract.portal_server import until_hung_up

TODAY = date(2022, 12, 1)
WORK = Request("work", ("id", "day"), count_by="day", date_filter="date", window_days=400)
NO_DAYS, TWICE = replace(WORK, date_filter=None), replace(QUICK, attempts=2)
Records = list[dict[str, Any]]


@dataclass
class Book:
    """A list of records with days, served as filters ask; `cap` is what one answer holds at most."""

    records: Records
    cap: int = 10**9
    counts: bool = True
    uncounted: int = 0
    page: Records | None = None
    asked: list[str] = field(default_factory=list)

    def serve(self, handler: Handler, path: str) -> None:
        """Answer one request below the list's name."""
        words = path.split("/")
        told = dict(zip(words[::2], words[1::2], strict=False))
        if words[0] == "selectable_fields":
            handler.say(["id", "day"])
            return
        rows = self.records
        if "date" in told:
            first, _, last = told["date"].partition(",")
            rows = [row for row in rows if row["day"] is not None and first <= row["day"] <= last]
        if "dimension" in told:
            handler.say(
                [{"day": "", "count": max(0, len(rows) - self.uncounted)}] if self.counts else "Not found",
                200 if self.counts else 404,
            )
            return
        self.asked.append(told.get("date", "all"))
        handler.say((rows if self.page is None else self.page)[: self.cap])


def days(*said: str | None) -> Records:
    """Return one record for each day."""
    return [{"id": number, "day": day} for number, day in enumerate(said, start=1)]


def many(count: int) -> Records:
    """Return so many records, two a day, back from today."""
    return days(*(f"{TODAY - timedelta(days=number // 2)}" for number in range(count)))


@pytest.fixture
def pull(api: SmallApi, spool: Spool) -> Callable[..., list[tuple[str, str]]]:
    """Return a function that reads a book through the connector, and gives its rows."""

    def read(book: Book, request: Request = WORK, **more: Any) -> list[tuple[str, str]]:
        def answer(_: SmallApi, handler: Handler) -> bool:
            path = api.asked[-1]
            if path.startswith("work/"):
                book.serve(handler, path.removeprefix("work/"))
            return path.startswith("work/")

        api.faults[:] = [answer]
        source = CharitylogRest(rest_settings(api, requests={"work": request}, **more))
        export = source.pull(spool, ["work"]).exports["work"]
        return [row[:2] for batch in read_batches(export, ["id", "day"]) for row in batch.iter_rows()]

    return read


def expected(records: Records) -> set[tuple[str, str]]:
    return {(str(row["id"]), row["day"] or "") for row in records}


def refusal(kind: type[ViaductError], act: Callable[[], object]) -> ViaductError:
    """Return the refusal, having looked at its four lines and at what it drags along."""
    with pytest.raises(ViaductError) as found:
        act()
    assert type(found.value) is kind, str(found.value)
    assert len(str(found.value).splitlines()) == 4
    assert not any(word in str(found.value) for word in ("Zeb", "secret-word", "127.0.0.1"))
    assert found.value.__context__ is None
    assert found.value.__cause__ is None
    return found.value


def test_windows_cover_the_whole_of_time_and_overlap(pull: Callable[..., Any]) -> None:
    """From long ago to far ahead, each window begins a day before the last one ended; records come once."""
    book = Book(
        [
            *many(40),
            *({**row, "id": 900 + row["id"]} for row in days("1900-01-02", "2011-05-05", "2999-01-01")),
        ]
    )
    rows = pull(book)
    assert len(rows) == len(set(rows)) == 43
    assert set(rows) == expected(book.records)
    spans = [tuple(map(date.fromisoformat, said.split(","))) for said in book.asked]
    assert (spans[0][0] <= date(1900, 1, 1), spans[-1][1]) == (True, date(2999, 12, 31))
    assert all(following[0] <= last for (_, last), following in itertools.pairwise(spans))


def test_a_record_without_a_day_is_not_lost(pull: Callable[..., Any]) -> None:
    """What stands in no window is missed by the count, and is found by asking without windows."""
    book = Book(days("2022-11-01", None, "0000-00-00", "2022-10-01"))
    assert set(pull(book)) == expected(book.records)
    assert book.asked[-1] == "all"


@pytest.mark.parametrize("cap", [50, 5])
def test_a_cap_that_nobody_told_of_is_read_around(pull: Callable[..., Any], cap: int) -> None:
    """Windows are halved until what comes is what the source counts."""
    book = Book(many(70), cap=cap)
    assert set(pull(book)) == expected(book.records)


def test_more_records_in_a_day_than_an_answer_holds_are_refused(pull: Callable[..., Any]) -> None:
    """A day cannot be divided: the export is refused, never cut."""
    book = Book(days(*["2022-11-30"] * 9), cap=5)
    assert refusal(AnswerCapped, lambda: pull(book)).exit_code == 22


def test_without_counts_a_usual_page_counts_as_short(pull: Callable[..., Any]) -> None:
    """A hundred records exactly are read again in halves; without a date to divide by they are refused."""
    book = Book(many(150), cap=100, counts=False)
    assert set(pull(book)) == expected(book.records)
    whole = replace(WORK, date_filter=None)
    refusal(AnswerCapped, lambda: pull(Book(many(150), cap=100, counts=False), whole))
    assert len(pull(Book(many(99), counts=False), whole)) == 99


def test_one_page_given_for_every_window_is_refused(pull: Callable[..., Any]) -> None:
    """The same records for two spans of time are an answer that something has kept."""
    records = many(400)
    refusal(AnswerRepeated, lambda: pull(Book(records, page=records[:30])))
    refusal(AnswerRepeated, lambda: pull(Book(records, page=records[:30], counts=False)))


def test_a_count_that_stays_higher_is_refused(pull: Callable[..., Any]) -> None:
    """Asked again, and still fewer than the source counts: refused."""
    book = Book(many(9), cap=8)
    refusal(RowCountDiffers, lambda: pull(book, replace(WORK, date_filter=None)))
    assert book.asked == ["all", "all"]


def test_a_count_that_is_too_low_vouches_for_nothing(pull: Callable[..., Any]) -> None:
    """More came than are counted: the count is no use, and a usual page counts as short, as without one."""
    book = Book(many(150), cap=100, uncounted=60)
    assert set(pull(book)) == expected(book.records)
    refusal(AnswerCapped, lambda: pull(Book(many(150), cap=100, uncounted=60), NO_DAYS))
    assert len(pull(Book(many(99), uncounted=60), NO_DAYS)) == 99


def test_a_count_that_is_no_longer_given_vouches_for_nothing(pull: Callable[..., Any]) -> None:
    """Given before the records and refused after them: the same."""

    class Once(Book):
        def serve(self, handler: Handler, path: str) -> None:
            super().serve(handler, path)
            self.counts = self.counts and "dimension" not in path

    refusal(AnswerCapped, lambda: pull(Once(many(150), cap=100), NO_DAYS))


@dataclass
class Doubled(Book):
    """A book that gives one record twice and leaves out another, so that their number is right."""

    apart: int = 1

    def serve(self, handler: Handler, path: str) -> None:
        """Answer; the last record is the one that stands `apart` places before it."""
        kept = self.records
        if path.startswith("field/"):
            self.records = [*kept[:-1], kept[-1 - self.apart]]
        super().serve(handler, path)
        self.records = kept


@pytest.mark.parametrize("counts", [True, False])
@pytest.mark.parametrize(("number", "apart"), [(9, 1), (9, 8), (5000, 4990)])
def test_an_answer_that_holds_a_record_twice_is_not_whole(
    pull: Callable[..., Any], number: int, apart: int, counts: bool
) -> None:
    """The number is right and one is missing: read anew, then refused; within a batch and across."""
    book = Doubled(many(number), counts=counts, apart=apart)
    error = refusal(RecordTwice, lambda: pull(book, NO_DAYS, limits=TWICE))
    assert f"1 of {number} records, 2 attempts" in str(error)


def test_a_record_twice_in_one_window_is_not_taken_for_the_overlap(pull: Callable[..., Any]) -> None:
    """Windows overlap, and give the records of one day twice; a single window never does."""
    refusal(RecordTwice, lambda: pull(Doubled(many(30)), limits=TWICE))


@dataclass
class Edited(Book):
    """A book whose first record is edited, so many times, each time just after it was read."""

    edits: int = 1

    def serve(self, handler: Handler, path: str) -> None:
        """Answer, and change the record's note once an answer has held it."""
        if path == "selectable_fields":
            handler.say(["id", "day", "note"])
            return
        super().serve(handler, path)
        first, _, last = path.rpartition("/")[2].partition(",")
        if path.startswith("field/") and self.edits and first <= self.records[0]["day"] <= last:
            self.records[0]["note"] += 1
            self.edits -= 1


NOTED = replace(WORK, fields=("id", "day", "note"), window_days=30)
EDGE = TODAY - timedelta(days=365 * 5) + timedelta(days=30)


def test_a_record_that_is_edited_once_while_we_read_is_read_anew(pull: Callable[..., Any]) -> None:
    """The overlap of two windows shows it: every window is asked for again, and the night goes on."""
    book = Edited([{**row, "note": 0} for row in days(f"{EDGE}", f"{EDGE}")])
    assert set(pull(book, NOTED)) == expected(book.records)
    spans = [tuple(said.split(",")) for said in book.asked]
    assert len(spans) > len(set(spans)), "read from its beginning, not the one window again"
    assert spans.count(spans[0]) == 2
    assert (book.edits, book.records[0]["note"]) == (0, 1)


def test_a_record_that_never_rests_refuses_the_export(pull: Callable[..., Any]) -> None:
    """Begun again, and given up when it is another at every look."""
    book = Edited([{**row, "note": 0} for row in days(f"{EDGE}")], edits=1000)
    refusal(SourceChanged, lambda: pull(book, NOTED, limits=TWICE))


@dataclass
class Breaking(Book):
    """A book whose first answer breaks off after two thirds."""

    broken: int = 0

    def serve(self, handler: Handler, path: str) -> None:
        """Answer, the first time in part."""
        if not path.startswith("field/") or self.broken:
            super().serve(handler, path)
            return
        self.broken += 1
        body = json.dumps(self.records).encode()
        handler.answer(200, body[: len(body) * 2 // 3], {"Content-Length": str(len(body))})
        handler.close_connection = True


def test_an_answer_that_breaks_off_leaves_no_row_twice(pull: Callable[..., Any]) -> None:
    """Half an answer has come when the connection breaks; asked again, each record is there once."""
    book = Breaking([{**row, "day": f"{row['day']}{' ' * 600}"} for row in many(6000)])
    limits = replace(QUICK, ceilings=replace(QUICK.ceilings, largest_bytes=1 << 23))
    rows = pull(book, replace(WORK, date_filter=None), limits=limits)
    assert (book.broken, len(rows), len(set(rows))) == (1, 6000, 6000)


def test_records_by_id_are_read_too(pull: Callable[..., Any]) -> None:
    """A list that PHP wrote as an object gives the same rows."""

    class ById(Book):
        def serve(self, handler: Handler, path: str) -> None:
            if path.startswith("field/"):
                handler.say({str(row["id"]): row for row in self.records})
            else:
                super().serve(handler, path)

    book = ById(many(5))
    assert set(pull(book, replace(WORK, date_filter=None))) == expected(book.records)


def test_a_dictionary_in_words_alone_is_not_guessed_at(api: SmallApi, spool: Spool) -> None:
    """Words without ids could be counted from nought or from one; so they are refused."""

    def answer(_: SmallApi, handler: Handler) -> bool:
        if api.asked[-1].startswith("dictionary/"):
            handler.say(["Female", "Male"])
        return api.asked[-1].startswith("dictionary/")

    api.faults.append(answer)
    people = Request(
        "people", ("Org Person ID", "Forename"), {"Forename": "organisations/gender"}, id="Org Person ID"
    )
    source = CharitylogRest(rest_settings(api, requests={"people": people}))
    refusal(ListNotRead, lambda: source.pull(spool, ["people"]))
    refusal(ListNotRead, source.check)


def test_a_field_that_is_not_offered_refuses_the_source_unread(api: SmallApi, spool: Spool) -> None:
    """The field is named, the remedy says where to look, and no record was asked for."""
    people = Request("people", ("Org Person ID", "Forename", "Surname"), id="Org Person ID")
    source = CharitylogRest(rest_settings(api, requests={"people": people}))
    error = refusal(FieldNotOffered, lambda: source.pull(spool, ["people"]))
    assert "export people: Surname" in str(error)
    assert "permission" in str(error)
    assert not [path for path in api.asked if "/field/" in path]


def test_only_the_fields_of_the_request_are_asked_for(api: SmallApi, spool: Spool) -> None:
    """Every request for records names its fields; none leaves the choice to the source."""
    CharitylogRest(rest_settings(api)).pull(spool, ["people", "referrals"])
    asked = [path for path in api.asked if "field/" in path or "dimension" in path]
    assert [path for path in asked if "field/" in path] == [
        "people/field/Org Person ID;Forename",
        "referrals/field/Diary Reference Number;Org Person ID",
    ]


def test_the_keys_go_as_headers_with_every_request_and_nowhere_else(
    api: SmallApi, spool: Spool, caplog: pytest.LogCaptureFixture
) -> None:
    """Source, Org and User in each; no address, log line or repr holds one at any level."""
    caplog.set_level(logging.DEBUG)
    source = CharitylogRest(rest_settings(api))
    snapshot = source.pull(spool, ["people"])
    assert len(api.keys) > 4
    assert all(keys == API_KEYS for keys in api.keys)
    assert "GET /v2/people" in caplog.text
    for words in (caplog.text, repr(source), repr(snapshot), " ".join(api.asked)):
        assert not any(word in words for word in (*API_KEYS.values(), "Zebulon"))


def test_a_key_copied_with_its_blanks_is_sent_without_them(api: SmallApi, spool: Spool) -> None:
    """A line end behind the key is no part of it."""
    CharitylogRest(rest_settings(api, user_key=f" {API_KEYS['User']}\r\n")).pull(spool, ["people"])
    assert all(keys == API_KEYS for keys in api.keys)


@pytest.mark.parametrize("key", ["", "two words", "Your key is:\nabc", "Schlüssel", "a\r\nHost: elsewhere"])
def test_a_key_that_no_header_can_carry_is_never_sent(api: SmallApi, spool: Spool, key: str) -> None:
    """It is refused by its name, and the key itself goes nowhere."""
    source = CharitylogRest(rest_settings(api, org_key=key))
    error = refusal(KeyMalformed, lambda: source.pull(spool, ["people"]))
    assert "the Org key" in str(error)
    assert api.asked == []
    assert not key or key not in str(error)


def test_an_address_without_encryption_gets_no_key(api: SmallApi) -> None:
    """Anything but https is refused before a name is looked up, save on the machine itself."""
    source = CharitylogRest(rest_settings(api, address="http://api.example.org/v2/"))
    refusal(AddressNotSafe, source.check)


class Other(BaseHTTPRequestHandler):
    """Another host, which remembers whether anybody came."""

    heard: list[str]

    def do_GET(self) -> None:
        self.heard.append(f"{self.path} {dict(self.headers)}")
        self.send_error(404)

    def log_message(self, *said: object) -> None:
        """Stay quiet."""


@pytest.fixture
def other_host() -> Iterator[tuple[str, list[str]]]:
    heard: list[str] = []
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("Bound", (Other,), {"heard": heard}))
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/v2/", heard
    server.shutdown()
    server.server_close()


@pytest.mark.parametrize(
    "where", ["business/configuration", "people/selectable", "people/dimension", "people/field"]
)
def test_no_key_ever_reaches_another_host(
    api: SmallApi, spool: Spool, other_host: tuple[str, list[str]], where: str
) -> None:
    """Redirected elsewhere at any step, we stop: the other host hears nothing at all."""
    address, heard = other_host

    def lead_away(_: SmallApi, handler: Handler) -> bool:
        if api.asked[-1].startswith(where):
            handler.answer(302, b"", {"Location": address})
        return api.asked[-1].startswith(where)

    api.faults.append(lead_away)
    refusal(SourceLeadsAway, lambda: CharitylogRest(rest_settings(api)).pull(spool, ["people"]))
    assert heard == []


def test_a_refused_key_is_never_tried_again(api: SmallApi, spool: Spool) -> None:
    """One 401 ends the visit; what it says decides the error, and its words go nowhere."""
    for said, kind in (
        ("Invalid credentials provided: Authentication key has expired", KeyExpired),
        ("Zebulon may not", CredentialsRefused),
    ):
        api.asked.clear()
        body = json.dumps(said).encode()

        def refuse(_: SmallApi, handler: Handler, body: bytes = body) -> bool:
            handler.answer(401, body, {"WWW-Authenticate": "API-Key"})
            return True

        api.faults[:] = [refuse]
        assert (
            refusal(kind, lambda: CharitylogRest(rest_settings(api)).pull(spool, ["people"])).exit_code == 21
        )
        assert len(api.asked) == 1


def test_a_message_where_a_small_list_should_be_is_refused(api: SmallApi, spool: Spool) -> None:
    """A bare string with status 200 is no list of fields."""
    api.faults.append(lambda _, handler: handler.say("Zebulon") is None)
    refusal(MessageInsteadOfRecords, lambda: CharitylogRest(rest_settings(api)).pull(spool, ["people"]))


def test_a_body_that_stalls_is_asked_for_again_and_then_given_up(api: SmallApi, spool: Spool) -> None:
    """Silence within an answer ends it; the budget of the run ends the asking."""

    def stall(_: SmallApi, handler: Handler) -> bool:
        if not api.asked[-1].startswith("people/field"):
            return False
        handler.answer(200, b'[{"Org Person ID": "1"', {"Content-Length": "4000"})
        handler.wfile.flush()
        until_hung_up(handler)
        return True

    api.faults.append(stall)
    limits = replace(QUICK, read_seconds=1, attempts=2)
    with pytest.raises(ViaductError) as found:
        CharitylogRest(rest_settings(api, limits=limits)).pull(spool, ["people"])
    assert found.value.exit_code in {20, 22}
    assert sum(path.startswith("people/field") for path in api.asked) == 2


def test_the_day_of_the_data_is_what_the_source_says(api: SmallApi, spool: Spool) -> None:
    """An answer that something has kept is as old as its Age says."""

    def kept(_: SmallApi, handler: Handler) -> bool:
        if api.asked[-1] == "business/configuration":
            handler.answer(200, b"{}", {"Age": "120", "Date": AS_AT})
        return api.asked[-1] == "business/configuration"

    api.faults.append(kept)
    told = CharitylogRest(rest_settings(api)).pull(spool, ["people"]).extracted_at
    assert told.isoformat() == "2022-12-01T05:58:00+00:00"


def test_nobody_listening_is_source_unavailable(spool: Spool) -> None:
    """An API that is away ends with exit 20."""
    state = SmallApi()
    server = start_api(state)
    server.shutdown()
    server.server_close()
    error = refusal(SourceUnavailable, lambda: CharitylogRest(rest_settings(state)).pull(spool, ["people"]))
    assert error.exit_code == 20
