"""Worklists of a real night: laid into folders and over SFTP, told by mail, answered as the pages say."""

import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import yaml

from common import clock
from config.findings import FindingSettings
from config.worklists import ProviderNotices, SftpDrop, Worklist
from quality.answer_words import COLUMNS, Fault
from quality.life import ACCEPTABLE, DISPUTABLE
from tests.alert_servers import PASSWORD, MailBox, mail_server
from tests.end_to_end.test_how_to_commands import PAGES, told, typed
from tests.nights import NightSite
from tests.reliability.certificates import Authority
from tests.secret_words import SecretWords
from tests.sftp_servers import HOST, Account, SftpServer, private, public
from tests.small_sample import small_sample

DELIVER, ANSWER = "deliver_worklists.md", "answer_findings.md"
WORDS = SecretWords.of(small_sample())
SFTP = """    worklist:
      sftp:
        host: {host}
        port: {port}
        user: hub
        folder: worklist
        host_keys: [{key}]
        client_key: file:hub.key
"""
MAIL = """
  notices:
    rest_days: 1
    mail_server:
      host: 127.0.0.1
      port: {port}
      sender: data@council.example
      user: viaduct
      user_secret: file:mail.secret
      ca_file: ca.pem
"""


@dataclass
class Told:
    """A site whose hub is reached by SFTP and mail, the other providers by folders and mail."""

    night: NightSite
    server: SftpServer
    box: MailBox

    @property
    def laid(self) -> dict[str, list[Path]]:
        """Return the files in each drop."""
        drops = self.night.site.var / "drops"
        found = {path.name: sorted(path.iterdir()) for path in sorted(drops.glob("*"))}
        return found | {"hub": sorted((self.server.root / "worklist").iterdir())}


@pytest.fixture
def told_of(night: NightSite, tmp_path: Path) -> Iterator[Told]:
    """Yield the site before the second night."""
    authority = Authority(made(tmp_path / "authority"))
    with (
        mail_server(authority.certificate("mail")) as box,
        SftpServer(tmp_path / "server", {"hub": Account()}) as server,
    ):
        (server.root / "worklist").mkdir()
        secret(night, "hub.key", private(server.accounts["hub"].key))
        secret(night, "mail.secret", PASSWORD)
        (night.folder / "ca.pem").write_bytes(authority.file.read_bytes())
        drop = SFTP.format(host=HOST, port=server.port, key=public(server.host_key))
        edited(night, "providers.yaml", "    worklist: {folder: var/drops/hub}\n", drop)
        edited(night, "site.yaml", "\nfindings:", "\nfindings:" + MAIL.format(port=box.port))
        yield Told(night, server, box)


def made(folder: Path) -> Path:
    folder.mkdir()
    return folder


def secret(night: NightSite, name: str, text: str) -> None:
    (night.folder / name).touch(mode=0o600)
    (night.folder / name).write_text(text, encoding="utf-8")


def edited(night: NightSite, name: str, old: str, new: str) -> None:
    path = night.folder / name
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def test_a_night_lays_to_each_provider_its_own_and_writes_to_each_once(
    told_of: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    """Signed in first, moving nothing; a dry run lays nothing; the night lays three files and a mark into
    each drop and writes one mail to each. No name, no number and no address of anybody is in a drop or a
    mail, and in no mail a reference.
    """
    check, *_ = told(DELIVER)
    assert typed(check, told_of.night) == 0
    assert "worklist of hub: reached, and it is this provider's." in capsys.readouterr().err
    typed(["doctor"], told_of.night)
    doctor = capsys.readouterr().out
    for about in ("worklist of hub: It is reached", "findings.notices, mail_server: It is reached"):
        assert f"OK    connectivity, {about}" in doctor
    assert typed(["run", "--dry-run"], told_of.night) in {0, 1}
    assert (told_of.laid, told_of.box.mails) == ({"hub": []}, [])
    assert typed(["run"], told_of.night) in {0, 1}
    assert {name: len(files) for name, files in told_of.laid.items()} == {
        "community_support": 4, "domestic_abuse_support": 4, "hub": 4,
    }  # fmt: skip
    for name, files in told_of.laid.items():
        assert {file.name.partition(".")[0] for file in files} == {f"worklist-{name}", "worklist"}
        assert [WORDS.within(file.read_bytes()) for file in files] == [set()] * 4
    mails = [mail.as_bytes() for mail in told_of.box.mails]
    assert [WORDS.within(mail) for mail in mails] == [set()] * 3
    references = listed(told_of)
    assert len(references) == 20
    assert not [one for one in references for mail in mails if one.encode() in mail]


def listed(of: Told) -> list[str]:
    """Return the references of the hub's list."""
    with (of.server.root / "worklist" / "worklist-hub.csv").open(encoding="utf-8-sig", newline="") as file:
        return [row["record"] for row in csv.DictReader(file)]


def test_a_server_that_is_away_changes_nothing_of_the_night_and_is_told(
    told_of: Told, capsys: pytest.CaptureFixture[str]
) -> None:
    """The run ends as it would, the other two have their lists, and health tells of the third."""
    told_of.server.accounts["hub"].key = Account().key
    assert typed(["run"], told_of.night) in {0, 1}
    assert "E942  A provider's drop refuses the account." in capsys.readouterr().err
    assert {name: len(files) for name, files in told_of.laid.items()} == {
        "community_support": 4, "domestic_abuse_support": 4, "hub": 0,
    }  # fmt: skip
    assert len(told_of.box.mails) == 2
    assert typed(["health"], told_of.night) == 50
    assert "H108  worklist of hub" in capsys.readouterr().out
    assert typed(["status"], told_of.night) == 0
    assert "H108" in capsys.readouterr().err
    assert typed(["check", "--connect"], told_of.night) == 50


def test_the_pages_commands_do_what_they_say(
    night: NightSite, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """The list is written, filled in, tried, read back; a finding is answered and looked at by command."""
    assert typed(["run"], night) in {0, 1}
    _, whole, burden = told(DELIVER)
    back = tmp_path / "back.csv"
    assert typed([*whole[:-1], str(back)], night) == 0
    capsys.readouterr()
    assert typed(burden, night) == 0
    assert "hub" in capsys.readouterr().out
    with back.open(encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    rows[1][-3] = "acknowledge"
    # The list begins with what nobody may accept as refused: safety, and records that are held.
    codes = dict(zip(("acknowledge", "dispute", "accept"), (row[0] for row in rows[-3:]), strict=True))
    with back.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file).writerows(rows)
    tried, taken, *acts = told(ANSWER)
    for words in (tried, taken):
        assert typed([str(back) if word == "back.csv" else word for word in words], night) == 0
        assert "hub: 1 acknowledged" in capsys.readouterr().err
    for words in acts:
        meant = {"CODE": codes.get(words[1], codes["dispute"]), "DAY": a_day_ahead()}
        said = [meant.get(word, word) for word in words]
        assert typed(said, night) == 0, said
    assert "check_is_wrong" in capsys.readouterr().out


def a_day_ahead() -> str:
    return (clock.today() + timedelta(days=30)).isoformat()


def test_the_settings_of_the_page_are_settings() -> None:
    """Whoever copies the blocks and writes their own names has drops and notices; every key is told."""
    page = (PAGES / DELIVER).read_text(encoding="utf-8")
    folder, sftp, weekly, notices = map(yaml.safe_load, re.findall(r"```yaml\n(.*?)```", page, re.DOTALL))
    Worklist.model_validate(folder["providers"]["hub"]["worklist"])
    drop = Worklist.model_validate(sftp["worklist"]).drop
    assert isinstance(drop, SftpDrop)
    said = FindingSettings.model_validate(weekly["findings"] | notices["findings"])
    assert said.weekly == FindingSettings().weekly
    assert said.notices is not None
    keys = set(re.findall(r"(?m)^\| `(\w+)`", page))
    assert keys == {*Worklist.model_fields, *type(said.notices).model_fields}
    assert {f"notices: {{{name}:" in page for name in ProviderNotices.model_fields} == {True}


def test_the_page_of_answers_has_the_words_that_are_read() -> None:
    """Each reason of the closed list, and each thing that is told of a line begins as the page quotes it."""
    page = (PAGES / ANSWER).read_text(encoding="utf-8")
    assert {f"| `{word}` |" in page for word in {*ACCEPTABLE, *DISPUTABLE}} == {True}
    quoted = re.findall(r"(?m)^\| `(finding: [^`]+)`", page)
    assert len(quoted) == 4
    assert all(any(fault.startswith(words) for fault in Fault) for words in quoted)
    assert f"| {' | '.join(COLUMNS)} | means |" in page
