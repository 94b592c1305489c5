"""The common ground of all settings: nothing unknown, nothing changed after loading; names and paths."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

NAME = r"^[a-z][a-z0-9_]{0,63}$"
Name = Annotated[str, Field(pattern=NAME)]
RelativePath = Annotated[str, Field(min_length=1, max_length=500)]


class Settings(BaseModel):
    """The common ground of all settings: nothing unknown, nothing changed after loading."""

    model_config = ConfigDict(
        defer_build=True, extra="forbid", frozen=True, hide_input_in_errors=True, arbitrary_types_allowed=True
    )
