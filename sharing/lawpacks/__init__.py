"""Law packs: dated legal vocabularies, each a declared file beside this one."""

from functools import lru_cache
from pathlib import Path

from config.documents import read_document
from sharing.lawpacks.pack import LawPack

__all__ = ["LawPack", "known_packs", "law_pack"]

FOLDER = Path(__file__).parent


def known_packs() -> list[str]:
    """Return the names of the packs there are, as a DPIA writes them: uk/2026-09-30."""
    return sorted(path.stem.replace("-", "/", 1) for path in FOLDER.glob("*.yaml"))


@lru_cache(maxsize=8)
def law_pack(name: str) -> LawPack:
    """Return the pack. Given: one of `known_packs()`. Errors: DocumentRefused if its file does not load."""
    return read_document(FOLDER / f"{name.replace('/', '-', 1)}.yaml", LawPack)
