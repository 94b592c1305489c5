"""What may be set about the published feed: who publishes it, on what terms, and what cannot be compared."""

from pathlib import Path
from typing import Annotated

from pydantic import Field

from config.ground import Settings
from config.scalars import Day
from config.warehouse import PostgresViews, server_placed

Line = Annotated[str, Field(min_length=1, max_length=300)]


class Break(Settings):
    """A day before which figures cannot be compared with those after it."""

    before: Day
    of: Line = Field(description="What cannot be compared: a breakdown, a figure, a provider.")
    because: Line


class FeedSettings(Settings):
    """The `feed` of site.yaml: council side, what stands in every published release."""

    publisher: Line = "The publisher is not named"
    contact: str = Field(default="", max_length=200, description="Where readers ask.")
    feedback: str = Field(default="", max_length=500, description="Where readers say what they would like.")
    licence: str = Field(default="", max_length=100, description="As SPDX names it, such as OGL-UK-3.0.")
    licence_url: str = Field(default="", max_length=500)
    usage: str = Field(default="", max_length=1000, description="What the figures are for.")
    limitations: str = Field(default="", max_length=1000, description="What they may not be used for.")
    editions_kept: str = Field(default="", max_length=100, description="For how long every edition stays.")
    published_within_days: int | None = Field(
        default=None, ge=1, le=366, description="Days from the end of a period to its first edition."
    )
    not_comparable: list[Break] = Field(
        default_factory=list, description="Breaks in the series, each told on the quality sheet."
    )
    views: PostgresViews | None = Field(
        default=None, description="A server that shows what is published by views, beside the file that does."
    )


def settled_feed(folder: Path, said: FeedSettings) -> FeedSettings:
    """Return the settings with every path whole."""
    views = said.views and server_placed(folder, said.views)
    return said.model_copy(update={"views": views})
