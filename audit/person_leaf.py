"""Where the tag stands in the leaf of a person, which ends with it."""

TAG_DIGITS, TAIL = 64, 66
"""How many hexadecimal digits a tag has, and how far from its end the line begins with them."""


def tag_in(line: str) -> str:
    """Return the tag of the leaf, as hexadecimal digits."""
    return line[-TAIL : -TAIL + TAG_DIGITS]
