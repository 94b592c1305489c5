"""Going through the partitions: each completed and checked; findings gathered for the worklists."""

from collections import defaultdict
from collections.abc import Iterator

import polars as pl

import quality
from common import clock
from sync.beyond import beyond
from sync.cases import NONE
from sync.counting import Counting
from sync.gather import Gathering, whole_table
from sync.kernel import Around, Examined, examine
from sync.mending import Mending
from sync.people import PeopleIndex
from sync.place import Workplace
from sync.receiving import require_lots
from sync.steps import Steps
from sync.submissions import judge_submissions
from sync.summary import Summary
from sync.tuned import tuned
from sync.window import Window

NO_REFERENCE = "MAP-02"


class Examination:
    """The partitions of one run, one at a time."""

    def __init__(
        self,
        place: Workplace,
        gathered: dict[str, Gathering],
        index: PeopleIndex,
        *,
        steps: Steps,
        summary: Summary,
        window: Window,
    ) -> None:
        self._place, self._gathered, self._steps, self._summary = place, gathered, steps, summary
        self._window = window
        self._findings: list[pl.DataFrame] = []
        self._undecided: list[pl.DataFrame] = []
        self._tallies: list[pl.DataFrame] = []
        self._unknown: dict[str, int] = defaultdict(int)
        self._counting = Counting()
        extracted_at = {s.source: s.extracted_at for s in summary.sources if s.extracted_at}
        filled = {source: place.filled(source) for source in gathered}
        organisations = whole_table(gathered.values(), "organisation")
        services = whole_table(gathered.values(), "service")
        require_lots(place.site)
        self._tuned = tuned(place.site, clock.today())
        self._facts = quality.Facts(
            extracted_at=extracted_at,
            test_ranges=place.site.lookups.nhs_test_ranges,
            postcode_lookup=place.site.lookups.postcodes is not None,
            district=place.site.lookups.district,
            filled=filled,
            partial={source: part.partial for source, part in gathered.items()},
            whole={"service": services, "organisation": organisations},
            percents=self._tuned.percents,
        )
        directory = place.directory(organisations, services)
        erased = [part.identity.filter("gone")["person"].alias("case") for part in gathered.values()]
        further = beyond(place, gathered, summary, index.linked)
        self._around = Around(index, place.digest, directory, further, pl.concat([NONE, *erased]))

    def partitions(self) -> Iterator[tuple[tuple[int, int], dict[str, pl.DataFrame]]]:
        """Yield the buckets a partition covers and its inspected tables; none is kept."""
        count = self._place.partitions
        for number in range(count + 1):
            with self._steps.stage("examine"):
                tables = self._examined(number)
            self._steps.reached("examined", number + 1, count + 1)
            yield self._place.buckets(number), tables
            del tables

    def _examined(self, number: int) -> dict[str, pl.DataFrame]:
        parts: dict[str, list[pl.DataFrame]] = {}
        for gathering in self._gathered.values():
            for entity, rows in gathering.parts(number).items():
                parts.setdefault(entity, []).extend(rows)
        examined = examine(parts, self._around, self._facts)
        self._note(examined)
        return self._window.of(examined.tables)

    def _note(self, examined: Examined) -> None:
        self._findings.append(examined.findings)
        self._undecided.append(examined.undecided)
        self._tallies.append(examined.counted.tallies)
        self._counting.take(examined)
        self._count_unknown(examined.unknown)

    def _count_unknown(self, unknown: pl.DataFrame) -> None:
        for check, number in unknown.group_by("check").agg(pl.col("records").sum()).iter_rows():
            self._unknown[check] += number

    def found(self) -> pl.DataFrame:
        """Return the findings as loudly as they are told; put each check's count into the summary."""
        judged, self._judged_from = judge_submissions(
            self._gathered, self._tallies, self._facts, self._place, self._summary
        )
        self._count_unknown(judged.unknown)
        self._counting.take_answers(judged.answers)
        self._undecided.append(judged.undecided)
        found = pl.concat([quality.FINDINGS.to_frame(), *self._findings, *self._rejected(), judged.findings])
        providers = {told.source: told.provider for told in self._summary.sources}
        self._summary.tuned = self._tuned.to_json(found, providers)
        found = self._tuned.told(found)
        failed = dict(found.group_by("check").len().iter_rows())
        names = sorted({*failed, *self._unknown})
        self._summary.checks = {
            name: {"failed": failed.get(name, 0), "unknown": self._unknown.get(name, 0)} for name in names
        }
        return found

    def record_findings(self, mending: Mending, vanishing: list[str]) -> None:
        """Write the findings down and put their counts into the summary.

        Given: the sources whose absent records are gone.
        """
        found = self.found()
        whole = sorted(name for name, part in self._gathered.items() if part.complete)
        sources = [] if self._window.limits else whole
        undecided = pl.concat([quality.UNDECIDED.to_frame(), *self._undecided]).unique()
        mending.judged = self._judged_from
        self._summary.findings = mending.record(found, undecided, sources, vanishing, self._tuned.off)
        if mending.keep:
            self._counting.keep(self._place, sources)

    def _rejected(self) -> list[pl.DataFrame]:
        """Return findings for rows that have no usable reference; they are named by their row."""
        check = quality.check_named(NO_REFERENCE)
        return [
            rows.select(
                "source",
                "entity",
                pl.lit(None, pl.String).alias("reference"),
                pl.col("_row").alias("row"),
                pl.lit(check.id).alias("check"),
                pl.lit(check.field).alias("field"),
                pl.lit(check.severity.value).alias("severity"),
                pl.lit(check.effect.value).alias("effect"),
                pl.lit("").alias("other"),
            )
            for gathering in self._gathered.values()
            for rows in gathering.rejected
        ]
