"""The same work by hand; its steps are listed in `benchmarks.script`."""

from pathlib import Path


def run(exports: Path, place: Path) -> dict[str, int]:
    """Carry the exports across without Viaduct. Returns: how many records failed each check."""
    import benchmarks.script

    return benchmarks.script.run(exports, place)
