"""Verify Viaduct's disclosure log (docs/reference/disclosure-log.md) without it: `cryptography`, no more.

    python standalone.py LOG --keys KEYS [--landing LANDING] [--kept NOTE ...] [--document FILE ...]
KEYS: log.pub; for LANDING signing.pub, receipt.pub. NOTE: a kept checkpoint. FILE: statement or assessment.
"""

import argparse
import base64
import json
import re
import sys
from contextlib import suppress
from functools import reduce
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

ORIGIN, HEX, LOSSLESS = "viaduct/disclosure-log", '"[0-9a-f]{64}"', ("utf-8", "surrogateescape")
STATEMENT, MORE = "viaduct/disclosure-statement", "; the log tells more of this run since"
PERSON = re.compile(f'{{"content":{HEX},"operation":"(upsert|withdraw)","rows":[1-9][0-9]*,"subject":{HEX}}}')


def require(fits: bool, otherwise: str) -> None:
    """Errors: RuntimeError, in these words, unless it fits."""
    if not fits:
        raise RuntimeError(otherwise)


def canonical(document: Any) -> bytes:
    """Return RFC 8785 JSON; enough for documents of texts, whole numbers, truths, lists and objects."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode(*LOSSLESS)


def parsed(text: str, where: str) -> Any:
    """Return the JSON that stands there."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise RuntimeError(f"{where}: not JSON ({error})") from None


def roots(leaves: list[str], sizes: set[int]) -> dict[int, bytes]:
    """Return the RFC 9162 root over the first `size` leaves, for each of the sizes."""
    found, peaks = {0: sha256(b"").digest()}, list[bytes]()
    for size, leaf in enumerate(leaves, start=1):
        peak, full = sha256(b"\x00" + leaf.encode(*LOSSLESS)).digest(), size - 1
        while full & 1:
            peak, full = sha256(b"\x01" + peaks.pop() + peak).digest(), full >> 1
        peaks.append(peak)
        if size in sizes:
            found[size] = reduce(lambda at, left: sha256(b"\x01" + left + at).digest(), peaks[-2::-1], peak)
    return found


def from_base64(text: str) -> bytes:
    """Return the bytes, none where they are not written in the one usual way."""
    with suppress(ValueError):
        content = base64.b64decode(text, validate=True)
        return content if base64.b64encode(content).decode() == text else b""
    return b""


def signed_by(key: bytes, signature: bytes, text: bytes, name: str = "") -> bool:
    """Return whether the Ed25519 key signed the text; under a name, the key's id (C2SP) stands before."""
    key_id = sha256(f"{name}\n\x01".encode() + key).digest()[:4] if name else b""
    with suppress(InvalidSignature, ValueError):
        Ed25519PublicKey.from_public_bytes(key).verify(signature.removeprefix(key_id), text)
        return signature.startswith(key_id)
    return False


def open_note(note: str, key: bytes, where: str, origin: str = ORIGIN) -> list[str]:
    """Return the lines of a signed note of this origin, after the first."""
    (text, _, lines), mark = note.rpartition("\n\n"), f"\N{EM DASH} {origin} "
    ours = [from_base64(line.removeprefix(mark)) for line in lines.split("\n") if line.startswith(mark)]
    found = any(signed_by(key, one, f"{text}\n".encode(*LOSSLESS), origin) for one in ours)
    require(found and text.startswith(f"{origin}\n") and lines.endswith("\n"), f"{where}: not as signed")
    return text.split("\n")[1:]


def whole_lines(path: Path, *, of_json: bool = False) -> list[str]:
    """Return the lines of a file, nothing after the last line break; of JSON, each written canonically."""
    *lines, rest = path.read_bytes().decode(*LOSSLESS).split("\n")
    require(not rest, f"{path.name}: its last line has no end")
    for where, line in ((f"{path.name}, line {at}", line) for at, line in enumerate(lines, 1) if of_json):
        require(canonical(parsed(line, where)) == line.encode(*LOSSLESS), f"{where}: not written canonically")
    return lines


def check_tree(log: Path, key: bytes, kept: list[Path]) -> tuple[list[dict[str, Any]], dict[int, bytes]]:
    """Return the leaves and, by size, the root of each checkpoint: it fits the leaves that it signed."""
    lines, heads = (whole_lines(log / name, of_json=True) for name in ("leaves.jsonl", "checkpoints.jsonl"))
    notes = [str(json.loads(line).get("note")) for line in heads]
    require([(log / "checkpoint").read_bytes().decode(*LOSSLESS)] == notes[-1:], "checkpoint: not the last")
    named = [(f"checkpoints.jsonl, line {at}", note) for at, note in enumerate(notes, start=1)]
    named += [(f"the kept {path.name}", path.read_bytes().decode(*LOSSLESS)) for path in kept]
    signed = [(where, *open_note(note, key, where)) for where, note in named]
    due, before = roots(lines, {int(size) for _, size, _ in signed}), 0
    for where, size, root in signed:
        first, before = before + 1 if before < int(size) else 1, int(size)
        told = f"leaves.jsonl, lines {first} to {size}: not those that {where}, signed"
        require(due.get(before) == from_base64(root), told)
    sizes = [int(size) for _, size, _ in signed][: len(notes)]
    require(sizes == sorted({0, *sizes, len(lines)}), "checkpoints.jsonl: one is missing, or out of order")
    return [json.loads(line) for line in lines], {size: due[size] for size in sizes}


def check_batches(log: Path, leaves: list[dict[str, Any]]) -> str:
    """Return how much there is; no number is missing, what is answered or given up was logged so."""
    batches, people = dict[tuple[str, int], str](), 0
    for number, leaf in enumerate(leaves, start=1):
        place, where = (leaf.get("flow", ""), leaf.get("seq", 0)), f"leaves.jsonl, line {number}"
        if leaf["kind"] == "batch":
            follows = place not in batches and (place[1] <= 1 or (place[0], place[1] - 1) in batches)
            require(follows, f"{where}: a batch is missing before it, or is there twice")
            path = log / "people" / leaf["flow"] / f"{leaf['seq']:08d}.jsonl"
            lines = whole_lines(path) if path.exists() else []
            tags = [line[-66:-2] for line in lines]
            said = {"leaves": len(lines), "root": roots(lines, {len(lines)})[len(lines)].hex()}
            fits = said == leaf["people"] and tags == sorted(set(tags)) and all(map(PERSON.fullmatch, lines))
            require(fits, f"people/{place[0]}/{path.name}: not the people that the batch's leaf commits to")
            batches[place], people = leaf["manifest_sha256"], people + len(lines)
        elif "seq" in leaf:
            require(leaf["manifest_sha256"] == batches.get(place), f"{where}: of a batch that was not logged")
    for path in [*log.glob("assessments/*"), *log.glob("signatures/*/*")]:
        require(sha256(path.read_bytes()).hexdigest() == path.stem, f"{path.name}: not of this digest")
    return f"{len(leaves)} leaves, {len(batches)} batches, {people} leaves of people"


def check_sent(landing: Path, keys: Path, leaf: dict[str, Any], sent: list[dict[str, Any]]) -> bool:
    """Return whether a batch or receipt is there, as logged; its bodies, and what is unanswered, need not."""
    batch, flow, number = leaf["kind"] == "batch", leaf["flow"], f"{leaf['seq']:08d}"
    name = f"{flow}/{number}-{leaf['run']}/manifest.json" if batch else f"receipts/{flow}/{number}.json"
    path, told = landing / name, f"{name}: not the one that was logged"
    own = (one for one in sent if (one["flow"], one["seq"]) == (flow, leaf["seq"]))
    if not path.exists() and [*own] == [leaf]:
        return False
    text, key = path.read_bytes(), "signing.pub" if batch else "receipt.pub"
    require(sha256(text).hexdigest() == leaf["manifest_sha256" if batch else "receipt_sha256"], told)
    said = json.loads(text)
    for body, due in [(path.with_name(one["name"]), one["sealed_sha256"]) for one in said.get("files", [])]:
        same = not body.exists() or sha256(body.read_bytes()).hexdigest() == due
        require(same, f"{flow}/{path.parent.name}/{body.name}: not the file that was sealed")
    content = b"manifest v1\n" + text if batch else b"receipt v1\n" + canonical(said["receipt"])
    raw = from_base64("\n".join(whole_lines(path.with_suffix(".json.sig"))) if batch else said["signature"])
    known = [from_base64(whole_lines(one)[1]) for one in (keys / key, *keys.glob(f"retired/v*/{key}"))]
    require(any(signed_by(one, raw, b"viaduct " + content) for one in known), f"{told} and signed")
    return True


def check_document(path: Path, key: bytes, leaves: list[dict[str, Any]], due: dict[int, bytes]) -> str:
    """Return what a document is: the statement of a run, as its leaves say it; else what a leaf names."""
    text, wrong = path.read_bytes().decode(*LOSSLESS), f"{path.name}: it does not tell what the log"
    if text.startswith(STATEMENT):
        said = json.loads(open_note(text, key, path.name, STATEMENT)[0])
        size, root, run = said["log"]["size"], said["log"]["root"], said["run"]
        require(size in due and due[size].hex() == root, f"{wrong} was at its size")
        held, later = ([one for one in part if one["run"] == run] for part in (leaves[:size], leaves[size:]))
        rows = [(file["operation"], file["rows"]) for leaf in held for file in leaf.get("files", [])]
        sums = [sum(count for what, count in rows if what == asked) for asked in ("upsert", "withdraw")]
        told = [said["figures"][name] for name in ("rows_sent", "rows_withdrawn", "nothing_sent")]
        sums.append(not any("files" in leaf for leaf in held))
        require(canonical([said["leaves"], told]) == canonical([held, sums]), f"{wrong} holds of its run")
        return f"{path.name}: the signed statement of run {run}{MORE if later else ''}"
    digest = sha256(canonical(parsed(text, path.name))).hexdigest()
    named = any(leaf.get("dpia", {}).get("sha256") == digest for leaf in leaves)
    require(named, f"{path.name}: no leaf names this document")
    return f"{path.name}: named by its digest {digest}"


def main() -> int | str:
    """Verify what the command line names; return 0, or what is wrong: also whatever cannot be read."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--keys", type=Path, required=True)
    for name, many in (("--landing", None), ("--kept", "*"), ("--document", "*")):
        parser.add_argument(name, type=Path, nargs=many, default=[] if many else None)
    asked = parser.parse_args()
    if away := [path for path in (asked.log, asked.keys / "log.pub") if not path.exists()]:
        return f"NOT READ  {away[0]}: not there. Is the path right? This says nothing of the log."
    try:
        key = from_base64(whole_lines(asked.keys / "log.pub")[1])
        leaves, due = check_tree(asked.log, key, asked.kept)
        said = [f"{len(due)} checkpoints, {check_batches(asked.log, leaves)}"]
        said += [check_document(path, key, leaves, due) for path in asked.document]
        sent = [leaf for leaf in leaves if asked.landing and {"files", "receipt_sha256"} & leaf.keys()]
        there = sum(check_sent(asked.landing, asked.keys, leaf, sent) for leaf in sent)
    except (RuntimeError, OSError, ValueError, LookupError, TypeError, AttributeError) as error:
        return f"WRONG  {error if isinstance(error, RuntimeError | OSError) else type(error).__name__}"
    waiting = f"; not published yet: {len(sent) - there}" if there < len(sent) else ""
    print(*said, f"landing zone: {there} batches and receipts are those that were logged{waiting}", sep="\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
