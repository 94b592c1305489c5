"""Who published a release: a detached signature over its descriptor, which has every file's digest."""

import base64
import binascii
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from feed.release.datapackage import FORMAT, NAME
from feed.release.errors import ReleaseAltered, ReleaseNotThere
from feed.release.files import sha256
from sealing.signing import Purpose, Signer, Verifier

SIGNATURE_NAME = f"{NAME}.sig"
ROLE = "feed"


def sign(described: bytes, signer: Signer) -> bytes:
    """Return the bytes of datapackage.json.sig: the signature in base64, one line."""
    return base64.b64encode(signer.sign(Purpose.FEED, described)) + b"\n"


def verified(folder: Path, keys: Iterable[Verifier]) -> dict[str, Any]:
    """Return the descriptor of a release whose signature and every digest hold.

    Errors:  ReleaseNotThere, ReleaseAltered, which names the files and no content.
    """
    described, signature = _read(folder, NAME), _read(folder, SIGNATURE_NAME)
    if described is None or signature is None:
        raise ReleaseNotThere(f"{folder.as_posix()}: {NAME} and {SIGNATURE_NAME} are not both there.")
    if not _signed(described, signature, keys):
        raise ReleaseAltered(f"{folder.as_posix()}/{NAME}: no key of the role {ROLE} made its signature.")
    said = json.loads(described)
    if said.get("viaduct", {}).get("format") != FORMAT:
        raise ReleaseNotThere(f"{folder.as_posix()}/{NAME} is of another version of Viaduct.")
    if wrong := [*_wrong_files(folder, said), *_strangers(folder, said)]:
        raise ReleaseAltered("\n".join(wrong))
    return dict(said)


def is_signed(folder: Path, keys: Iterable[Verifier]) -> bool:
    """Return whether one of the keys signed the release's descriptor."""
    described, signature = _read(folder, NAME), _read(folder, SIGNATURE_NAME)
    return described is not None and signature is not None and _signed(described, signature, keys)


def _signed(described: bytes, signature: bytes, keys: Iterable[Verifier]) -> bool:
    try:
        raw = base64.b64decode(signature.strip(), validate=True)
    except binascii.Error:
        return False
    return any(key.accepts(Purpose.FEED, described, raw) for key in keys)


def _wrong_files(folder: Path, said: dict[str, Any]) -> Iterable[str]:
    for resource in said["resources"]:
        content = _read(folder, resource["path"])
        if content is None:
            yield f"{folder.as_posix()}/{resource['path']} is not there."
        elif (len(content), sha256(content)) != (resource["bytes"], resource["hash"]):
            yield f"{folder.as_posix()}/{resource['path']} is not what was published."


def _strangers(folder: Path, said: dict[str, Any]) -> Iterable[str]:
    known = {NAME, SIGNATURE_NAME, *(resource["path"] for resource in said["resources"])}
    for path in sorted(folder.iterdir()):
        if path.name not in known:
            yield f"{folder.as_posix()}/{path.name} does not belong to the release."


def _read(folder: Path, name: str) -> bytes | None:
    path = folder / name
    return path.read_bytes() if path.is_file() else None
