"""A look-up file that is not what it should be is refused, each fault with its line, no cell repeated."""

from pathlib import Path

import pytest

from mappings import MappingRefused, load_mapping, load_postcodes
from mappings.errors import LookupRefused
from tests.unit.mappings.conftest import Write

HEADER = "pcds,oslaua,osward,lsoa11,lsoa21,neighbourhood"
ROW = "ZQ1 1DS,E08000007,E05000779,E01005745,E01005745,Alderbeck"
SECRET = "Zqsecret"
MALFORMED: dict[str, tuple[bytes, list[tuple[int, str]]]] = {
    "nothing": (b"", [(1, "pcds: this column is missing")]),
    "no row": (f"{HEADER}\n".encode(), [(1, "The file holds no row.")]),
    "a column that is missing": (
        f"{HEADER.replace('osward', 'oswrd')}\n{ROW}\n".encode(),
        [(1, "osward: this column is missing. Did you mean oswrd?")],
    ),
    "a column twice": (
        f"{HEADER},osward\n{ROW},E05000780\n".encode(),
        [(1, "osward: this column is given twice.")],
    ),
    "rows of another width": (
        f"{HEADER}\n{ROW}\n{SECRET},x\n{ROW},{SECRET}\n{ROW}\n".encode(),
        [(3, "not as wide"), (4, "not as wide")],
    ),
    "a line with nothing on it": (f"{HEADER}\n{ROW}\n\n{ROW}\n".encode(), [(3, "this is no postcode")]),
    "a quotation mark that never closes": (
        f'{HEADER}\n{ROW}\n"{ROW}\n{ROW}\n'.encode(),
        [(3, "not as wide as the header")],
    ),
    "a cell over two lines": (
        f'{HEADER}\n{ROW}\n{ROW.replace("Alder", chr(34) + "Al" + chr(10) + "der")}"\n'.encode(),
        [(3, "A quotation mark stands where none may.")],
    ),
    "another delimiter": (
        f"{HEADER}\n{ROW}\n".replace(",", ";").encode(),
        [(1, "pcds: this column is missing")],
    ),
    "shifted cells": (
        f"{HEADER}\n{ROW}\n{ROW.replace('Alderbeck', SECRET).replace('E08000007,', '')},\n".encode(),
        [(3, "lsoa21: write a code")],
    ),
    "no postcode": (f"{HEADER}\n{ROW.replace('ZQ1 1DS', SECRET)}\n".encode(), [(2, "this is no postcode")]),
    "two places for one postcode": (
        f"{HEADER}\n{ROW}\nZQ2 2DS,,,,,\n{ROW.replace('E01005745', 'E01005746')}\n".encode(),
        [(2, "stands in other places"), (4, "stands in other places")],
    ),
    "an earlier ward that is no code": (
        f"{HEADER},osward_before\n{ROW},{SECRET}\n".encode(),
        [(2, "osward_before: write a code")],
    ),
    "a rank that is none": (f"{HEADER},imd\n{ROW},{SECRET}\n".encode(), [(2, "imd: write the rank")]),
    "two ranks of one area": (
        f"{HEADER},imd\n{ROW},5\n{ROW.replace('1DS', '1DX')},6\n".encode(),
        [(2, "has another rank"), (3, "has another rank")],
    ),
    "bytes that are not UTF-8": (f"{HEADER}\n{ROW}\n".encode() + b"\xff,,,,,\n", [(3, "not UTF-8")]),
    "UTF-16": (f"{HEADER}\n{ROW}\n".encode("utf-16"), [(1, "UTF-16")]),
    "a space that does not break": (f"{HEADER}\n{ROW}\nZQ1\xa01DX,,,,,\n".encode(), [(3, "U+00A0")]),
    "a mark of byte order within": (f"{HEADER}\n\ufeff{ROW}\n".encode(), [(2, "U+FEFF")]),
}


@pytest.mark.parametrize(("content", "told"), MALFORMED.values(), ids=MALFORMED)
def test_a_look_up_of_postcodes_is_refused_for(
    content: bytes, told: list[tuple[int, str]], tmp_path: Path
) -> None:
    """The line is named and the cell is not; exit 10."""
    path = tmp_path / "postcodes.csv"
    path.write_bytes(content)
    with pytest.raises(LookupRefused) as refused:
        load_postcodes(path)
    found = [(problem.line, problem.text) for problem in refused.value.problems]
    for line, words in told:
        assert any(line == at and words in text for at, text in found), found
    assert refused.value.exit_code == 10
    assert SECRET not in str(refused.value)
    assert refused.value.__context__ is None


def test_a_look_up_with_quotes_blanks_and_a_byte_order_mark_is_taken(tmp_path: Path) -> None:
    """What spreadsheets and the ONS write is no fault: quotes, blank places, lines that end as on Windows."""
    path = tmp_path / "postcodes.csv"
    quoted = ",".join(f'"{cell}"' for cell in ROW.split(","))
    path.write_bytes(f"\ufeff{HEADER}\r\n{quoted}\r\nzz99 3vz,,,,,\r\n{ROW}\r\n\r\n".encode())
    assert load_postcodes(path).table.rows() == [
        ("ZQ11DS", "E08000007", "E05000779", "E01005745", "E01005745", "Alderbeck", None, None),
        ("ZZ993VZ", None, None, None, None, None, None, None),
    ]


@pytest.mark.parametrize(
    ("rank", "area", "decile"),
    [
        ("1", "E01005745", 1),
        ("3284", "E01005745", 1),
        ("3285", "E01005745", 2),
        ("6568", "E01005745", 2),
        ("6569", "E01005745", 3),
        ("16422", "E01005745", 5),
        ("16423", "E01005745", 6),
        ("29560", "E01005745", 10),
        ("29559", "E01005745", 9),
        ("32844", "E01005745", 10),
        ("32845", "E01005745", None),
        ("0", "E01005745", None),
        ("", "E01005745", None),
        ("5", "W01000001", None),
        ("5", "", None),
    ],
)
def test_a_rank_of_deprivation_becomes_a_tenth_of_england(
    rank: str, area: str, decile: int | None, tmp_path: Path
) -> None:
    """The groups of the index of 2019; the rank of another nation, and what stands for none, say none."""
    path = tmp_path / "postcodes.csv"
    row = ROW.replace("E01005745,", f"{area},", 1)
    path.write_text(f"{HEADER},osward_before,imd\n{row},E05000780,{rank}\n", encoding="utf-8")
    told = load_postcodes(path).table.to_dicts()[0]
    assert (told["imd_decile"], told["ward_before"]) == (decile, "E05000780")


@pytest.mark.parametrize(
    ("header", "cells", "told"),
    [
        ("osward_before", "E05000780", "E05000780"),
        ("osward_before", "", None),
        ("osward_before,osward_before_2", "E05000780,E05000001", "E05000780 E05000001"),
        ("osward_before_2,osward_before", "E05000001,E05000780", "E05000780 E05000001"),
        ("osward_before,osward_before_2,osward_before_3", "E05000780,,E05000002", "E05000780 E05000002"),
    ],
)
def test_wards_of_before_as_many_changes_as_there_were_are_read(
    header: str, cells: str, told: str | None, tmp_path: Path
) -> None:
    """A column for each change, the latest change first, however the file has them."""
    path = tmp_path / "postcodes.csv"
    path.write_text(f"{HEADER},{header}\n{ROW},{cells}\n", encoding="utf-8")
    table = load_postcodes(path).table
    assert table["ward_before"].to_list() == [told]
    assert [name for name in table.columns if name.startswith("ward")] == ["ward", "ward_before"]


WORDS = {
    "word,kode\nHigh,2\n": "words.csv, line 1: its columns are not word and code.",
    "# ours\nword,code\nHigh,2\nLow\n": "words.csv, line 4: this row is not a word and a code.",
    "word,code\nHigh,2,\n": "words.csv, line 2: this row is not a word and a code.",
    "word,code\nHi\tgh,2\n": "words.csv, line 2: U+0009",
    "word,code\nHigh,9\n": "9 is not one of our codes",
    "word,code\nSoon,1\n SOON ,2\n": "this word is given twice, with two meanings",
}


@pytest.mark.parametrize(("content", "said"), WORDS.items(), ids=WORDS)
def test_a_file_of_words_is_refused_for(content: str, said: str, write: Write) -> None:
    """A code table beside the mapping is read as strictly, its lines named under the mapping's own."""
    mapping = write(
        "entities:\n  - entity: referral\n    fields:\n"
        "      priority: {column: C, converter: code, words_file: words.csv}\n"
    )
    (mapping.parent / "words.csv").write_text(content, encoding="utf-8")
    with pytest.raises(MappingRefused) as refused:
        load_mapping(mapping)
    assert any(said in problem.text and problem.line == 8 for problem in refused.value.problems), (
        refused.value
    )


@pytest.mark.parametrize("path", ["../words.csv", "/etc/hostname", "linked.csv", "Words.csv", "words"])
def test_a_file_of_words_lies_beside_its_mapping(path: str, write: Write) -> None:
    """No path leads out of the folder, through a link, or to a file of another name."""
    mapping = write(
        "entities:\n  - entity: referral\n    fields:\n"
        f"      priority: {{column: C, converter: code, words_file: {path}}}\n"
    )
    (mapping.parent / "words.csv").write_text("word,code\nSoon,1\n", encoding="utf-8")
    (mapping.parent / "linked.csv").symlink_to(mapping.parent / "words.csv")
    with pytest.raises(MappingRefused, match="not a CSV file"):
        load_mapping(mapping)


def test_two_words_that_are_read_alike_may_not_mean_two_things(write: Write) -> None:
    """Case and spaces make no difference to a cell, so two codes for one word would hang on their order."""
    mapping = write(
        "entities:\n  - entity: referral\n    fields:\n"
        "      priority: {column: C, converter: code, words: {Soon: '1', ' SOON': '2'}}\n"
    )
    with pytest.raises(MappingRefused, match="two meanings"):
        load_mapping(mapping)
