"""What may be set about a provider: who it is, who is told about findings, how its CRM is reached."""

import re
from typing import Annotated

from pydantic import AfterValidator, Field

from config.ground import Name, Settings

PROVIDER_LINK = re.compile(r"https?://\S*\{reference\}\S*")
ENTITY_LINK = r"^https://[^\s/@{}]+/[^\s{}]*\{reference\}[^\s{}]*$"
FIELD_NAME = r"^[a-z][a-z0-9_]*\.[a-z][a-z0-9_]*$"
Label = Annotated[str, Field(min_length=1, max_length=120, pattern=r"^[^{}\x00-\x1f\x7f]+$")]


def _with_reference(link: str) -> str:
    if link and not PROVIDER_LINK.fullmatch(link):
        raise ValueError("a link into their CRM is a web address that holds {reference}")
    return link


class Provider(Settings):
    """An organisation that answers for its records."""

    name: str = Field(min_length=1, max_length=200)
    contact: str = Field(min_length=1, max_length=200, description="Who is told about findings.")
    link: Annotated[str, AfterValidator(_with_reference)] = ""
    links: dict[Name, Annotated[str, Field(pattern=ENTITY_LINK)]] = Field(
        default_factory=dict, description="Entity to a link of its own into their CRM; https only."
    )
    labels: dict[Annotated[str, Field(pattern=FIELD_NAME)], Label] = Field(
        default_factory=dict, description="entity.field to what their screens call it, and where it is."
    )


class Providers(Settings):
    """providers.yaml."""

    providers: dict[Name, Provider] = Field(min_length=1)
