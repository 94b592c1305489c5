"""The same rows under two names are told; a shared directory and exports without rows are not."""

import hashlib
import io

from connectors.source import Export
from sync.twice import told_twice

ENTITIES = {
    "hub": {"people": ["person"], "needs": ["need"], "services": ["service"]},
    "other": {"people": ["person"], "needs": ["need"], "services": ["service"]},
}
HEADER, ROWS = b"Id,Name\r\n", b"Id,Name\r\n1,x\r\n"


class Body:
    def __init__(self, content: bytes) -> None:
        self.content = content

    def open(self) -> io.BytesIO:
        return io.BytesIO(self.content)


def export(source: str, name: str, content: bytes) -> Export:
    return Export(source, name, None, len(content), hashlib.sha256(content).hexdigest(), Body(content))


def test_one_content_under_two_names_of_a_source_is_told() -> None:
    """Whichever of them is right: nobody can say, so neither is believed."""
    exports = [export("hub", "people", ROWS), export("hub", "needs", ROWS), export("other", "needs", HEADER)]
    told = told_twice(exports, ENTITIES)
    assert set(told) == {"hub"}
    assert "source hub, export needs: the same as source hub, export people" in told["hub"]


def test_rows_about_people_are_of_one_source_only() -> None:
    """Two sources with the same people are both told; with the same services neither is."""
    people = [export(source, "people", ROWS) for source in ENTITIES]
    services = [export(source, "services", ROWS + b"2,y\r\n") for source in ENTITIES]
    assert set(told_twice(people + services, ENTITIES)) == {"hub", "other"}
    assert told_twice(services, ENTITIES) == {}


def test_exports_without_rows_may_be_alike() -> None:
    """A header alone, with or without blank lines after it, says nothing twice."""
    exports = [export("hub", name, HEADER + b"\r\n") for name in ("people", "needs")]
    assert told_twice(exports, ENTITIES) == {}
