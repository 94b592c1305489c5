"""What can be wrong with a mapping or with a look-up file, before any row is read."""

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
