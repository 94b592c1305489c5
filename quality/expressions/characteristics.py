"""Checks of what people said about themselves."""

from quality.facts import Asked, Records, Verdict


def ethnicity_unmapped(records: Records) -> Verdict:
    """CHR-02: the ethnic origin is a word that the code table does not have."""
    return records.unreadable("ethnicity_2021")


VERDICTS: dict[str, Asked] = {
    "CHR-02": ethnicity_unmapped,
}
