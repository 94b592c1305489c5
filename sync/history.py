"""The run history: the summaries that earlier runs wrote down."""

from collections.abc import Iterator
from typing import Any

from config.site import Site
from sync.outbox import read_json


def last_runs(site: Site) -> Iterator[dict[str, Any]]:
    """Yield the summaries of earlier runs, newest first. Errors: StateUnreadable."""
    for path in sorted((site.var / "runs").glob("*.json"), reverse=True):
        yield read_json(path)
