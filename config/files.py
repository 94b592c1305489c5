"""How a source writes the files that somebody lays down: declared, or lists of what may be found out."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

Encoding = Literal["utf-8", "cp1252", "utf-16-le", "utf-16-be"]
Delimiter = Literal[",", ";", "|", "tab"]
Beside = Literal["rows", "sha256", "done"]
MARKS = {"tab": "\t"}


def _regular(pattern: str) -> str:
    try:
        re.compile(pattern)
    except re.error:
        pass
    else:
        return pattern
    raise ValueError("not a regular expression")


Pattern = Annotated[str, Field(min_length=1, max_length=500), AfterValidator(_regular)]


class FileLayout(BaseModel):
    """A source's files. Where a list stands, what a file is in is found out among its words, and reported."""

    model_config = ConfigDict(defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True)

    encoding: Encoding | Annotated[list[Encoding], Field(min_length=1)] | None = Field(
        default=None, description="The source's own encoding if not said."
    )
    delimiter: Delimiter | Annotated[list[Delimiter], Field(min_length=1)] = ","
    preamble_rows: int = Field(default=0, ge=0, le=100, description="The most rows before the header.")
    total_rows: list[Pattern] = Field(
        default_factory=list, max_length=20, description="What closing rows say in their first filled cell."
    )
    sheet: str | None = Field(default=None, min_length=1, max_length=31, description="Of a workbook.")
    largest_workbook_megabytes: int = Field(default=64, ge=1, le=1024, description="A workbook. E328.")
    largest_unpacked_megabytes: int = Field(
        default=1024, ge=1, le=16_384, description="What a workbook unpacks to. E358."
    )

    def encodings(self, otherwise: str) -> tuple[str, ...]:
        """Return the encodings that a file may be in, the first first."""
        said = self.encoding or otherwise
        return (said,) if isinstance(said, str) else tuple(said)

    @property
    def delimiters(self) -> tuple[str, ...]:
        """Return the marks that may stand between cells."""
        said = [self.delimiter] if isinstance(self.delimiter, str) else self.delimiter
        return tuple(MARKS.get(word, word) for word in said)
