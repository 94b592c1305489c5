"""What the log tells of one person, batch by batch, and the proof of it."""

import hmac
import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from audit.proofs import Proof
from audit.reading import Reading, batch_name

FORMAT = "viaduct-proof/1"
OPERATIONS = ("upsert", "withdraw")


@dataclass(frozen=True)
class Place:
    """Where a person's tag for one operation stands in a batch: their leaf, or the two beside its place."""

    operation: str
    tag: str = field(repr=False)
    beside: tuple[Proof | None, ...] = field(repr=False)

    @property
    def rows(self) -> int:
        """How many rows of the person the batch did this with."""
        return int(json.loads(self.beside[0].line)["rows"]) if self.told and self.beside[0] else 0

    @property
    def told(self) -> bool:
        """Whether the batch tells of the person."""
        return len(self.beside) == 1

    def to_json(self) -> dict[str, Any]:
        """Return it as a proof file holds it."""
        beside = [proof.to_json() if proof else None for proof in self.beside]
        return {"operation": self.operation, "tag": self.tag, "beside": beside}


@dataclass(frozen=True)
class Telling:
    """What one batch, by its index in the log and its head, says about a person for each operation."""

    index: int
    head: dict[str, Any] = field(repr=False)
    places: tuple[Place, ...]

    @property
    def rows(self) -> dict[str, int]:
        """How many rows of the person were sent and withdrawn, where any were."""
        return {place.operation: place.rows for place in self.places if place.told}


def look_for(
    reading: Reading, secret: bytes, batches: Iterable[tuple[int, dict[str, Any]]], *, prove: bool = True
) -> list[Telling]:
    """Return what each of the batches tells of the person whose secret this is.

    Given:  index and head of each; without `prove` an absence is looked up only, which is quick; with it, it
            is proved.
    Errors: DisclosureLogBroken, where the people of a batch are not those that were signed: of every batch
            that tells of the person, and with `prove` of all.
    """
    return [Telling(index, head, _places(reading, head, secret, prove=prove)) for index, head in batches]


def proof_file(reading: Reading, tellings: Iterable[Telling], secret: bytes | None = None) -> bytes:
    """Return the proof of what these batches tell; whoever is given the secret can make the tags again."""
    batches = [
        {
            "batch": reading.tree.proof(telling.index).to_json(),
            "people": [place.to_json() for place in telling.places],
        }
        for telling in tellings
    ]
    said: dict[str, Any] = {"format": FORMAT, "checkpoint": reading.note, "batches": batches}
    said |= {"secret": secret.hex()} if secret is not None else {}
    return json.dumps(said, separators=(",", ":"), sort_keys=True).encode() + b"\n"


def tag_of(secret: bytes, batch: str, operation: str) -> str:
    """Return the tag under which the person's leaf stands in this batch, as hexadecimal digits."""
    return hmac.digest(secret, f"viaduct tag v1\x1f{batch}\x1f{operation}".encode(), "sha256").hex()


def _places(reading: Reading, head: dict[str, Any], secret: bytes, *, prove: bool) -> tuple[Place, ...]:
    name = batch_name(head)
    tags = {operation: tag_of(secret, name, operation) for operation in OPERATIONS}
    if not prove:
        kept = reading.people_bytes(head)
        if not any(tag.encode() in kept for tag in tags.values()):
            return tuple(Place(operation, tag, (None, None)) for operation, tag in tags.items())
    people = reading.people(head)
    found = []
    for operation, tag in tags.items():
        own = people.told(tag)
        found.append(Place(operation, tag, (people.not_told(tag) or ()) if own is None else (own,)))
    return tuple(found)
