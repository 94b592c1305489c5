"""What every source promises, asked of each of them."""

import hashlib
from datetime import UTC, datetime

import pytest

from common.errors import ViaductError
from connectors.errors import HalfExport, NotTheExport, PageInsteadOfExport, RowCountDiffers, TooLarge
from connectors.spool import Spool
from connectors.tables import read_batches
from tests.contract.conftest import Served
from tests.contract.portal_server import PEOPLE, REFERRALS

BOTH = ["people", "referrals"]


def test_a_pull_gives_each_export_asked_for_as_it_was_served(served: Served, spool: Spool) -> None:
    """Bytes, size, digest and the source's own count are those of what came, and can be read twice."""
    snapshot = served.source.pull(spool, BOTH)
    assert (snapshot.source, list(snapshot.exports)) == ("hub", BOTH)
    for name, given, rows in (("people", PEOPLE, 2), ("referrals", REFERRALS, 1)):
        export, content = snapshot.exports[name], served.arrives(given)
        assert export.open().read() == content == export.open().read()
        assert (export.size, export.sha256) == (len(content), hashlib.sha256(content).hexdigest())
        assert export.expected_rows == rows


def test_a_pull_says_when_the_exports_were_taken(served: Served, spool: Spool) -> None:
    """The instant is the source's own, aware, in UTC."""
    assert served.source.pull(spool, BOTH).extracted_at == datetime(2022, 12, 1, 6, tzinfo=UTC)


def test_a_pull_gives_only_what_was_asked_for(served: Served, spool: Spool) -> None:
    """An export that nobody asked for is not taken."""
    assert list(served.source.pull(spool, ["referrals"]).exports) == ["referrals"]


def test_a_second_pull_gives_the_same(served: Served, spool: Spool) -> None:
    """A source has no memory: pulled twice, it gives the same digests."""
    digests = [
        {name: export.sha256 for name, export in served.source.pull(spool, BOTH).exports.items()}
        for _ in range(2)
    ]
    assert digests[0] == digests[1]


def test_a_pulled_export_reads_as_a_table(served: Served, spool: Spool) -> None:
    """What came is the table that the other system holds, byte order mark and foreign letters included."""
    export = served.source.pull(spool, BOTH).exports["people"]
    batches = list(read_batches(export, ["Org Person ID", "Forename"]))
    assert batches[0].rows() == [("HP000001", "Zebulon", 1), ("HP000002", "Zoë", 2)]


def test_bodies_wait_encrypted(served: Served, spool: Spool) -> None:
    """What lies in the spool's file shows no word of an export."""
    served.source.pull(spool, BOTH)
    assert spool._file is not None
    spool._file.seek(0)
    content = spool._file.read()
    assert len(content) > len(PEOPLE)
    assert b"Zebulon" not in content


def test_a_check_moves_nothing(served: Served) -> None:
    """Checking a source that is well says nothing and takes nothing."""
    served.source.check()


def test_a_missing_export_refuses_the_source(served: Served, spool: Spool) -> None:
    """One export lacking is the whole snapshot lacking, for `check` as for `pull`."""
    served.serve("referrals", None, None)
    with pytest.raises(ViaductError) as refused:
        served.source.pull(spool, BOTH)
    assert refused.value.exit_code in {20, 22}
    assert "referrals" in str(refused.value)
    with pytest.raises(ViaductError):
        served.source.check()


@pytest.mark.parametrize(
    ("content", "kind"),
    [
        (b"<html><body>Zebulon is in session</body></html>\n", PageInsteadOfExport),
        (PEOPLE[:-4], HalfExport),
        (b"a,b\n1," + b"Zebulon" * (1 << 18) + b"\n", TooLarge),
    ],
)
def test_what_is_no_export_refuses_the_source(
    served: Served, spool: Spool, content: bytes, kind: type[NotTheExport]
) -> None:
    """Exit 22 in four lines that name source and export, with nothing that came and no library's error."""
    served.serve("people", content, 2)
    with pytest.raises(kind) as refused:
        served.source.pull(spool, BOTH)
    assert refused.value.exit_code == 22
    assert len(str(refused.value).splitlines()) == 4
    assert "source hub, export people" in str(refused.value)
    assert "ebulon" not in str(refused.value)
    assert refused.value.__context__ is None


def test_a_file_that_stops_early_is_found_by_the_source_s_own_count(served: Served, spool: Spool) -> None:
    """A short export that is otherwise well made is refused when its rows are counted, then or later."""
    served.serve("people", b"\r\n".join(PEOPLE.split(b"\r\n")[:2]) + b"\r\n", 2)
    with pytest.raises(RowCountDiffers):
        list(read_batches(served.source.pull(spool, BOTH).exports["people"], ["Forename"]))


def test_nothing_of_a_source_shows_in_its_words(served: Served, spool: Spool) -> None:
    """The repr of source, snapshot and export holds no secret and no cell."""
    words = repr(served.source) + repr(served.source.pull(spool, BOTH))
    assert not any(word in words for word in ("secret-word", "Zebulon", "support-hub"))
