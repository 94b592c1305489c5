"""The files of a site as they are read one by one, with everything wrong found on the way."""

import difflib
import os
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pydantic import BaseModel, Field

from config.documents import DocumentRefused, Place, Problem, peek, read_as_far
from config.ground import NAME, RelativePath
from config.paths import misplaced
from config.settings import CONNECTORS, SiteSettings, SourceSettings
from config.timetable import SiteSchedule

M = TypeVar("M", bound=BaseModel)
S = TypeVar("S", bound=SiteSettings)
NO_SITE = (
    "The file is missing or may not be read. Is this the site's folder? A path that is not whole, in --site"
    " or VIADUCT_SITE, is taken from the folder you stand in."
)


class RulesSettings(SiteSettings):
    """site.yaml where nothing is pulled or sent: what a provider needs to look at its own exports."""

    dpia: RelativePath = "dpia/none.yaml"
    schedule: SiteSchedule = Field(default_factory=lambda: SiteSchedule(at=["02:30"]))


@dataclass
class SiteFiles:
    """What has been read so far, and everything found wrong on the way."""

    folder: Path
    problems: list[Problem] = field(default_factory=list)

    def read(self, path: Path, model: type[M]) -> tuple[M, Place] | None:
        """Return the file as the model, as far as it can be read; what is wrong is kept."""
        try:
            read, place, problems = read_as_far(path, model)
        except DocumentRefused as refused:
            self.problems += refused.problems
            return None
        self.problems += problems
        return None if read is None else (read, place)

    def read_site(self, path: Path, model: type[S]) -> tuple[S, Place] | None:
        """Return site.yaml as the model; that it is not there is told as what it may well be."""
        if os.path.lexists(path):
            return self.read(path, model)
        self.problems.append(Problem(path, 1, NO_SITE))
        return None

    def read_source(self, path: Path) -> tuple[SourceSettings, Place] | None:
        """Return a source's file as the settings of its connector."""
        if not re.fullmatch(NAME, path.stem):
            text = "A source's file has a name of small letters, digits and underscores."
            self.problems.append(Problem(path, 1, text))
            return None
        tree = peek(path)
        connector = str(tree.get("connector", ""))
        near = difflib.get_close_matches(connector, CONNECTORS, n=1)
        if near or "connector" not in tree:
            return self.read(path, CONNECTORS[near[0] if near else _likeliest(tree)])
        text = f"connector: write one of {', '.join(sorted(CONNECTORS))}."
        self.problems.append(Place(path, tree).problem(text, "connector"))
        return None

    def named(self, path: Path, *keys: str) -> list[str]:
        """Return the texts at the key, or its values' if it is a mapping, of a file however wrong."""
        node: Any = peek(path)
        for key in keys:
            node = node.get(key) if isinstance(node, dict) else None
        found = node.values() if isinstance(node, dict) else [node]
        return [text for text in found if isinstance(text, str)]

    def present(self, said: list[str], otherwise: str | None = None) -> list[Path]:
        """Return the files of these paths that are there; where none is named, those of the pattern."""
        if not said and otherwise is not None:
            return sorted(self.folder.glob(otherwise))
        return sorted({self.folder / path for path in said if not misplaced(self.folder, path)})


def _likeliest(tree: dict[str, Any]) -> str:
    """Return the connector with the most of these keys, where the file does not say which it is."""
    return max(CONNECTORS, key=lambda name: len(CONNECTORS[name].model_fields.keys() & tree.keys()))
