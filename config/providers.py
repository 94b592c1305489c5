"""What may be set about a provider: who it is, who is told about findings, how its CRM is reached."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Annotated

from pydantic import AfterValidator, Field

from config.ground import Name, Settings
from config.problems import Place, Problem
from config.settings import FolderSource, RestSource, SourceSettings
from config.targets import FigureId, Target
from config.tuning import CheckTuning, each_once
from config.worklists import ProviderNotices, Worklist, settled_worklist, worklist_problems

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
    worklist: Worklist = Worklist()
    targets: dict[FigureId, Target] = Field(
        default_factory=dict,
        description="What is agreed in the contract: a figure of the feed, and at most or at least how much.",
    )
    notices: ProviderNotices = ProviderNotices()
    checks: Annotated[list[CheckTuning], AfterValidator(each_once)] = Field(
        default_factory=list,
        description="Checks that are asked of this provider in another way, why, and until when.",
    )


class Providers(Settings):
    """providers.yaml."""

    providers: dict[Name, Provider] = Field(min_length=1)


def provider_problems(
    folder: Path, providers: Mapping[str, Provider], place: Place, sources: Mapping[str, SourceSettings]
) -> Iterator[Problem]:
    """Yield what is wrong with the providers beside each other, the sources and the site."""
    taken = {
        f"source {name}": folder / one.folder
        for name, one in sources.items()
        if isinstance(one, FolderSource | RestSource) and one.folder is not None
    }
    yield from worklist_problems(
        folder, {name: one.worklist for name, one in providers.items()}, place, taken
    )


def settled_providers(folder: Path, providers: Mapping[str, Provider]) -> dict[str, Provider]:
    """Return the providers with every path whole."""
    return {
        name: one.model_copy(update={"worklist": settled_worklist(folder, one.worklist)})
        for name, one in providers.items()
    }
