"""The attacks on one batch, as docs/reliability.md lists them."""

from sealing.receipt import Refusal
from tests.batches import RECEIPTS
from tests.reliability import batch_attacks as by
from tests.reliability.batch_attacks import Attack, Scene

RIGHT = ", digest and signature made right"
UNSEEN = "no batch is seen, no receipt given"
NAMED = "named by `load`, no receipt given"
FILE, MANIFEST, SIGNATURE, FOLDER, FLOW = (
    "sealed file",
    "manifest",
    "signature",
    "folder",
    "folder of the flow",
)
JUST_BELOW = 79 << 20


def next_name(scene: Scene) -> str:
    return f"{scene.sender.flow}/00000002-{by.ANOTHER}"


def far_name(scene: Scene) -> str:
    return f"{scene.sender.flow}/00000007-{scene.batch.manifest.run_id}"


def name_of_another_flow(scene: Scene) -> str:
    return scene.batch.manifest.batch_id.replace(scene.sender.flow, scene.sender.flow + "_other")


def unlikely_name(scene: Scene) -> str:
    return f"{scene.sender.flow}/batch of yesterday"


def signed_with_the_receipts_key(scene: Scene) -> None:
    scene.batch.signer = RECEIPTS
    scene.put()


def without_line_break(scene: Scene) -> None:
    path = by.the_signature(scene)
    path.write_bytes(path.read_bytes().removesuffix(b"\n"))


def emptied(_: Scene) -> bytes:
    return b""


def without_manifest(scene: Scene) -> None:
    by.the_manifest(scene).unlink()


def without_the_file(scene: Scene) -> None:
    scene.file.unlink()


def one_more(scene: Scene) -> None:
    (scene.place / "person-0002.parquet.age").write_bytes(scene.sealed)


ATTACKS = [
    Attack(
        "last piece lost", FILE, by.with_content(by.without_last_piece), Refusal.SEALED_DIGEST, large=True
    ),
    Attack(
        "last piece lost" + RIGHT, FILE, by.made_right(by.without_last_piece), Refusal.ENVELOPE, large=True
    ),
    Attack(
        "two pieces exchanged", FILE, by.with_content(by.pieces_exchanged), Refusal.SEALED_DIGEST, large=True
    ),
    Attack(
        "two pieces exchanged" + RIGHT, FILE, by.made_right(by.pieces_exchanged), Refusal.ENVELOPE, large=True
    ),
    Attack("one piece twice", FILE, by.with_content(by.piece_repeated), Refusal.SEALED_DIGEST, large=True),
    Attack("one piece twice" + RIGHT, FILE, by.made_right(by.piece_repeated), Refusal.ENVELOPE, large=True),
    Attack("a byte more", FILE, by.with_content(lambda it: it.sealed + b"x"), Refusal.SEALED_DIGEST),
    Attack("a byte more" + RIGHT, FILE, by.made_right(lambda it: it.sealed + b"x"), Refusal.ENVELOPE),
    Attack("emptied", FILE, by.with_content(emptied), Refusal.SEALED_DIGEST),
    Attack("emptied" + RIGHT, FILE, by.made_right(emptied), Refusal.ENVELOPE),
    Attack("removed", FILE, by.put_then(without_the_file), Refusal.FILE_MISSING),
    Attack("removed", MANIFEST, by.put_then(without_manifest), None, UNSEEN),
    Attack("one more", FILE, by.put_then(one_more), Refusal.FILE_EXTRA),
    Attack("file of an earlier batch", FILE, by.with_content(by.file_of_the_first), Refusal.SEALED_DIGEST),
    Attack(
        "file of an earlier batch" + RIGHT, FILE, by.made_right(by.file_of_the_first), Refusal.PLAIN_DIGEST
    ),
    Attack(
        "line break lost",
        SIGNATURE,
        by.put_then(without_line_break),
        None,
        "loaded: nothing that is signed has changed",
        loads=True,
    ),
    Attack("older one in its place", MANIFEST, by.older_manifest, Refusal.BATCH_RENAMED),
    Attack(
        "older batch in place of the loaded one",
        FOLDER,
        by.older_in_place_of_the_loaded,
        Refusal.SEQUENCE_USED,
    ),
    Attack(
        "another batch of a number that is used",
        FOLDER,
        by.another_of_the_first_number,
        Refusal.SEQUENCE_USED,
    ),
    Attack(
        "loaded batch again, under the next number",
        FOLDER,
        by.named(next_name, first=True),
        Refusal.BATCH_RENAMED,
    ),
    Attack("later batch before its turn", FOLDER, by.later_first, Refusal.SEQUENCE_GAP),
    Attack("follows a history that nobody saw", MANIFEST, by.other_history, Refusal.CHAIN_BROKEN),
    Attack("renamed: run", FOLDER, by.named(next_name), Refusal.BATCH_RENAMED),
    Attack("renamed: number", FOLDER, by.named(far_name), Refusal.BATCH_RENAMED),
    Attack("renamed: flow", FOLDER, by.named(name_of_another_flow), Refusal.BATCH_RENAMED),
    Attack("renamed: as no batch is called", FOLDER, by.named(unlikely_name), None, UNSEEN),
    Attack("signed by another site", SIGNATURE, by.foreign_signature, Refusal.MANIFEST_SIGNATURE),
    Attack(
        "signed with the key for receipts",
        SIGNATURE,
        signed_with_the_receipts_key,
        Refusal.MANIFEST_SIGNATURE,
    ),
    Attack(
        "sealed to another site's key", FILE, by.with_content(by.sealed_to_a_stranger), Refusal.SEALED_DIGEST
    ),
    Attack(
        "sealed to another site's key" + RIGHT, FILE, by.made_right(by.sealed_to_a_stranger), Refusal.ENVELOPE
    ),
    Attack("names another site as recipient", MANIFEST, by.another_recipient, Refusal.OTHER_RECIPIENT),
    Attack("a recipient more", FILE, by.with_content(by.stanza_added), Refusal.SEALED_DIGEST),
    Attack("a recipient more" + RIGHT, FILE, by.made_right(by.stanza_added), Refusal.ENVELOPE),
    Attack(
        "sealed by its sender to a stranger as well",
        FILE,
        by.made_right(by.sealed_to_two),
        Refusal.OTHER_RECIPIENT,
    ),
    Attack("link", FILE, by.linked(by.the_file), Refusal.FILE_MISSING),
    Attack("link", SIGNATURE, by.linked(by.the_signature), Refusal.MANIFEST_SIGNATURE),
    Attack("link", MANIFEST, by.linked(by.the_manifest), None, NAMED),
    Attack("link", FOLDER, by.linked(by.the_folder), None, NAMED),
    Attack("link", FLOW, by.linked(by.the_flow), None, UNSEEN),
    Attack("pipe that nobody fills", FILE, by.put_then(by.pipe), Refusal.FILE_MISSING),
    Attack("64 GiB that take no space", FILE, by.sparse(by.the_file), Refusal.FILE_MISSING),
    Attack("64 GiB that take no space", SIGNATURE, by.sparse(by.the_signature), Refusal.MANIFEST_SIGNATURE),
    Attack(
        "64 GiB that take no space",
        MANIFEST,
        by.sparse(by.the_manifest),
        None,
        NAMED,
    ),
    Attack("79 MiB that take no space", FILE, by.sparse(by.the_file, JUST_BELOW), Refusal.SEALED_DIGEST),
]
