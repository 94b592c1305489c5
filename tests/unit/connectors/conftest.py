"""A spool, and exports made of plain bytes."""

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from connectors.reception import Reception
from connectors.settings import Ceilings, Layout
from connectors.source import Export
from connectors.spool import Spool

ENCODINGS = {"auto": ("utf-8", "cp1252")}
Receive = Callable[..., Export]


@pytest.fixture
def spool(tmp_path: Path) -> Iterator[Spool]:
    with Spool(tmp_path / "spool") as open_spool:
        yield open_spool


@pytest.fixture
def receive(spool: Spool) -> Receive:
    def received(
        content: bytes, encoding: str = "auto", rows: int | None = None, piece: int = 1 << 20
    ) -> Export:
        layout = Layout(ENCODINGS.get(encoding, (encoding,)))
        reception = Reception("hub", "people", spool, layout, Ceilings())
        for start in range(0, len(content), piece):
            reception.take(content[start : start + piece])
        return reception.close(rows)

    return received
