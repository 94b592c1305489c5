"""A landing zone in Azure Blob: two containers, a key for each or an identity for both."""

import re
from pathlib import Path

import pytest

from config.azure import BlobLanding
from config.documents import DocumentRefused
from config.limits import TransferLimits
from config.secrets import SecretReference
from config.site import load_site
from tests.unit.config.test_landing import written

PAGE = Path("docs/how_to/azure_landing.md")


def example() -> str:
    """Return the landing zone that the page shows."""
    (found,) = re.findall(r"```yaml\n(.*?)```", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    return str(found)


def test_the_page_says_what_a_site_may_say(folder: Path) -> None:
    """The example of the page loads, and the page's usual values are those of the code."""
    page = PAGE.read_text(encoding="utf-8")
    landing = load_site(written(folder, example())).landing
    assert isinstance(landing, BlobLanding)
    assert landing.batches_sas == SecretReference("file", "secrets/batches_sas", folder)
    assert landing.as_posix() == "https://viaductlanding.blob.core.windows.net/batches"
    assert (landing.reads_batches, landing.identity) == (False, None)
    assert "20 to reach the service; 60 for its longest silence" in page
    assert (landing.connect_seconds, landing.timeout_seconds, landing.retry_budget) == (20, 60, 8)
    told = dict(re.findall(r"`(\w+)` \((\d+)", page))
    limits = TransferLimits().model_dump()
    assert {name: float(told[name]) for name in limits} == limits
    rows = set(re.findall(r"`(\w+)`", "\n".join(re.findall(r"(?m)^\| (`[^|]*) \|", page))))
    assert rows == set(BlobLanding.model_fields) - {"connector"}


KEYS = "  batches_sas: file:secrets/batches_sas\n  answers_sas: file:secrets/answers_sas\n"


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        (KEYS, "", "write batches_sas and answers_sas, or identity"),
        (KEYS.partition("\n")[0], "", "write batches_sas and answers_sas, or identity"),
        (
            "  answers: answers",
            "  answers: answers\n  identity: system",
            "write batches_sas and answers_sas, or",
        ),
        ("  answers: answers", "  answers: batches", "batches and answers are two containers"),
        ("https://", "http://", "line 13: landing.account: "),
        ("core.windows.net", "core.windows.net?sig=hunter2", "line 13: landing.account: "),
        ("file:secrets/batches_sas", "sv=2024&sig=hunter2", "a secret itself never stands here"),
        ("azure_blob", "azure_blobs", "landing.connector: write one of azure_blob"),
        ("azure_blob", "s3", "landing.connector: write one of azure_blob, sftp"),
        ("  answers: answers", "  answers: answers\n  ca_file: keys/no.pem", "there is no file keys/no.pem"),
        ("  answers: answers", "  answer: answers", "no such key. Did you mean answers?"),
    ],
)
def test_what_is_wrong_with_it_is_said_with_its_line(folder: Path, old: str, new: str, said: str) -> None:
    """A slip is named where it stands; no key is repeated."""
    assert old in example()
    with pytest.raises(DocumentRefused) as refused:
        load_site(written(folder, example().replace(old, new, 1)))
    found = [str(problem) for problem in refused.value.problems]
    assert any(said in problem for problem in found), found
    assert "hunter2" not in "".join(found)


@pytest.mark.parametrize("identity", ["system", "01234567-89ab-cdef-0123-456789abcdef"])
def test_an_identity_stands_in_place_of_both_keys(folder: Path, identity: str) -> None:
    """The machine's own, or one named by its client id; the emulator alone is reached unencrypted."""
    said = example().replace(KEYS, f"  identity: {identity}\n")
    local = said.replace(
        "https://viaductlanding.blob.core.windows.net", "http://127.0.0.1:10000/devstoreaccount1"
    )
    landing = load_site(written(folder, local)).landing
    assert isinstance(landing, BlobLanding)
    assert (landing.identity, landing.batches_sas) == (identity, None)
