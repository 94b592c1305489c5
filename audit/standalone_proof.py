"""Verify one proof from a disclosure log of Viaduct: the standard library and `cryptography`, nothing else.

    python standalone_proof.py PROOF --keys KEYS [--kept NOTE ...]

A PROOF is what `audit prove` or `audit person` wrote: of whom batches of the log tell, or that the log only
grew since a kept NOTE (a checkpoint copied earlier). KEYS holds the public key log.pub. The whole log is not
needed. Ends with 1 if anything is wrong. The formats are in docs/reference/disclosure-log.md.
"""

import argparse
import base64
import hmac
import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ORIGIN = "viaduct/disclosure-log"
OPERATIONS = ("upsert", "withdraw")


class Wrong(Exception):
    """The proof does not show what it says; the message says where, and holds no content."""


def from_base64(text: str) -> bytes:
    """Return the bytes; only the one way of writing them is taken."""
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise Wrong("base64 that is not written in the usual way")
    return content


def open_checkpoint(note: str, key: bytes, where: str) -> tuple[int, bytes]:
    """Return size and root of a checkpoint that the key signed."""
    text, _, lines = note.rpartition("\n\n")
    key_id = sha256(ORIGIN.encode() + b"\n\x01" + key).digest()[:4]
    for line in lines.removesuffix("\n").split("\n"):
        mark, _, encoded = line.rpartition(" ")
        blob = from_base64(encoded) if mark == f"\N{EM DASH} {ORIGIN}" else b""
        if blob[:4] == key_id and note.endswith("\n"):
            try:
                Ed25519PublicKey.from_public_bytes(key).verify(blob[4:], f"{text}\n".encode())
            except InvalidSignature:
                break
            origin, size, root = text.split("\n")
            if origin == ORIGIN:
                return int(size), from_base64(root)
    raise Wrong(f"{where}: not a checkpoint that this key signed")


def climbed(place: int, last: int, start: bytes, path: list[bytes]) -> tuple[bytes, bytes]:
    """Return the roots that a proof leads to: of the tree that ends here, and of all (RFC 9162, 2.1)."""
    old = new = start
    for step in path:
        if last == 0:
            raise Wrong("a proof that is too long")
        if place & 1 or place == last:
            old, new = sha256(b"\x01" + step + old).digest(), sha256(b"\x01" + step + new).digest()
            while place and not place & 1:
                place, last = place >> 1, last >> 1
        else:
            new = sha256(b"\x01" + new + step).digest()
        place, last = place >> 1, last >> 1
    if last:
        raise Wrong("a proof that is too short")
    return old, new


def in_tree(proof: dict[str, Any], size: int, root: bytes) -> Any:
    """Return the leaf that the proof shows to stand at its index in the tree of this size and root."""
    index, start = proof["index"], sha256(b"\x00" + proof["line"].encode()).digest()
    path = [bytes.fromhex(step) for step in proof["path"]]
    if not 0 <= index < size or climbed(index, size - 1, start, path)[1] != root:
        raise Wrong("a leaf that is not in its tree")
    return json.loads(proof["line"])


def tells(said: dict[str, Any], people: dict[str, Any]) -> bool:
    """Return whether a batch tells of the tag; if not, the leaves on both sides of its place show it."""
    size, root = people["leaves"], bytes.fromhex(people["root"])
    beside = said["beside"]
    found = [in_tree(one, size, root) for one in beside if one]
    if len(beside) == 1:
        if (found[0]["subject"], found[0]["operation"]) != (said["tag"], said["operation"]):
            raise Wrong("a leaf of another tag")
        return True
    before, after = beside
    order = [one["subject"] for one in found]
    order.insert(1 if before else 0, said["tag"])
    first, last = before["index"] + 1 if before else 0, after["index"] if after else size
    if order != sorted(set(order)) or first != last:
        raise Wrong("two leaves that do not stand on both sides of the tag")
    return False


def check_batch(said: dict[str, Any], size: int, root: bytes, secret: bytes | None) -> tuple[str, int, str]:
    """Return flow and number of a batch of the log, and what it did with the person's rows, if anything."""
    leaf = in_tree(said["batch"], size, root)
    name = f"{leaf['flow']}/{leaf['seq']:08d}-{leaf['run']}"
    if leaf["kind"] != "batch" or [one["operation"] for one in said["people"]] != [*OPERATIONS]:
        raise Wrong("a batch that is not told of whole")
    for one in said["people"]:
        text = f"viaduct tag v1\x1f{name}\x1f{one['operation']}".encode()
        if secret is not None and hmac.digest(secret, text, "sha256").hex() != one["tag"]:
            raise Wrong("a tag that is not made from the person's secret")
    told = [one["operation"] for one in said["people"] if tells(one, leaf["people"])]
    return leaf["flow"], leaf["seq"], " and ".join(told)


def check_people(text: str, key: bytes, where: str) -> list[str]:
    """Return of which batches a proof shows that they tell of a person, and of which that they do not."""
    try:
        said = json.loads(text)
    except ValueError:
        raise Wrong(f"{where}: not JSON, and no proof of growth") from None
    size, root = open_checkpoint(said["checkpoint"], key, where)
    secret = bytes.fromhex(said["secret"]) if "secret" in said else None
    batches = [check_batch(one, size, root, secret) for one in said["batches"]]
    if said["format"] != "viaduct-proof/1" or not batches:
        raise Wrong(f"{where}: of no form that is known, or empty")
    found = []
    for flow in sorted({flow for flow, _, _ in batches}):
        numbers = [number for name, number, _ in batches if name == flow]
        if numbers != list(range(numbers[0], numbers[0] + len(numbers))):
            raise Wrong(f"flow {flow}: a batch is left out")
        told = [f"{number} ({what})" for name, number, what in batches if name == flow and what]
        tells_of = f"in {', '.join(told)}" if told else "in none"
        found.append(f"flow {flow}, batches {numbers[0]} to {numbers[-1]}: the person is told of {tells_of}")
    how = "made from the secret in it" if secret else "as they stand, on the word of whoever wrote the proof"
    return [*found, f"the person's tags are {how}; log of {size} leaves"]


def check_growth(text: str, key: bytes, kept: list[Path]) -> list[str]:
    """Return that the log only grew since a kept checkpoint, as the proof shows."""
    head, _, note = text.partition("\n\n")
    first, *steps = head.split("\n")
    size, root = open_checkpoint(note, key, "the proof")
    for path in kept:
        old, old_root = open_checkpoint(path.read_bytes().decode(), key, path.name)
        if first != f"old {old}" or not 1 <= old <= size:
            raise Wrong(f"{path.name}: the proof begins at another checkpoint")
        if old == size and (steps or old_root != root):
            raise Wrong(f"{path.name}: another log of the same size")
        hashes, place, last = [from_base64(step) for step in steps], old - 1, size - 1
        while place & 1:
            place, last = place >> 1, last >> 1
        start = hashes.pop(0) if old & (old - 1) and hashes else old_root
        if old < size and climbed(place, last, start, hashes) != (old_root, root):
            raise Wrong(f"{path.name}: the log did not only grow since")
    if not kept:
        raise Wrong("a proof of growth needs the kept checkpoint that it begins at: --kept NOTE")
    return [f"the log of {size} leaves begins with those of {path.name}" for path in kept]


def check_proof(text: str, key: bytes, kept: list[Path], where: str) -> list[str]:
    """Return what a proof shows. Errors: Wrong; whatever cannot be read counts as wrong."""
    return check_growth(text, key, kept) if text.startswith("old ") else check_people(text, key, where)


def main() -> int | str:
    """Verify what the command line names; return 0, or what is wrong."""
    parser = argparse.ArgumentParser(description="Verify one proof from a disclosure log of Viaduct.")
    parser.add_argument("proof", type=Path)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--kept", type=Path, nargs="*", default=[])
    asked = parser.parse_args()
    if away := [path for path in (asked.proof, asked.keys / "log.pub", *asked.kept) if not path.exists()]:
        return f"NOT READ  {away[0]}: not there. Is the path right? This says nothing of the proof."
    try:
        key = from_base64((asked.keys / "log.pub").read_bytes().decode().split("\n")[1])
        text = asked.proof.read_bytes().decode()
        print("\n".join(check_proof(text, key, asked.kept, asked.proof.name)))
    except (Wrong, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return f"WRONG  {error if isinstance(error, Wrong | OSError) else type(error).__name__}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
