"""What may be wrong with a file: its kind, its workbook, the place of its marks, what stands beside it."""

from common.errors import Answer, Failure
from connectors.errors import NotTheExport

AS_IT_CAME = "Take the extract anew and leave it as it came, then: python run_sync.py run"
AS_CSV = "Save the extract as CSV, or as a workbook (.xlsx), in the source, then: python run_sync.py run"


class HtmlTableAsWorkbook(NotTheExport):
    """A table of a web page came under the name of a workbook; its cells have no types and no ends."""

    code = "E351"
    title = "A web page saved as a workbook (HTML as .xls) came."
    remedy = AS_CSV


class XmlWorkbook(NotTheExport):
    """A workbook in the XML form of 2003 came."""

    code = "E352"
    title = "A workbook in the XML form of 2003 (XML as .xls) came."
    remedy = AS_CSV


class OldWorkbook(NotTheExport):
    """A binary workbook of 1997 to 2003 came."""

    code = "E353"
    title = "An old binary workbook (.xls) came."
    remedy = AS_CSV


class BinaryWorkbook(NotTheExport):
    """A workbook came whose sheets are not XML."""

    code = "E354"
    title = "A binary workbook (.xlsb) came."
    remedy = AS_CSV


class OpenDocumentSheet(NotTheExport):
    """A spreadsheet of the OpenDocument kind came."""

    code = "E355"
    title = "An OpenDocument spreadsheet (.ods) came."
    remedy = AS_CSV


class WorkbookWithMacros(NotTheExport):
    """The workbook carries a program. It was not run, and nothing beside it was read."""

    code = "E356"
    title = "A workbook with macros (.xlsm) came."
    answer = Answer.STOP
    failure = Failure.POLICY
    remedy = "Ask who made this file and why it holds a program; lay it down as .xlsx without one."


class LockedWorkbook(NotTheExport):
    """The workbook is under a password."""

    code = "E357"
    title = "A workbook under a password came."
    remedy = "Save it without a password into the folder, then: python run_sync.py run"


class WorkbookTooLarge(NotTheExport):
    """The workbook unpacks to more than the settings allow; unpacking stopped there, or never began."""

    code = "E358"
    title = "The workbook unpacks to more than allowed."
    remedy = "Take the extract as CSV; if the file is small, ask who laid it down: it may be an attack."


class WorkbookDamaged(NotTheExport):
    """The workbook is not whole, or not built as workbooks are."""

    code = "E359"
    title = "The workbook is damaged, or is none."
    remedy = "Take the extract again, or as CSV, then: python run_sync.py run"


class WorkbookLeadsAway(NotTheExport):
    """Cells of the workbook come from another file."""

    code = "E381"
    title = "The workbook takes cells from another file."
    remedy = "Take the extract again from the source: what was linked in does not belong to it."


class SheetNotClear(NotTheExport):
    """Nobody can say which sheet of the workbook is the export."""

    code = "E382"
    title = "It is not clear which sheet of the workbook is the export."
    remedy = "Name the sheet in the source's file, or leave one sheet only, then: python run_sync.py run"


class FormulaInWorkbook(NotTheExport):
    """A cell is worked out by a formula: what it shows may be old, or may never have been worked out."""

    code = "E383"
    title = "A cell of the workbook is worked out by a formula."
    remedy = AS_IT_CAME


class SheetNotPlain(NotTheExport):
    """Cells are merged or rows hidden: some of the sheet's cells are not what they seem."""

    code = "E384"
    title = "The sheet has merged cells or hidden rows."
    remedy = AS_IT_CAME


class QuoteOutOfPlace(NotTheExport):
    """A quotation mark stands in the middle of a cell: a delimiter or another mark has been lost there."""

    code = "E385"
    title = "A quotation mark stands where no cell begins or ends."
    remedy = "Take the extract again, or mend that cell in the source, then: python run_sync.py run"


class DelimiterNotAllowed(NotTheExport):
    """The file's first line names a delimiter that the source's file does not allow."""

    code = "E386"
    title = "The export names a delimiter that is not allowed."
    remedy = "If it is right, add it to delimiter in the source's file, then: python run_sync.py run"


class SecondHeader(NotTheExport):
    """Names of columns stand in a row: another export, maybe in another order, follows there."""

    code = "E387"
    title = "A second header stands among the rows of the export."
    remedy = "Lay each export down as a file of its own, then: python run_sync.py run"


class FileDiffers(NotTheExport):
    """The file is not the one whose SHA-256 stands beside it."""

    code = "E388"
    title = "The file is not the one that its .sha256 describes."
    answer = Answer.TRY_AGAIN
    remedy = "Lay the file and its .sha256 down again, then: python run_sync.py run"


class ExtractTwice(NotTheExport):
    """The source lists two saved extracts under one name; which of them is meant, nobody has said."""

    code = "E389"
    title = "The source lists two saved extracts of one name."
    remedy = "Rename or delete one of the two in the source, then: python run_sync.py run"
