"""Characters that nobody sees: those that we set ourselves between two rooms, and those of others' text."""

import unicodedata

# Before a day or an hour that a workbook knows to be one: year first, whatever the mapping's format. No text
# of a source may hold it.
TYPED_DAY = "\ue000"


def visible(text: str, keep: str = "") -> str:
    """Return the text without what nobody sees (Unicode Cc and Cf): it may move a cursor or hide words."""
    if text.isprintable():
        return text
    hidden = [mark for mark in set(text) - set(keep) if unicodedata.category(mark) in {"Cc", "Cf"}]
    return text.translate(dict.fromkeys(map(ord, hidden))) if hidden else text
