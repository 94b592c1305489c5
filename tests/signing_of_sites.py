"""Nobody runs an unsigned assessment, not even a test: here the parties of a tests' site sign for it.

A test edits the assessment in place, as if it were a new version that everybody agreed to. Before the night
the file becomes just that: the version that last ran is laid beside it, the number goes up, all parties sign.
"""

import base64
import json
import re
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Any

from audit.kept import LEAVES, assessment_file, read_lines
from audit.ledger import Ledger
from common import clock
from config.documents import DocumentRefused, plain, read_words
from config.site import Site
from sealing.notes import signature_line
from sealing.signing import Purpose
from sealing.trust import role_of
from sharing.document import DpiaFile
from sharing.loading import digest
from sharing.signing.block import rewritten
from sharing.signing.judging import CONTROLLERS
from sharing.signing.texts import signed_text
from tests.parties import signer_of

Tree = dict[str, Any]
Agreed = tuple[str, tuple[str, ...]]
SIGNED: dict[str, str] = {}
"""Every text that was signed in this process, by its digest."""


def sign_site(site: Site, *, patch: bool = False, previous: str = "") -> None:
    """Let every controller of the site's assessment sign it, as the next version of what last ran.

    Given: `patch` makes it a PATCH version, which may not share more; else it is the next MAJOR one. It comes
    from the `previous` file, where a test has one that may be on its way without being logged yet.
    A file that is not whole YAML, or is signed already, stays as it is.
    """
    text = _text(site.dpia)
    last = digest_of(previous) if previous else last_assessment(site.var / "log")
    before = _before(site, last, previous) if last else None
    try:
        final = _signed(text, last, before, patch)
    except DocumentRefused:
        return
    if final is None:
        return
    _trust(site.keys.public, final[1])
    if final[0] != text:
        site.dpia.write_text(final[0], encoding="utf-8", newline="")


def forget_signed() -> None:
    """Let go of every text that was signed: a test of many versions says itself which one came before."""
    SIGNED.clear()
    _signed.cache_clear()
    digest_of.cache_clear()


def last_assessment(log: Path) -> str | None:
    """Return the digest of the assessment that the log's latest run names last."""
    ledger = Ledger()
    for line in read_lines(log / LEAVES)[0]:
        ledger.remember(json.loads(line))
    return ledger.assessment


def _text(path: Path) -> str:
    with path.open(encoding="utf-8", newline="") as file:
        return file.read()


def _before(site: Site, last: str, previous: str) -> str:
    """Return the version that last ran; it lies beside the file from now on, unless it is the file."""
    kept = assessment_file(site.var / "log", last)
    text = previous or SIGNED.get(last) or kept.read_text(encoding="utf-8")
    beside = site.dpia.with_name(f"{site.dpia.stem}-{last[:8]}.yaml")
    if not beside.exists() and digest_of(_text(site.dpia)) != last:
        beside.write_text(text, encoding="utf-8", newline="")
    return str(_tree(text)["version"])


@lru_cache(maxsize=256)
def _signed(
    text: str, last: str | None, before: str | None, patch: bool
) -> tuple[str, tuple[str, ...]] | None:
    """Return the text signed by all, and who they are; None for what is not whole."""
    tree = _tree(text)
    parties = tuple(_controllers(tree))
    if not parties or not isinstance(tree.get("signoff"), dict):
        return None
    if before is not None and last not in {digest(tree), (tree.get("supersedes") or {}).get("sha256")}:
        text = _next(text, {"version": before, "sha256": last}, _after(before, patch))
        tree = _tree(text)
    named = DpiaFile.model_construct(id=tree["id"], version=tree["version"])
    said = signed_text(named, digest(tree))
    lines = [
        signature_line(Purpose.ASSESSMENT, said, role_of(party), signer_of(role_of(party)))
        for party in parties
    ]
    text = _with_lines(text, tree, lines)
    SIGNED[digest(tree)] = text
    return text, parties


def _tree(text: str) -> Tree:
    read = read_words(text)
    return plain(read.tree) if read.whole and isinstance(read.tree, dict) else {}


@lru_cache(maxsize=256)
def digest_of(text: str) -> str:
    """Return the digest of an assessment's text; its signatures are no part of it."""
    return digest(_tree(text))


def _controllers(tree: Tree) -> Iterator[str]:
    for party in tree.get("parties", []):
        if isinstance(party, dict) and party.get("role") in CONTROLLERS:
            yield str(party["id"])


def _after(version: str, patch: bool) -> str:
    major, minor, number = (int(part) for part in version.split("."))
    return f"{major}.{minor}.{number + 1}" if patch else f"{major + 1}.0.0"


def _next(text: str, last: Tree, version: str) -> str:
    """Return the text under another number, superseding the version that last ran."""
    if text.startswith("{"):
        return json.dumps(json.loads(text) | {"version": version, "supersedes": last}, indent=1)
    text = re.sub(r"(?m)^supersedes:.*\r?\n", "", text)
    said = f"version: {version}\nsupersedes: {json.dumps(last)}"
    return re.sub(r"(?m)^version:.*$", said, text, count=1)


def _with_lines(text: str, tree: Tree, lines: list[str]) -> str:
    now = tree["signoff"].get("signatures", [])
    if now == lines:
        return text
    if text.startswith("{"):
        signoff = tree["signoff"] | {"signatures": lines}
        return json.dumps(json.loads(text) | {"signoff": signoff}, indent=1)
    return rewritten(text, now, set(range(len(now))), lines)


def _trust(public: Path, parties: tuple[str, ...]) -> None:
    """Put the parties' public keys into the site's `keys/`."""
    for party in parties:
        path = public / f"{role_of(party)}.pub"
        if not path.exists():
            public.mkdir(parents=True, exist_ok=True)
            key = base64.b64encode(signer_of(role_of(party)).verifier.public).decode()
            said = f"# viaduct public key, role {role_of(party)}, version 1, created {clock.today()}"
            path.write_text(f"{said}\n{key}\n", encoding="ascii")
