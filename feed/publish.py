"""The whole way of a release: facts, counts, disclosure control, figures, their meaning, the signature."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import polars as pl

from common import clock
from common.errors import ViaductError
from feed.counting import RawCounts, count_all
from feed.declared import declarations
from feed.disclosure.door import Door, OpenOnce
from feed.disclosure.profile import Profile
from feed.errors import PeriodNotBegun
from feed.facts import Facts, Opened, facts_of
from feed.model import Area
from feed.observations import observe
from feed.periods import Period
from feed.protected_counts import protected_counts
from feed.release.build import Before, Keys, Pages, Published, build_release, in_force
from feed.release.changes import Seen, reasons_since, recall, remember, rows_now
from feed.release.contents import Contents
from feed.release.defined import definitions_of, tables_of
from feed.release.dictionary import dictionary_sheet
from feed.release.freshness import as_of, freshness
from feed.release.mark import mark_of
from feed.release.quality import Fate, Quality
from feed.release.reach import every_kind, reach_of
from feed.release.revisions import Change
from feed.release.words import AsOf, Break, Publisher, not_over
from feed.settled import Settled

SUMS = "sums.csv"
"""Where the sums that were told are kept, beside what else the council's side remembers of the feed."""


def untold(_: str) -> tuple[Fate, ...]:
    """Return of a run how many records it withheld or held: this side is not told."""
    return ()


@dataclass(frozen=True)
class Wanted:
    """Which release is wanted, of what area, by whom, and where it and its memory are kept."""

    period: Period
    area: Area
    publisher: Publisher
    feed: Path
    state: Path
    breaks: tuple[Break, ...] = ()
    borough_only: tuple[str, ...] = ()
    fates: Callable[[str], tuple[Fate, ...]] = untold


def publish(
    warehouse: Opened,
    wanted: Wanted,
    keys: Keys,
    pages: Pages | None = None,
    door: Door | None = None,
) -> Published:
    """Return the edition of the period that is in force once the warehouse was counted.

    Given:   the door that every count goes out by; without one, the strictest, which remembers nothing.
    Errors:  WarehouseNotThere, PeriodNotBegun; those of disclosure control; those of `build_release`. Then
             nothing changed.
    """
    door = door or OpenOnce()
    with facts_of(warehouse, wanted.area, wanted.borough_only) as facts:
        counted = _counted(facts, wanted, door)
        before = in_force(wanted.feed, wanted.period.label, keys)
        if before and before.believed and _seen(wanted, before).mark == counted.mark:
            return Published(before.folder, before.number, is_new=False, revised=0)
        now = _rows(facts, wanted.period)
        with _settled(door) as released:
            settled = Settled(wanted.state / SUMS)
            contents = contents_of(facts, wanted, counted, door, settled)
            settled.remember()
            published = build_release(contents, wanted.feed, keys, _why(facts, wanted, now), pages)
            released.append(published.is_new)
    batch = contents.as_of.batch or 0
    seen = (
        Seen(published.edition, batch, now) if published.is_new or before is None else _seen(wanted, before)
    )
    remember(_memory(wanted), replace(seen, mark=counted.mark))
    return published


@contextmanager
def _settled(door: Door) -> Iterator[list[bool]]:
    """Yield where to note whether a release was published; the door hears of it, also where it was not.

    Where the process ends here, the door takes what it let out for published.
    """
    noted: list[bool] = []
    try:
        yield noted
    except ViaductError:
        door.settle(was_released=False)
        raise
    door.settle(was_released=any(noted))


@dataclass(frozen=True)
class Counted:
    """What was counted for a release, before anything is decided of it; `mark` is the digest of it all.

    received: the figures that came as counts, protected already.
    """

    raw: RawCounts = field(repr=False)
    received: pl.DataFrame = field(repr=False)
    as_of: AsOf
    mark: str


def _counted(facts: Facts, wanted: Wanted, door: Door) -> Counted:
    seen = as_of(facts.rows)
    if wanted.period.start > clock.day_of(seen.released_at):
        raise PeriodNotBegun("--period")
    raw = count_all(facts, wanted.period, declarations())
    received = protected_counts(facts, wanted.period, declarations())
    breaks = [(str(each.before), each.of, each.because) for each in wanted.breaks]
    unfinished = not_over(wanted.period.end, clock.day_of(seen.released_at)) != ""
    told = (breaks, wanted.area.name, wanted.borough_only, received.write_csv(), unfinished, door.profile)
    return Counted(raw, received, seen, mark_of(raw, *told))


def contents_of(
    facts: Facts,
    wanted: Wanted,
    counted: Counted | None = None,
    door: Door | None = None,
    settled: Settled | None = None,
) -> Contents:
    """Return what a release of the period tells. Errors: WarehouseNotThere; those of disclosure control."""
    declared, period, door = declarations(), wanted.period, door or OpenOnce()
    counted = counted or _counted(facts, wanted, door)
    return Contents(
        period=period.label,
        start=period.start,
        end=period.end,
        title=f"Figures for {wanted.area.name}, {period.words}",
        tables=tables_of(declared),
        definitions=definitions_of(declared),
        observations=_figures(facts, counted, door, settled),
        quality=Quality(freshness(facts.rows), wanted.fates(counted.as_of.run_id), *hiding(door.profile)),
        publisher=wanted.publisher,
        as_of=counted.as_of,
        breaks=wanted.breaks,
        sample=wanted.area.sample,
        control=door.profile.statement,
    )


def _figures(facts: Facts, counted: Counted, door: Door, settled: Settled | None) -> pl.DataFrame:
    """Return every figure that may be told, those that came as counts among them."""
    fewest = door.profile.suppress_to + 1
    told = observe(door.let_out(facts, counted.raw), counted.raw, fewest=fewest, settled=settled)
    return pl.concat([told, counted.received])


def hiding(profile: Profile) -> tuple[int, int]:
    """Return up to what is hidden, and to what is rounded."""
    return profile.suppress_to, profile.round_to


def _rows(facts: Facts, period: Period) -> dict[str, int]:
    return rows_now(facts.rows, every_kind(), period.start, period.end)


def _why(facts: Facts, wanted: Wanted, now: dict[str, int]) -> Callable[[Before], Change]:
    """Return what tells why figures moved since the edition before."""

    def told(before: Before) -> Change:
        seen = _seen(wanted, before)
        period = wanted.period
        records = reasons_since(facts.rows, seen, now, period.start, period.end)
        definitions = definitions_of(declarations())
        received = frozenset(each.id for each in definitions if each.kind == "received")
        redefined = before.redefined(dictionary_sheet(definitions))
        return Change(records, redefined, reach_of(declarations()), received)

    return told


def _seen(wanted: Wanted, before: Before) -> Seen:
    return recall(_memory(wanted), before.number, before.batch)


def _memory(wanted: Wanted) -> Path:
    return wanted.state / f"{wanted.period.label}.json"
