"""Nights whose PostgreSQL is cut, ended or stopped leave the tables, the answers and the log of peace.

A push plays one fault at one place, another one each day; the long run plays them all at several.
"""

import hashlib
import json
import shutil
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from copy import deepcopy
from dataclasses import dataclass, fields
from datetime import UTC, datetime, timedelta
from itertools import count
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

import sharing
from audit import secrets as person_secrets
from common import clock
from sealing.keys import load_verifier
from sealing.receipt import open_receipt
from sync import place as workplace
from tests.counted_line import ANSWER_RECORD, COMMIT_RECORD, CountedLine, Way, cut_it
from tests.killed_nights import log_of, outbox
from tests.loopback import listening
from tests.nights import ACCEPTED_BY
from tests.postgres import LOADER, Server
from tests.tiny.nights import read_once
from tests.tiny.site import TinySite
from tests.tiny.start import work_folder
from tests.tiny.world import FLOWS, World
from tests.today import SEED

FIRST = datetime.now(UTC).replace(hour=2, minute=30, second=0, microsecond=0)
GOOD = {0, 1}
WAYS: tuple[Way, Way] = ("out", "home")
NOT_COMPARED = {"at", "manifest_sha256", "receipt_sha256"}
"""What differs in peace too: when it was written, and digests of what is sealed or signed at an instant."""
NIGHTS = 3
"""Everything is new; somebody changed, came and went; nothing is new."""
PLACES, KINDS = 3, 6
DISTURBED = (1, 2)


@dataclass(frozen=True)
class Left:
    """What some nights leave on both sides."""

    rows: dict[str, list[tuple[Any, ...]]]
    books: list[tuple[Any, ...]]
    answers: list[tuple[Any, ...]]
    leaves: list[str]
    people: dict[str, bytes]


@dataclass(frozen=True)
class Fault:
    """What happens to the line or to the server, in which night, and how much has gone over the line then."""

    name: str
    night: int
    way: Way
    after: int
    commit: int = 0
    happens: Callable[[], None] = cut_it


def worlds() -> list[World]:
    """Return what the CRMs hold, night by night."""
    first = World.begun()
    for number in range(3):
        first.arrive("hub" if number < 2 else "community_support", 1 + number, agreed=True)
    second = deepcopy(first)
    changed, gone = second.names("hub", "people")
    second.change("hub", "people", changed, {"Surname": "Zqsur99x"})
    second.answer("hub", gone, agreed=False)
    second.arrive("hub", 9, agreed=True)
    return [first, second, second]


@pytest.fixture(scope="module")
def site() -> TinySite:
    """Return a site before its first night, free to be copied."""
    return TinySite.made(work_folder() / "before PostgreSQL")


class Nights:
    """The nights of one copy of the site; names, instants and people's secrets are told beforehand."""

    def __init__(self, site: TinySite, folder: Path, postgres: Server) -> None:
        self.site, self.postgres = site.copy(folder), postgres
        self.settings = (self.site.folder / "site.yaml").read_text(encoding="utf-8")
        self.database = postgres.new_database("nights")
        shutil.copyfile(postgres.ca_file, self.site.folder / "keys/warehouse_ca.pem")
        secret = self.site.folder / "secrets/warehouse"
        secret.parent.mkdir(mode=0o700)
        secret.touch(0o600)
        secret.write_text((postgres.folder / "loader_password").read_text())

    def spend(self, lines: Mapping[int, CountedLine]) -> list[int]:
        """Return the exit codes of all nights. Given: the line that is between in these of them."""
        return [self._night(number, lines.get(number)) for number in range(1, NIGHTS + 1)]

    def _night(self, number: int, line: CountedLine | None) -> int:
        self.site.drop(worlds()[number - 1])
        with told_beforehand(number), listening(line or CountedLine(self.postgres.port)) as port:
            self._reach_it_at(port)
            run = self.site.night(accept_growth=True, accept_drop=True, accept_flagged=ACCEPTED_BY)
        if line is not None and line.happens is not cut_it:
            assert line.over.wait(60), "what happens to the server has ended before the next night"
        return run.exit_code

    def _reach_it_at(self, port: int) -> None:
        said = {
            "connector": "postgresql", "host": self.database.host, "port": port, "role": LOADER,
            "database": self.database.database, "role_secret": "file:secrets/warehouse",
            "ca_file": "keys/warehouse_ca.pem",
        }  # fmt: skip
        block = "".join(f"  {key}: {value}\n" for key, value in said.items())
        (self.site.folder / "site.yaml").write_text(f"{self.settings}warehouse:\n{block}", encoding="utf-8")

    def left(self) -> Left:
        """Return what both sides hold. Errors: DisclosureLogBroken."""
        folder = self.site.folder
        log_of(folder)
        assert outbox(folder) == [], "every batch is remembered"
        lines = (folder / "var/log/leaves.jsonl").read_text(encoding="utf-8").splitlines()
        with self.postgres.admin(self.database.database) as admin:
            tables = admin.execute(
                "SELECT table_schema || '.' || table_name FROM information_schema.tables"
                " WHERE table_type = 'BASE TABLE' AND table_schema = ANY(%s)", [list(FLOWS)],
            ).fetchall()  # fmt: skip
            rows = {name: admin.execute(f"SELECT * FROM {name}").fetchall() for (name,) in tables}
            books = admin.execute(
                "SELECT flow, sequence, batch_id, rows_upserted, rows_withdrawn FROM viaduct_batches"
            ).fetchall()
        return Left(
            {name: sorted(found, key=str) for name, found in rows.items()},
            sorted(books),
            answers(folder),
            sorted(map(told, lines)),
            {
                f"{path.parent.name}/{path.name}": path.read_bytes()
                for path in (folder / "var/log/people").rglob("*.jsonl")
            },
        )


def told(line: str) -> str:
    """Return what the leaf says, instants and digests of what is sealed at an instant left aside."""
    said = json.loads(line)
    return json.dumps({key: value for key, value in said.items() if key not in NOT_COMPARED}, sort_keys=True)


def answers(folder: Path) -> list[tuple[Any, ...]]:
    """Return what the receipts in the landing zone say, the instant left aside."""
    verifier = load_verifier("receipt", folder / "keys")
    found = sorted((folder / "var/landing/receipts").rglob("*.json"))
    receipts = [open_receipt(path.read_bytes(), verifier) for path in found]
    return [(one.batch_id, one.outcome, one.reason, tuple(one.entities.items())) for one in receipts]


@contextmanager
def told_beforehand(night: int) -> Iterator[None]:
    """Let a run have the name, the day and the new secrets that this night has in every site."""
    at, drawn = FIRST + timedelta(days=night), count()

    def drawn_alike(size: int) -> bytes:
        return hashlib.shake_256(f"{night} {next(drawn)}".encode()).digest(size)

    with pytest.MonkeyPatch.context() as patch, clock.frozen(at):
        patch.setattr(person_secrets, "os", SimpleNamespace(urandom=drawn_alike))
        patch.setattr(sharing, "load_dpia", read_once(sharing.load_dpia))
        patch.setattr(workplace, "load_mapping", read_once(workplace.load_mapping))
        patch.setattr(workplace, "new_run_id", lambda: f"{at:%Y%m%dT%H%M%SZ}-{night:06x}")
        yield


@dataclass(frozen=True)
class Peace:
    """What undisturbed nights leave, and how much each of them says to the server and hears from it."""

    left: Left
    carried: list[dict[Way, int]]
    commits: list[int]


@pytest.fixture(scope="module")
def peace(site: TinySite, postgres: Server) -> Peace:
    """Return the nights that nobody disturbs."""
    lines = [CountedLine(postgres.port) for _ in range(NIGHTS)]
    nights = Nights(site, work_folder() / "PostgreSQL in peace", postgres)
    assert set(nights.spend(dict(enumerate(lines, start=1)))) <= GOOD
    left = nights.left()
    kinds = Counter(json.loads(line)["kind"] for line in left.leaves)
    assert (kinds["run"], kinds["batch"], kinds["receipt"], kinds["nothing_sent"]) == (3, 4, 4, 2)
    assert len(left.people) == len(set(left.answers)) == 4
    return Peace(left, [line.carried for line in lines], [line.commits for line in lines])


def faults(peace: Peace, postgres: Server) -> list[Fault]:
    """Return every fault of the long run, the kinds of them in turn."""

    def end_the_backend() -> None:
        with postgres.admin() as admin:
            loaders = f"FROM pg_stat_activity WHERE usename = '{LOADER}'"
            admin.execute(f"SELECT pg_terminate_backend(pid, 5000) {loaders}")

    def stop() -> None:
        postgres.stop()
        postgres.start()

    found = []
    for part in range(1, PLACES + 1):
        for night in DISTURBED:
            carried, commit = peace.carried[night - 1], 1 + part % peace.commits[night - 1]
            out, home = (carried[way] * part // (PLACES + 1) for way in WAYS)
            found += [
                Fault("line cut towards the server", night, "out", out),
                Fault(
                    "line cut in the question for a commit", night, "out", COMMIT_RECORD * part // 4, commit
                ),
                Fault("backend ended", night, "out", out, happens=end_the_backend),
                Fault("line cut from the server", night, "home", home),
                Fault("line cut in the answer to a commit", night, "home", ANSWER_RECORD * part // 4, commit),
                Fault("server stopped at once", night, "out", out, happens=stop),
            ]
    return found


def disturbed(site: TinySite, folder: Path, postgres: Server, peace: Peace, fault: Fault) -> str:
    """Spend the nights with the fault in one of them; return how that night ended."""
    nights = Nights(site, folder, postgres)
    line = CountedLine(postgres.port, fault.way, fault.after, fault.commit, fault.happens)
    codes = nights.spend({fault.night: line})
    assert line.struck, "a fault that never happens proves nothing"
    assert codes.pop(fault.night - 1) in GOOD | {50}, fault
    assert set(codes) <= GOOD, "every other night is good"
    left = nights.left()
    for field in fields(Left):
        assert getattr(left, field.name) == getattr(peace.left, field.name), (fault, field.name)
    return f"{fault.name}, night {fault.night}"


def test_a_night_whose_server_is_lost_leaves_tables_answers_and_log_as_in_peace(
    site: TinySite, postgres: Server, peace: Peace, tmp_path: Path, say: Callable[[str], None]
) -> None:
    """The fault of the day: after the nights that follow, every leaf stands once, of each person as well."""
    every = faults(peace, postgres)
    say(disturbed(site, tmp_path / "site", postgres, peace, every[SEED % len(every)]))


@pytest.mark.soak
@pytest.mark.parametrize("kind", range(KINDS))
def test_nights_whose_server_is_lost_anywhere_leave_tables_answers_and_log_as_in_peace(
    site: TinySite, postgres: Server, peace: Peace, tmp_path: Path, say: Callable[[str], None], kind: int
) -> None:
    """The same for each fault, at several places of a night that sends all and of one that sends changes."""
    for number, fault in enumerate(faults(peace, postgres)[kind::KINDS]):
        say(disturbed(site, tmp_path / f"site-{number}", postgres, peace, fault))
