"""Every fault of the sample portal does to an export what its name says, and nothing else."""

import csv
import io
import zlib
from collections.abc import Iterator
from datetime import datetime, timedelta
from itertools import islice

import pytest
import requests

from demo.faults import FAULTS
from demo.portal_process import PortalProcess
from demo.sample import EXPORTS
from demo.troubles import bomb
from tests.contract.portal_visitor import Seen, Visitor

RISKS = EXPORTS["risks"]


@pytest.fixture(scope="module")
def running() -> Iterator[PortalProcess]:
    with PortalProcess() as portal:
        yield portal


@pytest.fixture
def visitor(running: PortalProcess) -> Iterator[Visitor]:
    inside = Visitor(running, "hub").inside()
    yield inside
    running.heal()
    inside.close()


def struck(visitor: Visitor, name: str, times: int | None = None, value: str = "") -> requests.Response:
    """Return what the download of risks becomes under the fault."""
    visitor.portal.fault(name, "risks", times=times, value=value)
    return visitor.get("extracts/risks.csv")


def table(answer: requests.Response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))


def test_a_page_can_come_with_status_200_in_place_of_the_file(visitor: Visitor) -> None:
    """A sign-in page, or another; neither is an export."""
    page = struck(visitor, "login_page_200")
    assert page.status_code == 200
    assert Seen(page.text).form("sign-in-organisation") is not None
    visitor.portal.heal()
    page = struck(visitor, "html_200")
    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (200, "text/html")


def test_a_session_can_expire_in_the_middle(visitor: Visitor) -> None:
    """Signing in anew helps, where the fault strikes once."""
    assert Seen(struck(visitor, "session_expired", 1).text).form("sign-in-organisation") is not None
    visitor.inside()
    assert table(visitor.get("extracts/risks.csv"))[0] == list(RISKS)


def test_a_body_can_be_shorter_than_announced(visitor: Visitor) -> None:
    """The connection ends before the bytes that Content-Length promises."""
    with pytest.raises((requests.exceptions.ChunkedEncodingError, requests.exceptions.ConnectionError)):
        struck(visitor, "short_body")


def test_a_connection_can_be_reset(visitor: Visitor) -> None:
    """No answer comes at all."""
    with pytest.raises(requests.exceptions.ConnectionError):
        struck(visitor, "reset")


def test_half_of_the_last_row_can_be_missing(visitor: Visitor) -> None:
    """The length is right, the status is right, and the file stops within a row."""
    whole = visitor.get("extracts/risks.csv").content
    answer = struck(visitor, "truncated_body")
    assert whole.startswith(answer.content)
    assert not answer.content.endswith(b"\n")
    assert answer.headers["Content-Length"] == str(len(answer.content))


def test_half_of_the_rows_can_be_missing_from_a_valid_file(visitor: Visitor) -> None:
    """Only the portal's own count tells."""
    count = int(Seen(visitor.get("extracts").text).rows()["risks"]["data-rows"])
    assert len(table(struck(visitor, "missing_rows"))) - 1 == count // 2


@pytest.mark.parametrize(
    ("name", "header"),
    [
        ("renamed_column", [RISKS[0], "Org Person ID (new)", *RISKS[2:]]),
        ("missing_column", [RISKS[0], *RISKS[2:]]),
        ("reordered_columns", list(RISKS[::-1])),
        ("extra_column", [*RISKS, "Notes"]),
        ("duplicate_header", [*RISKS, "Org Person ID"]),
    ],
)
def test_an_administrator_can_change_the_columns(visitor: Visitor, name: str, header: list[str]) -> None:
    """Renamed, taken out, added, there twice; every row goes with its header."""
    rows = table(struck(visitor, name))
    assert rows[0] == header
    assert {len(row) for row in rows} == {len(header)}


def test_one_row_can_have_a_cell_too_many(visitor: Visitor) -> None:
    """A delimiter that got into a cell."""
    lengths = [len(row) for row in table(struck(visitor, "ragged_row"))]
    assert sorted(set(lengths)) == [len(RISKS), len(RISKS) + 1]
    assert lengths.count(len(RISKS) + 1) == 1


@pytest.mark.parametrize(("name", "status"), [("status_429", 429), ("status_500", 500), ("status_503", 503)])
def test_the_portal_can_ask_to_wait_or_fail(visitor: Visitor, name: str, status: int) -> None:
    """With Retry-After where it asks to wait; once, and then the file comes."""
    answer = struck(visitor, name, 1)
    assert answer.status_code == status
    assert answer.headers.get("Retry-After") == (None if status == 500 else "1")
    assert visitor.get("extracts/risks.csv").status_code == 200


def test_the_list_can_announce_a_wrong_number_of_rows(visitor: Visitor) -> None:
    """The file is whole, the list is not right."""
    visitor.portal.fault("wrong_count")
    count = int(Seen(visitor.get("extracts").text).rows()["risks"]["data-rows"])
    assert len(table(visitor.get("extracts/risks.csv"))) - 1 == count - 7


@pytest.mark.parametrize(
    ("value", "said"),
    [("-5", "-5"), ("soon", "soon"), ("99999999999", "99999999999"), ("none", None), ("date", "GMT")],
)
def test_a_wait_can_be_asked_for_in_odd_ways(visitor: Visitor, value: str, said: str | None) -> None:
    """Negative, no number at all, absurd, not said, or as a date."""
    told = struck(visitor, "status_503", 1, value).headers.get("Retry-After")
    assert told == said if said != "GMT" else str(told).endswith("GMT")


@pytest.mark.parametrize("name", ["error_text_200", "error_as_csv", "html_as_csv"])
def test_an_error_can_come_with_status_200(visitor: Visitor, name: str) -> None:
    """As text, or even under the content type of a CSV file."""
    answer = struck(visitor, name)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/csv" if name.endswith("csv") else "text/plain")
    assert b"SQLSTATE" in answer.content or b"<html" in answer.content


def test_an_export_can_have_ten_thousand_columns(visitor: Visitor) -> None:
    """In its header and in every row."""
    rows = table(struck(visitor, "wide"))
    assert {len(row) for row in rows} == {10_000}
    assert rows[0][: len(RISKS)] == list(RISKS)


@pytest.mark.parametrize("name", ["relabelled_option", "relabelled_options"])
def test_an_option_can_get_a_new_wording(visitor: Visitor, name: str) -> None:
    """The commonest word of the drop-down list, or every word of it; no row and no other column changes."""
    before, after = table(visitor.get("extracts/risks.csv")), table(struck(visitor, name))
    changed = {
        (RISKS[at], was, now)
        for old, new in zip(before, after, strict=True)
        for at, (was, now) in enumerate(zip(old, new, strict=True))
        if was != now
    }
    assert {column for column, _, _ in changed} == {"Level"}
    assert all(now == f"{was} (new wording)" for _, was, now in changed)
    assert (len(changed) == 1) == (name == "relabelled_option")


def test_an_export_can_end_in_an_error_or_hold_nothing(visitor: Visitor) -> None:
    """An error of the server below the last row; the header alone; not even that."""
    whole = visitor.get("extracts/risks.csv").content
    assert struck(visitor, "error_at_the_end", 1).content.startswith(whole)
    assert table(struck(visitor, "no_rows", 1)) == [list(RISKS)]
    assert struck(visitor, "empty_body", 1).content == b""


def test_an_export_can_come_under_the_name_of_another(visitor: Visitor) -> None:
    """The content of needs, downloaded as risks."""
    assert table(struck(visitor, "other_export", value="needs"))[0] == list(EXPORTS["needs"])


@pytest.mark.parametrize(("name", "factor"), [("sudden_drop", 0.1), ("sudden_growth", 11)])
def test_a_system_can_hold_far_fewer_or_far_more_records(visitor: Visitor, name: str, factor: float) -> None:
    """The list says so as well, and no reference is there twice."""
    before = int(Seen(visitor.get("extracts").text).rows()["risks"]["data-rows"])
    rows = table(struck(visitor, name))[1:]
    assert (
        len(rows)
        == int(Seen(visitor.get("extracts").text).rows()["risks"]["data-rows"])
        == int(before * factor)
    )
    assert len({row[0] for row in rows}) == len(rows)


def as_at(visitor: Visitor) -> datetime:
    return datetime.fromisoformat(Seen(visitor.get("extracts").text).rows()["risks"]["data-as-at"])


def test_the_list_can_be_of_yesterday_or_move_on(visitor: Visitor) -> None:
    """Stale data say so; data that move on while they are read say so in the next list."""
    now = as_at(visitor)
    visitor.portal.fault("stale", "listing", times=1)
    assert now - as_at(visitor) == timedelta(days=1)
    struck(visitor, "moved_on")
    assert as_at(visitor) - now == timedelta(hours=1)


def test_a_redirect_can_lead_in_a_circle_or_away(visitor: Visitor) -> None:
    """To itself, or to an address of the tester's choice."""
    visitor.portal.fault("redirect_loop", "risks")
    with pytest.raises(requests.exceptions.TooManyRedirects):
        visitor.get("extracts/risks.csv")
    visitor.portal.heal()
    visitor.portal.fault("redirect_away", "risks", value=f"{visitor.portal.address}/hub/extracts/needs.csv")
    assert table(visitor.get("extracts/risks.csv"))[0] == list(EXPORTS["needs"])


@pytest.mark.parametrize(
    ("name", "words"),
    [
        ("wrong_password", "did not match"),
        ("locked_account", "locked"),
        ("pin_demanded", 'name="pin"'),
        ("password_expired", 'name="new_password_again"'),
        ("no_seat", "concurrent users"),
    ],
)
def test_signing_in_can_end_on_another_page(running: PortalProcess, name: str, words: str) -> None:
    """After the right passwords: a refusal, a lock, a PIN, a new password, no seat."""
    running.fault(name, "sign-in/user", "hub")
    outside = Visitor(running, "hub")
    try:
        assert words in outside.sign_in().text
        assert Seen(outside.get().text).form("sign-out") is None
    finally:
        running.heal()
        running.unlock()
        outside.close()


def test_a_fault_can_let_some_pass_first(visitor: Visitor) -> None:
    """The third download is struck, once."""
    visitor.portal.fault("status_500", "risks", times=1, skip=2)
    assert [visitor.get("extracts/risks.csv").status_code for _ in range(4)] == [200, 200, 500, 200]


@pytest.mark.parametrize("name", ["endless", "drip", "huge_line", "gzip_bomb"])
def test_an_answer_can_be_without_end(visitor: Visitor, name: str) -> None:
    """More and more comes for as long as one reads: a megabyte here, or a few bytes where it drips."""
    wanted = 20 if name == "drip" else 1 << 20 if name != "gzip_bomb" else 1 << 18
    visitor.portal.fault(name, "risks")
    seen = 0
    with visitor.stream("extracts/risks.csv") as answer:
        while seen < wanted and (piece := answer.raw.read1(1 << 16, decode_content=False)):
            seen += len(piece)
        assert seen >= wanted
        assert (answer.headers.get("Content-Encoding") == "gzip") == (name == "gzip_bomb")


def test_a_bomb_unpacks_to_a_thousand_times_its_size() -> None:
    """Half a percent of it is measured: the ratio is what makes it one."""
    pieces = list(islice(bomb(b"Risk ID\r\n"), 6))
    unpacked = zlib.decompressobj(31).decompress(b"".join(pieces))
    assert len(unpacked) > 900 * sum(map(len, pieces[1:]))


def test_heads_can_swell_or_never_end(visitor: Visitor) -> None:
    """A megabyte of headers, a redirect without end, a header that drips, promise after promise to begin."""
    visitor.portal.fault("huge_headers", "risks", times=1)
    assert len(visitor.raw("extracts/risks.csv", 1 << 20)) > 32 * 32_000
    visitor.portal.fault("endless_redirect", "risks", times=1)
    assert visitor.raw("extracts/risks.csv", 1 << 20).startswith(b"HTTP/1.1 303")
    visitor.portal.fault("drip_headers", "risks", times=1)
    assert visitor.raw("extracts/risks.csv", 60).endswith(b"X-Slow: ".ljust(43, b"x"))
    visitor.portal.fault("endless_continue", "risks", times=1)
    assert visitor.raw("extracts/risks.csv", 100) == b"HTTP/1.1 100 Continue\r\n\r\n" * 4


def test_an_export_can_be_in_the_code_page_of_windows(visitor: Visitor) -> None:
    """Its letters with accents are no UTF-8."""
    visitor.portal.fault("windows_1252", "people")
    content = visitor.get("extracts/people.csv").content
    assert "é" in content.decode("cp1252")
    with pytest.raises(UnicodeDecodeError):
        content.decode("utf-8")


def test_an_answer_can_be_slow_and_whole(visitor: Visitor) -> None:
    """It takes two seconds and loses nothing."""
    whole = visitor.get("extracts/risks.csv").content
    answer = struck(visitor, "slow")
    assert answer.content == whole


def test_a_fault_elsewhere_leaves_other_exports_and_other_systems_alone(visitor: Visitor) -> None:
    """A fault is for one place, and for one system if it says so."""
    visitor.portal.fault("status_503", "needs")
    visitor.portal.fault("html_200", source="community_support")
    assert table(visitor.get("extracts/risks.csv"))[0] == list(RISKS)


def test_the_list_and_signing_in_can_fail_too(visitor: Visitor) -> None:
    """Named as places of their own."""
    visitor.portal.fault("status_503", "listing", times=1)
    assert visitor.get("extracts").status_code == 503
    assert visitor.get("extracts").status_code == 200
    visitor.portal.fault("status_503", "sign-in", times=1)
    assert visitor.post("sign-in/user").status_code == 503


def test_a_fault_that_does_not_exist_is_refused(running: PortalProcess) -> None:
    """A test with a misspelt fault would prove nothing."""
    with pytest.raises(OSError, match="400"):
        running.fault("no_such_fault")
    assert len(FAULTS) == 54
