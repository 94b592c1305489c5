"""The figures as one tidy table, worked out from published counts alone: what is hidden there hides here."""

from collections.abc import Callable, Iterator

import polars as pl

from feed.availability import completeness_count
from feed.counting import RawCounts
from feed.declared import Declarations, Kpi, Topic, declarations
from feed.dimensions import ALL, BOROUGH, dimension
from feed.dominance import told_sums
from feed.intervals import lowered, raised, rounded
from feed.means import beside_others, step_of_mean
from feed.periods import parse
from feed.settled import Settled
from feed.shares import OPEN, known, nothing_to_tell, of_enough, ratio, share, surely, with_noughts
from feed.spread import FEWEST, FEWEST_FOR_MEAN, of_few, with_hidden

OBSERVATIONS = pl.Schema(
    {
        "table": pl.String(),
        "kpi": pl.String(),
        "statistic": pl.String(),
        "period": pl.String(),
        "period_start": pl.Date(),
        "period_end": pl.Date(),
        "breakdown": pl.String(),
        "category": pl.String(),
        "label": pl.String(),
        "value": pl.Float64(),
        "unit": pl.String(),
        "numerator": pl.Int64(),
        "denominator": pl.Int64(),
        "lower": pl.Float64(),
        "upper": pl.Float64(),
        "shown": pl.String(),
        "note": pl.String(),
    }
)
NOT_RELEASED = "the flow does not release {}."
WHOLE = 1.0
"""Of a percentile parts of a day would tell the last digit of how many values it is of, which is rounded."""
Labels = Callable[[str, str], str]


def observe(
    published: pl.DataFrame,
    raw: RawCounts,
    declared: Declarations | None = None,
    label: Labels | None = None,
    *,
    fewest: int = FEWEST,
    settled: Settled | None = None,
) -> pl.DataFrame:
    """Return every figure of the period in one table, OBSERVATIONS, in a fixed order.

    Given:   the counts as disclosure control lets them out (count_id, period, breakdown, category, value,
             shown); of the raw counts spreads and sums are read, which stand where their count may be seen,
             and how many are left beside a mean; the words for a category by its breakdown; how many people
             lie at least at a statistic or beyond it, on either side; the sums that were told before.
    """
    declared = declared or declarations()
    told = _Told(published, raw, declared, max(fewest, FEWEST), settled or Settled())
    frames = [
        frame.select(
            pl.lit(topic.topic).alias("table"),
            pl.lit(kpi.id).alias("kpi"),
            pl.all(),
        )
        for topic in declared.topics
        for kpi in topic.kpis
        for frame in _of_kpi(told, kpi)
    ]
    rows = nothing_to_tell(pl.concat([_empty(), *frames]))
    return _with_words(rows, label or category_label).select(OBSERVATIONS.names()).cast(OBSERVATIONS)


def category_label(breakdown: str, category: str) -> str:
    """Return the words for a category of a breakdown, as the code lists have them."""
    return dimension(breakdown).label(category)


class _Told:
    """The published counts of one release, looked up by count and breakdown."""

    def __init__(
        self,
        published: pl.DataFrame,
        raw: RawCounts,
        declared: Declarations,
        fewest: int,
        settled: Settled,
    ) -> None:
        self.raw, self.declared, self.fewest, self.settled = raw, declared, fewest, settled
        self._cells = {
            key: frame.select("period", "category", "value", "shown")
            for key, frame in published.partition_by(
                "count_id", "breakdown", as_dict=True, include_key=False
            ).items()
        }

    def cells(self, count: str, breakdown: str) -> pl.DataFrame:
        """Return the published cells of a count; none, where it was not counted."""
        return self._cells.get((count, breakdown), _NO_CELLS)

    def why_not(self, kpi: Kpi) -> str:
        """Return why a figure cannot be told at all; nothing, where it can."""
        missing = self.raw.missing.get(kpi.id)
        return (
            kpi.because
            or (NOT_RELEASED.format(", ".join(missing)) if missing else "")
            or self.raw.empty.get(kpi.id, "")
        )

    def untold(self, kpi: Kpi, breakdown: str) -> str:
        """Return the field that a figure's breakdown is read from, where the flow does not release it."""
        facts = (self.declared.counts[name].fact for name in kpi.counts)
        split = kpi.breakdown or breakdown
        return next((self.raw.untold[fact, split] for fact in facts if (fact, split) in self.raw.untold), "")


_NO_CELLS = pl.DataFrame(
    schema={"period": pl.String(), "category": pl.String(), "value": pl.Int64(), "shown": pl.String()}
)
_COLUMNS = pl.Schema(
    {name: kind for name, kind in OBSERVATIONS.items() if name not in {"period_start", "period_end", "label"}}
)


def _empty() -> pl.DataFrame:
    return _COLUMNS.to_frame()


def _of_kpi(told: _Told, kpi: Kpi) -> Iterator[pl.DataFrame]:
    """Yield the rows of one figure, each with the columns of the table behind topic and figure."""
    if kpi.kind == "received":
        return  # it stands as it came: feed.protected_counts
    if why := told.why_not(kpi):
        yield _not_available(told, kpi, why)
        return
    for breakdown in kpi.all_breakdowns:
        if gone := told.untold(kpi, breakdown):
            yield _not_available(told, kpi, NOT_RELEASED.format(gone), breakdown)
            continue
        for frame in KINDS[kpi.kind](told, kpi, breakdown):
            yield _finished(of_enough(frame, kpi.fewest), kpi, breakdown)
    if kpi.completeness:
        part = told.cells(completeness_count(kpi, told.declared).id, BOROUGH)
        whole = told.cells(kpi.completeness.of, BOROUGH)
        yield _finished(known(part, whole, kpi.completeness.note), kpi, BOROUGH)


def _count(told: _Told, kpi: Kpi, breakdown: str) -> Iterator[pl.DataFrame]:
    cells = told.cells(str(kpi.numerator), breakdown)
    yield cells.with_columns(pl.col("value").cast(pl.Float64), statistic=pl.lit("count"))


def _shared(told: _Told, kpi: Kpi, breakdown: str) -> Iterator[pl.DataFrame]:
    part, whole = told.cells(str(kpi.numerator), breakdown), told.cells(str(kpi.denominator), breakdown)
    totals = told.cells(str(kpi.numerator), BOROUGH).filter(pl.col("shown").is_in(OPEN))
    yield share(with_noughts(part, whole, totals["period"]), whole)


def _ratio(told: _Told, kpi: Kpi, breakdown: str) -> Iterator[pl.DataFrame]:
    yield ratio(told.cells(str(kpi.numerator), breakdown), told.cells(str(kpi.denominator), breakdown))


def _distribution(told: _Told, kpi: Kpi, breakdown: str) -> Iterator[pl.DataFrame]:
    """Yield how many are in each category, and their share of the borough's count; or of the one alone."""
    cells = told.cells(str(kpi.numerator), str(kpi.breakdown))
    if kpi.category:
        cells = cells.filter(pl.col("category") == kpi.category).with_columns(category=pl.lit(ALL))
    elif breakdown != BOROUGH:
        yield cells.with_columns(pl.col("value").cast(pl.Float64), statistic=pl.lit("count"))
    yield share(cells, told.cells(str(kpi.numerator), BOROUGH).drop("category"), ("period",))


def _spread(told: _Told, kpi: Kpi, breakdown: str) -> Iterator[pl.DataFrame]:
    """Yield each statistic where the count of its cell may be seen, with it, and enough stand behind it."""
    cells = told.cells(str(kpi.of), breakdown)
    spreads = told.raw.spreads.filter((pl.col("kpi") == kpi.id) & (pl.col("breakdown") == breakdown))
    mine = with_hidden(spreads, cells, kpi.statistics)
    joined = mine.join(
        cells.select("period", "category", denominator="value", cell_shown="shown"),
        on=["period", "category"],
        how="left",
    ).filter(pl.col("cell_shown").is_not_null() | (breakdown == BOROUGH))
    joined = joined.with_columns(pl.col("cell_shown").fill_null("withheld"))
    shown = (
        pl.when(~pl.col("cell_shown").is_in(OPEN)).then("cell_shown")
        .when(of_few(kpi, told.fewest)).then(pl.lit("few")).otherwise(pl.lit("exact"))
    )  # fmt: skip
    counts = told.raw.counts.filter((pl.col("count_id") == kpi.of) & (pl.col("breakdown") == breakdown))
    judged = beside_others(
        joined.with_columns(shown=shown), counts, told.raw.period, kpi.fewest or FEWEST_FOR_MEAN
    )
    visible = pl.col("shown") == "exact"
    of = surely(pl.col("denominator"), pl.col("cell_shown"))
    step = pl.when(pl.col("statistic") == "mean").then(step_of_mean(of)).otherwise(WHOLE)
    ends = {"value": rounded, "lower": lowered, "upper": raised}
    yield judged.with_columns(
        *(pl.when(visible).then(end(pl.col(name), step)).alias(name) for name, end in ends.items()),
        denominator=pl.when(visible).then("denominator"),
    ).drop("n", "people", "beside", "cell_shown", "kpi", "breakdown")


def _sum(told: _Told, kpi: Kpi, breakdown: str) -> Iterator[pl.DataFrame]:
    """Yield the sums of money that may be told, of whole quarters."""
    of_each = (
        told.cells(str(kpi.of), each).with_columns(breakdown=pl.lit(each)) for each in kpi.all_breakdowns
    )
    sums = told.raw.sums.filter(pl.col("kpi") == kpi.id)
    every = told_sums(sums, pl.concat(of_each), told.raw.period, told.settled.told(kpi))
    mine = every.filter(pl.col("breakdown") == breakdown)
    yield mine.with_columns(statistic=pl.lit("sum")).drop("breakdown")


KINDS: dict[str, Callable[[_Told, Kpi, str], Iterator[pl.DataFrame]]] = {
    "count": _count,
    "share": _shared,
    "ratio": _ratio,
    "distribution": _distribution,
    "spread": _spread,
    "sum": _sum,
}


def _finished(frame: pl.DataFrame, kpi: Kpi, breakdown: str) -> pl.DataFrame:
    """Return the rows with every column of the table; a percentage is one whatever the figure's unit."""
    names = frame.columns
    extra = {
        "numerator": pl.Int64(),
        "denominator": pl.Int64(),
        "lower": pl.Float64(),
        "upper": pl.Float64(),
    }
    missing = [pl.lit(None, dtype=kind).alias(name) for name, kind in extra.items() if name not in names]
    note = [] if "note" in names else [pl.lit(kpi.note).alias("note")]
    percent = pl.col("statistic").is_in(["percent", "completeness"])
    columns = [name for name in _COLUMNS if name not in {"table", "kpi"}]
    return frame.with_columns(
        *missing,
        *note,
        breakdown=pl.lit(breakdown),
        unit=pl.when(percent).then(pl.lit("%")).otherwise(pl.lit(kpi.unit)),
    ).select(pl.col(name).cast(_COLUMNS[name]) for name in columns)


def _not_available(told: _Told, kpi: Kpi, why: str, breakdown: str = BOROUGH) -> pl.DataFrame:
    """Return one row that says why there is no number."""
    row = pl.DataFrame({"period": [told.raw.period.label], "category": [ALL], "shown": ["not_available"]})
    statistic = {
        "share": "percent",
        "distribution": "percent",
        "spread": kpi.statistics[0] if kpi.statistics else "",
        "none": "count",
    }
    return _finished(
        row.with_columns(
            value=pl.lit(None, dtype=pl.Float64),
            statistic=pl.lit(statistic.get(kpi.kind, kpi.kind)),
            note=pl.lit(f"Not available: {why}"),
        ),
        kpi,
        breakdown,
    )


def _with_words(rows: pl.DataFrame, label: Labels) -> pl.DataFrame:
    """Return the rows with the days of their periods and the words of their categories, sorted."""
    periods = [parse(name) for name in rows["period"].unique().sort()]
    days = pl.DataFrame(
        [(each.label, each.start, each.end) for each in periods],
        schema={"period": pl.String(), "period_start": pl.Date(), "period_end": pl.Date()},
        orient="row",
    )
    pairs = rows.select("breakdown", "category").unique().sort("breakdown", "category")
    words = pairs.with_columns(
        label=pl.Series(
            [label(breakdown, category) for breakdown, category in pairs.iter_rows()], dtype=pl.String()
        )
    )
    keys = ["table", "kpi", "statistic", "period", "breakdown", "category"]
    return (
        rows.join(days, on="period", how="left")
        .join(words, on=["breakdown", "category"], how="left")
        .sort(keys)
    )


def of_topic(observations: pl.DataFrame, topic: Topic) -> pl.DataFrame:
    """Return the rows of one published table."""
    return observations.filter(pl.col("table") == topic.topic)
