"""Whether the lots that sources say they receive exist: a mistyped one would never be asked for."""

from collections.abc import Iterator
from pathlib import Path

from canonical import codes
from config.documents import DocumentRefused, Place, Problem, read_place, suggest
from config.site import Site

LOTS = "stockport_lots"


def require_lots(site: Site) -> None:
    """Errors: DocumentRefused, naming every lot under `receives` that is none, with its file and line."""
    told = [
        problem
        for source, declared in site.sources.items()
        if set(declared.receives) - set(codes(LOTS))
        for problem in _problems(site.folder / "sources" / f"{source}.yaml", declared.receives)
    ]
    if told:
        raise DocumentRefused(told)


def _problems(path: Path, lots: list[str]) -> Iterator[Problem]:
    place: Place = read_place(path)
    known = sorted(codes(LOTS))
    for at, lot in enumerate(lots):
        if lot not in known:
            yield place.problem(f"receives: there is no lot {lot}.{suggest(lot, known)}", "receives", at)
