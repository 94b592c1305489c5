"""Each signature under an assessment: whose it is, or why it is nobody's."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from typing import Literal

from sealing.notes import SignatureLine, read_signature_line, read_verifier_key
from sealing.signing import Purpose
from sealing.trust import ATTESTOR, Trust, party_of, role_of
from sharing.document import DpiaFile, Party, SignedElsewhere
from sharing.dpia import Dpia
from sharing.signing.texts import attested_text, signed_text
from sharing.vocabulary import Role

CONTROLLERS = frozenset({Role.CONTROLLER, Role.JOINT_CONTROLLER})


@dataclass(frozen=True)
class Signed:
    """One signature that holds: whose, and by its own key or by a document that the attestor saw."""

    party: str
    by: Literal["key", "document"]
    name: str | None = None
    on: date | None = None

    def to_json(self) -> dict[str, str | None]:
        """Return it as `dpia check --json` and the disclosure statement show it."""
        return {
            "party": self.party,
            "by": self.by,
            "name": self.name,
            "on": self.on.isoformat() if self.on else None,
        }


@dataclass(frozen=True)
class Judged:
    """Every signature of a file: those that hold, and by place in the list why the others do not.

    outdated: the places of those that a key trusted here made over other bytes, or a key of before made.
    """

    signed: tuple[Signed, ...]
    refused: dict[int, str]
    outdated: frozenset[int]

    @property
    def parties(self) -> frozenset[str]:
        """Return who signed."""
        return frozenset(signed.party for signed in self.signed)


def judge(dpia: Dpia, trust: Trust, *, superseded: bool = False) -> Judged:
    """Return which signatures of the file hold.

    Given: the keys that are trusted here; under a superseded version that ran, retired keys count as well.
    """
    judge_one = _Judge(dpia, trust, superseded and dpia.sha256 in trust.ran)
    signed: list[Signed] = []
    refused: dict[int, str] = {}
    outdated: set[int] = set()
    for at, entry in enumerate(dpia.signoff.signatures):
        try:
            signed.append(judge_one.entry(entry))
        except _Refused as why:
            refused[at] = str(why)
            outdated |= {at} if isinstance(why, _Outdated) else set()
    return Judged(tuple(signed), refused, frozenset(outdated))


class _Refused(Exception):
    """Why a signature does not count."""


class _Outdated(_Refused):
    """It counted once, for other bytes or under a key of before."""


@dataclass(frozen=True)
class _Judge:
    dpia: Dpia
    trust: Trust
    superseded: bool

    def entry(self, entry: str | SignedElsewhere) -> Signed:
        """Return the signature that the entry is. Errors: _Refused."""
        if isinstance(entry, SignedElsewhere):
            return self._attested(entry)
        line = read_signature_line(entry)
        party = party_of(line.name) if line else None
        if line is None or party is None:
            raise _Refused(f"it is not a line of a {role_of('PARTY')} key.")
        self._require_controller(party)
        self._require_key_named(party)
        self._require_line(line, Purpose.ASSESSMENT, signed_text(self.dpia, self.dpia.sha256))
        return Signed(party, "key")

    def _attested(self, entry: SignedElsewhere) -> Signed:
        line = read_signature_line(entry.attestation)
        if line is None or line.name != ATTESTOR:
            raise _Refused(f"what {entry.party} signed elsewhere is not attested by the {ATTESTOR} key.")
        self._require_controller(entry.party)
        text = attested_text(self.dpia, self.dpia.sha256, facts_of(entry))
        self._require_line(line, Purpose.ATTESTATION, text)
        return Signed(entry.party, "document", entry.signed_by, entry.signed_on)

    def _require_controller(self, party: str) -> None:
        if not is_controller(self.dpia, party):
            raise _Refused(f"{party} is no controller in this file.")

    def _require_key_named(self, party: str) -> None:
        """Errors: _Refused, where the file names another key for the party than the one trusted here."""
        named = next(each for each in self.dpia.parties if each.id == party)
        known = self.trust.keys_of(role_of(party), superseded=self.superseded)
        if named.keys is not None and known and not _is_one_of(named, known):
            file = f"keys/{role_of(party)}.pub"
            raise _Refused(f"the key that the file names for {party} is not the one in {file}.")

    def _require_line(self, line: SignatureLine, purpose: Purpose, text: str) -> None:
        known, file = self.trust.keys_of(line.name, superseded=self.superseded), f"keys/{line.name}.pub"
        if not known:
            raise _Refused(f"no key of {line.name} is trusted here: {file} is missing.")
        if not any(line.is_of(key) for key in known):
            before = any(line.is_of(key) for key in self.trust.retired.get(line.name, ()))
            raise (_Outdated if before else _Refused)(f"it was made with another key than {file}.")
        if not any(line.holds(purpose, text, key) for key in known):
            raise _Outdated(f"{line.name} signed other bytes than these: the file was changed afterwards.")


def _is_one_of(party: Party, known: tuple[object, ...]) -> bool:
    try:
        return party.keys is not None and read_verifier_key(party.keys.signing)[1] in known
    except ValueError:
        return False


def facts_of(entry: SignedElsewhere) -> dict[str, str | date]:
    """Return what the attestor says of a document that was signed elsewhere."""
    return {
        "party": entry.party,
        "signedBy": entry.signed_by,
        "signedOn": entry.signed_on,
        "uri": entry.document.uri,
        "documentSha256": entry.document.sha256,
    }


def refusals_of(judged: Judged) -> Iterator[str]:
    """Yield in words why some signatures do not count."""
    for at, why in judged.refused.items():
        yield f"signoff.signatures, entry {at + 1}: {why}"


def is_controller(file: DpiaFile, party: str) -> bool:
    """Return whether the party is a controller in the file."""
    return any(each.id == party and each.role in CONTROLLERS for each in file.parties)
