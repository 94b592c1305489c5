"""Reads a page as somebody reads or hears it: words, tables, headlines, and how long what is drawn is."""

from dataclasses import dataclass, field
from html.parser import HTMLParser

SAID = ("aria-label", "title", "alt", "data-value", "content", "placeholder", "value", "aria-description")
"""Attributes that a reader, or the tool that reads a page out, is told."""
WITHIN_A_LINE = {"span", "strong", "b", "a", "em"}


@dataclass
class Part:
    """A drawing with the table beneath it, a table by itself, or what stands outside of both."""

    name: str = ""
    texts: list[str] = field(default_factory=list)
    heads: list[str] = field(default_factory=list)
    rows: list[list[str]] = field(default_factory=list)
    lengths: list[float] = field(default_factory=list)
    stubs: list[float] = field(default_factory=list)
    is_tall: bool = False
    tiles: list[list[str]] = field(default_factory=list)


class Page(HTMLParser):
    """What a reader sees of a page, or hears, part by part."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.outside, self.parts = Part(), list[Part]()
        self._part = self.outside
        self._silent, self._cell, self._run = 0, False, list[str]()
        self.feed(text)
        self.close()
        self._told()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        self._silent += tag in {"style", "script"}
        if tag not in WITHIN_A_LINE:
            self._told()
        if tag == "figure" or (tag == "table" and self._part is self.outside):
            self._part = Part(str(said.get("aria-labelledby") or tag))
            self.parts.append(self._part)
        if tag == "tr":
            self._part.rows.append([])
        self._cell = self._cell or tag in {"td", "th"}
        self._part.texts += [str(said[name]) for name in SAID if said.get(name)]
        if tag == "rect":
            width, height = str(said.get("width")), str(said.get("height"))
            self._part.is_tall = self._part.is_tall or height != "100%"
            length = float((width if height == "100%" else height).rstrip("%"))
            (self._part.stubs if said.get("class") == "hidden" else self._part.lengths).append(length)

    def handle_endtag(self, tag: str) -> None:
        self._silent -= tag in {"style", "script"}
        if tag in {"td", "th"}:
            self._part.rows[-1].append(plain("".join(self._run)))
            self._run, self._cell = [], False
        if tag in {"dt", "dd"}:
            self._tile(tag)
        if tag not in WITHIN_A_LINE:
            self._told()
        if tag == "figure" or (tag == "table" and self._part.name == "table"):
            self._part = self.outside

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self._run.append(data)

    def _tile(self, tag: str) -> None:
        """Keep a headline with what it is of."""
        words = plain("".join(self._run))
        if tag == "dt":
            self._part.tiles.append([words])
        elif tag == "dd" and self._part.tiles:
            self._part.tiles[-1].append(words)

    def _told(self) -> None:
        if not self._cell:
            self._part.texts += [text] if (text := plain("".join(self._run))) else []
            self._run = []


def plain(text: str) -> str:
    """Return a text with single spaces."""
    return " ".join(text.replace("\u00a0", " ").split())
