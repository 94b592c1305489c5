"""The sample portal keeps its promises over real HTTP, from another process."""

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pytest

from demo.portal_process import PortalProcess
from demo.sample import EXPORTS, SOURCES, Sample, generate, write_csvs
from tests.contract.portal_visitor import Seen, Visitor


@pytest.fixture(scope="module")
def sample() -> Sample:
    return generate()


@pytest.fixture(scope="module")
def folder(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    written = tmp_path_factory.mktemp("portal")
    write_csvs(sample, written)
    return written


@pytest.fixture(scope="module")
def running(folder: Path) -> Iterator[PortalProcess]:
    with PortalProcess(folder) as portal:
        yield portal


@pytest.fixture
def portal(running: PortalProcess) -> Iterator[PortalProcess]:
    yield running
    running.heal()
    running.unlock()


@pytest.fixture
def hub(portal: PortalProcess) -> Iterator[Visitor]:
    visitor = Visitor(portal, "hub")
    yield visitor
    visitor.close()


def test_signing_in_asks_for_the_organisation_then_for_the_user(hub: Visitor) -> None:
    """Two levels, each with a form and a token of its own."""
    organisation, first, _, _ = hub.portal.account("hub")
    assert Seen(hub.get().text).form("sign-in-organisation") is not None
    page = hub.post("sign-in/organisation", organisation=organisation, organisation_password=first)
    assert Seen(page.text).form("sign-in-user") is not None
    assert Seen(hub.sign_in().text).form("sign-out") is not None


def test_a_form_without_its_token_is_refused(hub: Visitor) -> None:
    """A page of another site cannot sign anybody in."""
    organisation, first, _, _ = hub.portal.account("hub")
    page = hub.post(
        "sign-in/organisation", csrf_token="other", organisation=organisation, organisation_password=first
    )
    assert page.status_code == 403


def test_a_wrong_password_is_refused_with_status_200_and_the_third_locks_the_account(hub: Visitor) -> None:
    """Whoever goes by the status takes the refusal for a success."""
    organisation, right, _, _ = hub.portal.account("hub")
    for _ in range(2):
        page = hub.post("sign-in/organisation", organisation=organisation, organisation_password="wrong")
        assert page.status_code == 200
        assert "did not match" in page.text
        assert "locked" not in page.text
    page = hub.post("sign-in/organisation", organisation=organisation, organisation_password="wrong")
    assert 'id="locked"' in page.text
    page = hub.post("sign-in/organisation", organisation=organisation, organisation_password=right)
    assert 'id="locked"' in page.text
    hub.portal.unlock()
    assert Seen(hub.sign_in().text).form("sign-out") is not None


def test_an_idle_session_ends_in_the_sign_in_page_with_status_200(hub: Visitor) -> None:
    """A download too: what comes looks like an answer and is a page."""
    hub.inside()
    assert hub.get("extracts/people.csv").headers["Content-Type"].startswith("text/csv")
    hub.portal.advance(1201)
    page = hub.get("extracts/people.csv")
    assert (page.status_code, page.headers["Content-Type"].split(";")[0]) == (200, "text/html")
    assert Seen(page.text).form("sign-in-organisation") is not None


def test_an_extract_needs_a_lawful_basis_and_leaves_an_audit_line(hub: Visitor) -> None:
    """Before the choice a page comes, after it the file; the audit says who, what and why."""
    hub.sign_in()
    refused = hub.get("extracts/needs.csv")
    assert refused.status_code == 200
    assert "lawful basis" in refused.text
    hub.post("extracts/basis", lawful_basis="public_task")
    assert hub.get("extracts/needs.csv").headers["Content-Type"].startswith("text/csv")
    last = hub.portal.audit()["hub"][-1]
    assert (last["user"], last["basis"], last["extract"]) == ("viaduct", "Public task", "Viaduct needs")
    assert 'data-audit="Viaduct needs"' in hub.get("audit").text


@pytest.mark.parametrize("source", SOURCES)
def test_the_list_says_of_every_extract_what_then_comes(
    portal: PortalProcess, source: str, sample: Sample
) -> None:
    """Name, number of rows, and the instant; the file has exactly the columns agreed."""
    visitor = Visitor(portal, source).inside()
    rows = Seen(visitor.get("extracts").text).rows()
    assert list(rows) == list(EXPORTS)
    for export, said in rows.items():
        answer = visitor.get(f"extracts/{export}.csv")
        cells = list(csv.reader(io.StringIO(answer.content.decode("utf-8-sig"), newline="")))
        assert tuple(cells[0]) == EXPORTS[export]
        assert len(cells) - 1 == int(said["data-rows"]) == len(sample.table(source, export))
        assert said["data-as-at"] == sample.extracted_at.isoformat()
        assert answer.headers["Content-Length"] == str(len(answer.content))
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{export}.csv"'
        assert answer.content.startswith(b"\xef\xbb\xbf")
        assert answer.content.endswith(b"\r\n")
    visitor.close()


def test_signing_out_ends_the_session(hub: Visitor) -> None:
    """The next page is the sign-in page."""
    hub.inside()
    hub.post("sign-out")
    assert Seen(hub.get("extracts").text).form("sign-in-organisation") is not None


def test_the_systems_do_not_know_each_others_sessions_or_passwords(portal: PortalProcess) -> None:
    """Three providers, three systems."""
    visitor = Visitor(portal, "hub").inside()
    other = Visitor(portal, "community_support")
    other.web = visitor.web
    assert Seen(other.get("extracts").text).form("sign-in-organisation") is not None
    organisation, first, _, _ = portal.account("hub")
    page = other.post("sign-in/organisation", organisation=organisation, organisation_password=first)
    assert "did not match" in page.text
    visitor.close()


def test_every_page_says_that_everything_is_invented(hub: Visitor) -> None:
    """Nobody who looks at it can take it for true."""
    hub.inside()
    for path in ("", "extracts", "audit", "nothing"):
        assert "is invented" in hub.get(path).text
    assert "is invented" in hub.web.get(hub.portal.address, timeout=30).text


def test_a_changed_folder_is_what_the_next_extract_holds(hub: Visitor, folder: Path) -> None:
    """Tests put another night's exports into the folder of a running portal."""
    path = folder / "hub" / "risks.csv"
    before = path.read_bytes()
    path.write_bytes(before + b"HK990001,HP000001,Fire,Low,01/04/2022,\r\n")
    try:
        hub.inside()
        rows = int(Seen(hub.get("extracts").text).rows()["risks"]["data-rows"])
        assert hub.get("extracts/risks.csv").content.count(b"\r\n") == rows + 1
        assert hub.get("extracts/risks.csv").content.endswith(b"HK990001,HP000001,Fire,Low,01/04/2022,\r\n")
    finally:
        path.write_bytes(before)


def test_the_portal_stops_when_whoever_started_it_is_gone(folder: Path) -> None:
    """No portal outlives a crashed run."""
    portal = PortalProcess(folder).__enter__()
    process = portal._process
    assert process is not None
    assert process.stdin is not None
    process.stdin.close()
    assert process.wait(10) == 0
    portal.close()
