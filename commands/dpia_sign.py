"""Signing an assessment: what is signed is said first, then one line is put into the file."""

import hashlib
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from commands import say
from commands.options import JsonOption, KeysOption, SiteOption, day, known, named, opened, site_folder

if TYPE_CHECKING:
    from sealing.trust import Trust

File = Annotated[Path, typer.Argument(exists=True, dir_okay=False, help="An assessment's file.")]
Elsewhere = Annotated[
    Path | None,
    typer.Option("--document", exists=True, dir_okay=False, help="A document that was signed elsewhere."),
]


@dataclass(frozen=True)
class _Desk:
    """Where somebody signs: its keys, whose signatures count, the sources if a site is at hand."""

    private: Path
    public: Path
    trust: "Trust"
    sources: Collection[str] | None = None


def sign(
    context: typer.Context,
    file: File,
    party: Annotated[str, typer.Option("--as", metavar="PARTY", help="The controller that signs.")],
    document: Elsewhere = None,
    signed_by: Annotated[
        str | None, typer.Option("--signed-by", metavar="NAME", help="Who signed the document.")
    ] = None,
    on: Annotated[str | None, typer.Option("--on", metavar="DAY", help="When (YYYY-MM-DD).")] = None,
    uri: Annotated[str | None, typer.Option("--uri", help="Where the signed document is kept.")] = None,
    keys: KeysOption = None,
    json: JsonOption = False,
    site: SiteOption = None,
) -> int:
    """Sign an assessment for a controller, or attest that it signed a document elsewhere.

    Only the list of signatures in the file is changed; its digest, which is what is signed, stays as it was.
    With --keys the folder holds controller-PARTY.key and .pub, and of other parties what is to be believed.
    """
    from common.files import write_atomic
    from sharing import load_dpia
    from sharing.signing import standing
    from sharing.signing.judging import CONTROLLERS
    from sharing.signing.writing import with_entries

    asked = (document, signed_by, on, uri)
    if any(asked) and not all(asked):
        raise typer.BadParameter("a document signed elsewhere needs --document, --signed-by, --on and --uri")
    desk = _desk(context, keys, site)
    dpia = load_dpia(file, sources=desk.sources)
    known([party], [each.id for each in dpia.parties if each.role in CONTROLLERS], "controller")
    _require_approved(dpia)
    if not json:
        _tell_what(dpia)
    if document and signed_by and on and uri:
        entry = _attested(desk, dpia, _elsewhere(party, document, named(signed_by) or "", day(on), uri))
    else:
        entry = _signed(desk, dpia, party)
    written = with_entries(dpia, [entry], desk.trust)
    if written.changed:
        write_atomic(file, written.content, private=False)
    after = standing(load_dpia(file, sources=desk.sources), desk.trust)
    say.as_json(_as_json(dpia, party, written, after)) if json else _tell_done(file, party, written, after)
    return 0


def _require_approved(dpia: Any) -> None:
    """Errors: AssessmentNotApproved, where the signatures would be lost as soon as the status is written."""
    from sharing.errors import AssessmentNotApproved
    from sharing.vocabulary import Status

    if dpia.status in {Status.DRAFT, Status.IN_REVIEW}:
        raise AssessmentNotApproved(
            f"{dpia.path.as_posix()}: status is {dpia.status.value}. The status is part of what is signed:"
            " writing another afterwards takes every signature away.",
            sent="Nothing was signed and the file was not changed.",
        )


def _desk(context: typer.Context, keys: Path | None, site: Path | None) -> _Desk:
    """Return where it is signed: a folder of keys alone, else the site."""
    from sealing.trust import read_trust
    from sync.sign_off import trusted_here

    if keys is not None:
        return _Desk(keys, keys, read_trust(keys))
    place = opened(site_folder(context, site))
    return _Desk(place.keys.private, place.keys.public, trusted_here(place), place.known_sources)


def _signed(desk: _Desk, dpia: Any, party: str) -> str:
    """Return the line of the party's key. Errors: KeyUnusable, KeyExposed."""
    from sealing.trust import role_of
    from sharing.signing.writing import line_of_party

    return line_of_party(dpia, party, _signer(desk, role_of(party)))


def _attested(desk: _Desk, dpia: Any, said: Any) -> Any:
    """Return what the attestor says of a document. Errors: KeyUnusable, KeyExposed."""
    from sealing.trust import ATTESTOR
    from sharing.signing.writing import attested

    return attested(dpia, said, _signer(desk, ATTESTOR))


def _signer(desk: _Desk, role: str) -> Any:
    """Return what signs for the role; the key must be the one that is trusted here."""
    from sealing.errors import KeyUnusable
    from sealing.keys import load_signer, load_verifier

    signer = load_signer(role, desk.private)
    if signer.verifier != load_verifier(role, desk.public):
        raise KeyUnusable(
            f"Role {role}: its private part is not that of {role}.pub among the public keys.",
            remedy="Find out which half is right, and put back the other; docs/how_to/sign_an_assessment.md.",
        )
    return signer


def _elsewhere(party: str, document: Path, name: str, on: date, uri: str) -> Any:
    from sharing.document import Evidence, SignedElsewhere

    if not (len(uri) >= 3 and uri.isascii() and uri.isprintable() and " " not in uri):
        raise typer.BadParameter("write --uri as in https://records.example/DPIA-7")
    held = Evidence(uri=uri, sha256=hashlib.sha256(document.read_bytes()).hexdigest())
    return SignedElsewhere.model_construct(
        party=party, signed_by=name, signed_on=on, document=held, attestation=""
    )


def _tell_what(dpia: Any) -> None:
    """Say in words what is about to be signed."""
    from sharing.diff import compare
    from sharing.loading import superseded

    before = superseded(dpia)
    say.words(f"{dpia.id}, version {dpia.version}, {dpia.status.value}: {dpia.title}")
    say.words(f"What is signed is its digest: {dpia.sha256}")
    if before is None:
        say.words("It supersedes no version that is beside it: what it says is signed as a whole.")
        return
    changes = compare(before, dpia)
    say.words(f"Changed against version {before.version}, which it supersedes ({len(changes)}):")
    for change in changes:
        say.words(f"  {change.effect.value}: {change.says}")


def _tell_done(file: Path, party: str, written: Any, after: Any) -> None:
    if written.changed:
        say.words(f"{file.as_posix()}: signed for {party}.")
    else:
        say.words(f"{file.as_posix()}: {party} has signed it already; nothing was changed.")
    if written.dropped:
        say.words(
            f"Taken out: {written.dropped} signatures that were in the file. They are over other bytes than"
            " these, or by a key that has been changed: the file was edited after they were made, be it in"
            " one letter or its status, or the party has a new key. Whoever made them signs again."
        )
    for line in told(after):
        say.words(line)


def told(found: Any) -> list[str]:
    """Return in words who signed, who has still to sign, and what of the signatures does not count."""
    return [*signed_by(found), *(f"Not signed as it must be: {reason}" for reason in found.reasons)]


def signed_by(found: Any) -> list[str]:
    """Return in words who signed."""
    return [
        f"Signed by {each.party}" + (f" ({each.name}, {each.on}, on a document)." if each.name else ".")
        for each in found.judged.signed
    ]


def in_json(found: Any) -> dict[str, Any]:
    """Return how the signatures stand, as JSON."""
    return {
        "signed": [each.to_json() for each in found.judged.signed],
        "needs": {"parties": sorted(found.needed.parties), "any_one": found.needed.any_one},
        "lacking": found.lacking,
        "not_signed_because": found.reasons,
    }


def _as_json(dpia: Any, party: str, written: Any, after: Any) -> dict[str, Any]:
    return {
        "id": dpia.id,
        "version": dpia.version,
        "sha256": dpia.sha256,
        "signed_as": party,
        "changed": written.changed,
        "dropped": written.dropped,
        **in_json(after),
    }
