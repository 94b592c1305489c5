"""A source on an SFTP server is declared as a landing zone there is, and as files in a folder are."""

import re
from pathlib import Path

import pytest

from config.documents import DocumentRefused
from config.limits import Ceilings
from config.secrets import SecretReference
from config.settings import FolderSource, SftpSource
from config.site import load_site

PAGE = Path("docs/how_to/sftp_source.md")


def example() -> str:
    """Return the source file that the page shows."""
    (found,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def written(folder: Path, text: str) -> Path:
    (folder / "sources" / "hub_reports.yaml").write_text(text, encoding="utf-8")
    return folder


def test_the_page_says_what_a_source_may_say(folder: Path) -> None:
    """The example of the page loads, and the page's usual values are those of the code."""
    page = PAGE.read_text(encoding="utf-8")
    found = load_site(written(folder, example())).sources["hub_reports"]
    assert isinstance(found, SftpSource)
    assert found.client_key == SecretReference("file", "secrets/hub_reports_key", folder)
    assert found.pulled == ("files", {"signposts": "signposts-*.csv"})
    assert "20 to reach the server and sign in; 60 for its longest silence" in page
    assert (found.connect_seconds, found.timeout_seconds, found.retry_budget) == (20, 60, 8)
    assert (found.settle_seconds, f"| {found.settle_seconds:g}: how long" in page) == (10, True)
    limits = {
        name: said for name, said in found.limits.model_dump().items() if name not in Ceilings.model_fields
    }
    told = re.findall(r"`(\w+)` \((\d+)", page)
    assert {name: float(number) for name, number in told} == limits
    rows = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"(?m)^\| (`[^|]*) \|", page))))
    told_elsewhere = set(FolderSource.model_fields) - {"folder", "limits"}
    assert rows >= set(SftpSource.model_fields) - told_elsewhere
    assert rows <= set(SftpSource.model_fields)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("user: council-reader", "usr: council-reader", "line 4: usr: no such key. Did you mean user?"),
        ("folder: reports", "folder: ../reports", "line 5: folder: write a folder of the server"),
        ("client_key: file:", "client_key: hunter2:", "a secret itself never stands here"),
        ("client_key: file:secrets/hub_reports_key\n", "", "write client_key or password, one of the two"),
        ("host_keys:\n  - ssh-ed25519", "host_keys:\n  - ssh-dss", "host_keys.0: write a key as ssh-ed25519"),
        ('files:\n  signposts: "signposts-*.csv"\n', "", "files: this key is missing."),
        ("  signposts: \"", "  people: \"", "files.people: it is pulled, but no mapping reads it."),
    ],
)  # fmt: skip
def test_what_is_wrong_with_it_is_said_with_its_line(folder: Path, old: str, new: str, said: str) -> None:
    """A slip is named where it stands; no host, account or secret is repeated."""
    assert old in example()
    with pytest.raises(DocumentRefused) as refused:
        load_site(written(folder, example().replace(old, new, 1)))
    found = [str(problem) for problem in refused.value.problems]
    assert any(said in problem for problem in found), found
    assert "hunter2" not in "".join(found)


def test_a_key_file_that_is_not_there_is_said(folder: Path) -> None:
    """As of a landing zone: the file of the server's key belongs to the site."""
    keys = re.sub(r"host_keys:\n.*\n", "host_key_file: keys/crm.pub\n", example())
    with pytest.raises(DocumentRefused) as refused:
        load_site(written(folder, keys))
    assert "host_key_file: there is no file keys/crm.pub" in str(refused.value)
    (folder / "keys" / "crm.pub").write_text("ssh-ed25519 AAAA", encoding="ascii")
    source = load_site(folder).sources["hub_reports"]
    assert isinstance(source, SftpSource)
    assert source.host_key_file == (folder / "keys" / "crm.pub").as_posix()
