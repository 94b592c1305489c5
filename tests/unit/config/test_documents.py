"""A declared file is read strictly: whatever is odd is refused with its line, all at once, in bounds."""

import json
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import BaseModel, ConfigDict

from config import reading
from config.characters import odd_lines
from config.documents import DocumentRefused, Problem, plain, read_tree, read_with_place
from config.reading import DEEPEST, MOST_VALUES, read_events
from config.tree import Mapped
from tests.unit.config import oracle
from tests.unit.config.malformed import MALFORMED

ROOT = Path(__file__).parents[3]
DECLARED = [
    path for folder in ("config", "quality", "tests/spec") for path in (ROOT / folder).rglob("*.yaml")
]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "declared.yaml"


def refused(path: Path, content: str | bytes) -> list[tuple[int, str]]:
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with pytest.raises(DocumentRefused) as error:
        read_tree(path)
    assert error.value.exit_code == 10
    assert error.value.__context__ is None
    assert all(problem.file == path for problem in error.value.problems)
    return [(problem.line, problem.text) for problem in error.value.problems]


@pytest.mark.parametrize(("content", "line", "said"), MALFORMED.values(), ids=MALFORMED)
def test_a_file_is_refused_with_its_line_for(content: str | bytes, line: int, said: str, file: Path) -> None:
    """Each oddity is named on the line where it stands; the text itself is not repeated but for its keys."""
    found = refused(file, content)
    assert any(at == line and said in text for at, text in found), found[:5]
    assert len(found) <= 101


def test_everything_wrong_in_a_file_is_said_at_once(file: Path) -> None:
    """What is ambiguous does not hide what is given twice, nor either of them a key that there is not."""

    class Model(BaseModel):
        model_config = ConfigDict(extra="forbid")
        a: int
        name: str

    file.write_text("a: yes\nb: 1\na: 2\nnmae: &x hub\nc: 0x1\n", encoding="utf-8")
    with pytest.raises(DocumentRefused) as error:
        read_with_place(file, Model)
    assert [(problem.line, problem.text) for problem in error.value.problems] == [
        (1, "Write true or false, or put the word in quotes."),
        (1, "name: this key is missing."),
        (2, "b: no such key."),
        (3, "a: this key is given twice, first on line 1."),
        (4, "Anchors and aliases are not allowed: write the value out."),
        (4, "nmae: no such key. Did you mean name?"),
        (5, "Write numbers in decimal, or put the word in quotes."),
        (5, "c: no such key."),
    ]


class Typed(BaseModel):
    """Every type that declared files have."""

    model_config = ConfigDict(extra="forbid")
    text: str = ""
    number: int = 0
    truth: bool = False
    words: list[str] = []
    table: dict[str, str | bool] = {}


MISFITS = {
    "number: '5'": "number: write a whole number.",
    "number: 5.0": "number: write a whole number.",
    "number: true": "number: write a whole number.",
    "number: 2026-10-01": "number: write a whole number.",
    "truth: 1": "truth: write true or false.",
    "truth: 'true'": "truth: write true or false.",
    "text: 5": "text: write a text here",
    "text:": "text: write a text here",
    "text: {a: b}": "text: write a text here",
    "words: a": "words: write a list.",
    "words: {a: b}": "words: write a list.",
    "words: [a, [b]]": "words.1: write a text here",
    "table: [a]": "table: write keys with their values.",
    "table: {a: 1.5}": "like something else, or write true or false.",
    "texts: b": "texts: no such key. Did you mean text?",
    "'t\u0435xt': b": "It holds U+0435 CYRILLIC SMALL LETTER IE.",
}


@pytest.mark.parametrize(("content", "said"), MISFITS.items(), ids=MISFITS)
def test_nothing_is_bent_into_the_type_that_is_wanted(content: str, said: str, file: Path) -> None:
    """A number in quotes is a text, a one is not true, and a word is not a list of one."""
    file.write_text(f"# a comment\n{content}\n", encoding="utf-8")
    with pytest.raises(DocumentRefused) as error:
        read_with_place(file, Typed)
    assert any(problem.line == 2 and said in problem.text for problem in error.value.problems) or (
        "two alphabets" in str(error.value)
    )


def test_what_a_file_holds_is_not_repeated(file: Path) -> None:
    """A secret pasted where it should not stand is in no message, whatever is wrong with its line."""
    secret = "Hunter2-Zqsecret"
    for content in (
        f"number: {secret}",
        f"truth: '{secret}'",
        f"words: {secret}",
        f"text: [{secret}]",
        f"text: &{secret} a",
        f"text: !{secret} a",
        f"text: *{secret}",
        f"text: {secret}: a",
        f"text: '{secret}",
        f'text: "{secret}\\q"',
        f"text: {secret}\x1b",
        f"text: |#{secret}",
        f"{secret} text: [",
        f"table: {{a: [{secret}]}}",
    ):
        file.write_text(f"{content}\n", encoding="utf-8")
        with pytest.raises(DocumentRefused) as error:
            read_with_place(file, Typed)
        assert secret not in repr(error.value) + str(error.value) + "".join(error.value.lines()), content


def test_a_message_can_not_drive_a_terminal(file: Path) -> None:
    """A key that an escape has put an odd character into is told by that escape."""
    file.write_text('"te\\u202ext": 1\n', encoding="utf-8")
    with pytest.raises(DocumentRefused) as error:
        read_with_place(file, Typed)
    assert "te\\u202ext: no such key." in str(error.value)
    assert str(error.value).isprintable() or "\u202e" not in str(error.value)


def test_plain_windows_and_marked_files_are_taken(file: Path) -> None:
    """Lines that end as on Windows and a byte order mark at the very beginning change nothing."""
    for content in ("a: 1\nb: [é]\n", "a: 1\r\nb: [é]\r\n", "\ufeffa: 1\nb: [é]\n", "---\na: 1\nb: [é]"):
        file.write_bytes(content.encode())
        tree = read_tree(file)
        assert plain(tree) == {"a": 1, "b": ["é"]}
        assert tree.lines["b"] - tree.lines["a"] == 1


def test_a_file_of_many_gigabytes_is_not_read(file: Path) -> None:
    """One byte more than is allowed is all that is taken of a file, be it sixteen gigabytes."""
    with file.open("wb") as stream:
        stream.truncate(1 << 34)
    with pytest.raises(DocumentRefused, match="larger than"):
        read_tree(file)


def test_only_a_plain_file_is_opened(tmp_path: Path, file: Path) -> None:
    """A link is not followed, a pipe not waited for, a folder not read."""
    import os

    (tmp_path / "other.yaml").write_text("a: 1\n", encoding="utf-8")
    file.symlink_to(tmp_path / "other.yaml")
    with pytest.raises(DocumentRefused, match="is a link"):
        read_tree(file)
    os.mkfifo(tmp_path / "pipe.yaml")
    (tmp_path / "folder.yaml").mkdir()
    for name in ("pipe.yaml", "folder.yaml", "absent.yaml", "a\0b.yaml"):
        with pytest.raises(DocumentRefused, match="missing or may not be read"):
            read_tree(tmp_path / name)


@pytest.mark.parametrize("opening", ["a: [", "- ", "? ", "a: {b: "])
def test_nesting_is_left_as_soon_as_it_is_too_deep(opening: str) -> None:
    """However deep a text goes, no more of it is read than the levels that are allowed."""
    taken = read_events(opening * 10_000)
    assert taken._values <= 2 * DEEPEST + 2
    assert not taken.whole


def test_a_text_of_very_many_values_is_left_in_the_middle() -> None:
    """Past the most values that are allowed nothing more is read."""
    assert read_events("- a\n" * (4 * MOST_VALUES))._values == MOST_VALUES + 1


@pytest.mark.parametrize("path", DECLARED, ids=lambda path: path.name)
def test_our_files_read_the_same_in_another_reader(path: Path) -> None:
    """An independent reader of YAML 1.2 finds the same keys, values and lines in every file of ours."""
    text = path.read_text(encoding="utf-8")
    taken = read_events(text)
    assert taken.wrong == []
    assert oracle.same(taken.tree, oracle.read(text))


PIECES = [
    *(
        "a",
        "b:",
        "c:",
        "-",
        "?",
        ":",
        ",",
        "[",
        "]",
        "{",
        "}",
        "'",
        '"',
        "|",
        "|-",
        "|2",
        ">",
        ">+",
        "#",
        "&",
        "*",
        "!",
    ),
    *(
        "%",
        "@",
        "`",
        "= ",
        "~",
        "<<",
        "1",
        "0.5",
        "1e3",
        "yes",
        "true",
        "null",
        "2026-01-02",
        "2026-13-02",
        "017",
        "0x1",
    ),
    *(
        "\\",
        "\\n",
        "\\x41",
        "\\/",
        "\\q",
        "é",
        "http://x/y",
        "a:b",
        "a#b",
        "{a}",
        "{a:b}",
        "---",
        "...",
        ".inf",
    ),
]
TOKENS = st.sampled_from(
    [
        *PIECES,
        *(f"{piece} " for piece in PIECES),
        " ",
        "  ",
        "\n",
        "\n  ",
        "\n    ",
        "\r\n",
        " # x",
        "- - a",
        "k: v\n",
    ]
)


@settings(max_examples=400, deadline=None)
@given(text=st.lists(TOKENS, max_size=14).map("".join))
def test_what_we_take_another_reader_takes_too(text: str) -> None:
    """Of any text put together from pieces of YAML, what we accept an independent reader reads the same."""
    taken = read_events(text)
    if taken.whole and not taken.wrong and isinstance(taken.tree, Mapped):
        theirs = oracle.read(text)
        ended = any(line.startswith("...") for line in text.splitlines())
        assert theirs is oracle.CRASHED or (ended and theirs is None) or oracle.same(taken.tree, theirs)


@settings(max_examples=400, deadline=None)
@given(
    content=st.binary(max_size=200) | st.text(max_size=200).map(lambda text: text.encode("utf-8", "replace"))
)
def test_any_bytes_are_read_or_refused(content: bytes, tmp_path_factory: pytest.TempPathFactory) -> None:
    """Garbage is refused with a line within the file, and never ends in another error."""
    path = tmp_path_factory.getbasetemp() / "garbage.yaml"
    path.write_bytes(content)
    tree, problems = _taken(path)
    lines = content.count(b"\n") + content.count(b"\r") + 1
    assert all(1 <= problem.line <= lines + 1 for problem in problems)
    assert (tree is None) == bool(problems)
    if tree is not None:
        assert json.dumps(plain(tree), default=str)
        assert not list(odd_lines(content.decode()))


def _taken(path: Path) -> tuple[Mapped | None, list[Problem]]:
    try:
        return read_tree(path), []
    except DocumentRefused as error:
        return None, error.problems


def test_the_parser_in_python_reads_the_same(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where libyaml is not built in, its twin in Python finds the same trees and the same faults."""
    fast = [read_events(path.read_text(encoding="utf-8")) for path in DECLARED[:8]]
    odd = [text for text, _, _ in MALFORMED.values() if isinstance(text, str) and len(text) < 1000]
    odd = [text for text in odd if not list(odd_lines(text))]
    faults = [read_events(text).wrong for text in odd]
    assert reading.loader() is yaml.CSafeLoader
    monkeypatch.setattr(reading, "loader", lambda: yaml.SafeLoader)
    slow = [read_events(path.read_text(encoding="utf-8")) for path in DECLARED[:8]]
    assert [plain(one.tree) for one in slow] == [plain(one.tree) for one in fast]
    assert [one.tree.lines for one in slow] == [one.tree.lines for one in fast]
    for text, fault in zip(odd, faults, strict=True):
        if "space before it" not in str(fault):
            assert {told for _, told in read_events(text).wrong} == {told for _, told in fault}
