"""A drop folder gives the newest complete set, and nothing that is not a finished file of its own.

Each rule is asked of a folder of this machine and of one on an SFTP server.
"""

import hashlib
import os
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from common import clock
from connectors.drops import Drops
from connectors.drops_folder import FolderDrops
from connectors.drops_sftp import SftpDrops
from connectors.errors import FileOutsideFolder, FilesNotReady
from connectors.file_errors import FileDiffers
from connectors.folder import DropFolder
from connectors.reception import Reception
from connectors.settings import FolderSettings
from connectors.source import Snapshot
from connectors.spool import Spool
from tests.sftp_servers import SftpServer

PATTERNS = {"people": "people-*.csv", "referrals": "referrals-*.csv"}
BOTH = list(PATTERNS)
DAY = 86_400
START = 1_669_874_400
REACH: dict[str, Callable[[Path], Drops]] = {}


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SftpServer]:
    with SftpServer(tmp_path_factory.getbasetemp()) as server:
        yield server


@pytest.fixture(autouse=True, params=["this machine", "sftp"])
def _reached(request: pytest.FixtureRequest, server: SftpServer, monkeypatch: pytest.MonkeyPatch) -> None:
    """Let `pull` reach the folder here, or over SFTP."""

    def over_sftp(folder: Path) -> Drops:
        return SftpDrops(server.settings(folder=f"/{folder.relative_to(server.root).as_posix()}"))

    chosen = FolderDrops if request.param == "this machine" else over_sftp
    monkeypatch.setitem(REACH, "folder", chosen)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "dropped"
    made.mkdir()
    return made


def drop(folder: Path, name: str, content: str = "a\n1\n", day: int = 0) -> Path:
    path = folder / name
    path.write_text(content, encoding="utf-8")
    os.utime(path, (START + day * DAY, START + day * DAY))
    return path


def pull(folder: Path, spool: Spool, patterns: dict[str, str] | None = None, **more: object) -> Snapshot:
    settled = {"settle_seconds": 0.0, **more}
    said = FolderSettings("hub", folder, patterns or PATTERNS, **settled)  # type: ignore[arg-type]
    return DropFolder(said, REACH["folder"](folder)).pull(spool, list(patterns or PATTERNS))


def texts(snapshot: Snapshot) -> dict[str, str]:
    return {name: export.open().read().decode() for name, export in snapshot.exports.items()}


def two_sets(folder: Path) -> None:
    for day in (1, 2):
        drop(folder, f"people-{day}.csv", f"a\np{day}\n", day)
        drop(folder, f"referrals-{day}.csv", f"a\nr{day}\n", day)


def test_the_newest_complete_set_is_taken(folder: Path, spool: Spool) -> None:
    """Its files are never mixed with those of another set, and an older half of a set is no matter."""
    two_sets(folder)
    drop(folder, "people-0.csv", "a\np0\n", 0)
    assert texts(pull(folder, spool)) == {"people": "a\np2\n", "referrals": "a\nr2\n"}


@pytest.mark.parametrize("newer", ["people-3.csv", "referrals-3.csv", "referrals-3.csv.part"])
def test_a_newer_set_that_is_not_complete_is_not_passed_over(folder: Path, spool: Spool, newer: str) -> None:
    """Half of what came last is no reason to take last year's: not ready, and it says for which export."""
    two_sets(folder)
    drop(folder, newer, "a\np3\n", 3)
    with pytest.raises(FilesNotReady, match=f"a file for {newer.partition('-')[0]} is newer") as refused:
        pull(folder, spool)
    assert (refused.value.code, refused.value.exit_code) == ("E305", 20)


def test_a_set_older_than_declared_is_not_ready(
    folder: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A sender that has stopped sending is noticed, where the source says how old its files may be."""
    two_sets(folder)
    now = datetime.fromtimestamp(START + 5 * DAY, UTC)
    monkeypatch.setattr(clock, "now", lambda: now)
    assert list(pull(folder, spool, greatest_age_days=3).exports) == BOTH
    with pytest.raises(FilesNotReady, match="more than 2 days old"):
        pull(folder, spool, greatest_age_days=2)


def test_a_name_without_a_star_belongs_to_every_set(folder: Path, spool: Spool) -> None:
    """One fixed file beside dated ones completes each set."""
    drop(folder, "people-1.csv", "a\np1\n")
    drop(folder, "services.csv", "a\ns\n")
    found = texts(pull(folder, spool, {"people": "people-*.csv", "services": "services.csv"}))
    assert found == {"people": "a\np1\n", "services": "a\ns\n"}


def test_the_oldest_file_of_the_set_dates_the_snapshot(folder: Path, spool: Spool) -> None:
    """A set is no fresher than its oldest file, unless the settings say when it was taken."""
    drop(folder, "people-1.csv", day=1)
    drop(folder, "referrals-1.csv", day=2)
    assert pull(folder, spool).extracted_at == datetime.fromtimestamp(START + DAY, UTC)
    told = datetime(2022, 12, 1, tzinfo=UTC)
    assert pull(folder, spool, extracted_at=told).extracted_at == told


def test_an_incomplete_set_is_not_ready(folder: Path, spool: Spool) -> None:
    """The error names the export that lacks a file."""
    drop(folder, "people-1.csv")
    with pytest.raises(FilesNotReady, match="no file for referrals") as refused:
        pull(folder, spool)
    assert refused.value.exit_code == 20


def test_sets_that_do_not_match_are_not_ready(folder: Path, spool: Spool) -> None:
    """People of one day and referrals of another are two halves, not one set."""
    drop(folder, "people-1.csv")
    drop(folder, "referrals-2.csv")
    with pytest.raises(FilesNotReady):
        pull(folder, spool)


def test_a_folder_that_is_away_is_not_ready(folder: Path, spool: Spool) -> None:
    """A share that is not mounted is an error of ours, with nothing of the system's behind it."""
    with pytest.raises(FilesNotReady) as refused:
        pull(folder / "gone", spool)
    assert refused.value.__context__ is None


@pytest.mark.parametrize("marker", ["referrals-1.csv.part", "referrals-1.csv"])
def test_a_file_on_its_way_is_left_alone(folder: Path, spool: Spool, marker: str) -> None:
    """A `.part` file is not taken, nor the file beside one."""
    drop(folder, "people-1.csv")
    drop(folder, marker)
    drop(folder, "referrals-1.csv.part")
    with pytest.raises(FilesNotReady):
        pull(folder, spool, {"people": "people-*", "referrals": "referrals-*"})


def test_a_file_that_grows_is_not_taken(folder: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch) -> None:
    """A young file is looked at twice; if it has grown in between, the set is not ready."""
    drop(folder, "people-1.csv")
    young = folder / "referrals-1.csv"
    young.write_text("a\n1\n", encoding="utf-8")
    monkeypatch.setattr("time.sleep", lambda _: young.write_text("a\n1\n2\n", encoding="utf-8"))
    with pytest.raises(FilesNotReady, match="still growing"):
        pull(folder, spool, settle_seconds=2.0)


def test_a_file_that_bears_an_old_time_but_is_still_written_is_not_taken(
    folder: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Copying programs keep the time of what they copy; that a byte was written just now shows as well."""
    drop(folder, "people-1.csv")
    drop(folder, "referrals-1.csv")
    monkeypatch.setattr("time.sleep", lambda _: drop(folder, "referrals-1.csv", "a\n1\n2\n"))
    with pytest.raises(FilesNotReady, match="still growing"):
        pull(folder, spool, settle_seconds=2.0)


@pytest.mark.parametrize("same_size", [True, False])
def test_a_file_that_changes_while_it_is_read_is_refused(
    folder: Path, spool: Spool, monkeypatch: pytest.MonkeyPatch, same_size: bool
) -> None:
    """Even another file of the same size and time in its place is not the file that was found.

    SFTP does not tell such a file from the first; there the first is what was read, from start to end.
    """
    drop(folder, "people-1.csv")
    drop(folder, "referrals-1.csv")
    real = Reception.take

    def take(reception: Reception, chunk: bytes) -> None:
        other = drop(folder, "new.tmp", "a\n2\n" if same_size else "a\n1\n2\n")
        os.replace(other, folder / "people-1.csv")
        real(reception, chunk)

    monkeypatch.setattr(Reception, "take", take)
    if REACH["folder"] is not FolderDrops and same_size:
        assert texts(pull(folder, spool))["people"] == "a\n1\n"
        return
    with pytest.raises(FilesNotReady, match="changed while it was read"):
        pull(folder, spool)


@pytest.mark.parametrize(
    "beside", ["referrals-1.csv.filepart", "~$referrals-1.csv", ".~lock.referrals-1.csv#"]
)
def test_a_file_that_somebody_is_writing_is_left_alone(folder: Path, spool: Spool, beside: str) -> None:
    """Transfer programs and office programs say so by a file beside it; no older set is taken meanwhile."""
    for day in (0, 1):
        drop(folder, f"people-{day}.csv", f"a\np{day}\n", day)
        drop(folder, f"referrals-{day}.csv", f"a\nr{day}\n", day)
    drop(folder, beside)
    with pytest.raises(FilesNotReady, match="is newer than the newest complete set"):
        pull(folder, spool)


@pytest.mark.parametrize(
    "name", [".referrals-1.x7Q", "referrals-1.tmp", "~$referrals-1", "referrals-1.CRDOWNLOAD"]
)
def test_a_temporary_name_is_never_taken(folder: Path, spool: Spool, name: str) -> None:
    """Whatever the pattern, a name that programs give to unfinished files is no export."""
    drop(folder, "people-1")
    drop(folder, name)
    with pytest.raises(FilesNotReady, match="no file for referrals"):
        pull(folder, spool, {"people": "people*", "referrals": "*referrals*"})


@pytest.mark.parametrize("said", ["rows", "sha256", "done"])
def test_a_file_without_what_must_stand_beside_it_is_not_ready(folder: Path, spool: Spool, said: str) -> None:
    """A transfer that ends with a count, a digest or a marker is not ready before that has come."""
    people, referrals = drop(folder, "people-1.csv"), drop(folder, "referrals-1.csv")
    words = {"rows": "1", "sha256": hashlib.sha256(b"a\n1\n").hexdigest(), "done": ""}[said]
    drop(folder, f"{people.name}.{said}", words)
    with pytest.raises(FilesNotReady, match="no file for referrals that is finished"):
        pull(folder, spool, complete_with=(said,))
    drop(folder, f"{referrals.name}.{said}", words)
    assert list(pull(folder, spool, complete_with=(said,)).exports) == BOTH


def test_a_file_that_is_not_the_one_its_digest_describes_is_refused(folder: Path, spool: Spool) -> None:
    """Half a file, or yesterday's under today's digest, is told by its SHA-256, as sha256sum writes it."""
    drop(folder, "people-1.csv")
    drop(folder, "referrals-1.csv")
    digest = hashlib.sha256(b"a\n1\n").hexdigest()
    drop(folder, "people-1.csv.sha256", f"{digest.upper()}  people-1.csv\n")
    assert list(pull(folder, spool).exports) == BOTH
    drop(folder, "people-1.csv", "a\n2\n")
    with pytest.raises(FileDiffers) as refused:
        pull(folder, spool)
    assert (refused.value.exit_code, refused.value.answer) == (22, "try again")
    drop(folder, "people-1.csv.sha256", "no digest")
    with pytest.raises(FilesNotReady, match="does not hold a digest"):
        pull(folder, spool)


def test_a_young_file_that_stays_the_same_is_taken(folder: Path, spool: Spool) -> None:
    """Settled for as long as the settings say is settled enough."""
    drop(folder, "people-1.csv")
    (folder / "referrals-1.csv").write_text("a\n1\n", encoding="utf-8")
    assert list(pull(folder, spool, settle_seconds=0.05).exports) == BOTH


@pytest.mark.skipif(os.name == "nt", reason="links need a right of their own on Windows")
@pytest.mark.parametrize("kind", ["link", "folder"])
def test_what_leads_out_of_the_folder_is_never_opened(
    folder: Path, tmp_path: Path, spool: Spool, kind: str
) -> None:
    """A link could bring in any file of the machine; it is refused with exit 22."""
    drop(folder, "people-1.csv")
    secret = drop(tmp_path, "secret.csv", "a\nZebulon\n")
    if kind == "link":
        (folder / "referrals-1.csv").symlink_to(secret)
    else:
        (folder / "referrals-1.csv").mkdir()
    with pytest.raises(FileOutsideFolder) as refused:
        pull(folder, spool)
    assert refused.value.exit_code == 22


@pytest.mark.parametrize("words", ["many", "-1", "1\n2"])
def test_a_count_that_is_no_number_is_not_ready(folder: Path, spool: Spool, words: str) -> None:
    """A `.rows` file that can not be read as a count is never passed over."""
    drop(folder, "people-1.csv")
    drop(folder, "referrals-1.csv")
    drop(folder, "referrals-1.csv.rows", words)
    with pytest.raises(FilesNotReady):
        pull(folder, spool)


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no pipes with names")
@pytest.mark.parametrize("name", ["people-1.csv", "people-1.csv.rows"])
def test_a_pipe_is_never_waited_for(folder: Path, spool: Spool, name: str) -> None:
    """A pipe among the files, or in place of a count, is refused at once."""
    drop(folder, "people-1.csv")
    drop(folder, "referrals-1.csv")
    (folder / name).unlink(missing_ok=True)
    os.mkfifo(folder / name)
    with pytest.raises(FileOutsideFolder):
        pull(folder, spool)


def test_a_count_that_is_a_link_is_not_read(folder: Path, spool: Spool, tmp_path: Path) -> None:
    """A .rows file is held to the same as the file it counts."""
    drop(folder, "people-1.csv")
    drop(folder, "referrals-1.csv")
    (tmp_path / "secret").write_text("1", encoding="ascii")
    (folder / "people-1.csv.rows").symlink_to(tmp_path / "secret")
    with pytest.raises(FileOutsideFolder):
        pull(folder, spool)


def test_a_count_beyond_all_measure_is_no_count(folder: Path, spool: Spool) -> None:
    """No more than a number's length is read of a .rows file, and half a number is none."""
    drop(folder, "people-1.csv")
    drop(folder, "referrals-1.csv")
    drop(folder, "people-1.csv.rows", "1" * 10_000)
    with pytest.raises(FilesNotReady, match="does not hold a number"):
        pull(folder, spool)
