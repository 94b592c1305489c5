"""Verify a disclosure log of Viaduct without Viaduct: the standard library and `cryptography`, nothing else.

    python standalone.py LOG --keys KEYS [--landing LANDING] [--kept NOTE ...] [--document FILE ...]

KEYS holds the public keys: log.pub, and for a landing zone signing.pub and receipt.pub. A kept NOTE is a
checkpoint copied at another time; a FILE is a JSON document whose digest a leaf must name, such as the
assessment. Ends with 1 if anything is wrong. The formats are in docs/reference/disclosure-log.md.
"""

import argparse
import base64
import json
import re
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ORIGIN = "viaduct/disclosure-log"
HEX = '"[0-9a-f]{64}"'
PERSON = re.compile(f'{{"content":{HEX},"operation":"(upsert|withdraw)","rows":[1-9][0-9]*,"subject":{HEX}}}')


class Wrong(Exception):
    """Something is not as it was signed; the message says where, and holds no content."""


def canonical(document: Any) -> bytes:
    """Return RFC 8785 JSON; enough for documents of texts, whole numbers, truths, lists and objects."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def roots(leaves: list[str], sizes: set[int]) -> dict[int, bytes]:
    """Return the RFC 9162 root over the first `size` leaves, for each of the sizes."""
    found: dict[int, bytes] = {}
    peaks: list[bytes] = []
    for size in range(len(leaves) + 1):
        if size in sizes:
            root = peaks[-1] if peaks else sha256(b"").digest()
            for peak in peaks[-2::-1]:
                root = sha256(b"\x01" + peak + root).digest()
            found[size] = root
        if size < len(leaves):
            peak, full = sha256(b"\x00" + leaves[size].encode()).digest(), size
            while full & 1:
                peak, full = sha256(b"\x01" + peaks.pop() + peak).digest(), full >> 1
            peaks.append(peak)
    return found


def from_base64(text: str) -> bytes:
    """Return the bytes; only the one way of writing them is taken."""
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise Wrong("base64 that is not written in the usual way")
    return content


def signed_by(key: bytes, signature: bytes, text: bytes) -> bool:
    """Return whether the Ed25519 key signed the text."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(signature, text)
    except InvalidSignature:
        return False
    return True


def open_note(note: str, key: bytes, where: str) -> tuple[int, bytes]:
    """Return size and root of a checkpoint that the key signed."""
    text, gap, lines = note.rpartition("\n\n")
    key_id = sha256(ORIGIN.encode() + b"\n\x01" + key).digest()[:4]
    for line in lines.split("\n"):
        mark, _, encoded = line.rpartition(" ")
        blob = from_base64(encoded) if mark == f"\N{EM DASH} {ORIGIN}" else b""
        if gap and blob[:4] == key_id and signed_by(key, blob[4:], f"{text}\n".encode()):
            origin, size, root = text.split("\n")
            if origin == ORIGIN:
                return int(size), from_base64(root)
    raise Wrong(f"{where}: not a checkpoint that this key signed")


def whole_lines(path: Path) -> list[str]:
    """Return the lines of a file; nothing may stand after the last line break."""
    *lines, rest = path.read_bytes().decode().split("\n")
    if rest:
        raise Wrong(f"{path.name}: its last line has no end")
    return lines


def check_tree(log: Path, key: bytes, kept: list[Path]) -> tuple[list[dict[str, Any]], int]:
    """Return the leaves and the number of checkpoints, each of which fits the leaves it signed."""
    lines = whole_lines(log / "leaves.jsonl")
    kept_here = whole_lines(log / "checkpoints.jsonl")
    notes = [json.loads(line)["note"] for line in kept_here]
    same = kept_here == [canonical({"note": note}).decode() for note in notes]
    if not notes or not same or (log / "checkpoint").read_bytes() != notes[-1].encode():
        raise Wrong("checkpoints.jsonl: not written canonically, or checkpoint is not the last of it")
    named = [(f"checkpoints.jsonl, line {at}", note) for at, note in enumerate(notes, start=1)]
    named += [(f"the kept {path.name}", path.read_bytes().decode()) for path in kept]
    signed = [(where, *open_note(note, key, where)) for where, note in named]
    due = roots(lines, {size for _, size, _ in signed})
    for where, size, root in signed:
        if due.get(size) != root:
            raise Wrong(f"{where}: the leaves are not those that were signed")
    sizes = [size for _, size, _ in signed][: len(notes)]
    if sizes[0] != 0 or sizes[-1] != len(lines) or sizes != sorted(set(sizes)):
        raise Wrong("checkpoints.jsonl: one is missing or out of order, or leaves stand after the last")
    leaves = [json.loads(line) for line in lines]
    for number, (leaf, line) in enumerate(zip(leaves, lines, strict=True), start=1):
        if canonical(leaf) != line.encode():
            raise Wrong(f"leaves.jsonl, line {number}: not written canonically")
    return leaves, len(notes)


def check_order(leaves: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Return the batches; their numbers have no gap, and every answer is to one of them."""
    batches: dict[tuple[str, int], dict[str, Any]] = {}
    for number, leaf in enumerate(leaves, start=1):
        place = (leaf.get("flow", ""), leaf.get("seq", 0))
        if leaf["kind"] == "batch":
            if place in batches or (place[1] > 1 and (place[0], place[1] - 1) not in batches):
                raise Wrong(f"leaves.jsonl, line {number}: a batch is missing before it, or is there twice")
            batches[place] = leaf
        elif "receipt_sha256" in leaf and leaf["manifest_sha256"] != batches[place]["manifest_sha256"]:
            raise Wrong(f"leaves.jsonl, line {number}: an answer to a batch that was not logged")
    return list(batches.values())


def check_people(log: Path, leaf: dict[str, Any]) -> int:
    """Return how many leaves of people a batch has; they are those that its own leaf commits to."""
    path = log / "people" / leaf["flow"] / f"{leaf['seq']:08d}.jsonl"
    lines = whole_lines(path) if path.exists() else []
    tags = [line[-66:-2] for line in lines]
    said = {"leaves": len(lines), "root": roots(lines, {len(lines)})[len(lines)].hex()}
    if said != leaf["people"] or tags != sorted(set(tags)) or not all(map(PERSON.fullmatch, lines)):
        raise Wrong(f"people/{leaf['flow']}/{path.name}: not the people that the batch's leaf commits to")
    return len(lines)


def check_sent(landing: Path, keys: Path, leaf: dict[str, Any]) -> bool:
    """Hold a batch or receipt of the landing zone to its leaf; bodies cleared away are passed over."""
    role = "signing" if leaf["kind"] == "batch" else "receipt"
    if leaf["kind"] == "batch":
        folder = landing / leaf["flow"] / f"{leaf['seq']:08d}-{leaf['run']}"
        text, digest = (folder / "manifest.json").read_bytes(), leaf["manifest_sha256"]
        content, signature = b"viaduct manifest v1\n" + text, whole_lines(folder / "manifest.json.sig")[0]
        for file in json.loads(text)["files"]:
            body = folder / file["name"]
            if body.exists() and sha256(body.read_bytes()).hexdigest() != file["sealed_sha256"]:
                raise Wrong(f"{folder.name}/{file['name']}: not the file that was sealed")
    elif "receipt_sha256" in leaf:
        text = (landing / "receipts" / leaf["flow"] / f"{leaf['seq']:08d}.json").read_bytes()
        digest, said = leaf["receipt_sha256"], json.loads(text)
        content, signature = b"viaduct receipt v1\n" + canonical(said["receipt"]), said["signature"]
    else:
        return False
    key = from_base64(whole_lines(keys / f"{role}.pub")[1])
    if sha256(text).hexdigest() != digest or not signed_by(key, from_base64(signature), content):
        raise Wrong(f"{leaf['kind']} {leaf['seq']} of {leaf['flow']}: not the one that was logged and signed")
    return True


def verify(asked: argparse.Namespace) -> list[str]:
    """Return what was found. Errors: Wrong; anything that cannot be read counts as wrong."""
    leaves, notes = check_tree(asked.log, from_base64(whole_lines(asked.keys / "log.pub")[1]), asked.kept)
    batches = check_order(leaves)
    people = sum(check_people(asked.log, leaf) for leaf in batches)
    found = [f"{len(leaves)} leaves, {notes} checkpoints, {len(batches)} batches, {people} leaves of people"]
    for path in asked.document:
        digest = sha256(canonical(json.loads(path.read_bytes()))).hexdigest()
        if not any(leaf.get("dpia", {}).get("sha256") == digest for leaf in leaves):
            raise Wrong(f"{path.name}: no leaf names this document")
        found.append(f"{path.name}: named by its digest {digest}")
    if asked.landing:
        sent = sum(check_sent(asked.landing, asked.keys, leaf) for leaf in leaves)
        found.append(f"landing zone: {sent} batches and receipts are those that were logged")
    return found


def main() -> int | str:
    """Verify what the command line names; return 0, or what is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--landing", type=Path)
    for option in ("--kept", "--document"):
        parser.add_argument(option, type=Path, nargs="*", default=[])
    try:
        print("\n".join(verify(parser.parse_args())))
    except (Wrong, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return f"WRONG  {error if isinstance(error, Wrong) else type(error).__name__}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
