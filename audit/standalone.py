"""Verify Viaduct's disclosure log (docs/reference/disclosure-log.md) without it: `cryptography`, no more.

    python standalone.py LOG --keys KEYS [--landing LANDING] [--kept NOTE ...] [--document FILE ...]
KEYS: log.pub; for LANDING signing.pub, receipt.pub. NOTE: a kept checkpoint. FILE: statement or assessment.
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

ORIGIN, STATEMENT = "viaduct/disclosure-log", "viaduct/disclosure-statement"
HEX = '"[0-9a-f]{64}"'
PERSON = re.compile(f'{{"content":{HEX},"operation":"(upsert|withdraw)","rows":[1-9][0-9]*,"subject":{HEX}}}')


class Wrong(Exception):
    """Something is not as it was signed; the message says where, and holds no content."""


def canonical(document: Any) -> bytes:
    """Return RFC 8785 JSON; enough for documents of texts, whole numbers, truths, lists and objects."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()


def roots(leaves: list[str], sizes: set[int]) -> dict[int, bytes]:
    """Return the RFC 9162 root over the first `size` leaves, for each of the sizes."""
    found, peaks = {0: sha256(b"").digest()}, list[bytes]()
    for size, leaf in enumerate(leaves, start=1):
        peak, full = sha256(b"\x00" + leaf.encode()).digest(), size - 1
        while full & 1:
            peak, full = sha256(b"\x01" + peaks.pop() + peak).digest(), full >> 1
        peaks.append(peak)
        if size in sizes:
            for peak_before in peaks[-2::-1]:
                peak = sha256(b"\x01" + peak_before + peak).digest()
            found[size] = peak
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


def open_note(note: str, key: bytes, where: str, origin: str = ORIGIN) -> list[str]:
    """Return the lines of a signed note of this origin, after the first."""
    text, _, lines = note.rpartition("\n\n")
    key_id = sha256(origin.encode() + b"\n\x01" + key).digest()[:4]
    for line in lines.split("\n"):
        mark, _, encoded = line.rpartition(" ")
        blob = from_base64(encoded) if mark == f"\N{EM DASH} {origin}" else b""
        ours = blob[:4] == key_id and note.endswith("\n") and text.startswith(f"{origin}\n")
        if ours and signed_by(key, blob[4:], f"{text}\n".encode()):
            return text.split("\n")[1:]
    raise Wrong(f"{where}: not a note that this key signed")


def whole_lines(path: Path) -> list[str]:
    """Return the lines of a file; nothing may stand after the last line break."""
    *lines, rest = path.read_bytes().decode().split("\n")
    if rest:
        raise Wrong(f"{path.name}: its last line has no end")
    return lines


def check_tree(log: Path, key: bytes, kept: list[Path]) -> tuple[list[dict[str, Any]], int]:
    """Return the leaves and the number of checkpoints, each of which fits the leaves it signed."""
    lines, kept_here = whole_lines(log / "leaves.jsonl"), whole_lines(log / "checkpoints.jsonl")
    notes, every = [json.loads(line)["note"] for line in kept_here], [*lines, *kept_here]
    same = every == [canonical(json.loads(line)).decode() for line in every]
    if not same or (log / "checkpoint").read_bytes() != notes[-1].encode():
        raise Wrong("a line is not written canonically, or checkpoint is not the last of checkpoints.jsonl")
    named = [(f"checkpoints.jsonl, line {at}", note) for at, note in enumerate(notes, start=1)]
    named += [(f"the kept {path.name}", path.read_bytes().decode()) for path in kept]
    signed = [(where, *open_note(note, key, where)) for where, note in named]
    due = roots(lines, {int(size) for _, size, _ in signed})
    for where, size, root in signed:
        if due.get(int(size)) != from_base64(root):
            raise Wrong(f"{where}: the leaves are not those that were signed")
    sizes = [int(size) for _, size, _ in signed][: len(notes)]
    if sizes[0] != 0 or sizes[-1] != len(lines) or sizes != sorted(set(sizes)):
        raise Wrong("checkpoints.jsonl: one is missing or out of order, or leaves stand after the last")
    return [json.loads(line) for line in lines], len(notes)


def check_people(log: Path, leaf: dict[str, Any]) -> int:
    """Return how many leaves of people a batch has; they are those that its own leaf commits to."""
    path = log / "people" / leaf["flow"] / f"{leaf['seq']:08d}.jsonl"
    lines = whole_lines(path) if path.exists() else []
    tags = [line[-66:-2] for line in lines]
    said = {"leaves": len(lines), "root": roots(lines, {len(lines)})[len(lines)].hex()}
    if said != leaf["people"] or tags != sorted(set(tags)) or not all(map(PERSON.fullmatch, lines)):
        raise Wrong(f"people/{leaf['flow']}/{path.name}: not the people that the batch's leaf commits to")
    return len(lines)


def check_batches(log: Path, leaves: list[dict[str, Any]]) -> str:
    """Return how much there is; no number is missing, and answers are to batches that were logged."""
    batches: dict[tuple[str, int], dict[str, Any]] = {}
    for number, leaf in enumerate(leaves, start=1):
        place = (leaf.get("flow", ""), leaf.get("seq", 0))
        if leaf["kind"] == "batch":
            if place in batches or (place[1] > 1 and (place[0], place[1] - 1) not in batches):
                raise Wrong(f"leaves.jsonl, line {number}: a batch is missing before it, or is there twice")
            batches[place] = leaf
        elif "receipt_sha256" in leaf and leaf["manifest_sha256"] != batches[place]["manifest_sha256"]:
            raise Wrong(f"leaves.jsonl, line {number}: an answer to a batch that was not logged")
    for path in [*log.glob("assessments/*"), *log.glob("signatures/*/*")]:
        if sha256(path.read_bytes()).hexdigest() != path.stem:
            raise Wrong(f"{path.relative_to(log).as_posix()}: not the document of this digest")
    people = [check_people(log, leaf) for leaf in batches.values()]
    return f"{len(leaves)} leaves, {len(people)} batches, {sum(people)} leaves of people"


def check_sent(landing: Path, keys: Path, leaf: dict[str, Any]) -> None:
    """Hold a batch or receipt of the landing zone to its leaf; bodies cleared away are passed over."""
    if leaf["kind"] == "batch":
        folder = landing / leaf["flow"] / f"{leaf['seq']:08d}-{leaf['run']}"
        text, digest = (folder / "manifest.json").read_bytes(), leaf["manifest_sha256"]
        content, signature = b"viaduct manifest v1\n" + text, whole_lines(folder / "manifest.json.sig")[0]
        for file in json.loads(text)["files"]:
            body = folder / file["name"]
            if body.exists() and sha256(body.read_bytes()).hexdigest() != file["sealed_sha256"]:
                raise Wrong(f"{folder.name}/{file['name']}: not the file that was sealed")
    else:
        text = (landing / "receipts" / leaf["flow"] / f"{leaf['seq']:08d}.json").read_bytes()
        digest, said = leaf["receipt_sha256"], json.loads(text)
        content, signature = b"viaduct receipt v1\n" + canonical(said["receipt"]), said["signature"]
    name, raw = "signing.pub" if leaf["kind"] == "batch" else "receipt.pub", from_base64(signature)
    known = [from_base64(whole_lines(path)[1]) for path in (keys / name, *keys.glob(f"retired/v*/{name}"))]
    if sha256(text).hexdigest() != digest or not any(signed_by(key, raw, content) for key in known):
        raise Wrong(f"{leaf['kind']} {leaf['seq']} of {leaf['flow']}: not the one that was logged and signed")


def check_document(path: Path, key: bytes, leaves: list[dict[str, Any]]) -> str:
    """Return what a document is: the statement of a run, as its leaves say it; else what a leaf names."""
    text = path.read_bytes().decode()
    if text.startswith(STATEMENT):
        said = json.loads(open_note(text, key, path.name, STATEMENT)[0])
        if said["leaves"] != [leaf for leaf in leaves[: said["log"]["size"]] if leaf["run"] == said["run"]]:
            raise Wrong(f"{path.name}: it does not tell what the log holds of its run")
        return f"{path.name}: the signed statement of run {said['run']}"
    digest = sha256(canonical(json.loads(text))).hexdigest()
    if not any(leaf.get("dpia", {}).get("sha256") == digest for leaf in leaves):
        raise Wrong(f"{path.name}: no leaf names this document")
    return f"{path.name}: named by its digest {digest}"


def verify(asked: argparse.Namespace) -> list[str]:
    """Return what was found. Errors: Wrong; anything that cannot be read counts as wrong."""
    if away := [str(path) for path in (asked.log, asked.keys / "log.pub") if not path.exists()]:
        sys.exit(f"NOT READ  {away[0]}: not there. Is the path right? This says nothing of the log.")
    key = from_base64(whole_lines(asked.keys / "log.pub")[1])
    leaves, notes = check_tree(asked.log, key, asked.kept)
    found = [check_document(path, key, leaves) for path in asked.document]
    sent = [leaf for leaf in leaves if asked.landing and "seq" in leaf]
    for leaf in sent:
        check_sent(asked.landing, asked.keys, leaf)
    found.append(f"landing zone: {len(sent)} batches and receipts are those that were logged")
    return [f"{notes} checkpoints, {check_batches(asked.log, leaves)}", *found]


def main() -> int | str:
    """Verify what the command line names; return 0, or what is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--keys", type=Path, required=True)
    parser.add_argument("--landing", type=Path)
    parser.add_argument("--kept", type=Path, nargs="*", default=[])
    parser.add_argument("--document", type=Path, nargs="*", default=[])
    try:
        print("\n".join(verify(parser.parse_args())))
    except (Wrong, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return f"WRONG  {error if isinstance(error, Wrong | OSError) else type(error).__name__}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
