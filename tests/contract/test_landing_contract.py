"""What every landing zone promises, asked of each of them."""

from pathlib import Path

import pytest

from connectors.landing import MANIFEST_NAME, SIGNATURE_NAME, Landing
from connectors.landing_errors import BatchDiffers, BatchNotWhole

ONE = "early_help/00000001-20221201T060000Z-a1b2c3"
TWO = "early_help/00000002-20221202T060000Z-a1b2c3"


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    outbox = tmp_path / "outbox"
    outbox.mkdir()
    content = {"person-0001.parquet.age": b"sealed one", "referral-0001.parquet.age": b"sealed two" * 1000}
    for name, sealed in content.items():
        (outbox / name).write_bytes(sealed)
    return {name: outbox / name for name in content}


def test_a_published_batch_can_be_listed_and_read(landing: Landing, files: dict[str, Path]) -> None:
    """Files, manifest and signature come back byte for byte."""
    landing.publish(ONE, files, b"manifest", b"signature")
    assert landing.flows() == ["early_help"]
    assert landing.batches("early_help") == [ONE]
    assert landing.names(ONE) == sorted(files)
    for name, path in files.items():
        assert landing.read(ONE, name) == path.read_bytes()
    assert (landing.read(ONE, MANIFEST_NAME), landing.read(ONE, SIGNATURE_NAME)) == (
        b"manifest",
        b"signature",
    )


def test_batches_are_listed_by_sequence(landing: Landing, files: dict[str, Path]) -> None:
    """The order of publication does not matter, the number does; another flow is another list."""
    landing.publish(TWO, files, b"manifest 2", b"signature 2")
    landing.publish(ONE, files, b"manifest 1", b"signature 1")
    landing.publish(ONE.replace("early_help", "commissioning"), {}, b"manifest", b"signature")
    assert landing.batches("early_help") == [ONE, TWO]
    assert landing.batches("unheard_of") == []


def test_the_same_bytes_again_change_nothing(landing: Landing, files: dict[str, Path]) -> None:
    """A run that was killed after publishing publishes again, and all is as before."""
    for _ in range(2):
        landing.publish(ONE, files, b"manifest", b"signature")
    assert landing.batches("early_help") == [ONE]
    assert landing.names(ONE) == sorted(files)


@pytest.mark.parametrize("name", [ONE, ONE.replace("a1b2c3", "ffffff")])
def test_another_batch_of_the_same_name_or_number_is_refused(
    landing: Landing, files: dict[str, Path], name: str
) -> None:
    """What is there stays as it is; the newcomer is refused before a byte of it lands."""
    landing.publish(ONE, files, b"manifest", b"signature")
    with pytest.raises(BatchDiffers) as refused:
        landing.publish(name, {}, b"another manifest", b"another signature")
    assert refused.value.exit_code == 50
    assert landing.read(ONE, MANIFEST_NAME) == b"manifest"
    assert landing.batches("early_help") == [ONE]


def test_what_is_not_there_is_said_to_be_missing(landing: Landing, files: dict[str, Path]) -> None:
    """Reading a file that is not in a batch is an error of ours."""
    landing.publish(ONE, files, b"manifest", b"signature")
    for batch, name in ((ONE, "need-0001.parquet.age"), (TWO, MANIFEST_NAME)):
        with pytest.raises(BatchNotWhole):
            landing.read(batch, name)


@pytest.mark.parametrize("name", ["../secret", "a/b", "", ".hidden"])
def test_a_name_never_leads_out_of_its_batch(landing: Landing, files: dict[str, Path], name: str) -> None:
    """A name made to lead elsewhere is refused, whoever wrote it."""
    landing.publish(ONE, files, b"manifest", b"signature")
    with pytest.raises(BatchNotWhole):
        landing.read(ONE, name)
    with pytest.raises(BatchNotWhole):
        landing.publish(f"early_help/{name}", files, b"manifest", b"signature")
    with pytest.raises(BatchNotWhole):
        landing.publish(TWO, {name: next(iter(files.values()))}, b"manifest", b"signature")
    with pytest.raises(BatchNotWhole):
        landing.batches(name)


def test_receipts_come_back_by_number(landing: Landing) -> None:
    """An answer can be left once, again in the same words, and never in others."""
    assert landing.receipt("early_help", 1) is None
    landing.put_receipt("early_help", 2, b"loaded 2")
    landing.put_receipt("early_help", 1, b"loaded 1")
    landing.put_receipt("early_help", 1, b"loaded 1")
    with pytest.raises(BatchDiffers):
        landing.put_receipt("early_help", 1, b"refused")
    assert landing.receipt("early_help", 1) == b"loaded 1"
    assert landing.receipts("early_help") == {1: b"loaded 1", 2: b"loaded 2"}
    assert landing.receipts("commissioning") == {}
    assert landing.flows() == []


def test_bodies_can_go_while_manifest_and_signature_stay(landing: Landing, files: dict[str, Path]) -> None:
    """After its receipt a batch need not be opened again; that it was there stays known."""
    landing.publish(ONE, files, b"manifest", b"signature")
    landing.drop_bodies(ONE)
    landing.drop_bodies(ONE)
    assert landing.names(ONE) == []
    assert landing.batches("early_help") == [ONE]
    assert landing.read(ONE, "manifest.json") == b"manifest"


def test_a_manifest_is_laid_down_alone_beside_what_lies_there(
    landing: Landing, files: dict[str, Path]
) -> None:
    """Of a batch that was lost: it is listed with no file, again changes nothing, and takes nothing away."""
    landing.publish(ONE, files, b"manifest 1", b"signature 1")
    for _ in range(2):
        landing.lay_manifest(TWO, b"manifest 2", b"signature 2")
        landing.lay_manifest(ONE, b"manifest 1", b"signature 1")
    assert landing.batches("early_help") == [ONE, TWO]
    assert (landing.names(ONE), landing.names(TWO)) == (sorted(files), [])
    assert landing.read(TWO, MANIFEST_NAME) == b"manifest 2"
    with pytest.raises(BatchDiffers):
        landing.lay_manifest(TWO.replace("a1b2c3", "ffffff"), b"another", b"another")
