"""Reading one list of the API to its end: asked for whole or in windows of days, counted, asked again.

A count that the source itself gives is the only thing that tells a short answer from a whole one. Where there
is none, or one that is lower than what came, a number of records that is a usual page size counts as short.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, timedelta
from urllib.parse import quote

from common import log
from connectors.errors import RowCountDiffers
from connectors.reception import Reception
from connectors.rest_columns import Columns
from connectors.rest_errors import AnswerCapped, AnswerRepeated, ListNotOffered
from connectors.rest_lists import read_count
from connectors.rest_records import Records
from connectors.rest_rows import Fingerprint, Rows
from connectors.rest_settings import Request
from connectors.rest_visit import Visit
from connectors.settings import Ceilings, Layout
from connectors.source import Export
from connectors.spool import Spool
from connectors.web import Download

Pairs = tuple[tuple[str, str], ...]
FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)
YEARS_IN_WINDOWS = 5
OVERLAP = timedelta(days=1)
COUNTS = ("X-Total-Count", "X-Total", "Content-Range")
USUAL_CAPS = frozenset(digit * 10**zeros for zeros in (1, 2, 3, 4) for digit in (2, 5, 10, 25)) - {20}

# An API gives each cell under its name: none can stand in a wrong column.
BY_NAME = Layout(may_shift=False)


@dataclass(frozen=True)
class Asked:
    """What is read: the export, its request, what its ids mean, and day of the source."""

    source: str
    export: str
    request: Request
    words: Mapping[str, Mapping[str, str]]
    today: date
    scopes: tuple[Pairs, ...] = ((),)

    @property
    def step(self) -> str:
        """Return how errors name what is read."""
        return f"export {self.export}"


class Reading:
    """One export being read. Errors: those of the visit, of Records and of Columns; AnswerCapped."""

    def __init__(self, visit: Visit, asked: Asked, spool: Spool, ceilings: Ceilings) -> None:
        self._visit, self._asked, self._spool, self._ceilings = visit, asked, spool, ceilings
        self._request = asked.request
        self._log = log.get("connectors").bind(source=asked.source)

    def export(self) -> Export:
        """Return the export, received whole into the spool."""
        return self._visit.again(self._attempt, self._asked.step)

    def _attempt(self) -> Export:
        asked = self._asked
        with Reception(asked.source, asked.export, self._spool, BY_NAME, self._ceilings) as reception:
            rows = Rows(reception, self._request.id, self._request.fields)
            for scope in asked.scopes:
                self._read(scope, rows)
            self._log.info("records_received", export=asked.export, records=rows.rows, repeated=rows.repeated)
            return reception.close(rows.rows)

    def _read(self, scope: Pairs, rows: Rows) -> None:
        """Read the records of a scope, all that the source counts; where its count is no use, by pages."""
        windows = self._windows()
        if not self._counted(scope, windows, rows):
            self._pass(scope, windows, rows, counted=None)

    def _counted(self, scope: Pairs, windows: list[tuple[date, date]], rows: Rows) -> bool:
        """Read until there are as many records as the source counts; return whether its count is of use.

        It is of none if it is not given, now or after we have read, or is lower than what we hold.
        Errors: AnswerRepeated, AnswerCapped, RowCountDiffers where it stays higher.
        """
        began, expected = rows.rows, self._count(scope)
        if expected is None:
            return False
        repeated = self._pass(scope, windows, rows, counted=False)
        lacking = self._lacking(expected, scope, rows.rows - began)
        if lacking > 0:
            # What has no day stands in no window; and what moved while we read may be there now.
            self._answer(scope, rows)
            lacking = self._lacking(expected, scope, rows.rows - began)
        if windows and lacking > 0:
            repeated |= self._pass(scope, windows, rows, counted=True)
            lacking = self._lacking(expected, scope, rows.rows - began)
        if lacking > 0:
            kind = AnswerRepeated if repeated else AnswerCapped if windows else RowCountDiffers
            held = rows.rows - began
            raise kind(f"{self._place}: {held} records came, the source counts {held + lacking}.")
        return lacking == 0

    def _lacking(self, expected: int, scope: Pairs, held: int) -> int:
        """Return how many more records the source counts than we hold, now as before we read.

        Below nought where it counts fewer, or no longer says.
        """
        if held == expected:
            return 0
        now = self._count(scope)
        lacking = -1 if now is None else now - held
        if lacking < 0:
            self._log.warning("count_differs", export=self._asked.export, records=held)
        return lacking

    def _pass(
        self, scope: Pairs, windows: list[tuple[date, date]], rows: Rows, *, counted: bool | None
    ) -> bool:
        """Read a scope once; return whether two windows gave the very same records.

        Given: `counted` where each window is held to its own count; None where the source counts nothing.
        """
        if not windows:
            told = self._answer(scope, rows)
            if counted is None and told.rows in USUAL_CAPS:
                raise AnswerCapped(f"{self._place}: just {told.rows} records, a usual page, and no count.")
            return False
        seen: set[bytes] = set()
        repeated = False
        for window in windows:
            told = self._window(scope, window, rows, counted=counted)
            repeated |= told.value in seen
            if repeated and counted is None:
                raise AnswerRepeated(f"{self._place}: two windows gave the same {told.rows} records.")
            seen |= {told.value} - {b""}
        return repeated

    def _windows(self) -> list[tuple[date, date]]:
        """Return the windows in which the list is read, the whole of time in all; none for one answer."""
        if self._request.date_filter is None:
            return []
        step, last = timedelta(days=self._request.window_days), self._asked.today
        first = last - timedelta(days=365 * YEARS_IN_WINDOWS)
        starts = [first + step * number for number in range((last - first) // step + 1)]
        between = [(start, start + step) for start in starts[:-1]]
        return [(FIRST, first), *between, (starts[-1], LAST)]

    def _window(
        self, scope: Pairs, window: tuple[date, date], rows: Rows, *, counted: bool | None
    ) -> Fingerprint:
        """Read one window, halved for as long as its answers look cut off."""
        first, last = window
        within = (*scope, (str(self._request.date_filter), f"{first - OVERLAP},{last}"))
        told = self._answer(within, rows)
        if counted is None:
            cut_off = told.rows in USUAL_CAPS
        else:
            cut_off = counted and told.rows < (self._count(within) or 0)
        if cut_off and first < last:
            middle = first + (last - first) // 2
            for half in ((first, middle), (middle + OVERLAP, last)):
                self._window(scope, half, rows, counted=counted)
        elif cut_off:
            raise AnswerCapped(f"{self._place}: {told.rows} records of one day, and there may be more.")
        return told

    def _answer(self, pairs: Pairs, rows: Rows) -> Fingerprint:
        """Read one answer into the rows; return what it was."""
        columns = Columns(self._request.fields, self._asked.words, self._request.objects, self._place)

        def read(download: Download) -> Fingerprint:
            told = Fingerprint()
            # An answer that broke off has left rows already: what comes again is known by its id.
            rows.end_answer()
            for batch in Records(download.pieces(), self._place, self._ceilings).batches():
                table = columns.table(batch)
                told.take(table)
                rows.take(table)
            rows.end_answer()
            refuse_a_part(download, told.rows, self._place)
            return told

        path = [self._request.path, "field", ";".join(self._request.fields), *_flat(pairs)]
        return self._visit.take("/".join(path), self._asked.step, read)

    @property
    def _place(self) -> str:
        return self._visit.place(self._asked.step)

    def _count(self, pairs: Pairs) -> int | None:
        """Return how many records the source counts; None where it does not say, or not in a way we know."""
        if self._request.count_by is None:
            return None
        path = [self._request.path, "dimension", self._request.count_by, *_flat(pairs)]
        try:
            return read_count(self._visit.ask("/".join(path), f"{self._asked.step}, its count"))
        except ListNotOffered:
            return None


def refuse_a_part(download: Download, records: int, place: str) -> None:
    """Errors: AnswerCapped, if the answer's own headers count more records than it holds."""
    for header in COUNTS:
        total = download.header(header).rpartition("/")[2].strip()
        if total.isascii() and total.isdigit() and int(total[:12]) > records:
            raise AnswerCapped(f"{place}: {records} records came, the answer's headers count {total[:12]}.")


def _flat(pairs: Pairs) -> list[str]:
    return [quote(word, safe=";,-") for pair in pairs for word in pair]
