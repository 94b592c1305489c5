"""Reading a DPIA file: strict structure first, then everything it says against schema, law and itself."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from datetime import date, datetime
from functools import lru_cache, partial
from pathlib import Path
from typing import Any

import rfc8785

from config.documents import (
    DocumentRefused,
    Place,
    Problem,
    read_as_far,
    read_place,
    read_tree,
    read_words,
)
from config.gaps import gaps_of
from sharing.diff import compare, refused_versions
from sharing.document import DpiaFile, Supersedes
from sharing.dpia import Dpia
from sharing.errors import DpiaRefused
from sharing.refusals import refusals
from sharing.whatever_stands import refused_whatever_stands

EXACT = 2**53
"""From here on JSON's numbers are not exact any more."""
AFTERWARDS = (
    f"{DpiaRefused.remedy}. There may be more once these are put right: what depends on a value that cannot"
    " be read, and whether the version fits what changed, is asked only then"
)


def load_dpia(path: Path, *, sources: Iterable[str] | None = None) -> Dpia:
    """Return the DPIA.

    Given:   `sources`, if stated, are the sources the site knows; a flow may name no other.
    Returns: the file as models, with the digest that a controller signs.
    Errors:  DpiaRefused (exit 10) with every problem, its file and line; where a value cannot be read, with
             whatever is wrong whichever value stood there, and the remedy says that there may be more. Dates
             and status are asked by `Dpia.require_in_force`, not here.
    """
    file, place, wrong = _read(path)
    gaps = gaps_of(place, DpiaFile, wrong) if wrong else None
    whole = file is not None and not (gaps and gaps.gaps)
    if gaps is not None and not whole:
        wrong += refused_whatever_stands(gaps, partial(_contradictions, place, sources))
    if file is not None and whole:
        wrong += _contradictions(place, sources, file)
        wrong += _against_the_superseded(file, place, path)
    if file is None or wrong:
        remedy = None if whole else AFTERWARDS
        raise DpiaRefused(sorted(wrong, key=lambda problem: problem.line), remedy=remedy)
    return _loaded(file, _digest_of_words(place.words), path)


def _contradictions(place: Place, sources: Iterable[str] | None, file: DpiaFile) -> Iterator[Problem]:
    """Yield where the file contradicts itself, the schema, the law, or the site's own files."""
    yield from refusals(file, place, None if sources is None else frozenset(sources))
    yield from _not_their_provider(file, place, sources)


def _not_their_provider(file: DpiaFile, place: Place, sources: Iterable[str] | None) -> Iterator[Problem]:
    """Yield each source whose controller is not the provider that the site's own file of it names."""
    said = sources if isinstance(sources, Mapping) else {}
    for at, party in enumerate(file.parties):
        for number, source in enumerate(party.sources):
            provider = getattr(said.get(source), "provider", party.id)
            if provider != party.id:
                words = f"{source}: its controller is {provider}, as sources/{source}.yaml of this site says."
                yield place.problem(words, "parties", at, "sources", number)


def _against_the_superseded(file: DpiaFile, place: Place, path: Path) -> Iterator[Problem]:
    """Yield why the version number does not fit what changed since the version that this one supersedes."""
    if file.supersedes is None:
        if not file.version.endswith(".0.0"):
            yield place.problem(
                f"version {file.version} supersedes another: name it, by version and digest, in supersedes.",
                "version",
            )
        return
    before = _beside(file.supersedes, path)
    if before is None:
        yield place.problem(
            f"supersedes: no file beside this one is version {file.supersedes.version} with that digest.",
            "supersedes",
        )
        return
    for why in refused_versions(before.version, file.version, compare(before, file)):
        yield place.problem(f"{why}.", "version")


def superseded(dpia: Dpia) -> Dpia | None:
    """Return the version that this one supersedes, from among the files beside it, if it is there.

    It is read for what it says and who signed it; the law it was checked against may have changed since.
    """
    return _beside(dpia.supersedes, dpia.path) if dpia.supersedes else None


def _beside(said: Supersedes, path: Path) -> Dpia | None:
    for other in sorted(path.parent.glob("*.yaml")):
        content = b"" if other == path else _content(other)
        # Whether the version's number stands there at all is asked before anybody reads all of it.
        found = _earlier(other, content) if said.version.encode() in content else None
        if found and (found.version, found.sha256) == (said.version, said.sha256):
            return found
    return None


def _content(path: Path) -> bytes:
    """Return the file's bytes; none where it cannot be read."""
    try:
        return path.read_bytes()
    except OSError:
        return b""


@lru_cache(maxsize=4)
def _earlier(path: Path, _content: bytes) -> Dpia | None:
    """Return an earlier version as far as it can be read; of the same file and bytes, once in a process."""
    file, place, _ = _read(path)
    return _loaded(file, _digest_of_words(place.words), path) if file else None


def _loaded(file: DpiaFile, sha256: str, path: Path) -> Dpia:
    read = {name: getattr(file, name) for name in DpiaFile.model_fields}
    return Dpia.model_construct(**read, sha256=sha256, path=path)


def _read(path: Path) -> tuple[DpiaFile | None, Place, list[Problem]]:
    """Return the file's models as far as its form is right, its places, and what is wrong with its form."""
    try:
        return read_as_far(path, DpiaFile)
    except DocumentRefused as refused:
        return None, Place(path, {}), refused.problems


def digest(tree: dict[str, Any]) -> str:
    """Return SHA-256 of the file as RFC 8785 JSON, leaving out the signatures made over it."""
    return hashlib.sha256(_canonical(tree)).hexdigest()


def digest_of(path: Path) -> str:
    """Return the digest of the file as it stands there now. Errors: DocumentRefused."""
    return _digest_of_words(read_place(path).words)


@lru_cache(maxsize=64)
def _digest_of_words(words: str) -> str:
    """Return the digest of the file that holds these words; the same words are digested once in a process."""
    return digest(read_words(words).tree)


def canonical_document(path: Path) -> bytes:
    """Return the file as the RFC 8785 JSON that its digest is taken of, for who has no YAML reader."""
    return _canonical(read_tree(path))


def _canonical(tree: dict[str, Any]) -> bytes:
    kept = dict(tree)
    if isinstance(kept.get("signoff"), dict):
        kept["signoff"] = {key: value for key, value in kept["signoff"].items() if key != "signatures"}
    said = _json(kept)
    return _as_json_writes_it(said) if _is_simple(said) else rfc8785.dumps(said)


def _json(node: Any) -> Any:
    if isinstance(node, str):
        return node
    if isinstance(node, dict):
        return {str(key): _json(value) for key, value in node.items()}
    if isinstance(node, list):
        return [_json(item) for item in node]
    return node.isoformat() if isinstance(node, date | datetime) else node


def _is_simple(node: Any) -> bool:
    """Return whether `json` writes the tree as RFC 8785 does: it has no fraction, huge number or odd key."""
    if isinstance(node, str):
        return True
    if isinstance(node, dict):
        return all(map(str.isascii, node)) and all(map(_is_simple, node.values()))
    if isinstance(node, list):
        return all(map(_is_simple, node))
    return node is None or (isinstance(node, int) and abs(node) < EXACT)


def _as_json_writes_it(said: Any) -> bytes:
    return json.dumps(said, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode()
