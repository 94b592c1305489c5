"""Odd CSV files, made the same every time: what editors, spreadsheets, mail and bad luck make of an export.

Each holds invented people whose cells begin with Zqodd, so that none of them may be seen in any output. What
a file holds is told apart by Python's own csv module, where that says what a row is.
"""

import csv
import io
from dataclasses import dataclass, field
from pathlib import Path

COLUMNS = ("Ref", "Forename", "Surname", "Born", "Note")
CANARY = "Zqodd"
END = "\r\n"
RULES = {
    "site.yaml": "name: Odd files\nsample: true\n",
    "providers.yaml": "providers:\n  odd: {name: Odd, contact: odd@odd.example}\n",
    "sources/odd.yaml": """connector: folder
provider: odd
folder: drop
files: {people: people.csv}
mappings: {people: mappings/people.yaml}
null_words: [N/A]
layout:
  encoding: [utf-8, cp1252, utf-16-le, utf-16-be]
  delimiter: [",", ";", tab]
  preamble_rows: 4
""",
    "mappings/people.yaml": """name: odd_people
version: 1
export: people
reference: {column: Ref, pattern: "P[0-9]{3}"}
ignore:
  - {column: Note, why: Nobody needs it.}
entities:
  - entity: person
    fields:
      given_name: {column: Forename, converter: text}
      family_name: {column: Surname, converter: text}
      birth_date: {column: Born, converter: date, format: dd/mm/yyyy}
      role_type: {constant: client}
""",
}


@dataclass(frozen=True)
class Odd:
    """One odd file.

    read:      that it is read, or that it is refused, where that is settled; None where either will do.
    rows:      how many rows it holds beside its header, furniture included, where csv cannot tell.
    """

    name: str
    content: bytes = field(repr=False)
    read: bool | None = None
    rows: int | None = None


def write_rules(folder: Path) -> Path:
    """Return the folder with the rules by which the odd files are read."""
    for name, text in RULES.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
    return folder


def people(count: int = 6) -> list[tuple[str, ...]]:
    """Return so many ordinary rows."""
    return [
        (f"P{number:03}", f"{CANARY}fore", f"{CANARY}sur", f"0{number % 9 + 1}/02/1980", f"{CANARY} note")
        for number in range(1, count + 1)
    ]


def written(rows: list[tuple[str, ...]], delimiter: str = ",", end: str = END) -> str:
    """Return the rows under their header."""
    text = io.StringIO(newline="")
    writer = csv.writer(text, delimiter=delimiter, lineterminator=end)
    writer.writerows([COLUMNS, *rows])
    return text.getvalue()


def csv_rows(content: bytes) -> int | None:
    """Return how many rows csv sees beside header and line that names the delimiter; None if it cannot."""
    wide = ["utf-16"] if content[:2] in {b"\xff\xfe", b"\xfe\xff"} else []
    for encoding in ("utf-8-sig", *wide, "cp1252"):
        try:
            text = content.decode(encoding)
        except UnicodeDecodeError:
            continue
        break
    else:
        return None
    first = text.splitlines()[0] if text.splitlines() else ""
    named = first.strip('"').lower().startswith("sep=") and len(first.strip('"')) == 5
    known = [mark for mark in ",;\t" if mark.join(COLUMNS) in text or f'"{mark}"'.join(COLUMNS) in text]
    if not known:
        return None
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=known[0], strict=True))
    except csv.Error:
        return None
    return len(rows) - 1 - named


PLAIN = written(people())
HEADER = PLAIN.split(END)[0]
LINES = PLAIN.split(END)[1:-1]
BORN = people()[2][3]


def _changed(number: int, old: str, new: str) -> str:
    """Return the file with words of one row changed."""
    lines = list(LINES)
    assert old in lines[number], lines[number]
    lines[number] = lines[number].replace(old, new, 1)
    return END.join([HEADER, *lines, ""])


def _text(name: str, text: str, read: bool | None = None, rows: int | None = None) -> Odd:
    return Odd(name, text.encode(), read, rows)


def _encodings() -> list[Odd]:
    accented = PLAIN.replace(f"{CANARY}fore", f"{CANARY}forë")
    return [
        Odd("utf-8 with a mark", b"\xef\xbb\xbf" + accented.encode(), read=True),
        Odd("a mark twice", b"\xef\xbb\xbf" * 2 + accented.encode()),
        Odd("utf-16 little", b"\xff\xfe" + accented.encode("utf-16-le"), read=True),
        Odd("utf-16 big", b"\xfe\xff" + accented.encode("utf-16-be"), read=True),
        Odd("utf-16 without a mark", accented.encode("utf-16-le"), read=True, rows=6),
        Odd("utf-16 cut within a letter", b"\xff\xfe" + accented.encode("utf-16-le")[:-1], read=False),
        Odd("utf-16 with half a pair", b"\xff\xfe" + accented.encode("utf-16-le") + b"\x00\xd8", read=False),
        Odd("utf-32", accented.encode("utf-32"), read=False),
        Odd("utf-7", "Ref,Forename\r\n+AFA-001,Zqodd\r\n".encode("utf-7"), read=False),
        Odd("cp1252", accented.encode("cp1252"), read=True),
        Odd("cp1252 with what it has not", accented.encode("cp1252").replace(b"\xeb", b"\x81"), read=False),
        Odd("two encodings", (PLAIN.replace("fore", "foré") + accented).encode() + b"P9\xe9\r\n", read=False),
        Odd("a letter beyond utf-8", PLAIN.encode().replace(b"fore", b"\xf5\x80\x80\x80", 1)),
        Odd("a surrogate in utf-8", PLAIN.encode().replace(b"fore", b"\xed\xa0\x80", 1)),
        Odd("an overlong comma", PLAIN.encode().replace(b"fore", b"\xc0\xac", 1)),
        Odd("ebcdic", PLAIN.encode("cp500"), read=False),
    ]


def _quotes() -> list[Odd]:
    return [
        _text("a quote that opens", _changed(2, "P003,", 'P003,"')),
        _text("a quote that never closes in the last cell", PLAIN[:-2] + END + f'P007,"{CANARY}', read=False),
        _text("a stray quote within a cell", _changed(2, f"{CANARY}sur", f'{CANARY}"sur'), read=False),
        _text("a quote closed too early", _changed(2, f"{CANARY}fore", f'"{CANARY}"fore'), read=False),
        _text("doubled quotes", _changed(2, f"{CANARY}fore", f'"{CANARY} ""x"" y"'), read=True),
        _text("nothing but quotes", _changed(2, f"{CANARY}fore", '""""""'), read=True),
        _text("quotes nested deep", _changed(2, f"{CANARY} note", '"' + '""' * 5000 + '"'), read=True),
        _text("escaped by a backslash", _changed(2, f"{CANARY}fore", rf'"{CANARY} \"x\" y"'), read=False),
        _text("single quotes", _changed(2, f"{CANARY}fore", f"'{CANARY},x'"), read=False),
        _text("typographic quotes", _changed(2, f"{CANARY}fore", f"“{CANARY}”"), read=True),
        _text("spaces before a quote", _changed(2, f"{CANARY}fore", f' "{CANARY},x"')),
        _text("every cell in quotes", _all_quoted(PLAIN), read=True),
        _text(
            "a quoted header", PLAIN.replace(HEADER, '"Ref","Forename","Surname","Born","Note"'), read=True
        ),
        _text("line breaks in a note", _changed(2, f"{CANARY} note", '"a\r\nb\nc"'), read=True),
        _text("a line break in a name", _changed(2, f"{CANARY}sur", f'"{CANARY}\n{CANARY}"'), read=False),
        _text("a row within a note", _changed(2, f"{CANARY} note", f'"x\r\n{LINES[3]}"'), read=False),
    ]


def _all_quoted(text: str) -> str:
    rows, out = csv.reader(io.StringIO(text, newline="")), io.StringIO(newline="")
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows(rows)
    return out.getvalue()


def _shapes() -> list[Odd]:
    lines = [HEADER, *LINES, ""]
    return [
        _text("empty", "", read=False),
        _text("blank lines alone", END * 5, read=False),
        _text("a mark alone", "\ufeff", read=False),
        _text("header alone", HEADER + END, read=True),
        _text("header without an end", HEADER, read=False),
        _text("one column", "Ref\r\nP001\r\n", read=False),
        _text("one cell", f"{CANARY}\r\n", read=False),
        _text("no end of the last line", PLAIN[:-2], read=False),
        _text("cut within a row", PLAIN[: len(PLAIN) * 2 // 3], read=False),
        _text("a cell too many", _changed(2, f"{CANARY}sur", f"{CANARY}sur,{CANARY}"), read=False),
        _text("a cell too few", _changed(2, f",{CANARY}sur", ""), read=False),
        _text("an empty cell more in every row", END.join(f"{line}," for line in lines[:-1]) + END),
        _text("a header twice", END.join([HEADER, *lines]), read=True, rows=7),
        _text("the same file twice", PLAIN + PLAIN, read=True, rows=13),
        _text("columns twice", PLAIN.replace("Surname", "Forename", 1), read=False),
        _text("columns twice that nobody takes", _wider("Note", "x"), read=False),
        _text("another order of columns below", PLAIN + "Forename,Ref,Surname,Born,Note\r\n", read=False),
        _text("a name with a space", PLAIN.replace("Ref,", " Ref ,", 1), read=True, rows=6),
        _text("a name in another case", PLAIN.replace("Ref,", "REF,", 1), read=False),
        _text("a name in other letters", PLAIN.replace("Ref,", "R\u0435f,", 1), read=False),
        _text("a title above", f"{CANARY} report\r\n\r\n" + PLAIN, read=True),
        _text("a title too long", f"{CANARY} report\r\n" * 9 + PLAIN, read=False),
        _text("a total below", PLAIN + "Total,,,,\r\n", read=True),
        _text("a total that counts right", PLAIN + "Total rows: 6\r\n", read=True),
        _text("a total that counts wrong", PLAIN + "Total rows: 7\r\n", read=False),
        _text("words below", PLAIN + f"{CANARY} and so on\r\n", read=False),
        _text("a signature below", PLAIN + f"--\r\n{CANARY}\r\nSent from my phone\r\n", read=False),
        _text("blank lines below", PLAIN + END * 9, read=True),
        _text("blank lines between", END.join([HEADER, *(f"{line}{END}" for line in LINES), ""]), read=True),
        _text("rows of nothing", PLAIN + ",,,,\r\n" * 3, read=True),
        _text("rows of spaces", PLAIN + " , , , ,\r\n" * 3, read=True),
        _text("an end of file mark of old", PLAIN + "\x1a", read=False),
        _text("comments", f"# {CANARY}\r\n" + PLAIN + f"# {CANARY}\r\n", read=False),
        Odd("ten thousand columns", _columns(10_000), read=False),
        Odd("a thousand columns", _columns(1_000), read=True, rows=1),
    ]


def _wider(*names: str) -> str:
    return END.join([",".join([HEADER, *names]), *(line + ",x" * len(names) for line in LINES), ""])


def _columns(count: int) -> bytes:
    more = count - len(COLUMNS)
    header = ",".join([HEADER, *(f"c{number}" for number in range(more))])
    return f"{header}\r\n{LINES[0]}{',x' * more}\r\n".encode()


def _delimiters() -> list[Odd]:
    return [
        _text("semicolons", written(people(), ";"), read=True),
        _text("tabs", written(people(), "\t"), read=True),
        _text("bars", written(people(), "|"), read=False),
        _text("semicolons that are announced", "sep=;\r\n" + written(people(), ";"), read=True),
        _text("commas that are announced", "sep=,\r\n" + PLAIN, read=True),
        _text("another than is announced", "sep=;\r\n" + PLAIN, read=False),
        _text("bars that are announced", "sep=|\r\n" + written(people(), "|"), read=False),
        _text("an announcement without a mark", "sep=\r\n" + PLAIN, read=True, rows=7),
        _text("commas and semicolons", PLAIN + ";".join(people()[0]) + END, read=False),
        _text("line feeds", PLAIN.replace(END, "\n"), read=True),
        _text("carriage returns", PLAIN.replace(END, "\r"), rows=6),
        _text("mixed ends of lines", PLAIN.replace(END, "\n", 3), read=True),
        _text("carriage returns doubled", PLAIN.replace(END, "\r\r\n"), rows=13),
        _text(
            "separators of unicode", _changed(2, f"{CANARY}fore", f"{CANARY}\u2028{CANARY}\u0085x"), read=True
        ),
        _text(
            "vertical tabs and form feeds",
            _changed(2, f"{CANARY}fore", f"{CANARY}\x0b\x0c{CANARY}"),
            read=True,
        ),
    ]


def _cells() -> list[Odd]:
    fore = f"{CANARY}fore"
    return [
        _text("a zero byte", _changed(2, fore, f"{CANARY}\0fore"), read=False),
        _text("zero bytes at the end", PLAIN + "\0" * 512, read=False),
        Odd("a cell of ten megabytes", _changed(2, fore, CANARY * (2 << 20)).encode(), read=False),
        Odd("a note of ten megabytes", _changed(2, f"{CANARY} note", "x" * (10 << 20)).encode(), read=False),
        Odd("a note of ten megabytes in lines", _note_in_lines(10 << 20)),
        _text("formulas", _changed(2, fore, f'"=HYPERLINK(""http://{CANARY}"")"'), read=True),
        _text("an excel error", _changed(2, BORN, "#VALUE!"), read=True),
        _text("days as numbers", _changed(2, BORN, "29254"), read=True),
        _text("days of zeros", _changed(2, BORN, "00/00/0000"), read=True),
        _text("a day of another millennium", _changed(2, BORN, "03/02/0080"), read=True),
        _text("letters that turn the line", _changed(2, fore, f"\u202e{CANARY}\u202c"), read=True),
        _text("letters without width", _changed(2, "P003", "P\u200b003"), read=True),
        _text("a reference in wide digits", _changed(2, "P003", "P\uff10\uff10\uff13"), read=True),
        _text("a reference in small letters", _changed(2, "P003", "p003"), read=True),
        _text("a hard space", _changed(2, "P003", "P003\u00a0"), read=True),
        _text("the mark of an encoding in a cell", _changed(2, fore, f"\ufeff{CANARY}"), read=True),
        _text("a letter that stands for none", _changed(2, fore, f"{CANARY}\ufffd"), read=True),
        _text("an escaped surrogate", _changed(2, fore, f"{CANARY}\\ud800"), read=True),
        _text("escape sequences", _changed(2, fore, f"\x1b[31m{CANARY}\x1b]0;x\x07"), read=True),
        _text("html in a cell", _changed(2, fore, f"<b>{CANARY}</b>&nbsp;<script>"), read=True),
        _text("combining letters without end", _changed(2, fore, "Z" + "\u0301" * 5000), read=True),
        _text("a row without a reference", _changed(2, "P003", ""), read=True),
        _text("a reference that is none", _changed(2, "P003", f"{CANARY}"), read=True),
        _text("one reference twice", _changed(2, "P003", "P002"), read=True),
        _text("one row twice", PLAIN + LINES[0] + END, read=True),
    ]


def _note_in_lines(size: int) -> bytes:
    lines = "\n".join([CANARY * 100] * (size // 500))
    return _changed(2, f"{CANARY} note", f'"{lines}"').encode()


def _others() -> list[Odd]:
    return [
        _text("a page", f"<!DOCTYPE html><html><body>{CANARY}</body></html>\r\n", read=False),
        _text("a table of a page", f"<table><tr><td>Ref</td><td>{CANARY}</td></tr></table>\r\n", read=False),
        _text("json", '[{"Ref": "P001", "Forename": "Zqodd"}]\r\n', read=False),
        _text("an error in words", f"ERROR: relation {CANARY} does not exist\r\n", read=False),
        Odd("a pdf", b"%PDF-1.7\r\n" + CANARY.encode(), read=False),
        Odd("packed", b"\x1f\x8b\x08\0" + CANARY.encode(), read=False),
        Odd("an old workbook", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + CANARY.encode() * 100, read=False),
        Odd("an archive that is none", b"PK\x03\x04" + CANARY.encode() * 100, read=False),
        Odd("noise", bytes((at * 7919 + at // 251) % 256 for at in range(5000)), read=False),
    ]


def corpus() -> list[Odd]:
    """Return every odd file."""
    parts = (_encodings(), _quotes(), _shapes(), _delimiters(), _cells(), _others())
    return [odd for part in parts for odd in part]
