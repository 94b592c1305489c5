"""The landing zone in Azure Blob: what each side may do there, and who lets it in."""

import sys
from contextlib import closing
from pathlib import Path

import pytest

from common.errors import Answer
from config.azure import BlobLanding
from config.extras import AzureMissing
from connectors.blob_settings import BlobSettings
from connectors.landing import MANIFEST_NAME
from connectors.landing_errors import (
    LandingNotTrusted,
    LandingRefusesUs,
)
from connectors.registry import landing_if_there, open_landing
from tests.azure_blob import (
    MANIFEST,
    ONE,
    SIGNATURE,
    BadLine,
    BlobAccount,
    azurite,
    landing_at,
    refused,
    whole,
)
from tests.reliability.certificates import Authority
from tests.sftp_servers import quick
from tests.token_server import token_server


def test_the_sync_side_can_add_batches_and_do_nothing_else_with_them(
    blob_account: BlobAccount, files: dict[str, Path]
) -> None:
    """Its key neither lists, reads, changes nor removes a batch; it reads the answers, and writes none."""
    with landing_at(blob_account.settings(sync=True)) as landing:
        landing.publish(ONE, files, MANIFEST, SIGNATURE)
        assert not landing.may_look
        for forbidden in (
            landing.flows,
            lambda: landing.names(ONE),
            lambda: landing.read(ONE, MANIFEST_NAME),
            lambda: landing._files.remove(f"{ONE}/{MANIFEST_NAME}"),
            lambda: landing.put_receipt("early_help", 1, b"loaded"),
        ):
            with pytest.raises(LandingRefusesUs):
                forbidden()
        assert landing.receipt("early_help", 1) is None
    assert blob_account.blobs(blob_account.batches) == whole(files)
    assert blob_account.blobs(blob_account.answers) == {}


def test_the_council_side_reads_and_answers_and_adds_no_batch(
    blob_account: BlobAccount, files: dict[str, Path]
) -> None:
    """What it answers, the sync side reads."""
    with landing_at(blob_account.settings(sync=True)) as sync:
        sync.publish(ONE, files, MANIFEST, SIGNATURE)
        with landing_at(blob_account.settings(sync=False)) as council:
            assert council.batches("early_help") == [ONE]
            assert council.read(ONE, MANIFEST_NAME) == MANIFEST
            council.put_receipt("early_help", 1, b"loaded")
            council.put_certificate("early_help", 1, b"removed", b"marks")
            with pytest.raises(LandingRefusesUs):
                council.publish(ONE.replace("00000001", "00000002"), files, MANIFEST, SIGNATURE)
            council.drop_bodies(ONE)
            assert council.names(ONE) == []
        assert (sync.receipt("early_help", 1), sync.receipts("early_help")) == (b"loaded", {1: b"loaded"})
        assert (sync.certificate("early_help", 1), sync.marks("early_help", 1)) == (b"removed", b"marks")


def test_nothing_is_asked_of_the_batches_but_to_be_put_there_in_order(
    blob_account: BlobAccount, files: dict[str, Path], line: BadLine
) -> None:
    """Sealed files, then the signature, then the manifest; again, and no name is given twice."""
    with landing_at(blob_account.settings(sync=True, port=line.port)) as landing:
        for _ in range(2):
            landing.publish(ONE, files, MANIFEST, SIGNATURE)
    names = [*files, "manifest.json.sig", "manifest.json"]
    assert line.seen == [f"PUT {blob_account.batches}/{ONE}/{name}" for name in names] * 2
    assert blob_account.blobs(blob_account.batches) == whole(files)


def test_a_managed_identity_lets_both_sides_in_over_a_line_that_is_proven(
    tmp_path: Path, files: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No key of any kind stands on the machine: the platform vouches for it; the certificate is checked."""
    authority = Authority(tmp_path)
    pair = authority.certificate("azurite", host="127.0.0.1").as_posix()
    with (
        azurite(tmp_path / "azurite", "--oauth", "basic", "--cert", pair, "--key", pair) as port,
        token_server() as tokens,
    ):
        monkeypatch.setenv("IDENTITY_ENDPOINT", tokens.address)
        monkeypatch.setenv("IDENTITY_HEADER", tokens.header)
        settings = BlobSettings(
            "landing", f"https://127.0.0.1:{port}/devstoreaccount1", "batches", "answers",
            identity="system", reads_batches=True, ca_file=authority.file, limits=quick(),
        )  # fmt: skip
        with landing_at(settings) as landing:
            for name in ("batches", "answers"):
                landing._files._line.ask(name, lambda container: container.create_container())  # type: ignore[attr-defined]
            landing.publish(ONE, files, MANIFEST, SIGNATURE)
            landing.put_receipt("early_help", 1, b"loaded")
            assert landing.batches("early_help") == [ONE]
        assert tokens.resources == {"https://storage.azure.com"}
        untrusted = BlobSettings(**{**vars(settings), "ca_file": Authority(tmp_path, "other").file})
        asked = len(tokens.asked)
        error = refused(untrusted, files, LandingNotTrusted)
        assert (error.code, error.exit_code, error.answer) == ("E506", 50, Answer.STOP)
        monkeypatch.setenv("IDENTITY_HEADER", "another")
        assert refused(settings, files, LandingRefusesUs).code == "E504"
        assert len(tokens.asked) >= asked


def test_what_is_not_installed_is_said_with_the_command_that_installs_it(
    blob_account: BlobAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Four lines, exit 10; a site with another landing zone needs none of it."""
    monkeypatch.setenv("KEY", "sig=x")
    said = {"connector": "azure_blob", "account": blob_account.address()}
    place = BlobLanding.model_validate(said | {"batches_sas": "env:KEY", "answers_sas": "env:KEY"})
    ours = ("connectors.landing_blob", "connectors.blob_")
    for name in [name for name in sys.modules if name.startswith(ours)]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "azure.storage.blob", None)
    with pytest.raises(AzureMissing) as met:
        open_landing(place)
    assert len(str(met.value).splitlines()) == 4
    assert "sh tools/setup.sh .venv requirements-azure.txt" in str(met.value)
    assert met.value.exit_code == 10


def test_a_side_that_may_not_look_gives_nothing_to_look_at(
    blob_account: BlobAccount, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Verbs that compare the log with the landing zone leave it out; they do not take it for empty."""
    monkeypatch.setenv("BATCHES", blob_account.sas(blob_account.batches, "c"))
    monkeypatch.setenv("ANSWERS", blob_account.sas(blob_account.answers, "rl"))
    said = {"connector": "azure_blob", "account": blob_account.address(), "batches": blob_account.batches}
    keys = {"answers": blob_account.answers, "batches_sas": "env:BATCHES", "answers_sas": "env:ANSWERS"}
    with landing_if_there(BlobLanding.model_validate(said | keys)) as landing:
        assert landing is None
    with closing(open_landing(BlobLanding.model_validate(said | keys))) as zone:
        zone.greet()
