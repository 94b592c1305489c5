"""Two assessments side by side: what changed, in plain words, and whether more may be shared."""

import itertools
import json
import random
import re
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from typer.testing import CliRunner

from canonical import spec
from commands.app import app_of
from config.documents import plain, read_tree
from sharing import DpiaRefused, load_dpia
from sharing.condition_columns import compile_condition
from sharing.conditions import parse
from sharing.diff import Effect, compare, refused_versions
from sharing.diff.judges import prose
from sharing.diff.leaves import leaves
from sharing.diff.meaning import comes_and_goes, judge_of
from sharing.diff.reach import reaches
from sharing.document.signoff import Waiver
from sharing.loading import digest
from tests.unit.sharing.records import EXAMPLE, example

APP = app_of(["dpia"])
TEXT = EXAMPLE.read_text(encoding="utf-8")
POOL = [
    "person.share_council = 'given'",
    "person.share_council != 'refused'",
    "person.safety_flag is false",
    "person.safety_flag is not false",
    "person.anonymised = true",
    "person.share_council in ['given', 'refused']",
    "not person.share_council in ['given']",
    "person.share_council = 'given' and person.safety_flag is false",
    "person.share_council = 'given' or person.anonymised is true",
    "not (person.share_council = 'given' and person.safety_flag = true)",
    "person.birth_date >= 2004-12-01",
    "person.birth_date < 2004-12-01 and person.share_council = 'given'",
]


WAIVER = {
    "id": "W1", "rule": "validity/reviewBy", "reason": "The review is under way",
    "approvedBy": [{"by": "A. Example", "role": "Caldicott guardian"}, {"by": "B. Example", "party": "hub"}],
    "approvedOn": date(2027, 1, 1), "expiresOn": date(2027, 1, 20),
}  # fmt: skip


def edited(tmp_path: Path, old: str, new: str) -> Path:
    assert TEXT.count(old) >= 1, old
    path = tmp_path / "new.yaml"
    path.write_text(TEXT.replace(old, new, 1), encoding="utf-8")
    return path


def people() -> pl.DataFrame:
    """Return a person for every mix of what the pool asks, null included."""
    mixes = itertools.product(
        ["given", "refused", "withdrawn", None], [True, False, None], [True, False, None],
        [date(2004, 11, 30), date(2004, 12, 1), date(1950, 1, 1), None],
    )  # fmt: skip
    names = ["share_council", "safety_flag", "anonymised", "birth_date"]
    return pl.DataFrame(list(mixes), schema=names, orient="row")


@pytest.mark.parametrize("unknown_is_met", [True, False])
def test_whom_a_condition_reaches_is_what_the_engine_finds(unknown_is_met: bool) -> None:
    """Every pair of conditions, compared by cases and by Polars over every mix of values: the same answer."""
    table, fields = people(), {"person": spec("person").fields}
    met = {
        text: table.select(
            compile_condition(parse(_dated(text)), fields, lambda name: pl.col(name.field)).fill_null(
                unknown_is_met
            )
        ).to_series()
        for text in POOL
    }
    drawn = random.Random(7)
    for before, after in drawn.sample(list(itertools.product(POOL, POOL)), 70):
        more, fewer = (met[after] & ~met[before]).any(), (met[before] & ~met[after]).any()
        found = reaches(_dated(before), _dated(after), unknown_is_met=unknown_is_met)
        assert found == (more, fewer), (before, after)


def _dated(text: str) -> str:
    return text.replace("2004-12-01", "'2004-12-01'")


def test_a_condition_with_too_many_cases_counts_as_wider() -> None:
    """What cannot be tried out is not guessed."""
    fields = (
        "share_council",
        "safe_to_contact",
        "role_type",
        "preferred_contact_method",
        "birth_date_quality",
    )
    text = " or ".join(f"person.{name} in ['a', 'b', 'c', 'd', 'e']" for name in fields)
    assert reaches(text, None, unknown_is_met=False) is None


COHORT = "person.share_council = 'given'"
CHANGES = {
    "cohort": (f'"{COHORT}"', f'"{COHORT} and person.safety_flag is false"', Effect.NARROWS, "cohort"),
    "purpose": ("notFor: [benefit fraud, ", "notFor: [", Effect.WIDENS, "notFor"),
    "paused": ("    status: active", "    status: paused", Effect.NARROWS, "early_help, status"),
    "prose": ("How to address the person.", "How to greet the person.", Effect.NEITHER, "How to greet"),
    "key": (
        "keyId: council-2026",
        "keyId: council-2027",
        Effect.WIDENS,
        "council-2027; before, council-2026",
    ),
}


LATER = "reviewBy: 2027-01-31}\n  - {id: M7"
ORDERS = "register: rights/orders, maxAgeDays: 31, effect: WITHHOLD"
CHANGES |= {
    "a risk said to be lower": ("overall: high", "overall: low", Effect.WIDENS, "overall: low; before, high"),
    "a risk said to be higher": ("overall: medium", "overall: high", Effect.NARROWS, "overall: high"),
    "a risk said to be less likely": ("likelihood: possible", "likelihood: remote", Effect.WIDENS, "remote"),
    "a risk said to be less grave": ("severity: severe", "severity: minimal", Effect.WIDENS, "minimal"),
    "a risk met by less": ("measures: [M1, M2, M6]", "measures: [M1, M2]", Effect.WIDENS, "M6"),
    "a harm in other words": ("An abuser learns", "Somebody violent learns", Effect.NEITHER, "Somebody"),
    "corrections later": ("within: P2D", "within: P20D", Effect.WIDENS, "P20D; before, P2D"),
    "corrections sooner": ("within: P2D", "within: P1D", Effect.NARROWS, "P1D; before, P2D"),
    "people told later": ("art14Within: P1M", "art14Within: P28D", Effect.NARROWS, "P28D; before, P1M"),
    "a review put off": (LATER, LATER.replace("01-31", "06-30"), Effect.WIDENS, "2027-06-30; before"),
    "less risk said to be left": (
        "residual: low, approved: true, enforcedBy: manual",
        "residual: medium, approved: true, enforcedBy: manual",
        Effect.NARROWS,
        "residual: medium",
    ),
}


@pytest.mark.parametrize(("old", "new", "effect", "says"), CHANGES.values(), ids=CHANGES)
def test_a_change_is_told_in_plain_words_with_what_it_does(
    tmp_path: Path, old: str, new: str, effect: Effect, says: str
) -> None:
    """One change, one line, what stood there before and what stands there now."""
    (change,) = compare(example(), load_dpia(edited(tmp_path, old, new)))
    assert change.effect is effect
    assert says in change.says


def test_a_register_that_withholds_again_is_narrower_and_what_goes_without_saying_may_be_said(
    tmp_path: Path,
) -> None:
    """From HOLD back to WITHHOLD less stays with a recipient; unsaid is WITHHOLD; HOLD is never a MINOR."""
    held = load_dpia(edited(tmp_path, ORDERS, f'{ORDERS}, onStale: HOLD, why: "Kept until asked again."'))
    changes = {change.says: change.effect for change in compare(held, example())}
    assert [effect for says, effect in changes.items() if "onStale" in says] == [Effect.NARROWS]
    assert Effect.WIDENS not in changes.values()
    wider = {change.says for change in compare(example(), held) if change.effect is Effect.WIDENS}
    assert ["onStale: HOLD; before, WITHHOLD" in says for says in wider] == [True]
    (refused,) = refused_versions("1.0.0", "1.1.0", compare(example(), held))
    assert "must be 2.0.0" in refused
    said = load_dpia(edited(tmp_path, ORDERS, f"{ORDERS}, onStale: WITHHOLD"))
    assert list(compare(example(), said)) == []


def test_people_told_later_than_before_widens_within_the_month_too(tmp_path: Path) -> None:
    """Back from four weeks to a month: later, though the law would still have it."""
    sooner = load_dpia(edited(tmp_path, "art14Within: P1M", "art14Within: P2W"))
    (change,) = compare(sooner, example())
    assert change.effect is Effect.WIDENS


def test_a_risk_that_is_written_down_widens_nothing_and_one_struck_out_does(tmp_path: Path) -> None:
    """Nobody needs every controller's signature to record a harm, and everybody's to forget one."""
    line = next(each for each in TEXT.splitlines() if each.startswith("  - {id: R4,"))
    more = load_dpia(edited(tmp_path, line, f"{line}\n{line.replace('R4', 'R5')}"))
    assert {change.effect for change in compare(example(), more)} == {Effect.NEITHER}
    assert {change.effect for change in compare(more, example())} == {Effect.WIDENS}


def test_a_field_moved_to_the_drops_stays_behind_and_back_again_is_shown(tmp_path: Path) -> None:
    """Where a decision is written makes no difference: only what the recipient sees of the field does."""
    line = next(line for line in TEXT.splitlines() if "gender:" in line and "action: disclose" in line)
    new = load_dpia(edited(tmp_path, line, line.replace("action: disclose", "action: drop")))
    (less,) = compare(example(), new)
    (more,) = compare(new, example())
    assert (less.effect, less.says) == (
        Effect.NARROWS, "early_help: characteristics.gender stays behind; before, it is disclosed",
    )  # fmt: skip
    assert more.effect is Effect.WIDENS


def test_a_list_whose_blocks_are_told_is_not_told_again_as_nothing(tmp_path: Path) -> None:
    """All examples taken out, or a first waiver put in: each block has its line, and no line says nothing."""
    head, mark, _ = TEXT.partition("\nexamples:\n")
    path = tmp_path / "new.yaml"
    path.write_text(f"{head}\nexamples: []\n", encoding="utf-8")
    gone = compare(example(), load_dpia(path))
    assert mark
    assert len(gone) == len(example().examples)
    assert {change.effect for change in gone} == {Effect.WIDENS}
    assert all(change.says.endswith("is gone") for change in gone)
    back = compare(load_dpia(path), example())
    assert {change.effect for change in back} == {Effect.NEITHER}
    waived = example().model_copy(update={"waivers": [Waiver.model_validate(WAIVER)]})
    for before, after in ((example(), waived), (waived, example())):
        (change,) = compare(before, after)
        assert change.path == ("waivers", "W1")
        assert change.says.startswith("waivers, W1: is ")


def test_an_assessment_says_the_same_as_itself() -> None:
    """No change, and no version is refused for it."""
    assert compare(example(), example()) == []
    assert list(refused_versions("1.0.0", "1.0.0", [])) == []


def test_what_nobody_judges_widens_and_there_is_little_of_it() -> None:
    """Whatever a later format adds is strict from its first day; most of today's statements are judged."""
    shapes = {tuple(path) for path in leaves(example()) if judge_of(path) is None}
    assert ("somethingNew", "of", "a", "later", "format") not in shapes
    assert judge_of(("somethingNew", "of", "a", "later", "format")) is None
    blocks = {path[0] for path in shapes}
    assert "flows" in blocks
    assert not blocks & {"risks", "description", "screening", "consultation"}


def test_a_minor_version_that_widens_does_not_load_and_says_what_it_widens(tmp_path: Path) -> None:
    """Beside the version it supersedes; as a MAJOR version, it loads."""
    (tmp_path / "old.yaml").write_text(TEXT, encoding="utf-8")
    said = f'supersedes: {{version: 1.0.0, sha256: "{digest(plain(read_tree(EXAMPLE)))}"}}\n'
    for version, refused in (("1.1.0", True), ("1.0.1", True), ("2.0.0", False)):
        path = edited(tmp_path, "notFor: [benefit fraud, ", "notFor: [")
        text = path.read_text(encoding="utf-8").replace("version: 1.0.0\n", f"version: {version}\n{said}", 1)
        path.write_text(text, encoding="utf-8")
        if refused:
            with pytest.raises(DpiaRefused, match=r"must be 2\.0\.0.*benefit fraud"):
                load_dpia(path)
        else:
            assert load_dpia(path).version == version


def test_a_version_between_says_what_it_supersedes_and_that_file_is_there(tmp_path: Path) -> None:
    """Otherwise nobody could tell whether it widens: it does not load."""
    with pytest.raises(DpiaRefused, match="supersedes another"):
        load_dpia(edited(tmp_path, "version: 1.0.0\n", "version: 1.1.0\n"))
    unknown = f'version: 1.1.0\nsupersedes: {{version: 1.0.0, sha256: "{"0" * 64}"}}\n'
    with pytest.raises(DpiaRefused, match="no file beside this one"):
        load_dpia(edited(tmp_path, "version: 1.0.0\n", unknown))


def test_the_verb_says_what_would_change_and_refuses_a_wrong_number(tmp_path: Path) -> None:
    """`dpia diff OLD NEW`: data on stdout, exit 10 where the number is not right for the changes."""
    new = edited(tmp_path, "    status: active", "    status: paused")
    ended = CliRunner().invoke(APP, ["dpia", "diff", str(EXAMPLE), str(new), "--json"], standalone_mode=False)
    said = json.loads(ended.stdout)
    assert ended.return_value == 10
    assert said["widens"] is False
    assert [change["effect"] for change in said["changes"]] == ["narrows"]
    assert said["version_refused_because"] == ["version 1.0.0 does not come after 1.0.0, and the two differ"]
    same = CliRunner().invoke(APP, ["dpia", "diff", str(EXAMPLE), str(EXAMPLE)], standalone_mode=False)
    assert (same.return_value, same.stdout) == (0, "")


def test_the_verb_reads_one_file_as_a_run_would(tmp_path: Path) -> None:
    """`dpia check FILE`: its digest and flows, whether it is in force; or why it does not load."""
    ended = CliRunner().invoke(APP, ["dpia", "check", str(EXAMPLE), "--json"], standalone_mode=False)
    assert json.loads(ended.stdout)["sha256"] == example().sha256
    broken = edited(tmp_path, "purpose: early-help", "purpose: late-help")
    with pytest.raises(DpiaRefused):
        CliRunner().invoke(APP, ["dpia", "check", str(broken)], standalone_mode=False, catch_exceptions=False)


def test_each_command_of_the_page_on_changing_an_assessment_does_what_it_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In the page's order: the old file's digest, written into the new one, which then loads and narrows."""
    page = Path("docs/how_to/change_an_assessment.md").read_text(encoding="utf-8")
    commands = re.findall(r"python run_sync\.py (dpia .*)", page)
    old, new_file = "mysite/dpia/old.yaml", "mysite/dpia/new.yaml"
    told_of = [f"dpia check {old} --site mysite", f"dpia diff {old} {new_file} --site mysite"]
    assert commands[:2] == told_of
    monkeypatch.chdir(tmp_path)
    Path(old).parent.mkdir(parents=True)
    Path(old).write_text(TEXT, encoding="utf-8")
    words = [command.split() for command in commands]
    checked = CliRunner().invoke(APP, [*words[0], "--json"], standalone_mode=False)
    said = (
        f'version: 1.1.0\nsupersedes: {{version: 1.0.0, sha256: "{json.loads(checked.stdout)["sha256"]}"}}\n'
    )
    new = TEXT.replace("version: 1.0.0\n", said, 1).replace("    status: active", "    status: paused", 1)
    Path(new_file).write_text(new, encoding="utf-8")
    told = CliRunner().invoke(APP, words[1], standalone_mode=False)
    assert told.return_value == 0
    assert told.stdout == "  flows, early_help, status: paused; before, active\n"


def test_what_looks_like_less_or_like_prose_and_lets_more_out_counts_as_more() -> None:
    """A flow with the name of a block, one field asked against another, blanks without a meaning, periods."""
    assert judge_of(("flows", "review", "constraints", "noOnwardTransfer")) is not prose
    assert judge_of(("flows", "review", "fields", "person", "gender", "review", "by")) is prose
    assert judge_of(("parties", "smbc", "identifiers", "companyNumber")) is None
    assert judge_of(("dataSets", "person", "fields", "ward", "derivedFrom")) is None
    assert judge_of(("flows", "early_help", "identifiability")) is None
    assert comes_and_goes(("retention", "early_help.person@smbc"))[0] is Effect.WIDENS
    assert comes_and_goes(("safetySources", "hub", "blanks", "person.safe_to_contact"))[1] is Effect.WIDENS
    before, after = "referral.closed_at < referral.received_on", "referral.closed_at > referral.received_on"
    assert reaches(before, after, unknown_is_met=False) is None
    assert reaches(before, before, unknown_is_met=False) == (False, False)


def test_an_agreement_that_has_ended_carries_nothing(tmp_path: Path) -> None:
    """Its days are asked every night, not only when the assessment begins."""
    ended = load_dpia(edited(tmp_path, "endDate: 2027-09-30", "endDate: 2026-12-31"))
    assert ended.why_not_in_force(date(2026, 12, 31)) == []
    (why,) = ended.why_not_in_force(date(2027, 1, 1))
    assert "the last day of agreement dsa-1 was 2026-12-31" in why
