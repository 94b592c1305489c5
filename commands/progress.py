"""Where a run stands, on a terminal only."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

Watcher = Callable[[str, int, int], None]
STEPS = {
    "pulled": "pulling the sources",
    "gathered": "reading and mapping",
    "indexed": "finding who is who",
    "examined": "asking every check, deciding every field",
    "planned": "comparing with what was sent",
    "sealed": "sealing",
    "logged": "writing the disclosure log",
    "delivered": "delivering",
    "loaded": "loading on the council side",
    "receipted": "collecting receipts",
    "remembered": "remembering",
}


@contextmanager
def watching(*, quiet: bool = False) -> Iterator[Watcher | None]:
    """Yield what a run tells its steps to, or None when nobody is looking."""
    if quiet or not sys.stderr.isatty():
        yield None
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, SpinnerColumn, TextColumn, TimeElapsedColumn

    columns = (
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(bar_width=24),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("starting", total=None)

        def watcher(step: str, done: int, of: int) -> None:
            progress.update(task, description=STEPS.get(step, step), total=of or None, completed=done)

        yield watcher
