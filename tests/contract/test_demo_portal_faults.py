"""Every fault of the sample portal does to an export what its name says, and nothing else."""

import csv
import io
from collections.abc import Iterator

import pytest
import requests

from demo.faults import FAULTS
from demo.portal_process import PortalProcess
from demo.sample import EXPORTS
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


def struck(visitor: Visitor, name: str, times: int | None = None) -> requests.Response:
    """Return what the download of risks becomes under the fault."""
    visitor.portal.fault(name, "risks", times=times)
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
    assert len(FAULTS) == 18
