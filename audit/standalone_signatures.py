"""Verify who signed the assessments of a disclosure log of Viaduct: needs `cryptography`, nothing else.

    python standalone_signatures.py LOG --keys KEYS

For each assessment that a leaf of the LOG names, every signature kept with the log is held to the public
keys in KEYS (controller-PARTY.pub, dpia-attestor.pub, those of before under retired/), which you had from
the parties themselves. Ends with 1 if one does not hold, or if a list that a run relied on is gone. That the
leaves are those that were signed is what standalone.py shows. Formats: docs/reference/disclosure-log.md.
"""

import argparse
import base64
import json
import sys
from hashlib import sha256
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

PARTY, ATTESTOR = "controller-", "dpia-attestor"
CONTROLLERS = ("controller", "joint_controller")


class Wrong(Exception):
    """Something is not as it was signed; the message says where, and holds no content."""


def canonical(document: Any) -> str:
    """Return RFC 8785 JSON; enough for objects of texts."""
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def from_base64(text: str) -> bytes:
    """Return the bytes; only the one way of writing them is taken."""
    content = base64.b64decode(text, validate=True)
    if base64.b64encode(content).decode() != text:
        raise Wrong("base64 that is not written in the usual way")
    return content


def kept_under(path: Path) -> Any:
    """Return the JSON of a file that is named by its own digest."""
    content = path.read_bytes()
    if sha256(content).hexdigest() != path.stem:
        raise Wrong(f"{path.parent.name}/{path.name}: not the document of this digest")
    return json.loads(content)


def made_with(key: bytes, role: str, blob: bytes, text: str) -> bool:
    """Return whether the Ed25519 key of this role made the signature (C2SP signed-note) over the text."""
    try:
        Ed25519PublicKey.from_public_bytes(key).verify(blob[4:], text.encode())
    except InvalidSignature:
        return False
    return blob[:4] == sha256(role.encode() + b"\n\x01" + key).digest()[:4]


def what_is_signed(entry: Any, said: dict[str, Any], digest: str) -> tuple[str, str, str]:
    """Return the party of an entry of `signoff.signatures`, its signature line, and the text under that line.

    An entry is the line of a party's key, or says by the attestor's word who signed a document elsewhere.
    """
    if isinstance(entry, str):
        party = entry.rpartition(" ")[0].removeprefix(f"\N{EM DASH} {PARTY}")
        named = f"{said['id']}\nversion {said['version']}\nsha256 {digest}\n"
        return party, entry, f"viaduct assessment v1\n{named}"
    facts = {"id": said["id"], "version": said["version"], "sha256": digest}
    facts |= {key: entry[key] for key in ("party", "signedBy", "signedOn")}
    facts |= {"uri": entry["document"]["uri"], "documentSha256": entry["document"]["sha256"]}
    return entry["party"], entry["attestation"], f"viaduct attestation v1\n{canonical(facts)}\n"


def signer(entry: Any, said: dict[str, Any], digest: str, keys: Path) -> str:
    """Return whose signature an entry is, and by what. Errors: Wrong, if no key among these made it."""
    party, line, text = what_is_signed(entry, said, digest)
    mark, _, encoded = line.rpartition(" ")
    role = PARTY + party if isinstance(entry, str) else ATTESTOR
    blob = from_base64(encoded) if mark == f"\N{EM DASH} {role}" else b""
    for path in (path for path in sorted(keys.rglob("*.pub")) if path.stem == role):
        if made_with(from_base64(path.read_bytes().decode().split("\n")[1]), role, blob, text):
            return party if isinstance(entry, str) else f"{party} (a document that the attestor saw)"
    raise Wrong(f"signatures/{digest}: one that no key {role}.pub among these made over this assessment")


def must_sign(said: dict[str, Any]) -> set[str]:
    """Return the controllers whose data a flow takes, or who receive one."""
    flows = said["flows"]
    taken = {source for flow in flows for source in flow["from"]} | {flow["to"]["party"] for flow in flows}
    parties = [party for party in said["parties"] if party["role"] in CONTROLLERS]
    return {party["id"] for party in parties if taken & {party["id"], *party.get("sources", [])}}


def check_assessment(log: Path, digest: str, keys: Path) -> str:
    """Return who signed one assessment, by the lists that are kept, and who of its controllers did not."""
    said = kept_under(log / "assessments" / f"{digest}.json")
    lists = [kept_under(path) for path in sorted((log / "signatures" / digest).glob("*.json"))]
    who = {signer(entry, said, digest, keys) for entries in lists for entry in entries}
    signed, needed = {name.partition(" ")[0] for name in who}, must_sign(said)
    controllers = {party["id"] for party in said["parties"] if party["role"] in CONTROLLERS}
    if not signed or signed - controllers or ("supersedes" not in said and needed - signed):
        raise Wrong(f"signatures/{digest}: not those of its controllers: a list was emptied or cut short")
    rest = f"; not by {', '.join(sorted(needed - signed))}" if needed - signed else ""
    return f"version {said['version']} ({digest}): signed by {', '.join(sorted(who))}{rest}"


def leaf_of(line: bytes, number: int) -> dict[str, Any]:
    """Return the leaf that a line of the log is."""
    try:
        leaf: dict[str, Any] = json.loads(line)
    except ValueError:
        raise Wrong(f"leaves.jsonl, line {number}: not JSON") from None
    return leaf


def check_log(log: Path, keys: Path) -> list[str]:
    """Return who signed each assessment that a leaf names, oldest first.

    Every list that a run's leaf names must be kept. Older runs name none, and logs from before assessments
    were signed keep none: but since the first that is kept, none is missing.
    """
    lines = (log / "leaves.jsonl").read_bytes().split(b"\n")[:-1]
    leaves = [leaf_of(line, number) for number, line in enumerate(lines, start=1)]
    digests = dict.fromkeys(leaf["dpia"]["sha256"] for leaf in leaves if "dpia" in leaf)
    for leaf in (leaf for leaf in leaves if "signatures" in leaf):
        kept = log / "signatures" / leaf["dpia"]["sha256"] / f"{leaf['signatures']}.json"
        if not kept.is_file():
            raise Wrong(f"signatures/{kept.parent.name}: a list on which a run relied is gone")
    found, began = list[str](), False
    for digest in digests:
        kept = log / "signatures" / digest
        if any(kept.glob("*")):
            found.append(check_assessment(log, digest, keys))
            began = True
        elif began or kept.exists():
            raise Wrong(f"signatures/{digest}: nothing is kept any more, of who signed it")
        else:
            found.append(f"{digest}: nobody's signature is kept")
    return found


def main() -> int | str:
    """Verify what the command line names; return 0, or what is wrong."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", maxsplit=1)[0])
    parser.add_argument("log", type=Path)
    parser.add_argument("--keys", type=Path, required=True)
    asked = parser.parse_args()
    if away := [path for path in (asked.log, asked.keys) if not path.is_dir()]:
        return f"NOT READ  {away[0]}: not there. Is the path right? This says nothing of the log."
    try:
        print("\n".join(check_log(asked.log, asked.keys)))
    except (Wrong, OSError, ValueError, LookupError, TypeError, AttributeError, RecursionError) as error:
        return f"WRONG  {error if isinstance(error, Wrong | OSError) else type(error).__name__}"
    return 0


if __name__ == "__main__":
    sys.exit(main())
