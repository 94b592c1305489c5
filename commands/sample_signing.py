"""The sample's parties: invented like everybody in it, their keys on this machine; they agree to everything.

Of a real site each party signs where it is, and reads what it signs: docs/how_to/sign_an_assessment.md.
"""

import re
from pathlib import Path
from typing import Any

from audit.kept import assessment_file
from common.files import write_atomic
from config.documents import plain, read_text, read_tree, read_words
from config.site import Site

LARGEST_BYTES = 1_000_000
LEFT_ASIDE = ("version", "supersedes")


def sign_sample(site: Site) -> list[str]:
    """Let every controller of the sample's assessment sign it; return the roles whose keys were made.

    Where it is not what last ran, it becomes the next version of that, which is laid beside it.
    """
    from sealing.keys import create, load_signer
    from sealing.trust import read_trust, role_of
    from sharing import load_dpia
    from sharing.signing import controllers
    from sharing.signing.writing import line_of_party, with_entries

    _follow(site)
    dpia = load_dpia(site.dpia, sources=site.known_sources)
    roles = {party: role_of(party) for party in sorted(controllers(dpia))}
    made = [role for role in roles.values() if not (site.keys.private / f"{role}.key").exists()]
    for role in made:
        create(role, site.keys.private, site.keys.public)
    lines = [
        line_of_party(dpia, party, load_signer(role, site.keys.private)) for party, role in roles.items()
    ]
    written = with_entries(dpia, lines, read_trust(site.keys.public))
    if written.changed:
        write_atomic(site.dpia, written.content, private=False)
    return made


def says_the_same(path: Path, text: str) -> bool:
    """Return whether the file says what the text says, its number and its signatures left aside."""
    if not path.exists():
        return False
    said, meant = (read_words(words) for words in (read_text(path, LARGEST_BYTES), text))
    whole = said.whole and not said.wrong and isinstance(said.tree, dict)
    return whole and _meaning(plain(said.tree)) == _meaning(plain(meant.tree))


def _meaning(tree: dict[str, Any]) -> str:
    from sharing.loading import digest

    return digest({key: said for key, said in tree.items() if key not in LEFT_ASIDE})


def _follow(site: Site) -> None:
    """Make the file the next version of what last ran, where it is another; that one is laid beside it."""
    from sharing.loading import digest
    from sync.sign_off import last_logged

    last = last_logged(site)
    tree = plain(read_tree(site.dpia))
    if last is None or last in {digest(tree), (tree.get("supersedes") or {}).get("sha256")}:
        return
    kept = assessment_file(site.var / "log", last).read_bytes()
    version = plain(read_words(kept.decode()).tree)["version"]
    write_atomic(site.dpia.with_name(f"{site.dpia.stem}-{version}.yaml"), kept, private=False)
    said = (
        f"version: {int(version.split('.')[0]) + 1}.0.0\nsupersedes: {{version: {version}, sha256: {last}}}"
    )
    text = re.sub(r"(?m)^supersedes:.*\n", "", site.dpia.read_text(encoding="utf-8"))
    write_atomic(site.dpia, re.sub(r"(?m)^version:.*$", said, text, count=1).encode(), private=False)
