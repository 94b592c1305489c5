"""Why figures moved since an edition: which kinds of record came late, were mended, or were withdrawn.

Told from counts: what the warehouse holds of the period now, which batch brought each row, what is withdrawn,
and how many rows there were when the edition was made, which the council's side remembers. No record is kept.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from datetime import date
from pathlib import Path
from typing import Any

from common.files import write_atomic
from feed.release.revisions import Reason

Rows = Callable[[str], list[tuple[Any, ...]]]
"""Asks the warehouse, in which a view `every_ENTITY` stands for every kind of record."""
DAY_OF: Mapping[str, str] = {
    "referral": "received_on",
    "advice": "given_on",
    "signposting": "signposted_on",
    "onward_referral": "made_on",
    "service_episode": "started_on",
}
"""The day that puts a record into a period; the other kinds count whenever they are from."""
ANY_DAY = ", of any day"
STONES = """SELECT count(*) FROM information_schema.tables
    WHERE table_schema = 'commissioning' AND table_name = 'withdrawn_records'"""


@dataclass(frozen=True)
class Seen:
    """What an edition was made from: the last batch, how many rows of each kind the period had, and its mark.

    mark: the digest of all that went into it, when last asked; empty where that is not known.
    """

    edition: int
    batch: int
    rows: dict[str, int]
    mark: str = ""


def of_any_day(entity: str) -> str:
    """Return the kind of all its records, whichever period they are of."""
    return f"{entity}{ANY_DAY}" if entity in DAY_OF else entity


def rows_now(ask: Rows, kinds: tuple[str, ...], start: date, end: date) -> dict[str, int]:
    """Return how many rows of each kind the period has now."""
    return {kind: _number(ask, kind, start, end) for kind in kinds}


def reasons_since(
    ask: Rows, seen: Seen, now: Mapping[str, int], start: date, end: date
) -> dict[str, frozenset[Reason]]:
    """Return by kind of record why figures counted from it may have moved since the edition.

    Where the counts leave open whether a row is new or mended, both are named.
    """
    withdrawn = _withdrawn(ask, seen.batch)
    return {
        kind: _reasons(
            rows - seen.rows[kind] if kind in seen.rows else None,
            _number(ask, kind, start, end, f"batch_sequence > {seen.batch}"),
            withdrawn.get(kind.removesuffix(ANY_DAY), 0),
        )
        for kind, rows in now.items()
    }


def remember(path: Path, seen: Seen) -> None:
    """Keep what the edition was made from: a few numbers, on the council's side."""
    write_atomic(path, (json.dumps(asdict(seen), sort_keys=True) + "\n").encode())


def recall(path: Path, edition: int, batch: int) -> Seen:
    """Return what the edition was made from; where that is not kept, nothing."""
    try:
        kept = Seen(**json.loads(path.read_bytes()))
    except (OSError, ValueError, TypeError):
        return Seen(edition, batch, {})
    return kept if (kept.edition, kept.batch) == (edition, batch) else Seen(edition, batch, {})


def _reasons(more: int | None, touched: int, withdrawn: int) -> frozenset[Reason]:
    """Return the reasons that so many rows more, rows brought since, and rows withdrawn leave possible.

    Given: None for more, where nobody remembers how many there were.
    """
    fewest_new, most_new = (0, touched) if more is None else (max(0, more), min(touched, more + withdrawn))
    told = {
        Reason.LATE: touched > 0 and most_new > 0,
        Reason.MENDED: touched > fewest_new or (more or 0) + withdrawn < 0,
        Reason.WITHDRAWN: withdrawn > 0,
    }
    return frozenset(reason for reason, holds in told.items() if holds)


def _number(ask: Rows, kind: str, start: date, end: date, where: str = "true") -> int:
    day = DAY_OF.get(kind)
    within = f"{day} BETWEEN DATE '{start}' AND DATE '{end}'" if day else "true"
    entity = kind.removesuffix(ANY_DAY)
    return int(ask(f"SELECT count(*) FROM every_{entity} WHERE {within} AND {where}")[0][0])


def _withdrawn(ask: Rows, batch: int) -> dict[str, int]:
    if not ask(STONES)[0][0]:
        return {}
    told = ask(
        "SELECT entity, count(*) FROM commissioning.withdrawn_records "
        f"WHERE batch_sequence > {batch} GROUP BY entity"
    )
    return {str(entity): int(count) for entity, count in told}
