"""A release is built whole, is the same bytes each time, and moves on only where a figure does."""

import csv
import io
import json
from dataclasses import replace
from pathlib import Path

import polars as pl
import pytest
from filelock import FileLock

from feed.release.build import Before, Keys, build_release, read_edition
from feed.release.datapackage import NAME
from feed.release.editions import Editions
from feed.release.errors import FeedUnderWay, ReleaseAltered, ReleaseNotThere, ReleaseUnsound
from feed.release.revisions import Change
from feed.release.signature import SIGNATURE_NAME, verified
from feed.release.words import AsOf
from sealing.signing import Signer
from tests.unit.feed.release.invented import (
    KEYS,
    PUBLISHER,
    ROWS,
    SIGNER,
    build,
    bytes_in,
    changed_with,
    contents,
    row,
    why,
)

TRUSTED = KEYS.trusted


def described(folder: Path) -> dict[str, object]:
    return dict(json.loads((folder / NAME).read_bytes()))


def test_a_release_holds_every_table_twice_with_what_it_means_and_who_signed_it(tmp_path: Path) -> None:
    """CSV and Parquet of each table, descriptor, signature, contract and dictionary stand in the folder."""
    published = build(tmp_path)
    tables = ["referrals", "waits", "dictionary", "quality_sheet", "revisions"]
    beside = ["dictionary.md", "contract.odcs.yaml", NAME, SIGNATURE_NAME]
    expected = {f"{name}.{form}" for name in tables for form in ("csv", "parquet")} | set(beside)
    assert set(bytes_in(published.folder)) == expected
    assert (published.edition, published.is_new, published.folder) == (1, True, tmp_path / "2022-23-Q3")


def test_csv_and_parquet_tell_the_same(tmp_path: Path) -> None:
    """Read back, both forms of a table hold the same rows; only a text that is a formula has its quote."""
    folder = build(tmp_path).folder
    parquet = pl.read_parquet(folder / "referrals.parquet")
    text = pl.read_csv(folder / "referrals.csv", schema=parquet.schema)
    assert text["label"].to_list()[2:4] == ["'=HYPERLINK(x)", "Community, support"]
    assert text.drop("label").equals(parquet.drop("label"))


def test_excel_opens_the_csv_as_utf_8_and_runs_nothing_in_it(tmp_path: Path) -> None:
    """The file begins with the mark that Excel asks for, and no cell begins as a formula does."""
    content = (build(tmp_path).folder / "referrals.csv").read_bytes()
    assert content.startswith(b"\xef\xbb\xbftable,kpi,")
    cells = [cell for line in csv.reader(io.StringIO(content.decode("utf-8-sig"))) for cell in line]
    assert not [cell for cell in cells if cell[:1] in set("=+-@\t\r|%")]
    assert "3663" in cells


def test_nothing_changed_is_the_same_edition_and_the_same_bytes(tmp_path: Path) -> None:
    """A build that finds no other figure leaves every byte, though the warehouse has had a night since."""
    before = bytes_in(build(tmp_path).folder)
    later = build(tmp_path, contents(as_of=contents().as_of.__class__(9, "2023-02-01T03:00:00Z")))
    assert (later.edition, later.is_new) == (1, False)
    assert bytes_in(later.folder) == before


def test_a_changed_figure_says_from_what_to_what_and_why(tmp_path: Path) -> None:
    """The new edition names each number that changed; the edition before stays byte for byte."""
    first = bytes_in(build(tmp_path).folder)
    published = build(tmp_path, contents(changed_with(row("K01", value=3664))))
    assert (published.edition, published.is_new, published.revised) == (2, True, 1)
    assert bytes_in(tmp_path / "earlier" / "2022-23-Q3" / "1") == first
    told = pl.read_parquet(published.folder / "revisions.parquet").drop("table", "period")
    assert told.rows() == [
        (2, "K01", "count", "borough", "all", "value", 3663.0, "exact", 3664.0, "exact", "late_records")
    ]


def test_revisions_are_kept_from_edition_to_edition(tmp_path: Path) -> None:
    """The third edition tells what the second changed, and names the digest of what it takes the place of."""
    build(tmp_path)
    second = build(tmp_path, contents(changed_with(row("K01", value=3664)))).folder
    replaced = verified(second, TRUSTED)
    third = build(tmp_path, contents(changed_with(row("K16", statistic="median", value=12.0, unit="days"))))
    told = pl.read_parquet(third.folder / "revisions.parquet").select(
        "edition", "kpi", "from_value", "to_value"
    )
    assert told.rows() == [(2, "K01", 3663.0, 3664.0), (3, "K01", 3664.0, 3663.0), (3, "K16", 12.5, 12.0)]
    assert described(third.folder)["viaduct"]["replaces"] is not None  # type: ignore[index]
    assert replaced["viaduct"]["edition"] == 2


@pytest.mark.parametrize(
    ("replaced", "because"),
    [
        (row("K01", "L7", value=10, shown="rounded"), "late_records, disclosure_control"),
        (row("K01", "L4", shown="secondary", label="Community, support"), "late_records, disclosure_control"),
        (row("K16", statistic="median", value=13, unit="days"), "method_changed"),
        (row("K16", statistic="mean", shown="few", unit="days"), "disclosure_control"),
        (row("K16", statistic="mean", shown="not_available", unit="days"), "method_changed"),
    ],
)
def test_why_a_figure_changed_is_one_of_a_closed_list(
    tmp_path: Path, replaced: dict[str, object], because: str
) -> None:
    """Records that came late, what may be shown, or the program: never no reason."""
    build(tmp_path)
    folder = build(tmp_path, contents(changed_with(replaced))).folder
    assert set(pl.read_parquet(folder / "revisions.parquet")["because"]) == {because}


def test_a_figure_that_is_new_or_gone_is_a_changed_definition(tmp_path: Path) -> None:
    """A row that stood in no edition before, and one that stands in none any more, say so."""
    build(tmp_path)
    rows = [each for each in ROWS if each["statistic"] != "mean"] + [row("K16", value=4, statistic="p90")]
    told = pl.read_parquet(build(tmp_path, contents(rows)).folder / "revisions.parquet")
    assert set(told.select("statistic", "from_shown", "to_shown", "because").rows()) == {
        ("mean", "exact", None, "definition_changed"),
        ("p90", None, "exact", "definition_changed"),
    }


def test_another_meaning_makes_another_edition_though_no_number_moved(tmp_path: Path) -> None:
    """What a figure counts is part of it: a changed rule is published as a new edition."""
    build(tmp_path)
    one, other = contents().definitions
    redefined = (one.__class__(**(one.__dict__ | {"rule": "Otherwise."})), other)
    published = build(tmp_path, contents(definitions=redefined))
    assert (published.edition, published.revised) == (2, 0)


def test_a_period_that_was_not_over_is_another_edition_once_it_is(tmp_path: Path) -> None:
    """Though no number moved: the quality sheet says it of the first, and of the second nothing."""
    early = contents(as_of=AsOf(3, "2022-12-31T03:00:00Z"))
    first = pl.read_parquet(build(tmp_path, early).folder / "quality_sheet.parquet")
    (note,) = first.filter(pl.col("item") == "period not over")["note"]
    assert "it ends on 31 December 2022" in note
    published = build(tmp_path)
    assert (published.edition, published.revised) == (2, 0)
    second = pl.read_parquet(published.folder / "quality_sheet.parquet")
    assert "period not over" not in set(second["item"])


def test_a_table_that_breaks_its_own_contract_is_not_published(tmp_path: Path) -> None:
    """An empty category, a word outside the list and a repeated row each stop the release, values untold."""
    for rows, named in (
        ([*ROWS, row("K01", value=1)], "repeated by"),
        ([*ROWS, row("K02", value=1, shown="perhaps")], "outside its list"),
        ([*ROWS, row("K02", value=1, label=None)], "empty"),
    ):
        with pytest.raises(ReleaseUnsound, match="E962") as refused:
            build(tmp_path / named[:5], contents(rows))
        assert named in str(refused.value)
        assert not (tmp_path / named[:5] / "2022-23-Q3").exists()


def test_a_byte_that_was_changed_afterwards_is_found(tmp_path: Path) -> None:
    """Any file altered, gone, added, or signed by another key, and the release does not verify."""
    folder = build(tmp_path).folder
    verified(folder, TRUSTED)
    with pytest.raises(ReleaseAltered):
        verified(folder, (Signer(bytes(32)).verifier,))
    for path in sorted(folder.iterdir()):
        content = path.read_bytes()
        path.write_bytes(content[:-2] + bytes([content[-2] ^ 1]) + content[-1:])
        with pytest.raises((ReleaseAltered, ReleaseNotThere)):
            verified(folder, TRUSTED)
        path.unlink()
        with pytest.raises((ReleaseAltered, ReleaseNotThere)):
            verified(folder, TRUSTED)
        path.write_bytes(content)
    (folder / "more.csv").write_text("x")
    with pytest.raises(ReleaseAltered, match="E960"):
        verified(folder, TRUSTED)


def test_no_edition_is_built_over_one_that_was_altered(tmp_path: Path) -> None:
    """What was published and changed since is evidence, and stays as it was found."""
    folder = build(tmp_path).folder
    (folder / "referrals.csv").write_text("altered")
    before = bytes_in(tmp_path)
    with pytest.raises(ReleaseAltered):
        build(tmp_path, contents(changed_with(row("K01", value=1))))
    assert bytes_in(tmp_path) == before


def test_a_kill_between_the_two_renames_is_finished_by_the_next_build(tmp_path: Path) -> None:
    """The new edition was whole beside the others: it takes its name, and nothing is lost."""
    build(tmp_path)
    second = build(tmp_path, contents(changed_with(row("K01", value=3664))))
    whole = bytes_in(tmp_path)
    (tmp_path / ".building").mkdir(exist_ok=True)
    second.folder.rename(tmp_path / ".building" / "2022-23-Q3")
    assert build(tmp_path, contents(changed_with(row("K01", value=3664)))).edition == 2
    assert bytes_in(tmp_path) == whole


def test_a_kill_while_files_are_written_leaves_the_edition_before(tmp_path: Path) -> None:
    """Half a release lies beside, and the next build clears it away."""
    folder = build(tmp_path).folder
    whole = bytes_in(tmp_path)
    half = tmp_path / ".building" / "2022-23-Q3"
    half.mkdir(parents=True)
    (half / "referrals.csv").write_text("hal")
    Editions(tmp_path, "2022-23-Q3").settle()
    assert bytes_in(tmp_path) == whole
    assert read_edition(folder, KEYS).number == 1


def test_an_edition_that_cannot_take_its_name_leaves_the_one_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A folder that another program holds open is not renamed; what was in force still is."""
    folder = build(tmp_path).folder
    before = bytes_in(folder)
    real = Path.rename

    def stubborn(self: Path, target: Path) -> Path:
        if ".building" in self.parts:
            raise PermissionError(13, "held open", str(self))
        return real(self, target)

    monkeypatch.setattr(Path, "rename", stubborn)
    with pytest.raises(PermissionError):
        build(tmp_path, contents(changed_with(row("K01", value=3664))))
    assert bytes_in(folder) == before


def test_what_a_revoked_key_signed_does_not_stay_in_force(tmp_path: Path) -> None:
    """The same figures are signed anew, as a next edition, by the key that is believed."""
    build(tmp_path)
    other = Signer(bytes(32))
    keys = Keys(other, (other.verifier,), (SIGNER.verifier, other.verifier))
    published = build_release(contents(), tmp_path, keys, why)
    assert (published.edition, published.is_new, published.revised) == (2, True, 0)
    verified(published.folder, keys.trusted)


def test_two_builds_at_once_are_one_too_many(tmp_path: Path) -> None:
    """The second is told to wait, and changes nothing."""
    with FileLock(tmp_path / ".lock"), pytest.raises(FeedUnderWay, match="E963"):
        build(tmp_path)


def test_pages_are_files_of_the_release_like_any_other(tmp_path: Path) -> None:
    """What the pages' maker gives stands in the folder, in the descriptor, and under the signature."""
    folder = build(tmp_path, pages=lambda draft: {"index.html": f"<p>{draft.number}</p>".encode()}).folder
    said = verified(folder, TRUSTED)
    assert [each["mediatype"] for each in said["resources"] if each["path"] == "index.html"] == ["text/html"]


def test_another_page_of_the_same_figures_waits_for_the_next_edition(tmp_path: Path) -> None:
    """What was published stays byte for byte though the page would be made otherwise now; the next has it."""
    before = bytes_in(build(tmp_path, pages=lambda _: {"index.html": b"<p>as it was</p>"}).folder)
    again = build(tmp_path, pages=lambda _: {"index.html": b"<p>better words</p>"})
    assert (again.is_new, bytes_in(again.folder)) == (False, before)
    moved = contents(changed_with(row("K01", value=3664)))
    second = build(tmp_path, moved, pages=lambda _: {"index.html": b"<p>better words</p>"})
    assert (second.folder / "index.html").read_bytes() == b"<p>better words</p>"


def test_the_quality_sheet_hides_small_counts_and_says_what_it_is_not_told(tmp_path: Path) -> None:
    """Withheld and held records are protected as counts are; days are counted from the last batch."""
    told = pl.read_parquet(build(tmp_path).folder / "quality_sheet.parquet")
    cells = {(part, subject, item): (value, shown) for part, subject, item, value, shown in told.select(
        "part", "subject", "item", "value", "shown").iter_rows()}  # fmt: skip
    assert cells["withheld", "referral", "records"] == (None, "suppressed")
    assert cells["held", "referral", "records"] == (10.0, "rounded")
    assert cells["completeness", "K01", "the field it rests on"] == (98.0, "rounded")
    assert cells["freshness", "hub", "days since"] == (2.0, "exact")
    assert ("comparability", "ward", "not comparable before 2023-05-04") in cells
    strict = contents(quality=replace(contents().quality, suppress_to=12, round_to=10))
    hidden = pl.read_parquet(build(tmp_path / "strict", strict).folder / "quality_sheet.parquet")
    assert set(hidden.filter(pl.col("part") == "held")["shown"]) == {"suppressed"}
    untold = contents(quality=contents().quality.__class__())
    other = pl.read_parquet(build(tmp_path / "other", untold).folder / "quality_sheet.parquet")
    assert set(other.filter(pl.col("part") == "held")["shown"]) == {"not_told"}


def test_who_publishes_stands_in_descriptor_and_contract(tmp_path: Path) -> None:
    """Terms, contact and the invented people of a sample are said where machines look for them."""
    folder = build(tmp_path).folder
    said = described(folder)
    assert str(said["description"]).startswith("The people in this sample are invented.")
    assert said["contributors"] == [
        {"title": PUBLISHER.name, "roles": ["publisher"], "email": "feed@example.org"}
    ]
    assert "mailto:feed@example.org" in (folder / "contract.odcs.yaml").read_text(encoding="utf-8")


def test_a_count_that_came_as_a_count_was_counted_again_by_its_sender(tmp_path: Path) -> None:
    """Of such a number no record is here that could have come late or been mended."""
    build(tmp_path)

    def received(before: Before) -> Change:
        return replace(why(before), received=frozenset({"K01"}))

    other = contents(changed_with(row("K01", value=3664)))
    folder = build_release(other, tmp_path, KEYS, received).folder
    assert pl.read_parquet(folder / "revisions.parquet")["because"].to_list() == ["received_counts"]


def test_a_figure_that_is_defined_otherwise_may_be_of_other_records_too(tmp_path: Path) -> None:
    """A word of its rule is another and records came late: both are said, for neither can be ruled out."""
    build(tmp_path)
    one, other = contents().definitions
    told = contents(
        changed_with(row("K01", value=3664)), definitions=(replace(one, rule="Otherwise."), other)
    )

    def redefined(before: Before) -> Change:
        return replace(why(before), redefined=before.redefined(told.dictionary()))

    folder = build_release(told, tmp_path, KEYS, redefined).folder
    assert pl.read_parquet(folder / "revisions.parquet")["because"].to_list() == [
        "definition_changed, late_records"
    ]
