"""A compiled mapping is a pure function of its batch, and no row is lost in it."""

from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from canonical import polars_schema
from mappings import Compiled, LookupRefused, compile_mapping, load_mapping, load_postcodes
from mappings.compile import OWN_TYPES
from mappings.fields import OWN_FIELDS

SITE = Path(__file__).parents[3] / "config" / "example"
NAMES = sorted(path.stem for path in (SITE / "mappings").glob("*.yaml"))
WORDS = st.none() | st.sampled_from(
    [
        "",
        "-",
        "Yes",
        "HR000001",
        "hr000002 ",
        "HP000001",
        "HC000001",
        "01/06/2022",
        "31/02/2022",
        "10:30",
        "25:61",
        "Advice",
        "5",
        "x\u0000y",
        "é",
    ]
)


def ready(name: str) -> Compiled:
    mapping = load_mapping(SITE / "mappings" / f"{name}.yaml")
    return compile_mapping(
        mapping, load_postcodes(SITE / "lookups" / "postcodes.csv"), source="hub", parent_source="hub"
    )


PREFIXES = {
    f"charitylog_{name}": f"H{letter}"
    for name, letter in zip(
        ("people", "relationships", "referrals", "contacts", "needs", "risks", "consents", "outcomes"),
        "PLRCNKGF",
        strict=True,
    )
}
READY = {name: ready(name) for name in NAMES}


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@settings(max_examples=25, deadline=None)
def test_every_row_is_a_record_or_rejected(name: str, data: st.DataObject) -> None:
    """Whatever the cells hold, the first entity and the rejected rows are the batch's rows, each once."""
    compiled = READY[name]
    count = data.draw(st.integers(0, 6))
    cells = {
        column: pl.Series(data.draw(st.lists(WORDS, min_size=count, max_size=count)), dtype=pl.String)
        for column in compiled.columns
    }
    mapped = compiled.apply(pl.DataFrame(cells).with_row_index("_row"))
    rows = [*mapped.entities[compiled.entities[0]]["_row"], *mapped.rejected["_row"]]
    assert sorted(rows) == list(range(count))
    for entity, table in mapped.entities.items():
        own = {column: OWN_TYPES[column] for column in OWN_FIELDS.get(entity, {})}
        assert table.schema == pl.Schema(dict(polars_schema(entity)) | own)
        assert table["_reference"].null_count() == 0


@pytest.mark.parametrize("name", NAMES)
def test_how_an_export_is_cut_into_batches_changes_nothing(name: str) -> None:
    """A thousand rows in one batch or in many become the same records."""
    compiled = READY[name]
    samples = ["01/06/2022", "HP000001", "", "Yes", "Telephone", "N/A", "3", "x"]
    columns = {
        column: pl.Series([samples[(row * 7 + place) % len(samples)] for row in range(1000)], dtype=pl.String)
        for place, column in enumerate(compiled.columns)
    }
    own = compiled.mapping.declared.reference.column
    columns[own] = pl.Series([f"{PREFIXES.get(name, '')}{row:06}" for row in range(1000)], dtype=pl.String)
    batch = pl.DataFrame(columns).with_row_index("_row")
    whole = compiled.apply(batch)
    parts = [compiled.apply(part) for part in batch.iter_slices(90)]
    first = compiled.entities[0]
    assert pl.concat([part.entities[first] for part in parts]).equals(whole.entities[first])
    assert pl.concat([part.rejected for part in parts]).equals(whole.rejected)


def test_a_mapping_says_what_it_takes_leaves_and_fills() -> None:
    """Needed and ignored columns never overlap; worked-out fields count as filled where their fields are."""
    for compiled in READY.values():
        assert not set(compiled.columns) & set(compiled.ignored)
    assert "Telephone" in READY["charitylog_people"].ignored
    assert READY["charitylog_referrals"].fills("referral") >= {
        "referral_id",
        "received_on",
        "triage_days",
        "status",
    }
    assert "triage_days" not in READY["signposts_2017"].fills("referral")
    assert READY["charitylog_people"].entities == (
        "person",
        "person_identifier",
        "address",
        "characteristics",
    )


def test_a_mapping_prints_no_cell() -> None:
    """What a batch became can be printed without printing a person."""
    compiled = READY["charitylog_people"]
    batch = pl.DataFrame({column: ["Zqcanary"] for column in compiled.columns}).with_row_index("_row")
    assert "Zqcanary" not in repr(compiled.apply(batch))


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("pcds,oslaua\nA,B\n", "osward: this column is missing"),
        (None, "missing"),
        ("pcds\n\xff".encode("latin-1"), "not UTF-8"),
    ],
)
def test_a_look_up_that_is_not_one_is_refused(
    tmp_path: Path, content: str | bytes | None, words: str
) -> None:
    """A look-up without its columns refuses to load and says which."""
    path = tmp_path / "postcodes.csv"
    if content is not None:
        path.write_bytes(content.encode() if isinstance(content, str) else content)
    with pytest.raises(LookupRefused) as refused:
        load_postcodes(path)
    assert words in str(refused.value)
    assert refused.value.exit_code == 10


def test_a_words_file_adds_words(tmp_path: Path) -> None:
    """A table of words may stand in a file beside the mapping."""
    (tmp_path / "words.csv").write_text("# ours\nword,code\nPressing,2\n", encoding="utf-8")
    path = tmp_path / "one.yaml"
    path.write_text(
        "name: one\nversion: 1\nexport: referrals\nreference: {column: Ref}\n"
        "entities:\n  - entity: referral\n    fields:\n"
        "      priority: {column: P, converter: code, words_file: words.csv}\n",
        encoding="utf-8",
    )
    compiled = compile_mapping(load_mapping(path), source="hub")
    batch = pl.DataFrame({"Ref": ["a", "b"], "P": ["PRESSING", "Routine"], "_row": [1, 2]})
    assert compiled.apply(batch).entities["referral"]["priority"].to_list() == ["2", "1"]


def test_who_entered_a_record_is_read_by_kind_and_never_by_name(tmp_path: Path) -> None:
    """A word of the list, or one that the mapping knows; a name in that column is nothing, and no finding."""
    text = (SITE / "mappings" / "charitylog_referrals.yaml").read_text(encoding="utf-8")
    added = "      _entered_by_role: {column: Entered By, converter: code, words: {Caseworker: adviser}}\n"
    path = tmp_path / "referrals.yaml"
    path.write_text(text.replace("      # The service is found", f"{added}      # The service is found", 1))
    compiled = compile_mapping(load_mapping(path), source="hub", parent_source="hub")
    told = ["Caseworker", "Volunteer", "Zqanna Canary", ""]
    cells = {column: [""] * len(told) for column in compiled.columns}
    cells |= {"Entered By": told, "Diary Reference Number": [f"HR00000{at}" for at in range(len(told))]}
    table = compiled.apply(pl.DataFrame(cells).with_row_index("_row")).entities["referral"]
    assert table["_entered_by_role"].to_list() == ["adviser", "volunteer", None, None]
    assert table["_unreadable"].n_unique() == 1
