"""The connector against the sample portal in a process of its own: the real pages, the real faults."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from common.errors import ViaductError
from connectors.charitylog_portal import CharitylogPortal
from connectors.errors import (
    AccountLocked,
    ColumnMissing,
    ColumnTwice,
    CredentialsRefused,
    HalfExport,
    PageInsteadOfExport,
    RaggedRow,
    RowCountDiffers,
    SignInPageInsteadOfExport,
    SourceBusy,
    SourceUnavailable,
)
from connectors.settings import PortalSettings
from connectors.source import Snapshot
from connectors.spool import Spool
from connectors.tables import read_batches
from demo.portal_process import PortalProcess
from demo.sample import EXTRACTED_AT
from tests.contract.conftest import QUICK

EXPORTS = ("people", "services", "organisations")
PEOPLE_COLUMNS = ["Org Person ID", "Report Person Type", "Forename"]


@pytest.fixture(scope="module")
def running() -> Iterator[PortalProcess]:
    with PortalProcess() as portal:
        yield portal


@pytest.fixture
def sample(running: PortalProcess) -> Iterator[PortalProcess]:
    yield running
    running.heal()
    running.unlock()


def settings(sample: PortalProcess, source: str = "hub", user_password: str = "") -> PortalSettings:
    organisation, organisation_password, user, password = sample.account(source)
    return PortalSettings(
        name=source,
        address=sample.address_of(source),
        organisation=organisation,
        organisation_password=organisation_password,
        user=user,
        user_password=user_password or password,
        extracts={export: f"Viaduct {export}" for export in EXPORTS},
        lawful_basis="Public task",
        limits=QUICK,
    )


def pull(sample: PortalProcess, spool: Spool, source: str = "hub") -> Snapshot:
    return CharitylogPortal(settings(sample, source)).pull(spool, EXPORTS)


def read(snapshot: Snapshot) -> int:
    """Return how many people the snapshot holds, held to the portal's own count."""
    return sum(batch.height for batch in read_batches(snapshot.exports["people"], PEOPLE_COLUMNS))


@pytest.mark.parametrize("source", PortalProcess.sources)
def test_every_system_of_the_sample_can_be_pulled(sample: PortalProcess, spool: Spool, source: str) -> None:
    """Counts and instant are the portal's own, and its audit names the basis for each extract, once."""
    before = len(sample.audit()[source])
    snapshot = pull(sample, spool, source)
    assert snapshot.extracted_at == EXTRACTED_AT
    assert read(snapshot) == snapshot.exports["people"].expected_rows
    lines = sample.audit()[source][before:]
    assert sorted((line["extract"], line["basis"]) for line in lines) == sorted(
        (f"Viaduct {export}", "Public task") for export in EXPORTS
    )


def test_a_check_leaves_no_line_in_the_audit(sample: PortalProcess) -> None:
    """`check --connect` takes nothing."""
    before = sample.audit()
    CharitylogPortal(settings(sample)).check()
    assert sample.audit() == before


@pytest.mark.parametrize("name", ["status_429", "status_500", "status_503", "reset", "short_body", "slow"])
@pytest.mark.parametrize("place", ["people", "listing"])
def test_a_fault_that_passes_is_borne(sample: PortalProcess, spool: Spool, name: str, place: str) -> None:
    """Struck once, the pull is whole all the same."""
    sample.fault(name, place, "hub", times=1)
    assert read(pull(sample, spool)) > 0


@pytest.mark.parametrize("name", ["session_expired", "login_page_200"])
@pytest.mark.parametrize("place", ["people", "listing"])
def test_a_session_that_ends_once_is_begun_anew(
    sample: PortalProcess, spool: Spool, name: str, place: str
) -> None:
    """The sign-in page with status 200 is recognised wherever it comes."""
    sample.fault(name, place, "hub", times=1)
    assert read(pull(sample, spool)) > 0


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("status_503", SourceBusy),
        ("status_500", SourceUnavailable),
        ("reset", SourceUnavailable),
        ("short_body", HalfExport),
        ("truncated_body", HalfExport),
        ("html_200", PageInsteadOfExport),
        ("login_page_200", SignInPageInsteadOfExport),
        ("session_expired", SignInPageInsteadOfExport),
        ("missing_column", ColumnMissing),
        ("renamed_column", ColumnMissing),
        ("duplicate_header", ColumnTwice),
        ("ragged_row", RaggedRow),
        ("missing_rows", RowCountDiffers),
    ],
)
def test_a_fault_that_stays_has_its_own_name(
    sample: PortalProcess, spool: Spool, name: str, kind: type[ViaductError]
) -> None:
    """Each fault ends in the error that says what to do about it, and in no value."""
    sample.fault(name, "people", "hub")
    with pytest.raises(ViaductError) as refused:
        read(pull(sample, spool))
    assert type(refused.value) is kind
    assert len(str(refused.value).splitlines()) == 4
    assert refused.value.__context__ is None


def test_a_count_that_is_wrong_refuses_the_export(sample: PortalProcess, spool: Spool) -> None:
    """The portal says more rows than it gives."""
    sample.fault("wrong_count")
    with pytest.raises(RowCountDiffers):
        read(pull(sample, spool))


def test_an_extra_column_is_named_and_left(sample: PortalProcess, spool: Spool) -> None:
    """A column nobody knows refuses nothing and is read by nobody."""
    sample.fault("extra_column", "people", "hub")
    batches = read_batches(pull(sample, spool).exports["people"], PEOPLE_COLUMNS)
    assert f"column {batches.header.index('Notes') + 1}" in batches.unknown
    assert set(next(batches).columns) == {*PEOPLE_COLUMNS, "_row"}


def test_words_of_windows_are_understood(sample: PortalProcess, spool: Spool) -> None:
    """An export saved by Windows has the same people."""
    plain = pull(sample, spool).exports["people"]
    sample.fault("windows_1252", "people", "hub")
    saved = pull(sample, spool).exports["people"]
    tables = [[batch.rows() for batch in read_batches(each, PEOPLE_COLUMNS)] for each in (plain, saved)]
    assert plain.sha256 != saved.sha256
    assert tables[0] == tables[1]


def test_a_refused_password_leaves_the_account_open(sample: PortalProcess, spool: Spool) -> None:
    """Two refusals are two failures, no more; a third locks the account, and is named so from then on."""
    for kind in (CredentialsRefused, CredentialsRefused, AccountLocked, AccountLocked):
        with pytest.raises(CredentialsRefused) as refused:
            CharitylogPortal(settings(sample, user_password="wrong")).pull(spool, EXPORTS)
        assert type(refused.value) is kind
        assert refused.value.exit_code == 21


def test_an_idle_session_is_no_hindrance(sample: PortalProcess, spool: Spool, tmp_path: Path) -> None:
    """Signed out by inactivity between two runs, the next run signs in as ever."""
    pull(sample, spool)
    sample.advance(3600)
    assert read(pull(sample, spool)) > 0
