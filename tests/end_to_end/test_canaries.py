"""No personal value is anywhere but in sealed files and the warehouse: during a night or after a bad one."""

import json
import os
import stat
import zipfile
from collections.abc import Callable
from functools import partial
from pathlib import Path

import polars as pl
import pytest

from config.secrets import SecretReference
from connectors.spool import Frame, Spool
from demo.sample import CANARIES
from sealing import keys
from sealing.envelope import open_sealed
from sync import place as workplace
from sync import pull
from sync.examine import Examination
from sync.going_live import GoingLive
from sync.run import Run, Wish, run_sync
from sync.steps import Steps
from sync.window import Window
from tests.front_door import Said, verb
from tests.nights import ACCEPTED_BY, NightSite
from tests.secret_words import STEMS, SecretWords
from tests.small_sample import a_day_later, small_sample

BROKEN = ("tests/end_to_end/broken_run.py",)
WAREHOUSE = "warehouse.duckdb"
NEVER_TAKEN = ("Zqtel", "Zqrea", "Zqwrk", "Zqtxt", "Zqnew")
WORDS = SecretWords.of(small_sample())


@pytest.fixture(scope="module")
def nights(tmp_path_factory: pytest.TempPathFactory) -> tuple[NightSite, dict[str, Said]]:
    """Return a site and what was said in nights good and bad, at debug level, each a process of its own."""
    folder = tmp_path_factory.mktemp("canaries")
    night = NightSite.of(folder / "site", small_sample())
    say: Callable[..., Said] = partial(verb, temporary=folder / "tmp")
    site = ("--site", str(night.folder))
    said = {"first": say("run", *site, "--accept-growth", "--accept-flagged", ACCEPTED_BY, "--json")}
    said["feed"] = say("feed", *site, "--period", "2022-23-Q1", "--json")
    lists = ("--csv", str(night.site.var / "worklist.csv"), "--xlsx", str(night.site.var / "worklist.xlsx"))
    said["findings"] = say("findings", *site, *lists)
    night.drop(a_day_later())
    said["killed"] = say("kill", "run", *site, program=BROKEN)
    said["second"] = say("run", *site, "--json")
    said["raised"] = say("raise", "run", *site, program=BROKEN)
    said["in_thread"] = say("thread", "run", *site, "--full", program=BROKEN)
    return night, said


def test_the_nights_were_what_they_should_be(nights: tuple[NightSite, dict[str, Said]]) -> None:
    """Two nights worked, the second finishing a killed one; one was killed outright, one met an error."""
    _, said = nights
    codes = {name: one.code for name, one in said.items()}
    wanted = {"first": 1, "feed": 0, "findings": 0, "killed": -9, "second": 1, "raised": 70, "in_thread": 1}
    assert codes == wanted
    assert json.loads(said["second"].out)["earlier_batches"][0]["state"] == "remembered"
    assert b"run_sync.py" in said["first"].arguments or not Path("/proc").is_dir()


def test_nothing_personal_was_said_or_left_behind(nights: tuple[NightSite, dict[str, Said]]) -> None:
    """Not in stdout, stderr, command lines, logs, state, pages, figures, worklists, names of files, temporary
    files: in UTF-8, UTF-16, hexadecimal, base64 or a compressed column file.
    """
    night, said = nights
    assert {name: WORDS.within(one.words) for name, one in said.items()} == {name: set() for name in said}
    assert not [name for name, one in said.items() if "Traceback" in one.out + one.err]
    assert WORDS.under(night.folder / "var", lambda path: path.name == WAREHOUSE) == {}
    assert WORDS.under(night.folder.parent / "tmp") == {}
    places = {
        path.relative_to(night.site.var).parts[0] for path in night.site.var.rglob("*") if path.is_file()
    }
    assert places >= {"drops", "feed", "keys", "landing", "log", "logs", "reports", "runs", "state"}


def test_the_scan_finds_what_is_there(nights: tuple[NightSite, dict[str, Said]], tmp_path: Path) -> None:
    """The same scan finds names in the warehouse, in an opened envelope, in planted files of each kind."""
    night, _ = nights
    assert any(STEMS.match(hit.encode()) for hit in WORDS.within((night.site.var / WAREHOUSE).read_bytes()))
    assert WORDS.within(b"".join(opened(night, "early_help", "person")))
    person = next(
        row for row in small_sample().table("hub", "people") if row["NHS Number"] and row["Postcode"]
    )
    day, month, year = person["Date of Birth"].split("/")
    for number, secret in enumerate(
        [
            person["Surname"],
            person["NHS Number"],
            person["Postcode"],
            f"{year}-{month}-{day}",
            f"{year}{month}{day}",
        ]
    ):
        clear = f"x {secret} y"
        planted = {
            "utf8": clear.encode(),
            "utf16": clear.encode("utf-16"),
            "hex": clear.encode().hex().encode(),
        }
        for kind, content in planted.items():
            (tmp_path / f"{number}-{kind}").write_bytes(content)
        pl.DataFrame({"a": [clear]}).write_parquet(tmp_path / f"{number}-parquet")
        with zipfile.ZipFile(tmp_path / f"{number}-xlsx", "w", zipfile.ZIP_DEFLATED) as book:
            book.writestr("xl/sharedStrings.xml", clear)
    (tmp_path / person["Surname"]).write_bytes(b"")
    (tmp_path / "based").write_bytes(b"WnFzdXJ6")
    assert set(WORDS.under(tmp_path)) == {path.name for path in tmp_path.iterdir()}


def test_what_nobody_may_take_is_in_no_opened_file(nights: tuple[NightSite, dict[str, Said]]) -> None:
    """Telephone numbers, workers and free text are in no file even once opened; and nothing with a
    canary at all is in the pseudonymised flow.
    """
    night, _ = nights
    identified = b"".join(opened(night, "early_help", "*")).lower()
    assert not [stem for stem in NEVER_TAKEN if stem.lower().encode() in identified]
    pseudonymised = b"".join(opened(night, "commissioning", "*")).lower()
    assert not [stem for stem in CANARIES if stem.lower().encode() in pseudonymised]
    assert pseudonymised


def opened(night: NightSite, flow: str, entity: str) -> list[bytes]:
    """Return every cell of the flow's landed files, opened with the council's key."""
    identity = keys.load_identity(night.site.keys.private)
    tables = [
        pl.read_parquet(open_sealed(path.read_bytes(), identity))
        for path in sorted((night.site.landing / flow).glob(f"*/{entity}-*.age"))
    ]
    return [str(cell).encode() for table in tables for column in table for cell in column.to_list() if cell]


def test_nothing_personal_is_in_clear_while_a_night_goes_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At every step of a night of many partitions, all of whose rows wait on disk, neither a file under var/
    nor one without a name holds a personal value; and there were bytes on disk to look through.
    """
    night = NightSite.of(tmp_path / "site", small_sample())
    monkeypatch.setattr(pull, "partitions_for", lambda _portions: 3)
    monkeypatch.setattr(workplace, "Spool", partial(Spool, in_memory_bytes=0))
    seen: dict[str, tuple[int, set[str]]] = {}

    def look(step: str, done: int, _of: int) -> None:
        if step in seen and done < 3:
            return  # the first time, and once there is more on disk, are enough
        held, found = WORDS.in_nameless_files()
        found |= set(WORDS.under(night.folder / "var", lambda path: WAREHOUSE in path.as_posix()))
        before = seen.get(step, (0, set()))
        seen[step] = max(before[0], held), before[1] | found

    summary = run_sync(night.site, Wish(accept_growth=True, accept_flagged=ACCEPTED_BY), look)
    assert summary.exit_code == 1
    assert {step: found for step, (_, found) in seen.items() if found} == {}
    assert len(seen) >= 13
    if Path("/proc/self/fd").is_dir():
        assert min(seen[step][0] for step in ("gathered", "examined")) > 100_000


def test_objects_do_not_show_what_they_hold(tmp_path: Path) -> None:
    """What a debugger or a traceback would print of a site, a workplace, a source being read, a flow,
    released rows, a spool and its frames names no secret and no personal value.
    """
    night = NightSite.of(tmp_path / "site", small_sample())
    (night.folder / "pass").write_text("Zqsur-password")
    (night.folder / "pass").chmod(0o600)
    secret = SecretReference("file", "pass", night.folder)
    assert secret.read() == "Zqsur-password"
    with workplace.prepare(night.site, dry_run=True) as place:
        run, flow = Run(place, Wish(), Steps()), place.compile_flow(place.dpia_in_force(), "early_help")
        run.gate = GoingLive(place, None)
        gathered = pull.gather_sources(place, pull.Asked(None, False, False), run.steps, run.summary)
        index = run._index(gathered)
        examination = Examination(
            place, gathered, index, steps=run.steps, summary=run.summary, window=Window(None, None)
        )
        _, tables = next(examination.partitions())
        released = flow.released("person", flow.decide(tables)["person"].filter(pl.col("_reason") == ""))
        assert len(released) > 50
        things = [
            secret,
            night.site,
            place,
            place.spool,
            place.sender,
            place.digest,
            place.dpia,
            place.mappings,
        ]
        things += [run.summary, place.way(run.steps), flow, released, examination, Frame(1, 0, 10)]
        things += [*gathered.values(), *night.site.sources.values()]
        keys_text = [path.read_text().strip() for path in night.site.keys.private.glob("*.key")]
        hidden = [place.memory_key.hex(), repr(place.memory_key), str(place.digest.seed), *keys_text]
    for thing in things:
        shown = repr(thing) + str(thing)
        assert WORDS.within(shown.encode()) == set(), type(thing)
        assert not [value for value in hidden if value in shown], type(thing)


@pytest.mark.skipif(os.name == "nt", reason="Windows has no modes.")
def test_private_keys_are_their_owners_alone(nights: tuple[NightSite, dict[str, Said]]) -> None:
    """Every private key file is 0600, and so is the warehouse; the folders of keys and state are 0700."""
    night, _ = nights
    private = [*night.site.keys.private.glob("*"), night.site.warehouse]
    assert len(private) > 6
    assert {stat.S_IMODE(path.stat().st_mode) for path in private if path.is_file()} == {0o600}
    folders = [night.site.keys.private, night.site.var / "state", night.site.var / "state" / "memory"]
    assert {stat.S_IMODE(path.stat().st_mode) for path in folders} == {0o700}
