"""A signature put into an assessment's file: only the list of signatures changes, and the digest stays."""

from collections.abc import Sequence
from dataclasses import dataclass

from config.documents import plain, read_text, read_words
from sealing.notes import signature_line
from sealing.signing import Purpose, Signer
from sealing.trust import ATTESTOR, Trust, role_of
from sharing.document import SignedElsewhere
from sharing.dpia import Dpia
from sharing.errors import SignaturesNotWritable
from sharing.loading import digest
from sharing.signing.block import Entry, OddlyWritten, rewritten
from sharing.signing.judging import facts_of, judge
from sharing.signing.texts import attested_text, signed_text

LARGEST_BYTES = 1_000_000
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Written:
    """The file's bytes with the signature in it; how many others were taken out; False if nothing changed."""

    content: bytes
    dropped: int
    changed: bool


def line_of_party(dpia: Dpia, party: str, signer: Signer) -> str:
    """Return the signature line of a controller over this assessment."""
    return signature_line(Purpose.ASSESSMENT, signed_text(dpia, dpia.sha256), role_of(party), signer)


def attested(dpia: Dpia, said: SignedElsewhere, signer: Signer) -> SignedElsewhere:
    """Return the entry of a document signed elsewhere, with the attestor's line over what it says."""
    text = attested_text(dpia, dpia.sha256, facts_of(said))
    line = signature_line(Purpose.ATTESTATION, text, ATTESTOR, signer)
    return said.model_copy(update={"attestation": line})


def with_entries(dpia: Dpia, entries: Sequence[Entry], trust: Trust) -> Written:
    """Return the file's content with these entries; signatures over other bytes than these are taken out.

    Given:  an assessment as it was loaded; what is asked twice is written once.
    Errors: SignaturesNotWritable, DocumentRefused.
    """
    whole = dpia.path.read_bytes()
    text, now = read_text(dpia.path, LARGEST_BYTES), list(dpia.signoff.signatures)
    stale = judge(dpia, trust).outdated
    add = [entry for entry in entries if entry not in now]
    if not stale and not add:
        return Written(whole, 0, changed=False)
    try:
        new = rewritten(text, now, stale, add)
    except OddlyWritten:
        raise SignaturesNotWritable(f"{dpia.path.as_posix()}, signoff.signatures") from None
    _require_same(dpia, new, [entry for at, entry in enumerate(now) if at not in stale] + add)
    mark = BOM if whole.startswith(BOM) else b""
    return Written(mark + new.encode(), len(stale), changed=True)


def _require_same(dpia: Dpia, text: str, entries: Sequence[Entry]) -> None:
    """Errors: SignaturesNotWritable, unless the text says what it said, and has exactly these signatures."""
    read = read_words(text)
    tree = plain(read.tree) if read.whole and not read.wrong else {}
    listed = [_plain(entry) for entry in entries]
    if not tree or digest(tree) != dpia.sha256 or _dated(tree["signoff"].get("signatures")) != listed:
        raise SignaturesNotWritable(f"{dpia.path.as_posix()}, signoff.signatures")


def _plain(entry: Entry) -> object:
    return entry if isinstance(entry, str) else entry.model_dump(mode="json", by_alias=True)


def _dated(listed: object) -> object:
    """Return a list of entries with its days as the models write them."""
    found = listed if isinstance(listed, list) else []
    return [
        entry | {"signedOn": str(entry["signedOn"])} if isinstance(entry, dict) else entry for entry in found
    ]
