"""The parties of a tests' assessment: their keys, the same in every process, and their signatures."""

import hashlib
from collections.abc import Iterable
from pathlib import Path

from sealing.signing import Signer
from sealing.trust import ATTESTOR, Trust, role_of
from sharing import Dpia, load_dpia
from sharing.signing.block import Entry
from sharing.signing.writing import line_of_party, with_entries

EVERYBODY = ("smbc", "hub", "community_support", "domestic_abuse_support")


def signer_of(role: str) -> Signer:
    """Return the private key of a role; of a party's, `controller-PARTY`."""
    return Signer(hashlib.sha256(role.encode()).digest())


def trust_of(parties: Iterable[str] = EVERYBODY, *, attestor: bool = False) -> Trust:
    """Return the trust of a site that has the public keys of these parties, and no others."""
    roles = [role_of(party) for party in parties] + ([ATTESTOR] if attestor else [])
    return Trust({role: signer_of(role).verifier for role in roles})


def signed(path: Path, *parties: str, keys: str = "") -> Dpia:
    """Return the assessment of this file, signed in it by these parties, each with its key.

    Given: `keys` makes them other keys than those that `trust_of` trusts.
    """
    dpia = load_dpia(path)
    lines: list[Entry] = [line_of_party(dpia, party, signer_of(role_of(party) + keys)) for party in parties]
    path.write_bytes(with_entries(dpia, lines, trust_of()).content)
    return load_dpia(path)
