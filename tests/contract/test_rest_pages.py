"""An answer whose own headers say that it is a part: a page of more, or fewer records than are counted."""

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from pathlib import Path

import pytest

from connectors.rest_errors import AnswerCapped
from connectors.rest_parts import people_since
from connectors.rest_reading import Asked, Reading
from connectors.rest_settings import Parts, Request, RestSettings
from connectors.rest_visit import Visit
from connectors.settings import Ceilings
from connectors.spool import Spool
from connectors.tables import read_batches

HELD = 30
NEXT = '<https://example.org/page/2>; rel="next"'
LIST = Request("extension_database/risk_register", ("id", "client", "risk"))


@contextmanager
def source(headers: dict[str, str], records: int = HELD) -> Iterator[RestSettings]:
    """Yield the settings of a source that answers everything with so many records under these headers."""

    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            body = json.dumps([{"id": at, "client": at, "risk": "1"} for at in range(records)]).encode()
            self.send_response(200)
            for name, value in {"Content-Type": "application/json", **headers}.items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing."""

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        address = f"http://127.0.0.1:{server.server_port}/v2/"
        yield RestSettings("hub", address, "a", "b", "c", {}, parts=Parts(7, 7))
    finally:
        server.shutdown()
        server.server_close()


def read(settings: RestSettings, folder: Path) -> int:
    """Return how many rows came."""
    with Spool(folder) as spool:
        asked = Asked("hub", "risks", LIST, {}, date(2024, 1, 1))
        export = Reading(Visit(settings), asked, spool, Ceilings()).export()
        return sum(batch.height for batch in read_batches(export, ["id"]))


@pytest.mark.parametrize(
    "headers",
    [
        {"Link": NEXT},
        {"Link": f"<https://example.org/page/1>; rel=first, {NEXT.replace(chr(34), '')}"},
        {"X-Total-Count": str(HELD + 1)},
        {"Content-Range": f"items 0-{HELD - 1}/{HELD + 1}"},
    ],
    ids=["next page", "next page among others", "count", "range"],
)
def test_an_answer_that_says_it_is_a_part_is_refused(tmp_path: Path, headers: dict[str, str]) -> None:
    """A list that nobody counts is not taken for whole when its own headers tell otherwise; E378."""
    with source(headers) as settings, pytest.raises(AnswerCapped):
        read(settings, tmp_path)
    with source(headers) as settings, pytest.raises(AnswerCapped):
        people_since(Visit(settings), settings, date(2024, 1, 1))


@pytest.mark.parametrize(
    "headers", [{}, {"X-Total-Count": str(HELD)}, {"Link": '<https://example.org>; rel="prev"'}]
)
def test_headers_that_agree_with_the_records_change_nothing(tmp_path: Path, headers: dict[str, str]) -> None:
    """A count that is met, another link, no header at all: the answer is whole."""
    with source(headers) as settings:
        assert read(settings, tmp_path) == HELD


def test_whom_to_read_tonight_is_not_cut_at_a_usual_page() -> None:
    """A part night that reads just a page of clients would leave the others out, and nobody would know."""
    with source({}, records=200) as settings, pytest.raises(AnswerCapped, match="just 200 records"):
        people_since(Visit(settings), settings, date(2024, 1, 1))
