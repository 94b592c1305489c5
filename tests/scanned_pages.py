"""Reads a published page back from its bytes alone: each number stands in a published table, in its place.

A row of a table is looked for under its own label; what a drawing says or shows must stand in the table
beneath it; what stands outside of drawings must be told of the whole borough.
"""

import re
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from itertools import zip_longest
from pathlib import Path

import yaml

from reports.release.plainly import plainly
from tests.scanned_cells import MAY_BE_SEEN, Cell, rows_of
from tests.scanned_html import Page, Part, plain

DECLARED = Path(__file__).resolve().parent.parent / "feed" / "kpis"

NUMBER = re.compile(r"(?<![\w#.])[-+−]?\d[\d,]*(?:\.\d+)?(?![\w])")
PLAIN = (
    r"95\s?% interval", r"\d+ more in the numbers", r"\d+ of \d+ (?:is|are) hidden", r"[\d,]+ rows",
    r"[\d,]+ of its [\d,]+ numbers (?:is|are) not shown \([^)]*\)", r"\d\d? (?:of )?\d{4}-\d\d", r"Q[1-4]",
    r"rounded to 5", r"at (?:least|most) [\d.]+", r"\d{4}-\d\d(?:-\d\d)?", r"(?:\d\d? )?[A-Z][a-z]+ \d{4}",
    r"\b20\d\d\b", r"\bat [0-2]\d:[0-5]\d\b", r"\bEdition \d+, counted", r", batch \d+\. Published by",
)  # fmt: skip
"""What a page says of itself, days and the time of day: numbers of nobody."""
KNOWN_FOR = re.compile(r"(?:is|are) known for ([\d,]+%(?: \([\d,]+ of [\d,]+\))?)")
MONTHS = ("January", "February", "March", "April", "May", "June", "July", "August", "September", "October",
          "November", "December")  # fmt: skip
THINNEST, TENTH = 2.0, 0.1
"""As thick as a band of a flow is at least, though it be of none or hidden."""
SLACK = 0.0016
"""How far a drawn length may lie from its number: it is written to a tenth of a pixel or of a per cent."""


class Published:
    """What the tables of a release tell, looked up by words."""

    def __init__(
        self, cells: Iterable[Cell], names: Mapping[str, str], others: Iterable[str], words: Iterable[str]
    ):
        """Given: rows of figures; the names of figures; numbers of other sheets; texts that hold no count."""
        self.cells = [cell for cell in cells if cell.file.endswith(".csv")]
        self.names = names
        self.by_kpi: dict[str, list[Cell]] = defaultdict(list)
        self._labelled: dict[str, list[Cell]] = defaultdict(list)
        for cell in self.cells:
            self.by_kpi[cell.key[0]].append(cell)
            for label in self._labels(cell):
                self._labelled[label].append(cell)
        self.whole = {n for cell in self.cells if cell.key[3] == "borough" for n in numbers_of(cell)} | {
            *others
        }
        self.complete = {n for cell in self.cells if cell.key[1] == "completeness" for n in numbers_of(cell)}
        labels = {str(cell.row["label"]) for cell in self.cells if cell.row["label"]}
        known = {
            *words,
            *names.values(),
            *(each for label in labels for each in (label, label.split(", ")[0])),
        }
        known |= {str(cell.row["note"]) for cell in self.cells if cell.row["note"]}
        known |= {plainly(each, names) for each in known}
        mixed = {plain(each) for each in known if re.search(r"\d", each) and re.search("[a-z]", each)}
        longest_first = sorted(mixed, key=len, reverse=True)
        self._words = re.compile(rf"(?<![\w,.])(?:{'|'.join(map(re.escape, longest_first))})(?!\w)")

    def of_provider(self, own: str) -> set[str]:
        """Return the numbers that are published of a provider."""
        place = ("provider", own)
        return {number for cell in self.cells if cell.key[3:] == place for number in numbers_of(cell)}

    def without_words(self, text: str) -> str:
        """Return a text without what is no count in it."""
        return without_plain(self._words.sub(" ", text)) if re.search(r"\d", text) else ""

    def of_row(self, part: Part, label: str) -> list[Cell]:
        """Return the cells that a row of a part's table may tell: of its figure, under its label."""
        if mine := self._of(part.name):
            found = [cell for cell in mine if label in self._labels(cell)]
            return found or [cell for cell in mine if cell.key[3] == "borough"]
        named = [cell for kpi in self.by_kpi for cell in self._named(kpi, label)]
        return [*self._labelled[label], *named]

    def _of(self, name: str) -> list[Cell]:
        """Return the cells of the figure that a part is named after; nothing, where it tells of several."""
        slugs = [kpi for kpi in self.by_kpi if re.search(rf"(?:^|-){_slug(kpi)}(?:-|$)", name)]
        return self.by_kpi[max(slugs, key=len)] if slugs else []

    def _labels(self, cell: Cell) -> set[str]:
        kpi, _, period, _, _ = cell.key
        name, label, when = self.names.get(kpi, kpi), str(cell.row["label"]), in_words(period)
        return {label, when, name, f"{name}, {when}", label.replace("_", " ").capitalize()}

    def _named(self, kpi: str, label: str) -> list[Cell]:
        """Return the cells of a figure that a row of several figures is named after."""
        name = self.names.get(kpi, kpi)
        if label.startswith(name) or name.startswith(label):
            return self.by_kpi[kpi]
        of_one = name.endswith(f": {label}")
        return [cell for cell in self.by_kpi[kpi] if cell.key[3] == "borough"] if of_one else []


def _slug(kpi: str) -> str:
    return re.sub(r"[^a-z0-9]+", "-", kpi.lower())


def in_words(period: str) -> str:
    """Return a month or a quarter as a page has it."""
    if quarter := re.fullmatch(r"(\d{4}-\d\d)-(Q\d)", period):
        return f"{quarter[2]} of {quarter[1]}"
    if month := re.fullmatch(r"(\d{4})-(\d\d)", period):
        return f"{MONTHS[int(month[2]) - 1]} {month[1]}"
    return period


def without_plain(text: str) -> str:
    """Return a text without what a page says of itself; of nearly all or none, as the tables have it."""
    text = text.replace("over 99%", "100%").replace("under 1%", "0%")
    for pattern in PLAIN:
        text = re.sub(pattern, " ", text)
    return text


def value_of(cell: Cell) -> str:
    """Return the number that a row tells, as a page writes it; nothing, where it is hidden."""
    number = cell.number("value")
    return "" if number is None else written(number)


def numbers_of(cell: Cell) -> set[str]:
    """Return the numbers of a row that may be seen, as a page writes them."""
    told = (cell.number(name) for name in ("value", "numerator", "denominator", "lower", "upper"))
    return {written(number) for number in told if number is not None and cell.row["shown"] in MAY_BE_SEEN}


def written(number: float) -> str:
    """Return a number as a page writes it, without its sign."""
    return f"{abs(number):,.0f}" if number == int(number) else f"{abs(number):,}"


def tokens(text: str) -> set[str]:
    """Return every number in a text, without its sign."""
    return {written(float(each.replace(",", "").replace("−", "-"))) for each in NUMBER.findall(text)}


def page_leaks(path: Path, published: Published, own: str = "") -> list[str]:
    """Return each number of a page that no published table has in its place.

    Given: whose page it is, if it is a provider's: it may tell what is published of that provider.
    """
    page = Page(path.read_text(encoding="utf-8"))
    whole = published.whole | published.of_provider(own)
    found = [f"{part.name}: {why}" for part in page.parts for why in _wrong(part, published)]
    found += [f"outside: {why}" for why in _untold(page.outside.texts, published, whole)]
    found += [f"outside: headline {why}" for why in _wrong_tiles(page.outside.tiles, published, own)]
    return [f"{path.name}: {why}" for why in found]


def _wrong(part: Part, published: Published) -> Iterator[str]:
    heads, *rows = part.rows or [[]]
    in_table: set[str] = set()
    for label, *told in rows:
        cells = published.of_row(part, label)
        allowed = {n for cell in cells for n in numbers_of(cell)} if cells else published.whole
        values = {value for cell in cells if (value := value_of(cell))} if cells else allowed
        for head, text in zip_longest(heads[1:], told, fillvalue=""):
            number = tokens(without_plain(text))
            in_table |= number | {n for cell in cells if value_of(cell) in number for n in numbers_of(cell)}
            if number - (values if head == "Number" else allowed):
                yield f"row {label}, {head}: not what was published"
    of_row = {label for label, *_ in rows}
    texts = [_without(text, of_row) for text in part.texts]
    yield from _untold(texts, published, in_table)
    if len(set(part.stubs)) > 1:
        yield "what is hidden is not drawn alike"
    if part.lengths and not _are_drawn(_apart(part), in_table):
        yield "drawn otherwise than its table says"


def _wrong_tiles(tiles: Iterable[list[str]], published: Published, own: str) -> Iterator[str]:
    """Yield the headlines of a figure that show another number than is published of it."""
    for words, *told in tiles:
        named = [kpi for kpi, name in published.names.items() if words.startswith(name)]
        longest = max((len(published.names[kpi]) for kpi in named), default=0)
        if told and named:
            of = [kpi for kpi in named if len(published.names[kpi]) == longest]
            mine = [cell for kpi in of for cell in published.by_kpi[kpi] if _is_whole(cell, own)]
            if tokens(without_plain(" ".join(told))) - {value_of(cell) for cell in mine}:
                yield words


def _is_whole(cell: Cell, own: str) -> bool:
    return cell.key[3] == "borough" or cell.key[4] == own


def _without(text: str, labels: Iterable[str]) -> str:
    for label in sorted(labels, key=len, reverse=True):
        for words in (label, label.split(" (")[0], label.split(", ")[0]):
            if re.search(r"\d", words):
                text = re.sub(rf"(?<![\d,.]){re.escape(words)}(?!\d)", " ", text)
    return text


def _untold(texts: Iterable[str], published: Published, allowed: set[str]) -> Iterator[str]:
    """Yield the texts with a number that is not among those allowed, nor how complete a field is."""
    for text in texts:
        known = {n for said in KNOWN_FOR.findall(text) for n in tokens(said)}
        left = tokens(published.without_words(KNOWN_FOR.sub(" ", text)))
        if left - allowed or known - published.complete:
            yield f"says what no table has: {text[:80]}"


def _apart(part: Part) -> list[float]:
    """Return the lengths that stand for a number each; the end of a flow is as thick as all of it."""
    *others, longest = sorted(part.lengths)
    whole = sum(others) + sum(part.stubs)
    lengths = others if len(others) > 1 and abs(longest - whole) < len(part.lengths) * TENTH else part.lengths
    return [length for length in lengths if not (part.is_tall and length == THINNEST)] or [0.0]


def _are_drawn(lengths: Iterable[float], numbers: Iterable[str]) -> bool:
    """Return whether lengths are as numbers of a table, whatever the scale."""
    told = [float(each.replace(",", "")) for each in numbers]
    longest = max(lengths)
    scales = [number for number in (*told, sum(told)) if number > 0] or [0.0]
    return longest == 0 or any(
        all(
            any(abs(length / longest * scale - number) <= SLACK * scale for number in (*told, scale))
            for length in lengths
        )
        for scale in scales
    )


def published_in(release: Path, cells: Iterable[Cell]) -> Published:
    """Return what the tables of a release tell, with its figures' names, its quality sheet, and its words."""
    figures = list(rows_of(release / "dictionary.csv"))
    sheet = [row for row in rows_of(release / "quality_sheet.csv") if row["value"]]
    said = {row[name] for row in figures for name in ("rule", "rounding", "source")}
    said |= {row["note"] for row in rows_of(release / "quality_sheet.csv")} - {""}
    others = {written(float(row["value"])) for row in sheet if row["part"] != "completeness"}
    names = {row["kpi"]: row["name"] for row in figures}
    said |= words_of(*sorted(DECLARED.glob("*.yaml")))
    return Published(cells, names, others, said | {in_names(each, names) for each in said})


def in_names(text: str, names: Mapping[str, str]) -> str:
    """Return a text as a page tells it: a figure's number goes in brackets, and is its name elsewhere."""
    figure = r"K\d\d[a-z]?(?:\.[a-z0-9_]+)?"
    bare = re.sub(rf" \({figure}\)", "", text)
    return re.sub(rf"\b{figure}\b", lambda found: f"“{names.get(found[0], found[0])}”", bare)


@cache
def words_of(*files: Path) -> set[str]:
    """Return every text of YAML files: what was written before anything was counted."""
    found: set[str] = set()

    def gather(value: object) -> None:
        if isinstance(value, dict):
            for each in value.values():
                gather(each)
        elif isinstance(value, list):
            for each in value:
                gather(each)
        elif isinstance(value, str):
            found.update({plain(value), *(plain(each) for each in re.split(r"(?<=[.;:]) ", plain(value)))})

    for file in files:
        gather(yaml.safe_load(file.read_text(encoding="utf-8")))
    return {each for each in found if len(each) > 3}


OF_FILES = (r"sha256:[0-9a-f]{64}", r'"bytes": \d+', r"\d{4}-\d\d(?:-\d\d)?(?:T[\d:]+Z)?", r"\bid: \S+",
            r"(?:\d\d? )?[A-Z][a-z]+ \d{4}", r"-?[qQ]\d", r"\.\.|-to-")  # fmt: skip
"""Days, periods, digests and lengths."""


def promise_leaks(release: Path, other: Path) -> list[str]:
    """Return which texts differ in two releases of other periods: something that was counted is in them."""
    found = []
    for name in ("contract.odcs.yaml", "datapackage.json", "dictionary.md", "dictionary.csv"):
        one, two = (_without_days(folder / name) for folder in (release, other))
        found += [f"{name}: {left}" for left, right in zip_longest(one, two, fillvalue="") if left != right]
    return found


def _without_days(path: Path) -> list[str]:
    text = path.read_text(encoding="utf-8-sig")
    for pattern in OF_FILES:
        text = re.sub(pattern, " ", text)
    return [plain(line) for line in text.splitlines()]
