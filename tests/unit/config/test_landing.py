"""A landing zone is a folder, or an SFTP server whose key is written down before it is spoken to."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from config.documents import DocumentRefused
from config.landing import SftpLanding
from config.secrets import SecretReference
from config.site import load_site

PAGE = Path("docs/how_to/sftp_landing.md")
HOST_KEY = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIF9zZXJ2ZXJfa2V5X29mX3RoZV9leGFtcGxlX19fXzFf"
SFTP = f"""landing:
  connector: sftp
  host: landing.council.example
  user: viaduct-sync
  folder: landing
  host_keys:
    - {HOST_KEY}
  client_key: file:secrets/landing_key
"""


def written(folder: Path, landing: str) -> Path:
    """Return the site folder with this landing zone; it begins on line 11 of site.yaml."""
    path = folder / "site.yaml"
    text = path.read_text(encoding="utf-8")
    assert "landing: var/landing\n" in text
    path.write_text(text.replace("landing: var/landing\n", landing), encoding="utf-8")
    return folder


def test_a_path_is_a_folder_of_the_site(folder: Path) -> None:
    """What stood there before there were servers means what it meant."""
    assert load_site(folder).landing == folder / "var" / "landing"


def test_the_page_says_what_a_site_may_say(folder: Path) -> None:
    """The example of the page loads, its key is one, and the page's usual values are those of the code."""
    page = PAGE.read_text(encoding="utf-8")
    example = re.findall(r"```yaml\n(.*?)```", page, re.DOTALL)[0]
    assert example == SFTP
    landing = load_site(written(folder, example)).landing
    assert isinstance(landing, SftpLanding)
    assert landing.client_key == SecretReference("file", "secrets/landing_key", folder)
    assert landing.as_posix() == "sftp://landing.council.example:22/landing"
    assert "20 to reach the server and sign in; 60 for its longest silence" in page
    assert (landing.connect_seconds, landing.timeout_seconds, landing.retry_budget) == (20, 60, 8)
    told = re.search(r"`answer_seconds` \((\d+).*?`attempts` \((\d+)\).*?\((\d+)\).*?\((\d+)\)", page)
    assert told is not None
    assert tuple(map(float, told.groups())) == tuple(map(float, landing.limits.model_dump().values()))
    assert set(re.findall(r"(?m)^\| `(\w+)`", page)) | {"port", "timeout_seconds", "connector"} == {
        *SftpLanding.model_fields
    }


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  user: ", "  hots: x\n  user: ", "line 14: landing.hots: no such key. Did you mean host?"),
        ("  host: landing.council.example\n", "", "line 11: landing.host: this key is missing."),
        ("  connector: sftp\n", "", "line 11: landing.connector: this key is missing."),
        (
            "  connector: sftp",
            "  connector: sftpp",
            "landing.connector: write one of sftp",
        ),
        ("folder: landing", "folder: ../landing", "line 15: landing.folder: write a folder of the server"),
        ("user: viaduct-sync", "user: viaduct-sync\n  port: 70000", "line 15: landing.port: "),
        ("  client_key: file:secrets/landing_key\n", "", "write client_key or password, one of the two"),
        (
            "  client_key",
            "  password: env:WORD\n  client_key",
            "write client_key or password, one of the two",
        ),
        ("file:secrets/landing_key", "hunter2", "a secret itself never stands here"),
        (f"  host_keys:\n    - {HOST_KEY}\n", "", "without the server's key nothing is sent"),
        (
            f"  host_keys:\n    - {HOST_KEY}\n",
            "  host_key_file: keys/no.pub\n",
            "there is no file keys/no.pub",
        ),
        (
            f"- {HOST_KEY}",
            f"- landing.council.example {HOST_KEY}",
            "line 17: landing.host_keys.0: write ",
        ),
        (f"- {HOST_KEY}", "- ssh-dss AAAAB3NzaC1kc3MAAACBAAAA", "line 17: landing.host_keys.0: write "),
    ],
)
def test_what_is_wrong_with_a_server_is_said_with_its_line(
    folder: Path, old: str, new: str, said: str
) -> None:
    """A slip is named where it stands; no host, account or secret is repeated."""
    assert old in SFTP
    with pytest.raises(DocumentRefused) as refused:
        load_site(written(folder, SFTP.replace(old, new, 1)))
    found = [str(problem) for problem in refused.value.problems]
    assert len(found) == 1, found
    assert said in found[0]
    assert "hunter2" not in found[0]


def test_other_faults_are_said_beside_a_server_with_an_unknown_key(folder: Path) -> None:
    """A key that is not known hides nothing else: the rest of the server's form is looked at too."""
    wrong = SFTP.replace("  host: ", "  hots: x\n  host: ").replace(
        f"  host_keys:\n    - {HOST_KEY}\n", "  host_key_file: keys/none.pub\n"
    )
    with pytest.raises(DocumentRefused) as refused:
        load_site(written(folder, wrong))
    assert len(refused.value.problems) == 2


@pytest.mark.parametrize("landing", ["landing: 5\n", "landing: []\n", "landing: ''\n"])
def test_what_is_neither_a_path_nor_a_server_is_refused(folder: Path, landing: str) -> None:
    """One problem, at the key."""
    with pytest.raises(DocumentRefused) as refused:
        load_site(written(folder, landing))
    (found,) = refused.value.problems
    assert found.line == 11
    assert found.text.startswith("landing: ")


def test_yaml_reads_the_example_of_the_page_as_we_do() -> None:
    """The page's example is plain YAML."""
    example: dict[str, Any] = yaml.safe_load(SFTP)
    assert example["landing"]["host_keys"] == [HOST_KEY]
