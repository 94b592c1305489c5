"""A provider looks at its own exports before sending them: the night's findings, and nothing else happens."""

import csv
import json
import os
import random
import shlex
import shutil
import socket
import tempfile
import zipfile
from collections.abc import Callable
from pathlib import Path

import pytest

import commands
from commands.last_resort import carry_out
from config.site import load_rules
from demo.sample import EXTRACTED_AT, Sample, write_csvs
from quality import FindingStore
from quality.answers import record_name
from sync import precheck as looking
from tests.nights import NightSite
from tests.released import tree
from tests.secret_words import SecretWords
from tests.today import SEED

ROOT = Path(__file__).parents[2]
EXAMPLE = ROOT / "config" / "example"
FOR_PROVIDERS = ("site.yaml", "providers.yaml", "sources", "mappings", "lookups")
HUB = "hub"
Look = Callable[..., int]
Findings = set[tuple[str, str, str, str]]


@pytest.fixture(scope="module")
def rules(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder that a provider gets: its own source alone, no assessment, no key, no secret."""
    folder = tmp_path_factory.mktemp("provider") / "rules"
    folder.mkdir()
    for name in FOR_PROVIDERS:
        copy = shutil.copytree if (EXAMPLE / name).is_dir() else shutil.copyfile
        copy(EXAMPLE / name, folder / name)
    for path in (folder / "sources").iterdir():
        if path.stem != "community_support":
            path.rename(folder.parent / path.name)
    return folder


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return such a folder with every source."""
    folder = tmp_path_factory.mktemp("whole") / "rules"
    folder.mkdir()
    for name in FOR_PROVIDERS:
        copy = shutil.copytree if (EXAMPLE / name).is_dir() else shutil.copyfile
        copy(EXAMPLE / name, folder / name)
    return folder


@pytest.fixture(scope="module")
def exports(sample: Sample, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder with the sample's exports, one folder for each source."""
    folder = tmp_path_factory.mktemp("exports")
    write_csvs(sample, folder)
    for path in folder.rglob("*.csv"):
        os.utime(path, (EXTRACTED_AT.timestamp(), EXTRACTED_AT.timestamp()))
    return folder


@pytest.fixture
def look(monkeypatch: pytest.MonkeyPatch, whole: Path) -> Look:
    """Return what carries the verb out in this process, where no socket can be opened."""

    def denied(*_: object, **__: object) -> None:
        raise AssertionError("a socket was asked for")

    monkeypatch.delenv("VIADUCT_SITE", raising=False)
    for name in [name for name in os.environ if name.startswith("VIADUCT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setattr(socket, "socket", denied)
    monkeypatch.setattr(socket, "getaddrinfo", denied)

    def verb(*words: object, provider: str = HUB, site: Path = whole) -> int:
        typed = ["precheck", *map(str, words), "--provider", provider, "--site", str(site)]
        return carry_out(lambda: commands._named(typed))

    return verb


def found(site: Path, source: str, *paths: Path) -> Findings:
    """Return what is found in the files: entity, record, check, field."""
    told = looking.precheck(load_rules(site), source, list(paths)).findings
    return set(told.select("entity", record_name("reference", "row"), "check", "field").rows())


@pytest.fixture(scope="module")
def of_the_hub(whole: Path, exports: Path) -> Findings:
    """Return what is found in the hub's folder."""
    return found(whole, HUB, exports / HUB)


@pytest.mark.parametrize("source", [HUB, "community_support", "domestic_abuse_support"])
def test_the_findings_are_those_that_the_night_opens(
    settled: NightSite, whole: Path, exports: Path, of_the_hub: Findings, source: str
) -> None:
    """Nothing is found that the night does not find; what it finds more needs another source, or history."""
    store = FindingStore(settled.site.var / "state" / "findings.sqlite")
    night = {(one.entity, one.record, one.check, one.field) for one in store.open(source)}
    here = of_the_hub if source == HUB else found(whole, source, exports / source)
    assert len(here) > 20
    assert here <= night
    assert {check for _, _, check, _ in night - here} <= {"REF-16", "REF-17", "ONR-03"}


def test_what_an_export_that_is_not_there_would_answer_is_unknown(
    whole: Path, exports: Path, of_the_hub: Findings
) -> None:
    """Each export alone, and all but one: never a finding that all of them together do not give."""
    files, every = sorted((exports / HUB).glob("*.csv")), of_the_hub
    for one in files:
        assert found(whole, HUB, one) <= every, one.stem
    for one in random.Random(SEED).sample(files, 3):
        assert found(whole, HUB, *[file for file in files if file != one]) <= every, one.stem
    referrals = found(whole, HUB, exports / HUB / "referrals.csv")
    assert referrals
    assert not {check for _, _, check, _ in referrals} & {"LNK-01", "LNK-02"}


def test_it_works_with_what_a_provider_has_and_leaves_nothing_behind(
    look: Look, rules: Path, exports: Path, sample: Sample, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """No assessment, key, secret, socket, state; a page and a list where asked for, and no value in any."""
    before, temporary = tree(rules), set(Path(tempfile.gettempdir()).iterdir())
    page, table = tmp_path / "mend.html", tmp_path / "mend.csv"
    files = exports / "community_support"
    assert look(files, "--html", page, "--csv", table, provider="community_support", site=rules) == 1
    said = capsys.readouterr()
    assert look(files, "--json", provider="community_support", site=rules) == 1
    data = capsys.readouterr().out
    assert tree(rules) == before
    assert not any("viaduct" in path.name for path in {*Path(tempfile.gettempdir()).iterdir()} - temporary)
    words = SecretWords.of(sample)
    for told in (said.out.encode(), said.err.encode(), data.encode(), page.read_bytes(), table.read_bytes()):
        assert words.within(told) == set()
    findings = json.loads(data)["findings"]
    assert f"{len(findings):,} findings" in said.err
    assert all(row["reference"] in page.read_text("utf-8") for row in findings)
    assert "Nothing left this machine" in said.err


def test_however_the_files_are_handed_over_it_is_the_same(
    whole: Path, exports: Path, of_the_hub: Findings, tmp_path: Path
) -> None:
    """A folder, an archive of its files with litter beside them, or the files in any order by other names."""
    files, every = sorted((exports / HUB).glob("*.csv")), of_the_hub
    packed = tmp_path / "extract.zip"
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        for file in files:
            archive.write(file, f"Extracts/{file.name}")
            archive.writestr(f"__MACOSX/Extracts/._{file.name}", b"\0\1")
        archive.writestr("Extracts/how to.txt", "not an export")
    assert found(whole, HUB, packed) == every
    renamed = tmp_path / "renamed"
    renamed.mkdir()
    for number, file in enumerate(files):
        shutil.copy2(file, renamed / f"Extract ({number}).csv")
    assert found(whole, HUB, *sorted(renamed.iterdir(), reverse=True)) == every


def test_in_many_partitions_it_is_the_same(
    whole: Path, exports: Path, of_the_hub: Findings, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Memory is bounded by partitions of whole people that wait encrypted; what is found does not change."""
    monkeypatch.setattr(looking, "partitions_for", lambda _: 7)
    assert found(whole, HUB, exports / HUB) == of_the_hub


def broken(exports: Path, folder: Path, content: bytes, name: str = "people.csv") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_each_way_of_being_no_export_is_told_in_four_lines(
    look: Look, exports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A page, another system's file, one export twice, a broken archive: 22, nothing sent, no cell shown."""
    people = exports / HUB / "people.csv"
    again = tmp_path / "again.csv"
    shutil.copyfile(people, again)
    other = broken(exports, tmp_path, b"Ref,Zqsurname\r\n1,Zqforname\r\n", "mine.csv")
    page = broken(exports, tmp_path, b"<html><body>Zqforname, sign in</body></html>\r\n")
    damaged = broken(exports, tmp_path, b"PK\x03\x04 Zqforname", "x.zip")
    empty = tmp_path / "empty"
    empty.mkdir()
    for words, code in (([other], "E398"), ([empty], "E398"), ([page], "E322"), ([people, again], "E399"),
                        ([damaged], "E396")):  # fmt: skip
        assert look(*words) == 22
        lines = capsys.readouterr().err.strip().splitlines()
        assert (len(lines), lines[0].split()[0]) == (4, code)
        assert lines[2].strip() == "Nothing left this machine, and nothing was kept."
        assert "run_sync.py run" not in lines[3]
        assert "Zqfor" not in "".join(lines)
    look(other)
    assert "people (people.csv); " in capsys.readouterr().err


def test_the_exit_code_says_whether_there_is_something_to_mend(
    look: Look, whole: Path, exports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """0 without a finding, 1 with one, 2 for a name that is not known, 10 for rules that do not load."""
    header, row, *_ = (exports / HUB / "services.csv").read_bytes().splitlines(keepends=True)
    assert look(broken(exports, tmp_path, header + row, "services.csv")) == 0
    assert "0 findings" in capsys.readouterr().err
    assert look(exports / HUB / "people.csv") == 1
    assert look(tmp_path / "services.csv", provider="huub") == 2
    assert look(tmp_path / "services.csv", "--source", "community_support") == 2
    bad = tmp_path / "rules"
    shutil.copytree(whole, bad)
    (bad / "mappings" / "charitylog_services.yaml").write_text("name: 1\n", encoding="utf-8")
    assert look(tmp_path / "services.csv", site=bad) == 10
    capsys.readouterr()


def test_a_provider_of_two_systems_says_which(
    look: Look, whole: Path, exports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Without a name it is asked for; with one the files are read as that source's."""
    two = tmp_path / "rules"
    shutil.copytree(whole, two)
    path = two / "sources" / "community_support.yaml"
    text = path.read_text(encoding="utf-8").replace("provider: community_support", "provider: hub", 1)
    path.write_text(text, encoding="utf-8")
    services = exports / HUB / "services.csv"
    assert look(services, site=two) == 2
    assert "name one with --source" in capsys.readouterr().err
    assert look(services, "--source", HUB, "--json", site=two) in {0, 1}
    assert json.loads(capsys.readouterr().out)["source"] == HUB


def test_columns_that_nobody_declared_are_told_and_not_read(
    look: Look, exports: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A column that is new in the extract is told by its place: what stands above it may be a name."""
    rows = (exports / HUB / "services.csv").read_text(encoding="utf-8-sig").splitlines()
    wider = "\r\n".join([rows[0] + ",Zqnew", *(row + ",Zqforname" for row in rows[1:])]) + "\r\n"
    assert look(broken(exports, tmp_path, wider.encode(), "services.csv")) in {0, 1}
    said = capsys.readouterr()
    assert "is not known to the council, and was not read." in said.err
    assert "Zq" not in said.err + said.out


def test_each_row_has_one_fate_here_as_well(whole: Path, exports: Path) -> None:
    """The first balance holds of every export, and what was not handed over is nothing."""
    told = looking.precheck(load_rules(whole), HUB, [exports / HUB])
    assert told.missing == []
    for export, counts in told.source.exports.items():
        with (exports / HUB / f"{export}.csv").open(encoding="utf-8-sig", newline="") as stream:
            rows = sum(1 for _ in csv.reader(stream)) - 1
        assert rows == counts.rows == counts.read + counts.repeated + counts.furniture + counts.rejected


def test_what_the_page_says_can_be_typed(
    look: Look, whole: Path, exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder of extracts gives a page; so do files, by the folder of rules that the council hands over."""
    monkeypatch.chdir(tmp_path)
    shutil.copytree(exports / HUB, "extracts")
    shutil.copytree(whole, "rules")
    for name in ("people.csv", "referrals.csv"):
        shutil.copy2(exports / HUB / name, name)
    text = (ROOT / "docs" / "how_to" / "precheck.md").read_text(encoding="utf-8")
    folder, files = (
        shlex.split(line)[2:] for line in text.splitlines() if line.startswith("python run_sync.py precheck")
    )
    assert carry_out(lambda: commands._named([*folder, "--site", "rules"])) == 1
    assert b"HP00" in Path("mend.html").read_bytes()
    assert b"check that before it is sent" in Path("mend.html").read_bytes()
    assert b"has been delivered" not in Path("mend.html").read_bytes()
    assert carry_out(lambda: commands._named(files)) == 1
