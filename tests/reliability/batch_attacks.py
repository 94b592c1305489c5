"""What somebody who can write into the landing zone may do to one batch, and by which reason it is refused.

Some attacks are the work of one who holds the sender's signing key too: digests and signature are then made
right for what was changed, so that the next net has to hold.
"""

import hashlib
import os
import shutil
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyrage

from sealing.envelope import Identity, new_identity, seal
from sealing.receipt import Refusal
from sealing.signing import Signer
from tests.batches import Change, Sealed, Sender, row

ENTITY = "person-0001.parquet.age"
ANOTHER = "20230101T020000Z-abcdef"
SPARSE = 1 << 36
STRANGER = "Mallory"
PIECE = 16 + (1 << 16)
"""Bytes of a full piece of an age stream, its mark included."""


def people(*numbers: int, name: str = "Ann") -> Change:
    """Return a file of invented people."""
    return Change("person", [row("person", number, given_name=name) for number in numbers])


@dataclass
class Scene:
    """A flow whose first batch was loaded, the next one as it was sealed, and where it lies."""

    landing: Path
    sender: Sender
    batch: Sealed

    @property
    def place(self) -> Path:
        """The folder of the batch."""
        return self.landing / self.batch.manifest.batch_id

    @property
    def file(self) -> Path:
        """The sealed file of the batch."""
        return self.place / ENTITY

    @property
    def sealed(self) -> bytes:
        """What was sealed."""
        return self.batch.files[ENTITY]

    def put(self) -> None:
        """Put the batch there as it was sealed."""
        self.batch.put(self.landing)

    def made_right(self, content: bytes) -> None:
        """Put the batch there with this sealed file, its digest and the signature made right for it."""
        stated = {"sealed_bytes": len(content), "sealed_sha256": hashlib.sha256(content).hexdigest()}
        self.batch = Sealed(self.batch.manifest, {ENTITY: content}).with_file(0, **stated)
        self.put()


@dataclass(frozen=True)
class Attack:
    """One attack: in plain words, at which place, what it does; the reason, or None where nothing is refused.

    loads:  the batch is loaded as if nothing had happened; else, without a reason, no batch is seen.
    large:  the batch is of several pieces of an age stream.
    """

    fault: str
    place: str
    does: Callable[[Scene], None]
    reason: Refusal | None
    note: str = ""
    loads: bool = False
    large: bool = False


def put_then(change: Callable[[Scene], None]) -> Callable[[Scene], None]:
    """Return what puts the batch there and then does this to it."""

    def attack(scene: Scene) -> None:
        scene.put()
        change(scene)

    return attack


def with_content(of: Callable[[Scene], bytes]) -> Callable[[Scene], None]:
    """Return what puts other bytes in place of the sealed file."""

    def attack(scene: Scene) -> None:
        content = of(scene)
        scene.put()
        scene.file.write_bytes(content)

    return attack


def made_right(of: Callable[[Scene], bytes]) -> Callable[[Scene], None]:
    """Return what puts other bytes there under the sender's own signature."""
    return lambda scene: scene.made_right(of(scene))


def start_of_pieces(sealed: bytes) -> int:
    """Return where the pieces of an age stream begin: after its header and 16 bytes."""
    return sealed.index(b"\n", sealed.index(b"\n---") + 1) + 1 + 16


def without_last_piece(scene: Scene) -> bytes:
    start = start_of_pieces(scene.sealed)
    return scene.sealed[: start + (len(scene.sealed) - start) // PIECE * PIECE]


def pieces_exchanged(scene: Scene) -> bytes:
    sealed, start = scene.sealed, start_of_pieces(scene.sealed)
    one, two = (sealed[start + at * PIECE : start + (at + 1) * PIECE] for at in (0, 1))
    return sealed[:start] + two + one + sealed[start + 2 * PIECE :]


def piece_repeated(scene: Scene) -> bytes:
    start = start_of_pieces(scene.sealed)
    return scene.sealed[: start + PIECE] + scene.sealed[start:]


def stanza_added(scene: Scene) -> bytes:
    stranger = seal(b"x", Identity(new_identity()).recipient)
    stanza = b"\n".join(stranger.split(b"\n")[1:3]) + b"\n"
    version, _, rest = scene.sealed.partition(b"\n")
    return version + b"\n" + stanza + rest


def sealed_to_two(scene: Scene) -> bytes:
    to = [scene.sender.recipient, Identity(new_identity()).recipient]
    plain = people(3, name=STRANGER).plain()
    scene.batch = scene.sender.build(Change("person", [row("person", 3)], content=plain))
    return bytes(pyrage.encrypt(plain, [pyrage.x25519.Recipient.from_str(key) for key in to]))


def sealed_to_a_stranger(_: Scene) -> bytes:
    return seal(people(3, name=STRANGER).plain(), Identity(new_identity()).recipient)


def foreign_signature(scene: Scene) -> None:
    scene.batch.signer = Signer(b"\x66" * 32)
    scene.put()


def another_recipient(scene: Scene) -> None:
    scene.batch = scene.batch.changed(recipient=Identity(new_identity()).recipient)
    scene.put()


def named(folder: Callable[[Scene], str], first: bool = False) -> Callable[[Scene], None]:
    """Return what puts the batch, or the loaded one before it, into a folder of another name."""

    def attack(scene: Scene) -> None:
        batch = scene.sender.history[0] if first else scene.batch
        batch.put(scene.landing, folder(scene))

    return attack


def another_of_the_first_number(scene: Scene) -> None:
    first = Sender(scene.landing, scene.sender.recipient, scene.sender.flow)
    first.build(people(9, name=STRANGER), run_id=ANOTHER).put(scene.landing)


def older_in_place_of_the_loaded(scene: Scene) -> None:
    shutil.rmtree(scene.landing / scene.sender.history[0].manifest.batch_id)
    first = Sender(scene.landing, scene.sender.recipient, scene.sender.flow)
    first.build(people(9, name=STRANGER)).put(scene.landing)


def older_manifest(scene: Scene) -> None:
    scene.put()
    first = scene.landing / scene.sender.history[0].manifest.batch_id
    for name in ("manifest.json", "manifest.json.sig"):
        shutil.copyfile(first / name, scene.place / name)


def later_first(scene: Scene) -> None:
    waiting = scene.sender.settle(scene.batch)
    scene.batch = scene.sender.build(people(4, name=STRANGER))
    scene.put()
    scene.sender.sequence, scene.sender.previous = 1, waiting.manifest.previous_manifest_sha256


def other_history(scene: Scene) -> None:
    scene.batch = scene.batch.changed(previous_manifest_sha256="0" * 64)
    scene.put()


def file_of_the_first(scene: Scene) -> bytes:
    return scene.sender.history[0].files[ENTITY]


def linked(path_of: Callable[[Scene], Path]) -> Callable[[Scene], None]:
    """Return what puts a link to the same thing elsewhere in its place."""

    def attack(scene: Scene) -> None:
        path = path_of(scene)
        elsewhere = scene.landing.parent / f"elsewhere-{scene.sender.flow}"
        path.rename(elsewhere)
        path.symlink_to(elsewhere, target_is_directory=elsewhere.is_dir())

    return put_then(attack)


def sparse(path_of: Callable[[Scene], Path], size: int = SPARSE) -> Callable[[Scene], None]:
    """Return what puts a file of so many bytes there, which takes no space."""

    def attack(scene: Scene) -> None:
        with path_of(scene).open("wb") as stream:
            stream.truncate(size)

    return put_then(attack)


def pipe(scene: Scene) -> None:
    """Put a pipe in place of the sealed file, at whose other end nobody writes."""
    scene.file.unlink()
    os.mkfifo(scene.file)


def the_file(scene: Scene) -> Path:
    return scene.file


def the_manifest(scene: Scene) -> Path:
    return scene.place / "manifest.json"


def the_signature(scene: Scene) -> Path:
    return scene.place / "manifest.json.sig"


def the_folder(scene: Scene) -> Path:
    return scene.place


def the_flow(scene: Scene) -> Path:
    return scene.place.parent
