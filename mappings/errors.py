"""What can be wrong with a mapping or a look-up file, and with an export once its cells are read."""

from common.errors import Answer, Failure, ViaductError
from config.documents import DocumentRefused


class MappingRefused(DocumentRefused):
    """A mapping names a field, converter, code, format or column that does not fit; all are listed."""

    code = "E204"
    title = "A mapping does not fit our fields."
    remedy = "Correct the mapping, then: python run_sync.py check"


class LookupRefused(DocumentRefused):
    """A look-up file of the site lacks a column, or cannot be read as CSV."""

    code = "E205"
    title = "A look-up file does not load."
    remedy = "Correct the look-up file, then: python run_sync.py check"


class DayOrderUnclear(ViaductError):
    """Days of a column are written both ways round, or nobody can tell which: one may be read as a month."""

    code = "E221"
    exit_code = 22
    title = "It is not clear which number of a date is its day."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = "A spreadsheet may have rewritten the file: take the extract anew, then: python run_sync.py run"


class CellsShifted(ViaductError):
    """Cells of many rows stand in columns that are not theirs; single rows are held, so many are refused."""

    code = "E222"
    exit_code = 22
    title = "Cells of many rows stand in the wrong columns."
    answer = Answer.PUT_RIGHT
    failure = Failure.DATA
    remedy = "Take the extract anew; if it stays so, look at its columns, then: python run_sync.py run"
