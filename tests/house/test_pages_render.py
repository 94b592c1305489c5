"""A page of the documentation is shown as it was meant: its commands as commands, its words as words."""

import re
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

ROOT = Path(__file__).parents[2]
PAGES = [*sorted(ROOT.glob("docs/**/*.md")), ROOT / "README.md", ROOT / "GLOSSARY.md"]
FENCE = re.compile(r" *(`{3,}|~{3,})")
NOT_CODE = re.compile(r"(?m)^ *(#{2,6} |\|[ :|-]+\|$|\d+\. |- \*\*|`{3})")


def fenced(text: str) -> list[str]:
    """Return what stands between each opening and closing line of fences, as a person reads the source.

    A fence is a line that begins with three marks; its indent is not of the code.
    """
    found, inside, indent = list[list[str]](), False, 0
    for line in text.splitlines():
        if FENCE.match(line):
            inside, indent = not inside, len(line) - len(line.lstrip())
            if inside:
                found.append([])
        elif inside:
            found[-1].append(line[indent:] if not line[:indent].strip() else line)
    assert not inside, "the last fence is never closed"
    return ["".join(f"{line}\n" for line in lines) for lines in found]


def shown(text: str) -> list[tuple[str, str]]:
    """Return kind and content of each block of code that a CommonMark reader shows."""
    tokens = MarkdownIt("commonmark").enable("table").parse(text)
    return [(token.type, token.content) for token in tokens if token.type in {"fence", "code_block"}]


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_fence_of_a_page_is_shown_as_one_block_of_code(page: Path) -> None:
    """What the source fences is what the reader sees as code: nothing less, nothing more, no prose in it."""
    text = page.read_text(encoding="utf-8")
    blocks = shown(text)
    assert [kind for kind, _ in blocks if kind != "fence"] == []
    assert [content for _, content in blocks] == fenced(text)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_heading_table_or_step_of_a_page_is_shown_as_code(page: Path) -> None:
    """A fence that swallows what comes after it would hide the next step."""
    swallowed = [
        found[0] for _, code in shown(page.read_text(encoding="utf-8")) if (found := NOT_CODE.search(code))
    ]
    assert swallowed == []


def test_a_command_at_the_margin_of_an_indented_fence_is_caught() -> None:
    """The fault that these tests are for: in a list, a line at the margin ends the fence it was meant for."""
    broken = "1. First:\n\n   ```\npython run_sync.py check\n   ```\n\n2. Then.\n"
    assert [content for _, content in shown(broken)] != fenced(broken)
    mended = broken.replace("python", "   python")
    assert [content for _, content in shown(mended)] == fenced(mended)
