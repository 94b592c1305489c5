"""Only the imports of Viaduct's run: the floor under a small night."""

from pathlib import Path

MODULES = (
    "config.site",
    "sync.run",
    # What it asks for on the way.
    "sharing.compile",
    "sharing.safety",
    "pyarrow.compute",
    "pyarrow.dataset",
    "dateutil.relativedelta",
)


def run(exports: Path, place: Path) -> None:  # noqa: ARG001 - nothing is read and nothing is written
    """Import what the run imports, the modules it asks for on the way included."""
    from importlib import import_module

    for name in MODULES:
        import_module(name)
