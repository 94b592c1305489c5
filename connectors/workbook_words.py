"""The words of a workbook's cells: what a CSV of the same sheet would say, digit by digit.

A number is taken as it is written, never through a float. A day or an hour that the workbook knows to be one
is marked as such and written year first, so that nobody can take its month for its day; the mapping's own
format puts it into words.
"""

import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation

from common.marks import TYPED_DAY
from connectors.file_errors import WorkbookDamaged, WorkbookTooLarge
from connectors.workbook_parts import Attributes, Parts

SHOWN_DIGITS = 15
LONGEST_NUMBER = 60
MOST_KNOWN = 20_000
LAST_SERIAL = 2958465
LEAP_SERIAL = 60
DAY_SECONDS = 86_400
DAY_FORMATS = frozenset({14, 15, 16, 17, 22, *range(27, 32), *range(34, 37), *range(50, 55), 57, 58})
HOUR_FORMATS = frozenset({18, 19, 20, 21, 32, 33, 45, 46, 47, 55, 56})
# Texts, fillers, and what stands in brackets: colours, conditions, currencies; but not elapsed time.
NOT_FORMAT = re.compile(r'"[^"]*"|\\.|_.|\*.|\[(?!(?:h+|m+|s+)\])[^\]]*\]', re.IGNORECASE)
# Letters of which no format of a day or an hour is made: Standard, General and their like are words.
OF_WORDS = re.compile("[cfi-lnoqrt-xz]")
ELAPSED = re.compile(r"\[(h+|m+|s+)\]", re.IGNORECASE)
ESCAPED = re.compile(r"_x([0-9A-Fa-f]{4})_")
NUMBER = re.compile(r"[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d{1,3})?")
EPOCHS = {False: date(1899, 12, 30), True: date(1904, 1, 1)}


@dataclass(frozen=True)
class Words:
    """What a workbook's cells need to be put into words.

    shared:    texts that cells name by their number.
    typed:     per style, whether it shows a day ("day"), an hour ("hour") or a plain number ("").
    from_1904: whether days are counted from 1904.
    """

    shared: list[str] = field(repr=False)
    typed: list[str]
    from_1904: bool
    _known: dict[tuple[str, str], str] = field(default_factory=dict, repr=False)

    def number(self, said: str, style: int) -> str:
        """Return a number, a day or an hour as words; a number that is none comes back as it is."""
        kind = self.typed[style] if 0 <= style < len(self.typed) else ""
        if not kind and said.isdecimal() and said.isascii():
            return said.lstrip("0") or "0"
        known = self._known.get((kind, said))
        if known is None:
            known = (_day(said, kind, from_1904=self.from_1904) if kind else None) or plain_number(said)
            if len(self._known) < MOST_KNOWN:
                self._known[kind, said] = known
        return known

    def text(self, said: str) -> str | None:
        """Return the shared text of this number, if there is one."""
        at = int(said) if said.isdecimal() and len(said) < 10 else -1
        return self.shared[at] if 0 <= at < len(self.shared) else None


def plain_number(said: str) -> str:
    """Return a number in plain digits, as a sheet would show it.

    Given:   what stands in the file, which may be a double in full: 1200.0999999999999 is 1200.1.
    Returns: the same number; beyond fifteen digits a whole number as it is written. One that has been cut
             to powers of ten stays so, and no converter will read it.
    """
    said = said.strip()
    if len(said) > LONGEST_NUMBER or not NUMBER.fullmatch(said):
        return said
    try:
        value = Decimal(said)
    except InvalidOperation:
        return said
    whole = value == value.to_integral_value() if abs(value.adjusted()) < 100 else False
    exact = "e" not in said.lower()
    if whole and exact:
        return _digits(value)
    rounded = +value.normalize()
    if len(rounded.as_tuple().digits) > SHOWN_DIGITS:
        rounded = value.quantize(Decimal(1).scaleb(value.adjusted() - SHOWN_DIGITS + 1)).normalize()
    lost = not exact and rounded.adjusted() >= SHOWN_DIGITS
    return said if lost or abs(rounded.adjusted()) > 40 else _digits(rounded)


def _digits(value: Decimal) -> str:
    words = f"{value:f}"
    words = words.rstrip("0").rstrip(".") if "." in words else words
    return "0" if words in {"-0", ""} else words


def _day(said: str, kind: str, *, from_1904: bool) -> str | None:
    """Return a serial as a marked day and hour; None for what no calendar holds."""
    if len(said) > LONGEST_NUMBER or not NUMBER.fullmatch(said.strip()):
        return None
    seconds = round(Decimal(said) * DAY_SECONDS)
    days, rest = divmod(seconds, DAY_SECONDS)
    if seconds < 0 or days > LAST_SERIAL:
        return None
    clock = f"{rest // 3600:02}:{rest % 3600 // 60:02}:{rest % 60:02}"
    if kind == "hour" and days == 0:
        return f"{TYPED_DAY}{clock}"
    if not from_1904 and days in {0, LEAP_SERIAL}:
        return None
    early = 1 if days < LEAP_SERIAL and not from_1904 else 0
    day = EPOCHS[from_1904] + timedelta(days=days + early)
    return f"{TYPED_DAY}{day.isoformat()}" + (f" {clock}" if rest else "")


def iso_day(said: str) -> str:
    """Return a day that stands in the file in ISO 8601, marked; anything else as it is."""
    found = re.fullmatch(r"(\d{4}-\d{2}-\d{2})(?:T(\d{2}:\d{2}:\d{2})(?:\.0+)?)?", said.strip())
    if found is None:
        return said
    clock = f" {found[2]}" if found[2] and found[2] != "00:00:00" else ""
    return f"{TYPED_DAY}{found[1]}{clock}"


def unescaped(text: str) -> str:
    """Return text with the characters that workbooks write as _x000D_."""
    return ESCAPED.sub(lambda found: chr(int(found[1], 16)), text) if "_x" in text else text


def kind_of_format(number: int, said: str | None) -> str:
    """Return whether a number format shows a day, an hour, or neither (an elapsed time is neither)."""
    if said is None:
        return "day" if number in DAY_FORMATS else "hour" if number in HOUR_FORMATS - {46} else ""
    bare = NOT_FORMAT.sub("", said).split(";")[0].lower()
    if ELAPSED.search(bare) or OF_WORDS.search(bare):
        return ""
    if "d" in bare or "y" in bare:
        return "day"
    if "h" in bare or "s" in bare:
        return "hour"
    return "day" if "m" in bare else ""


def read_styles(parts: Parts, name: str) -> list[str]:
    """Return what each style of the workbook shows."""
    formats: dict[int, str] = {}
    styles: list[str] = []
    within = ""
    for tag, said in parts.elements(name) if parts.has(name) else ():
        if tag in {"cellStyleXfs", "cellXfs", "dxfs", "cellStyles"}:
            within = tag
        elif tag == "numFmt" and not within:
            formats[_whole(said, "numFmtId")] = said.get("formatCode", "")
        elif tag == "xf" and within == "cellXfs":
            number = _whole(said, "numFmtId")
            styles.append(kind_of_format(number, formats.get(number)))
    return styles


def _whole(said: Attributes, name: str) -> int:
    word = said.get(name, "0")
    return int(word) if word.isdecimal() and len(word) < 10 else 0


def read_shared(parts: Parts, name: str, most_bytes: int) -> list[str]:
    """Return the workbook's shared texts. Errors: WorkbookTooLarge, WorkbookDamaged."""
    reading = _Shared(parts.place, most_bytes)
    if parts.has(name):
        parts.read(name, reading.begin, reading.end, reading.text)
    return reading.found


class _Shared:
    """The shared texts being read; how they are to be spoken is left out."""

    def __init__(self, place: str, most_bytes: int) -> None:
        self.found: list[str] = []
        self._place, self._left = place, most_bytes
        self._pieces: list[str] = []
        self._within_text = self._spoken = False

    def begin(self, tag: str, _: Attributes) -> None:
        self._spoken |= tag == "rPh"
        self._within_text = tag == "t" and not self._spoken

    def text(self, said: str) -> None:
        if self._within_text:
            self._pieces.append(said)

    def end(self, tag: str) -> None:
        self._within_text = False
        if tag == "rPh":
            self._spoken = False
        elif tag == "si":
            words = unescaped("".join(self._pieces))
            self._pieces.clear()
            self._left -= len(words) + 64
            if self._left < 0:
                raise WorkbookTooLarge(f"{self._place}: more text than allowed.")
            if TYPED_DAY in words:
                raise WorkbookDamaged(f"{self._place}: a text holds a character that we set ourselves.")
            self.found.append(words)
