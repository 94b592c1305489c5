"""Power cuts, disks that refuse, and signals, at some calls of a night; at every one in test_soak.py."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from tests.crash.calls import read_trace
from tests.crash.discipline import broken_discipline
from tests.crash.disk import Disk
from tests.crash.faults import asked_to_end, refused
from tests.crash.points import Night, spread
from tests.crash.power_cut import PowerCut
from tests.crash.scene import Stage
from tests.crash.sweep import Sweep
from tests.crash.tracing import Told
from tests.reliability.book import Row, RowBook
from tests.reliability.places import one_place_today

Say = Callable[[str], None]
CUTS, SIGNALLED = 2, 2
ANY = "any call that changes a file"
GOES_ON = "the next run ends as if nothing had happened"
FULL, READ_ONLY, BROKEN = "disk full", "disk read-only", "disk broken"
ERRORS = {FULL: "ENOSPC", READ_ONLY: "EROFS", BROKEN: "EIO"}


@dataclass(frozen=True)
class Refusal:
    """A disk that refuses the first call of this label, and every one of its name after it."""

    fault: str
    place: str
    label: str
    code: str
    note: str = ""

    @property
    def row(self) -> Row:
        """Return how it ends."""
        return Row(self.fault, "machine", self.place, 50, self.code, not self.note, self.note)


REFUSALS = [
    Refusal(READ_ONLY, "making the rooms of the state", "mkdir var/state/outbox", "E902"),
    Refusal(FULL, "sealing a batch", "write var/state/outbox/early_help/.00000001-RUN/bodies/", "E902"),
    Refusal(BROKEN, "the disclosure log", "fsync var/log/leaves.jsonl", "E902"),
    Refusal(FULL, "the landing zone", "write var/landing/", "E501", f"stays in the outbox; {GOES_ON}"),
    Refusal(FULL, "the warehouse", "pwrite64 var/.warehouse", "E511", f"delivered, not loaded; {GOES_ON}"),
    Refusal(FULL, "the memory", "write var/state/chain/", "E902", f"loaded, not remembered; {GOES_ON}"),
    Refusal(READ_ONLY, "the readers' pages", "rename var/reports/", "E902", "the night itself is done"),
]  # fmt: skip
HEAD = '7 openat(AT_FDCWD</>, "{0}/.new.part", O_WRONLY|O_CREAT|O_EXCL|O_CLOEXEC, 0600) = 3<{0}/.new.part>\n'
WRITE = '7 write(3<{0}/.new.part>, ""..., 5) = 5\n'
SYNC = "7 fsync(3<{0}/.new.part>) = 0\n"
NAME = '7 rename("{0}/.new.part", "{0}/new") = 0\n'
FOLDER = '7 openat(AT_FDCWD</>, "{0}", O_RDONLY|O_CLOEXEC) = 4<{0}>\n7 fsync(4<{0}>) = 0\n'
IN_PLACE = (
    '7 openat(AT_FDCWD</>, "{0}/old", O_WRONLY|O_CLOEXEC) = 5<{0}/old>\n7 write(5<{0}/old>, ""..., 3) = 3\n'
)
OTHER = '7 mkdir("{0}/deep", 0700) = 0\n7 rename("{0}/old", "{0}/deep/older") = 0\n'
EARLY, LATE = "named before its bytes were durable", "not durable when the night ended"
TRACES = [
    (HEAD + WRITE + SYNC + NAME + FOLDER, []),
    (HEAD + WRITE + NAME + FOLDER, [EARLY, LATE]),
    (HEAD + SYNC + WRITE + NAME + FOLDER, [EARLY, LATE]),
    (HEAD + WRITE + SYNC + NAME, [LATE]),
    (HEAD + WRITE + SYNC + NAME + OTHER + FOLDER, [LATE, "went on before"]),
    (IN_PLACE, [LATE, "written under its own name"]),
]  # fmt: skip


@pytest.mark.parametrize(("trace", "broken"), TRACES, ids=range(len(TRACES)))
def test_the_discipline_is_seen_to_be_broken(tmp_path: Path, trace: str, broken: list[str]) -> None:
    """Temporary file, sync, rename, sync of the folder: each step left out, or out of its place, is told."""
    (tmp_path / "old").write_bytes(b"old")
    calls = read_trace(trace.format(tmp_path).splitlines()).calls
    told = broken_discipline(Disk(tmp_path), calls)
    assert (
        sorted({next(words for words in [*broken, one] if one.startswith(words)) for one in told}) == broken
    )


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("machine") as book:
        yield book


@pytest.fixture(scope="module")
def cut(stage: Stage, first: Night) -> PowerCut:
    """Return a first night with all it wrote, to be cut anywhere."""
    return PowerCut(stage, first)


def test_what_a_night_names_is_durable_before_anything_rests_on_it(cut: PowerCut, say: Say) -> None:
    """Every file is synced before its name, its name before the next; the log before what it tells is sent,
    the warehouse before the receipt, the receipt in the log before the memory; all of it when the night ends.
    """
    assert broken_discipline(cut.disk(), cut.calls, whole=True) == []
    named = sum(call.name == "rename" for call in cut.calls)
    assert named > 50
    say(f"{named} renames in {len(cut.calls)} calls")


@pytest.mark.parametrize(
    ("bug", "told"),
    [
        ("no_folder_fsync", "published before the log of it was durable"),
        pytest.param("no_fsync", "named before its bytes were durable", marks=pytest.mark.soak),
        pytest.param("send_before_log", "published before the log of it was durable", marks=pytest.mark.soak),
    ],
)
def test_a_night_without_the_discipline_is_told(stage: Stage, first: Night, bug: str, told: str) -> None:
    """A product that leaves a sync out, or sends first, breaks it at its first batch."""
    planted = PowerCut(stage, first, bug=bug)
    assert any(one.startswith(told) for one in broken_discipline(planted.disk(), planted.calls, whole=True))


def test_after_a_power_cut_the_next_night_ends_as_if_there_had_been_none(
    cut: PowerCut, book: RowBook, seed: int, say: Say
) -> None:
    """What was not yet durable is lost, or its names survive without their bytes, or with half of them."""
    cut.at(set(spread(range(len(cut.places)), CUTS, seed)), seed)
    say(f"seed {seed}: {cut.cuts}")
    assert cut.cuts.broken == []
    book.saw(Row("power cut", "machine", "after any call that changes a file", None, None, False, GOES_ON))


@pytest.mark.parametrize(
    "refusal", one_place_today(REFUSALS, lambda one: one.fault), ids=lambda one: f"{one.fault} {one.place}"
)
def test_a_disk_that_refuses_is_told_and_loses_nothing(
    stage: Stage, first: Night, book: RowBook, refusal: Refusal
) -> None:
    """From a call on the disk is full, broken or read-only: a documented code, four lines, no promise broken;
    the next night ends as if nothing had happened.
    """
    point = next(point for point in first.points if point.label.startswith(refusal.label))

    def judge(site: Path, told: Told) -> list[str]:
        codes = [line[:4] for line in told.said["err"].splitlines() if line[:1] == "E"]
        assert refusal.code in codes, "what was met is told, whatever else the disk refuses afterwards"
        book.saw(replace(refusal.row, exit_code=told.said["code"], unchanged=nothing_left(site)))
        return refused(site, told)

    sweep = Sweep(stage, first)
    assert sweep.tamper(point, f"error={ERRORS[refusal.fault]}", judge, lasting=True) == []


def test_a_product_that_ignores_the_disk_is_caught(stage: Stage, first: Night) -> None:
    """A file that could not be written and is taken as written does not go unseen."""
    point = next(point for point in first.points if point.label.startswith("write var/state/chain/."))
    assert Sweep(stage, first, bug="ignore_errors").tamper(point, "error=ENOSPC", refused, lasting=True) != []


def test_asked_to_end_a_night_ends_cleanly(
    stage: Stage, first: Night, book: RowBook, seed: int, say: Say
) -> None:
    """SIGTERM is 143, Ctrl-C 130, wherever they arrive; nothing half done stays, the next night is whole."""
    sweep = Sweep(stage, first)
    for turn, point in enumerate(spread(first.points, SIGNALLED, seed + 4)):
        name = ("TERM", "INT")[turn % 2]
        sweep.tamper(point, f"signal={name}", asked_to_end(name))
    say(f"seed {seed}: {sweep.swept}")
    assert sweep.swept.broken == []
    for name, code in (("SIGTERM", 143), ("Ctrl-C", 130)):
        book.saw(
            Row(
                f"asked to end ({name})",
                "machine",
                "any call that changes a file",
                code,
                None,
                False,
                GOES_ON,
            )
        )


def test_every_case_is_told_of(book: RowBook) -> None:
    """The rows of docs/reliability.md are these and no others."""
    others = {("machine", f"asked to end ({name})", ANY) for name in ("SIGTERM", "Ctrl-C")}
    others.add(("machine", "power cut", "after any call that changes a file"))
    assert book.keys() == {refusal.row.key for refusal in REFUSALS} | others


def nothing_left(site: Path) -> bool:
    """Return whether no batch was logged, sent, loaded or remembered."""
    leaves = site / "var/log/leaves.jsonl"
    return not (
        (leaves.exists() and b'"kind":"batch"' in leaves.read_bytes())
        or list((site / "var/landing").rglob("manifest.json"))
        or (site / "var/warehouse.duckdb").exists()
        or list((site / "var/state/memory").glob("*.parquet"))
    )
