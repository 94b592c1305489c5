"""A workbook (.xlsx) as the CSV file that the same sheet would be; everything after it reads CSV."""

from collections.abc import Callable
from dataclasses import dataclass

from connectors.file_errors import SheetNotClear, WorkbookDamaged
from connectors.settings import Ceilings, WorkbookLayout
from connectors.workbook_parts import Attributes, Parts
from connectors.workbook_rows import AsCsv, SheetRows
from connectors.workbook_words import Words, read_shared, read_styles


@dataclass(frozen=True)
class Sheet:
    """One sheet of a workbook: its place from 1, its name, its part, and whether it can be seen."""

    number: int
    name: str
    part: str
    visible: bool


class Workbook:
    """A workbook received whole, in memory."""

    def __init__(self, content: bytes, layout: WorkbookLayout, ceilings: Ceilings, place: str) -> None:
        self._layout, self._ceilings, self._place = layout, ceilings, place
        self._parts = Parts.of(content, layout.largest_unpacked_bytes, place)
        roots = [part for kind, part in self._parts.targets("").values() if kind == "officeDocument"]
        self._main = roots[0] if roots else "xl/workbook.xml"
        self._kinds = self._parts.targets(self._main)
        self._from_1904 = False
        self._sheets = self._read_sheets()

    def write(self, first_rows: int, write: Callable[[bytes], None]) -> dict[str, str | int | bool]:
        """Hand the sheet on as lines of CSV in UTF-8; return what is reported of it.

        Given:  among how many rows the header is.
        Errors: SheetNotClear, FormulaInWorkbook, SheetNotPlain, RaggedRow, and those of the container.
        """
        sheet = self._chosen()
        lines = AsCsv(first_rows, self._place, write)
        rows = SheetRows(self._words(), self._place, self._ceilings.most_columns, lines.take)
        rows.hidden_too = self._layout.hidden_rows
        self._parts.read(sheet.part, rows.begin, rows.end, rows.text)
        lines.finish()
        hidden = sum(not each.visible for each in self._sheets)
        told = {"sheet": sheet.number, "hidden_sheets": hidden, "merged_rows": rows.merged_to}
        return {"kind": "workbook", "encoding": "utf-8"} | {name: said for name, said in told.items() if said}

    def _words(self) -> Words:
        parts = dict(self._kinds.values())
        return Words(
            read_shared(self._parts, parts.get("sharedStrings", ""), self._layout.largest_words_bytes),
            read_styles(self._parts, parts.get("styles", "")),
            self._from_1904,
        )

    def _read_sheets(self) -> list[Sheet]:
        sheets: list[Sheet] = []
        for tag, said in self._parts.elements(self._main):
            if tag == "workbookPr":
                self._from_1904 = said.get("date1904", "0") in {"1", "true"}
            elif tag == "sheet":
                kind, part = self._kinds.get(_reference(said), ("", ""))
                if kind == "worksheet":
                    visible = said.get("state", "visible") == "visible"
                    sheets.append(Sheet(len(sheets) + 1, said.get("name", ""), part, visible))
        if not sheets:
            raise WorkbookDamaged(f"{self._place}: it has no sheet.")
        return sheets

    def _chosen(self) -> Sheet:
        wanted = self._layout.sheet
        if wanted is not None:
            found = [sheet for sheet in self._sheets if sheet.name == wanted]
            if not found and self._layout.otherwise_first:
                found = [sheet for sheet in self._sheets if sheet.visible]
            if not found or not found[0].visible:
                why = "is hidden" if found else "is not there"
                raise SheetNotClear(f"{self._place}: the sheet named in the source's file {why}.")
            return found[0]
        visible = [sheet for sheet in self._sheets if sheet.visible]
        filled = [sheet for sheet in visible if len(visible) == 1 or self._holds_cells(sheet)]
        if len(filled) != 1:
            raise SheetNotClear(f"{self._place}: {len(filled)} sheets that can be seen hold cells.")
        return filled[0]

    def _holds_cells(self, sheet: Sheet) -> bool:
        found: list[bool] = []
        self._parts.read(
            sheet.part, lambda tag, _: found.append(True) if tag in {"v", "is"} else None, _nothing, _nothing
        )
        return bool(found)


def _nothing(_: str) -> None:
    """Take no notice."""


def _reference(said: Attributes) -> str:
    """Return the id of the part that an element names; its attribute comes with its namespace."""
    return next((value for name, value in said.items() if name.endswith("}id")), "")
