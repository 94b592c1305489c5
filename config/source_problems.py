"""What can be wrong with a source's file beside the other files of the site."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from config.documents import Place, Problem, suggest
from config.paths import misplaced
from config.settings import SftpSource, SourceSettings
from config.sftp import key_file_problems


@dataclass(frozen=True)
class Known:
    """The names the site's files may use of each other; no providers when that file did not load.

    alone: whether this is a part of the site, from which nothing is pulled: others' sources and the keys of
           servers are not there, and not asked for.
    """

    sources: set[str]
    providers: set[str] | None
    alone: bool = False


def source_problems(
    folder: Path, name: str, declared: SourceSettings, place: Place, known: Known
) -> Iterator[Problem]:
    """Yield what is wrong with a source's file: names that are not there, mappings that nothing reads."""
    others = sorted(known.sources - {name})
    if declared.name not in {"", name}:
        yield place.problem(f"name: the file's own name says {name}; leave this line out.", "name")
    if known.providers is not None and declared.provider not in known.providers:
        hint = suggest(declared.provider, sorted(known.providers))
        yield place.problem(f"provider: {declared.provider} is not in providers.yaml.{hint}", "provider")
    if declared.parent_source is not None and declared.parent_source not in others and not known.alone:
        hint = suggest(declared.parent_source, others)
        yield place.problem(f"parent_source: there is no other source of that name.{hint}", "parent_source")
    if isinstance(declared, SftpSource) and not known.alone:
        yield from key_file_problems(folder, declared, place)
    for export, file in declared.mappings.items():
        if why := misplaced(folder, file):
            yield place.problem(f"mappings.{export}: {why}", "mappings", export)
    yield from _pairing_problems(declared, place)


def _pairing_problems(declared: SourceSettings, place: Place) -> Iterator[Problem]:
    key, pulled = declared.pulled
    for export in sorted(set(pulled) - set(declared.mappings)):
        yield place.problem(f"{key}.{export}: it is pulled, but no mapping reads it.", key, export)
    for export in sorted(set(declared.mappings) - set(pulled)):
        hint = suggest(export, sorted(pulled))
        yield place.problem(f"mappings.{export}: it is not among the {key}.{hint}", "mappings", export)
