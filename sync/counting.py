"""What a night's checks counted, kept for the pages: per source, of sources that were pulled whole."""

from collections.abc import Collection
from datetime import timedelta

import polars as pl

from common import clock, log
from quality import ANSWERS, CountStore
from quality.answers import sum_of_answers
from quality.causes import causes_of
from quality.field_counts import FIELD_COUNTS, sum_of_fields
from quality.shared_traits import TRAIT_COUNTS, sum_of_traits
from sync.kernel import Examined
from sync.place import Workplace

LOG = log.get("sync")


class Counting:
    """The counts of the partitions gone through so far, as one."""

    def __init__(self) -> None:
        self._traits = TRAIT_COUNTS.to_frame()
        self._fields = FIELD_COUNTS.to_frame()
        self._answers = ANSWERS.to_frame()

    def take(self, examined: Examined) -> None:
        """Add a partition's counts."""
        self._traits = sum_of_traits([self._traits, examined.counted.traits])
        self._fields = sum_of_fields([self._fields, examined.counted.fields])
        self._answers = sum_of_answers([self._answers, examined.counted.answers])

    def take_answers(self, answers: pl.DataFrame) -> None:
        """Add what the checks of whole providers answered: of months, quarters and exports."""
        self._answers = sum_of_answers([self._answers, answers])

    def keep(self, place: Workplace, sources: Collection[str]) -> None:
        """Write the counts of these sources down, in place of those of an earlier night.

        A night that cannot write them goes on: nothing but pages is made of them.
        """
        causes = causes_of(self._traits.filter(pl.col("source").is_in(list(sources))))
        store, today = CountStore.of(place.site), clock.today()
        oldest = today - timedelta(days=place.site.retention.closed_findings_days)
        try:
            store.keep_only(place.site.sources)
            for source in sources:
                store.keep_causes(source, [cause for cause in causes if cause.source == source])
                fields, answers = self._fields.filter(source=source), self._answers.filter(source=source)
                store.keep_counts(source, fields, answers)
                store.keep_week(source, fields, answers, today, oldest)
        except OSError as error:
            LOG.error("counts_not_kept", run_id=place.run_id, error=error)
