"""What may be set about keys: where they are, and from which age on one is named."""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

Folder = Annotated[str, Field(min_length=1, max_length=500)]


class KeySettings(BaseModel):
    """Where keys are: public parts with the site, private parts apart from it."""

    model_config = ConfigDict(extra="forbid", frozen=True, hide_input_in_errors=True)

    public: Folder = "keys"
    private: Folder = "var/keys"
    warn_after_days: int = Field(
        default=365, ge=1, le=3650, description="From this age on `keys list` and `doctor` name a key as old."
    )
