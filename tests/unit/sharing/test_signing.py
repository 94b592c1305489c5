"""Whose signatures let an assessment run: computed from what it changes, and from nothing that it says."""

import re
from dataclasses import replace
from datetime import date
from pathlib import Path
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sealing.notes import open_note, verifier_key
from sealing.signing import Purpose
from sealing.trust import ATTESTOR, Trust, role_of
from sharing import Dpia, DpiaNotInForce, load_dpia
from sharing.document import Evidence, SignedElsewhere
from sharing.errors import DpiaNotSigned, DpiaRefused, SignaturesNotWritable
from sharing.signing import controllers, descends_from, judge, needed, require_signed, why_not_signed
from sharing.signing.block import OddlyWritten, rewritten
from sharing.signing.signers import needed_of_all
from sharing.signing.texts import signed_text
from sharing.signing.writing import attested, line_of_party, with_entries
from sharing.vocabulary import Role
from tests.parties import EVERYBODY, signed, signer_of, trust_of
from tests.unit.sharing.records import EXAMPLE

TEXT = EXAMPLE.read_text(encoding="utf-8")
NONE_YET = "  signatures: []\n"
FIELD = "employment_status:  {action: disclose"
TRUST = trust_of()
TOUCHED = ("smbc", "hub", "community_support")


@pytest.fixture
def first(tmp_path: Path) -> Path:
    """Return the example in a folder of its own, not signed."""
    assert NONE_YET in TEXT
    path = tmp_path / "first.yaml"
    path.write_bytes(EXAMPLE.read_bytes())
    return path


def after(before: Dpia, version: str, *edits: tuple[str, str]) -> Path:
    """Return the file of another version beside it, which supersedes it."""
    text = re.sub(r"(?m)^supersedes: .*\n", "", before.path.read_text(encoding="utf-8"))
    said = f"version: {version}\nsupersedes: {{version: {before.version}, sha256: {before.sha256}}}\n"
    text = re.sub(r"(?m)^version: .*\n", said, text, count=1)
    text = re.sub(r"(?m)^  signatures:\n(    .*\n)+", NONE_YET, text)
    for old, new in edits:
        assert old in text, old
        text = text.replace(old, new, 1)
    path = before.path.with_name(f"version-{version}.yaml")
    path.write_text(text, encoding="utf-8")
    return path


NARROWER = (FIELD, FIELD.replace("disclose", "drop"))
WIDER = (FIELD.replace("disclose", "drop"), FIELD)


def test_a_version_of_its_own_needs_every_controller_of_its_flows(first: Path) -> None:
    """Three of four are not enough, and the fourth is named; with all of them it may run."""
    dpia = signed(first, *EVERYBODY[:3])
    assert controllers(dpia) == frozenset(EVERYBODY)
    (why,) = why_not_signed(dpia, TRUST)
    assert "not signed by domestic_abuse_support:" in why
    with pytest.raises(DpiaNotSigned) as refused:
        require_signed(dpia, TRUST)
    assert (refused.value.code, refused.value.exit_code) == ("E705", 11)
    assert require_signed(signed(first, EVERYBODY[3]), TRUST).path == first


def test_a_narrower_version_needs_any_one_of_them_and_what_it_rests_on(first: Path) -> None:
    """One charity alone may let less out; the version before must be signed by all, or nothing runs."""
    before = signed(first, *EVERYBODY)
    narrow = after(before, "1.0.1", NARROWER)
    assert why_not_signed(load_dpia(narrow), TRUST) != []
    assert why_not_signed(signed(narrow, "hub"), TRUST) == []
    signed_by_three = re.sub(r'    - "— controller-smbc .*\n', "", first.read_text(encoding="utf-8"))
    first.write_text(signed_by_three, encoding="utf-8")
    (why,) = why_not_signed(load_dpia(narrow), TRUST)
    assert why.startswith("version 1.0.0, which it supersedes: not signed by smbc")


def test_a_wider_version_needs_all_whom_the_widening_touches(first: Path) -> None:
    """What one flow discloses more touches its sources and its recipient: none of them may be lacking.

    A charity whose data the flow does not take is not asked.
    """
    before = signed(first, *EVERYBODY)
    narrow = signed(after(before, "1.0.1", NARROWER), "hub")
    wide = after(narrow, "2.0.0", WIDER)
    assert needed(narrow, load_dpia(wide)).parties == frozenset(TOUCHED)
    for missing in TOUCHED:
        left_out = [party for party in TOUCHED if party != missing]
        wide = after(narrow, "2.0.0", WIDER)
        (why,) = why_not_signed(signed(wide, *left_out), TRUST)
        assert f"not signed by {missing}: it shares more than version 1.0.1" in why
    assert why_not_signed(signed(wide, *TOUCHED), TRUST) == []


def test_nobody_is_signed_out_of_a_version(first: Path) -> None:
    """Who makes another controller a processor, or leaves them out, needs that one's word for it."""
    before = signed(first, *EVERYBODY)
    hub = next(party for party in before.parties if party.id == "hub")
    others = [party for party in before.parties if party.id != "hub"]
    for parties in (others, [hub.model_copy(update={"role": Role.PROCESSOR}), *others]):
        taken = before.model_copy(update={"parties": parties, "version": "2.0.0"})
        assert "hub" not in controllers(taken)
        assert "hub" in needed_of_all(taken, before).parties
        assert "hub" in needed(before, taken).parties


def test_a_source_is_its_providers_as_the_site_says(first: Path) -> None:
    """A party that writes itself down as the controller of another's source does not load on that site."""
    providers = {name: SimpleNamespace(provider=name) for name in EVERYBODY[1:]}
    assert load_dpia(first, sources=providers).path == first
    providers["hub"].provider = "smbc"
    with pytest.raises(DpiaRefused, match=r"hub: its controller is smbc, as sources/hub\.yaml"):
        load_dpia(first, sources=providers)


def test_what_holds_a_version_back_is_not_signed_away_by_one(first: Path) -> None:
    """Consultation and accepted risk count as more; days, names and words of approval do not."""
    before = signed(first, *EVERYBODY)
    waits = (
        "icoPriorConsultation: {required: false}",
        "icoPriorConsultation: {required: true, date: 2026-09-20}",
    )
    for edit in (waits, ("residualRisk: low}", "residualRisk: medium}")):
        with pytest.raises(DpiaRefused, match=r"must be 2\.0\.0"):
            load_dpia(after(before, "1.0.1", edit))
        assert needed(before, load_dpia(after(before, "2.0.0", edit))).parties == frozenset(EVERYBODY)
    later = after(before, "1.0.1", ("date: 2026-09-27", "date: 2026-09-28"))
    assert needed(before, load_dpia(later)).any_one


def test_a_widening_outside_the_flows_asks_everybody(first: Path) -> None:
    """A later end of validity belongs to no flow: all controllers sign."""
    before = signed(first, *EVERYBODY)
    valid = f"expiresOn: {before.validity.expires_on}"
    wide = after(before, "2.0.0", (valid, valid.replace("2027", "2029")))
    assert needed(before, load_dpia(wide)).parties == frozenset(EVERYBODY)


def test_a_signature_over_other_bytes_is_told_from_one_that_is_missing(first: Path) -> None:
    """One letter of prose changed after everybody had signed: each of the lines is named."""
    signed(first, *EVERYBODY)
    text = first.read_text(encoding="utf-8").replace(
        "Every night Viaduct reads", "Every night Viaduct read", 1
    )
    first.write_text(text, encoding="utf-8")
    reasons = why_not_signed(load_dpia(first), TRUST)
    assert [reason for reason in reasons if "signed other bytes than these" in reason] == reasons[:4]
    assert len(reasons) == 5


def test_a_key_that_is_not_trusted_here_signs_nothing(first: Path) -> None:
    """Keys of the same names that another site trusts, and a party whose public key is not in keys/."""
    other = signed(first, *EVERYBODY, keys="another")
    reasons = why_not_signed(other, TRUST)
    assert sum("made with another key than keys/controller-" in reason for reason in reasons) == 4
    assert "keys/controller-hub.pub is missing" in " ".join(why_not_signed(other, trust_of(["smbc"])))


def test_the_file_cannot_bring_its_own_trust(first: Path) -> None:
    """It names keys of its own for the parties, and is signed with them: they are not those of this site."""
    key = verifier_key("x", signer_of("controller-smbcanother").verifier)
    first.write_text(
        TEXT.replace("    role: controller\n", f'    role: controller\n    keys: {{signing: "{key}"}}\n', 1),
        encoding="utf-8",
    )
    dpia = signed(first, *EVERYBODY, keys="another")
    assert any(
        "the key that the file names for smbc is not the one" in why for why in why_not_signed(dpia, TRUST)
    )
    same = verifier_key("x", signer_of("controller-smbc").verifier)
    first.write_text(first.read_text(encoding="utf-8").replace(key, same), encoding="utf-8")
    first.write_text(
        re.sub(r"(?m)^    - \"— .*\n", "", first.read_text(encoding="utf-8")).replace(
            "  signatures:\n", NONE_YET
        ),
        encoding="utf-8",
    )
    assert why_not_signed(signed(first, *EVERYBODY), TRUST) == []


def test_who_is_no_controller_signs_nothing_and_stops_it(first: Path) -> None:
    """A trusted key whose party the file knows as a processor, or not at all, is told; all others signed."""
    signed(first, *EVERYBODY)
    dpia = load_dpia(first)
    line = line_of_party(dpia, "stranger", signer_of("controller-stranger"))
    first.write_bytes(with_entries(dpia, [line], TRUST).content)
    (why,) = why_not_signed(load_dpia(first), trust_of([*EVERYBODY, "stranger"]))
    assert why == "signoff.signatures, entry 5: stranger is no controller in this file."


def test_a_line_made_for_another_purpose_signs_no_assessment(first: Path) -> None:
    """The same key over the same text as a note, a manifest, an attestation: no line of it counts."""
    from sealing.notes import signature_line

    dpia = load_dpia(first)
    text = signed_text(dpia, dpia.sha256)
    for purpose in set(Purpose) - {Purpose.ASSESSMENT}:
        line = signature_line(purpose, text, role_of("hub"), signer_of(role_of("hub")))
        first.write_bytes(with_entries(dpia, [line], TRUST).content)
        assert judge(load_dpia(first), TRUST).parties == frozenset()
        first.write_text(TEXT, encoding="utf-8")


def test_what_is_signed_is_a_note_that_public_tools_verify(first: Path) -> None:
    """Purpose, id, version and digest on lines of their own, the lines of the file under them."""
    dpia = signed(first, *EVERYBODY)
    lines = "\n".join(str(entry) for entry in dpia.signoff.signatures)
    note = f"{Purpose.ASSESSMENT.value}{signed_text(dpia, dpia.sha256)}\n{lines}\n".encode()
    for party in EVERYBODY:
        role = role_of(party)
        text = open_note(note, role, signer_of(role).verifier)
        assert text == f"viaduct assessment v1\n{dpia.id}\nversion 1.0.0\nsha256 {dpia.sha256}\n"


# -- documents signed elsewhere ------------------------------------------------------------------------------


def elsewhere(dpia: Dpia, role: str = ATTESTOR, **said: object) -> SignedElsewhere:
    """Return what an attestor says of a document that somebody signed for Community Support."""
    facts: dict[str, object] = {
        "party": "community_support", "signed_by": "Ana Zqsigner, chair of trustees",
        "signed_on": date(2026, 9, 30), "attestation": "",
        "document": Evidence(uri="https://records.example/7", sha256="5" * 64),
    }  # fmt: skip
    return attested(dpia, SignedElsewhere.model_construct(**(facts | said)), signer_of(role))


def test_a_document_signed_elsewhere_counts_by_the_word_of_the_attestor(first: Path) -> None:
    """Three keys and one attested document are four; who signed it, and when, is kept."""
    dpia = signed(first, "smbc", "hub", "domestic_abuse_support")
    first.write_bytes(with_entries(dpia, [elsewhere(dpia)], TRUST).content)
    now, known = load_dpia(first), trust_of(attestor=True)
    assert why_not_signed(now, known) == []
    assert judge(now, known).signed[-1].to_json() == {
        "party": "community_support", "by": "document",
        "name": "Ana Zqsigner, chair of trustees", "on": "2026-09-30",
    }  # fmt: skip
    assert "dpia-attestor.pub is missing" in " ".join(why_not_signed(now, TRUST))


@pytest.mark.parametrize(
    ("old", "new", "why"),
    [
        ("2026-09-30", "2026-09-29", "signed other bytes"),
        ("Ana Zqsigner", "Ann Zqsigner", "signed other bytes"),
        ("5" * 64, "4" + "5" * 63, "signed other bytes"),
        ("records.example/7", "records.example/8", "signed other bytes"),
        ('party: "community_support"', 'party: "domestic_abuse_support"', "signed other bytes"),
        ("— dpia-attestor", "— controller-smbc", "is not attested by the dpia-attestor key"),
    ],
)
def test_an_attestation_is_over_every_word_of_its_entry(first: Path, old: str, new: str, why: str) -> None:
    """Another day, name, document, address or party than was attested: it counts for nobody."""
    dpia = load_dpia(first)
    first.write_bytes(with_entries(dpia, [elsewhere(dpia)], TRUST).content)
    text = first.read_text(encoding="utf-8")
    at = text.index('    - party: "community_support"')
    first.write_text(text[:at] + text[at:].replace(old, new, 1), encoding="utf-8")
    assert why in " ".join(why_not_signed(load_dpia(first), trust_of(attestor=True)))


def test_an_attestation_of_another_version_is_worth_nothing(first: Path) -> None:
    """It names the digest: put under other bytes, it says that they are others."""
    dpia = load_dpia(first)
    entry = elsewhere(replace_digest(dpia))
    first.write_bytes(with_entries(dpia, [entry], TRUST).content)
    assert "signed other bytes" in " ".join(why_not_signed(load_dpia(first), trust_of(attestor=True)))


def replace_digest(dpia: Dpia) -> Dpia:
    """Return the assessment as if it had another digest."""
    return dpia.model_copy(update={"sha256": "0" * 64})


# -- what it comes from --------------------------------------------------------------------------------------


def test_a_version_descends_from_those_it_supersedes_however_far_back(first: Path) -> None:
    """From the first to the third through the second; and from none that it does not name."""
    one = load_dpia(first)
    two = load_dpia(after(one, "1.0.1", NARROWER))
    three = load_dpia(after(two, "2.0.0", WIDER))
    assert all(descends_from(three, each.sha256) for each in (one, two, three))
    assert not descends_from(two, three.sha256)
    assert not descends_from(three, "0" * 64)


def test_a_key_of_before_counts_for_what_was_superseded_and_for_nothing_else(first: Path) -> None:
    """The council's key was changed: its word under 1.0.0 still holds a patch up, not a version in force."""
    before = signed(first, *EVERYBODY)
    new = signer_of("controller-smbc, version 2").verifier
    now = replace(TRUST, current=TRUST.current | {"controller-smbc": new})
    kept = replace(now, retired={"controller-smbc": (signer_of("controller-smbc").verifier,)})
    assert "made with another key" in " ".join(why_not_signed(before, kept))
    patch = signed(after(before, "1.0.1", NARROWER), "hub")
    ran = frozenset({before.sha256})
    assert why_not_signed(patch, replace(kept, ran=ran)) == []
    assert why_not_signed(patch, replace(now, ran=ran)) != []


def test_a_key_of_before_signs_nothing_that_never_ran(first: Path) -> None:
    """Three keys were changed; with the old ones somebody signs a wider version today, and a patch upon it.

    The patch has one signature that counts: it would run if its version before were believed.
    """
    before = signed(first, *EVERYBODY)
    old = {role_of(party): signer_of(role_of(party)).verifier for party in EVERYBODY[1:]}
    new = {role: signer_of(f"{role}, version 2").verifier for role in old}
    retired = {role: (key,) for role, key in old.items()}
    kept = Trust(TRUST.current | new, retired, frozenset({before.sha256}))
    valid = f"expiresOn: {before.validity.expires_on}"
    wide = signed(after(before, "2.0.0", (valid, valid.replace("2027", "2029"))), *EVERYBODY)
    patch = signed(after(wide, "2.0.1", NARROWER), "smbc")
    reasons = why_not_signed(patch, kept)
    assert sum("version 2.0.0, which it supersedes: signoff.signatures" in why for why in reasons) == 3
    assert why_not_signed(patch, replace(kept, ran=kept.ran | {wide.sha256})) == []


# -- the file's own text -------------------------------------------------------------------------------------


def test_signing_twice_adds_nothing_and_changes_no_other_byte(first: Path) -> None:
    """All that is not a signature is as it was; what is signed already is not signed again."""
    dpia = signed(first, *EVERYBODY)
    once = first.read_bytes()
    signed(first, *EVERYBODY)
    assert first.read_bytes() == once
    head, tail = TEXT.split(NONE_YET)
    now = first.read_text(encoding="utf-8")
    assert now.startswith(f"{head}  signatures:\n    - ")
    assert now.endswith(tail)
    assert now.count("controller-") == 4
    assert dpia.sha256 == load_dpia(EXAMPLE).sha256


def test_a_line_over_older_bytes_goes_when_somebody_signs_the_new_ones(first: Path) -> None:
    """Of the four lines over the bytes before, none is left beside the new one."""
    signed(first, *EVERYBODY)
    text = first.read_text(encoding="utf-8").replace(
        "Every night Viaduct reads", "Each night Viaduct reads", 1
    )
    first.write_text(text, encoding="utf-8")
    dpia = load_dpia(first)
    written = with_entries(dpia, [line_of_party(dpia, "hub", signer_of("controller-hub"))], TRUST)
    first.write_bytes(written.content)
    assert written.dropped == 4
    assert judge(load_dpia(first), TRUST).parties == {"hub"}


LINE = "— controller-{} " + "A" * 92
OTHERS = st.sampled_from(["", "# nobody yet", "# - this is no entry", "  # deeper: [x]"])


@given(
    before=OTHERS,
    between=st.lists(OTHERS, min_size=3, max_size=3),
    behind=OTHERS,
    indent=st.integers(0, 4),
    newline=st.sampled_from(["\n", "\r\n"]),
    drop=st.sets(st.integers(0, 2)),
    last=st.booleans(),
)
def test_comments_and_blank_lines_stay_whatever_comes_and_goes(
    before: str, between: list[str], behind: str, indent: int, newline: str, drop: set[int], last: bool
) -> None:
    """Only the lines of the entries dropped go, only that of the one added comes; all others are there."""
    entries = [LINE.format(name) for name in "abc"]
    rows = ["title: x", before, "signoff:", "  siro: {by: y}", "  signatures:  # whose", between[0]]
    for entry, comment in zip(entries, between, strict=True):
        rows += [f"{' ' * (2 + indent)}- '{entry}'  # of {entry[13]}", comment]
    rows += [behind, "waivers: []"] if last else ["  caldicott: {by: z}", behind]
    text = newline.join(rows) + newline
    new = rewritten(text, entries, drop, [LINE.format("new")])
    gone = {f"{' ' * (2 + indent)}- '{entries[at]}'  # of {entries[at][13]}" for at in drop}
    left = [row for row in rows if row not in gone]
    now = new.removesuffix(newline).split(newline)
    added = [row for row in now if "controller-new" in row]
    assert added == [f'{" " * (2 + indent)}- "{LINE.format("new")}"']
    assert [row for row in now if row not in added] == left


@pytest.mark.parametrize(
    "text",
    [
        "signoff: {siro: {by: y}, signatures: []}\n",
        "signoff:\n  signatures: [\n    # the council\n    'x']\n",
        "signoff:\n  signatures: none\n",
        "title: x\n",
    ],
)
def test_where_something_would_be_lost_nothing_is_written(text: str) -> None:
    """A block between braces, a comment within brackets, no list at all: told, and left to people."""
    with pytest.raises(OddlyWritten):
        rewritten(text, [], set(), [LINE.format("new")])


def test_a_file_that_cannot_take_a_signature_says_so_and_stays(first: Path) -> None:
    """The four lines of E707, exit 10, with the place; not a byte is changed."""
    text = TEXT.replace(NONE_YET, "  signatures: [\n    # the council signs first\n  ]\n")
    first.write_text(text, encoding="utf-8")
    with pytest.raises(SignaturesNotWritable) as refused:
        signed(first, "hub")
    assert (refused.value.code, refused.value.exit_code) == ("E707", 10)
    assert first.read_text(encoding="utf-8") == text


def test_a_list_within_brackets_and_one_that_is_not_there_are_written_line_by_line(first: Path) -> None:
    """Both end as a list of lines; what stood behind the block is behind it still."""
    dpia = load_dpia(first)
    line = line_of_party(dpia, "hub", signer_of("controller-hub"))
    first.write_text(TEXT.replace(NONE_YET, f'  signatures: ["{line}"]  # so far\n'), encoding="utf-8")
    assert judge(signed(first, "smbc"), TRUST).parties == {"hub", "smbc"}
    assert "  # so far\nwaivers: []\n" in first.read_text(encoding="utf-8")
    first.write_text(TEXT.replace(NONE_YET, ""), encoding="utf-8")
    assert judge(signed(first, "smbc"), TRUST).parties == {"smbc"}


def test_no_trust_at_all_signs_nothing(first: Path) -> None:
    """A site without a single key of a party: every line is refused, and so is the file."""
    dpia = signed(first, *EVERYBODY)
    assert len(why_not_signed(dpia, Trust())) == 5
    assert not isinstance(DpiaNotSigned("x"), DpiaNotInForce)
