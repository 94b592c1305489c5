"""What kind of file has come, by its first bytes, before anything reads it."""

import codecs

from connectors.errors import KindNotKnown, NotTheExport, PageInsteadOfExport
from connectors.file_errors import HtmlTableAsWorkbook, LockedWorkbook, OldWorkbook, XmlWorkbook

LOOKED_AT = 4096
OLD_LOOKED_AT = 1 << 20
ZIP = b"PK\x03\x04"
OLD = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
MARKUP = b"<"
OTHER_KINDS = {
    ZIP: "a workbook or an archive",
    OLD[:4]: "an old workbook",
    b"%PDF": "a PDF",
    b"\x1f\x8b": "a packed file",
    b"{\\rtf": "a text document",
    b"{": "JSON",
    b"[": "JSON",
}
XML_2003 = (b"urn:schemas-microsoft-com:office:spreadsheet", b'progid="Excel.Sheet"')
ENCRYPTED = "EncryptedPackage".encode("utf-16-le")


def refuse_markup_and_others(head: bytes, place: str, *, files: bool) -> None:
    """Errors: KindNotKnown, PageInsteadOfExport and, where files may be workbooks, its kinds of markup."""
    bare = head.removeprefix(codecs.BOM_UTF8).lstrip()
    where = f"{place}, line 1: its first bytes are"
    if bare.startswith(MARKUP):
        raise _markup(bare, files=files)(f"{where} those of a page.")
    for beginning, name in OTHER_KINDS.items():
        if bare.startswith(beginning):
            raise KindNotKnown(f"{where} those of {name}.")


def _markup(bare: bytes, *, files: bool) -> type[NotTheExport]:
    if files and any(mark in bare for mark in XML_2003):
        return XmlWorkbook
    lower = bare.lower()
    table = b"<table" in lower or b"urn:schemas-microsoft-com:office:excel" in lower
    return HtmlTableAsWorkbook if files and table and b"<form" not in lower else PageInsteadOfExport


def old_workbook(content: bytes) -> type[NotTheExport]:
    """Return what an old container holds: a workbook under a password, or an old workbook."""
    return LockedWorkbook if ENCRYPTED in content else OldWorkbook
