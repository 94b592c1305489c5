"""Edits of an assessment as a site meets them: the next version beside the signed one, signed and loaded."""

import re
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from config.documents import Problem
from config.reading import read_events
from config.tree import plain
from sealing.notes import signature_line
from sealing.signing import Purpose
from sealing.trust import role_of
from sharing import Dpia, load_dpia
from sharing.document import DpiaFile
from sharing.errors import DpiaRefused
from sharing.loading import digest
from sharing.signing import Standing, standing
from sharing.signing.texts import signed_text
from tests.edited_assessments import Edit
from tests.parties import EVERYBODY, signed, signer_of, trust_of

SOURCES = ("hub", "community_support", "domestic_abuse_support")
TRUST = trust_of()
ID = "urn:dpia:smbc:charity-crm-to-warehouse"
PATCH, MAJOR = "1.0.1", "2.0.0"
NONE_YET = "  signatures: []\n"
VERSION = re.compile(r"(?m)^version: .*$")
BLOCK = re.compile(r"(?m)^(?=[a-zA-Z])")


def line_of(party: str, said: str) -> str:
    """Return the line by which the party signs the text, with its own key."""
    return signature_line(Purpose.ASSESSMENT, said, role_of(party), signer_of(role_of(party)))


def text_signed(version: str, sha256: str) -> str:
    """Return what is signed of the example's version of this digest."""
    return signed_text(DpiaFile.model_construct(id=ID, version=version), sha256)


@dataclass
class Signing:
    """A folder with the version that all signed, and beside it, one after another, what may come next."""

    folder: Path
    text: str

    def __post_init__(self) -> None:
        (self.folder / "signed.yaml").write_text(self.text, encoding="utf-8")
        self.before = signed(self.folder / "signed.yaml", *EVERYBODY)
        self.path = self.folder / "edited.yaml"

    @cached_property
    def tree(self) -> dict[str, Any]:
        """Return the example as it stands, before any edit."""
        return dict(plain(read_events(self.text).tree))

    def next_text(self, edit: Edit, version: str) -> str:
        """Return the edited file as the version after the signed one, signed by nobody."""
        return VERSION.sub(f"version: {version}\nsupersedes: {self._superseded()}", edit.text, count=1)

    def digest_of(self, edit: Edit, version: str) -> str:
        """Return the digest that the next version will have.

        Only the block that was edited is read for it; that it is the digest, the signature over it shows.
        """
        read = read_events(self._block(edit))
        assert read.whole, f"line {edit.line}: these words have no digest to sign"
        supersedes = {"version": self.before.version, "sha256": self.before.sha256}
        return digest(self.tree | dict(read.tree) | {"version": version, "supersedes": supersedes})

    def load(self, edit: Edit, version: str, parties: Collection[str]) -> "Dpia | list[Problem]":
        """Return the edited file as it loads once these have signed it, or every reason why it does not."""
        text = self.next_text(edit, version)
        if parties:
            said = text_signed(version, self.digest_of(edit, version))
            listed = "".join(f'    - "{line_of(party, said)}"\n' for party in parties)
            text = text.replace(NONE_YET, f"  signatures:\n{listed}")
        self.path.write_text(text, encoding="utf-8")
        try:
            return load_dpia(self.path, sources=SOURCES)
        except DpiaRefused as refused:
            return refused.problems

    def standing(self, dpia: Dpia, parties: Iterable[str]) -> Standing:
        """Return how the loaded file stands once these, and no others, have signed it."""
        said = text_signed(dpia.version, dpia.sha256)
        return self._with(dpia, [line_of(party, said) for party in parties])

    def standing_as_before(self, dpia: Dpia) -> Standing:
        """Return how the loaded file stands with the signatures that are under the version before."""
        return self._with(dpia, list(self.before.signatures))

    def _with(self, dpia: Dpia, lines: list[str]) -> Standing:
        signoff = dpia.signoff.model_copy(update={"signatures": lines})
        return standing(dpia.model_copy(update={"signoff": signoff}), TRUST)

    def _superseded(self) -> str:
        return f"{{version: {self.before.version}, sha256: {self.before.sha256}}}"

    def _block(self, edit: Edit) -> str:
        """Return the words of the one block of the file that the edit changed."""
        old, new = BLOCK.split(self.text), BLOCK.split(edit.text)
        changed = [at for at, (was, now) in enumerate(zip(old, new, strict=True)) if was != now]
        assert len(changed) == 1
        return new[changed[0]]
