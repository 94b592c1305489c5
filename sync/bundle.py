"""One folder for an auditor: the log, the landing zone without its bodies, public keys, the verifiers.

Nothing in it is new: every file is the very one that stands on the site, but for `contents.json`, which says
what the folder holds, and `SHA256SUMS` over all of it.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import audit
from audit.agree import hold_to_landing
from audit.errors import BundleThere
from audit.reading import Reading, read_log
from audit.verify import verify
from common import clock
from common.files import private_folder, write_atomic
from config.documents import DocumentRefused
from config.site import Site
from connectors.landing import Landing
from connectors.registry import landing_if_there, landing_read
from sealing.earlier import load_verifiers
from sealing.keys import load_verifier
from sealing.manifest import MANIFEST_NAME, SIGNATURE_NAME
from sealing.trust import read_trust
from sharing.loading import digest_of
from sync.signed_by import hold_to_signatures

FORMAT = "viaduct-bundle/1"
CONTENTS = "contents.json"
SUMS = "SHA256SUMS"
ASSESSMENTS, DRAFTS = "dpia", "drafts"
"""Assessments that the log names, and those that never ran: nothing was sent under them."""
VERIFIERS = ("standalone.py", "standalone_proof.py", "standalone_signatures.py")
README = Path(__file__).with_name("bundle_readme.md")


def write_bundle(site: Site, out: Path) -> dict[str, Any]:
    """Return what was written into the new folder, once the log and all that lies beside it verifies.

    Returns: format, site, made_at, log (size and root), landing (read, not_made, or not_read_here where this
             side may only add to it), the digest of every file by its name, and `sums`:
             the digest of SHA256SUMS, which whoever hands the folder over can tell by another way.
    Errors:  BundleThere, if something stands in the folder; DisclosureLogBroken: then nothing is written.
    """
    if out.exists() and any(out.iterdir()):
        raise BundleThere("the folder that was named is not empty.")
    verifier = load_verifier("log", site.keys.public)
    verify(site.var / "log", verifier)
    reading = read_log(site.var / "log", verifier)
    senders, receipts = (
        load_verifiers("signing", site.keys.public),
        load_verifiers("receipt", site.keys.public),
    )
    with landing_if_there(site.landing) as landing:
        hold_to_landing(reading, landing, senders, receipts)
        hold_to_signatures(reading, read_trust(site.keys.public))
        return _written(site, out, reading, landing)


def _written(site: Site, out: Path, reading: Reading, landing: Landing | None) -> dict[str, Any]:
    digests = {}
    for name, content in _files(site, reading, landing):
        path = private_folder(out / Path(name).parent) / Path(name).name
        write_atomic(path, content)
        digests[name] = hashlib.sha256(content).hexdigest()
    said = _contents(site, reading, digests) | {"landing": landing_read(landing, site.landing)}
    content = (json.dumps(said, indent=1, sort_keys=True) + "\n").encode()
    write_atomic(out / CONTENTS, content)
    sums = _sums({**digests, CONTENTS: hashlib.sha256(content).hexdigest()})
    write_atomic(out / SUMS, sums)
    return said | {"sums": hashlib.sha256(sums).hexdigest()}


def _sums(digests: Mapping[str, str]) -> bytes:
    """Return the list as `sha256sum --check` reads it."""
    return "".join(f"{digest}  {name}\n" for name, digest in sorted(digests.items())).encode()


def _contents(site: Site, reading: Reading, digests: Mapping[str, str]) -> dict[str, Any]:
    head = reading.checkpoint
    return {
        "format": FORMAT,
        "site": site.name,
        "made_at": clock.stamp(clock.now()),
        "log": {"origin": head.origin, "size": head.size, "root": head.root.hex()},
        "files": dict(sorted(digests.items())),
        "never_ran": sorted(name for name in digests if name.startswith(f"{DRAFTS}/")),
    }


def _files(site: Site, reading: Reading, landing: Landing | None) -> Iterator[tuple[str, bytes]]:
    """Yield name and content of every file of the bundle but the list of them."""
    yield "README.md", README.read_bytes()
    for name in VERIFIERS:
        yield f"verifiers/{name}", (Path(audit.__file__).parent / name).read_bytes()
    yield from _in_log(reading.folder)
    for path in sorted(site.keys.public.rglob("*")):
        if path.suffix == ".pub" or path.name == "witnesses":
            yield f"keys/{path.relative_to(site.keys.public).as_posix()}", path.read_bytes()
    ran = {leaf["dpia"]["sha256"] for leaf in reading.leaves if "dpia" in leaf}
    for path in sorted(site.dpia.parent.glob("*.yaml")):
        yield f"{ASSESSMENTS if _digest(path) in ran else DRAFTS}/{path.name}", path.read_bytes()
    if landing is not None:
        for flow in landing.flows():
            yield from _in_landing(landing, flow)


def _digest(path: Path) -> str | None:
    """Return the digest that a leaf would name the assessment by; None of a file that cannot be read."""
    try:
        return digest_of(path)
    except DocumentRefused:
        return None


def _in_log(folder: Path) -> Iterator[tuple[str, bytes]]:
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.name.startswith("."):
            yield f"log/{path.relative_to(folder).as_posix()}", path.read_bytes()


def _in_landing(landing: Landing, flow: str) -> Iterator[tuple[str, bytes]]:
    """Yield manifests, receipts and certificates; no body and no mark, which are for the two sides alone."""
    for batch in landing.batches(flow):
        for name in (MANIFEST_NAME, SIGNATURE_NAME):
            yield f"landing/{batch}/{name}", landing.read(batch, name)
    for number, receipt in landing.receipts(flow).items():
        yield f"landing/receipts/{flow}/{number:08d}.json", receipt
    for number, certificate in landing.certificates(flow).items():
        yield f"landing/certificates/{flow}/{number:08d}.json", certificate
