"""Characters that we set ourselves between two rooms; no text of a source may hold them."""

# Before a day or an hour that a workbook knows to be one: year first, whatever the mapping's format.
TYPED_DAY = "\ue000"
