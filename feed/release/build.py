"""Build the release of a period: whole or not at all, the same bytes for the same warehouse and period."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl
from filelock import FileLock, Timeout

from common.files import made_folder
from feed.release.contents import Contents
from feed.release.contract import NAME as CONTRACT
from feed.release.contract import contract
from feed.release.datapackage import NAME, Edition, descriptor
from feed.release.dictionary import dictionary_page
from feed.release.editions import Editions
from feed.release.errors import FeedUnderWay, ReleaseAltered, ReleaseUnsound
from feed.release.files import csv_of, parquet_of, rows_of, sha256
from feed.release.observed import KEY
from feed.release.revisions import NAME as REVISIONS
from feed.release.revisions import Change, changed, explained, none_yet, revisions_sheet
from feed.release.sheet import Sheet, unsound
from feed.release.signature import SIGNATURE_NAME, is_signed, sign, verified
from sealing.signing import Signer, Verifier

DICTIONARY = "dictionary.md"
Pages = Callable[["Draft"], Mapping[str, bytes]]
"""Makes the pages of a release from what it publishes: file name to bytes."""
Why = Callable[["Before"], Change]
"""Tells what happened since the edition before."""


@dataclass(frozen=True)
class Before:
    """The edition in force, read back from disk and verified."""

    folder: Path
    number: int
    believed: bool
    batch: int
    definitions_sha256: str
    described_sha256: str
    figures: pl.DataFrame
    dictionary: pl.DataFrame
    revisions: pl.DataFrame

    def redefined(self, now: Sheet) -> frozenset[str]:
        """Return the figures that a dictionary tells otherwise than the edition's own, or that it lacks."""
        both = pl.concat([self.dictionary, now.rows.cast(self.dictionary.schema)])
        alone = both.filter(both.is_unique())
        return frozenset(alone.get_column("kpi"))


@dataclass(frozen=True)
class Draft:
    """An edition about to be published: what it says, its number, and all revisions of the period."""

    contents: Contents
    number: int
    revisions: pl.DataFrame
    replaces: str | None

    def sheets(self) -> list[Sheet]:
        """Return every table of the edition; figures first."""
        contents = self.contents
        return [
            *contents.figures(),
            contents.dictionary(),
            contents.quality_sheet(),
            revisions_sheet(self.revisions),
        ]


@dataclass(frozen=True)
class Keys:
    """The publisher's key, those that are believed, and those that ever signed: revoked ones among them."""

    signer: Signer
    trusted: tuple[Verifier, ...]
    ever: tuple[Verifier, ...] = ()


@dataclass(frozen=True)
class Published:
    """Where the edition in force is, its number, whether it is new, and how many numbers it revised."""

    folder: Path
    edition: int
    is_new: bool
    revised: int


def build_release(
    contents: Contents,
    feed: Path,
    keys: Keys,
    why: Why,
    pages: Pages | None = None,
) -> Published:
    """Return the edition of the period that is in force: the one before, if no figure and no meaning changed.

    Given:   the folder of all releases.
    Errors:  FeedUnderWay, ReleaseAltered, ReleaseUnsound; then what was in force still is.
    """
    editions = Editions(made_folder(feed), contents.period)
    with alone(feed):
        editions.settle()
        before = _standing(editions, keys)
        draft, revised = _draft(contents, before, why)
        if before is not None and draft.number == before.number:
            return Published(editions.current, before.number, is_new=False, revised=0)
        files = _files(draft, keys.signer, pages)
        editions.publish(files, before.number if before else None)
    return Published(editions.current, draft.number, is_new=True, revised=revised)


def in_force(feed: Path, period: str, keys: Keys) -> Before | None:
    """Return the edition of the period that is in force, verified; None where there is none yet.

    Errors:  FeedUnderWay, ReleaseNotThere, ReleaseAltered.
    """
    editions = Editions(made_folder(feed), period)
    with alone(feed):
        editions.settle()
        return _standing(editions, keys)


def _standing(editions: Editions, keys: Keys) -> Before | None:
    """Return the edition in force, read back; None before the first.

    Errors: ReleaseNotThere, ReleaseAltered, of one that was replaced and put back too.
    """
    if not editions.current.exists():
        return None
    standing = read_edition(editions.current, keys)
    later = [number for number in editions.numbers() if number >= standing.number]
    if later:
        raise ReleaseAltered(
            f"{editions.current.as_posix()} is edition {standing.number}, which was replaced: "
            f"edition {later[-1]} lies in {editions.earlier.as_posix()}"
        )
    return standing


def read_edition(folder: Path, keys: Keys) -> Before:
    """Return a published edition, its signature and digests verified.

    One that a revoked key signed is read, and is not believed: it does not stay in force.

    Errors:  ReleaseNotThere, ReleaseAltered.
    """
    said = verified(folder, {*keys.trusted, *keys.ever})
    ours = said["viaduct"]
    tables = {path.stem: rows_of(path.read_bytes()) for path in _parquet(folder, said)}
    figures = [rows for rows in tables.values() if set(KEY) < set(rows.columns) and "value" in rows.columns]
    return Before(
        folder=folder,
        number=ours["edition"],
        believed=is_signed(folder, keys.trusted),
        batch=ours["as_of_batch"] or 0,
        definitions_sha256=ours["definitions"],
        described_sha256=sha256((folder / NAME).read_bytes()),
        figures=pl.concat(figures) if figures else none_yet(),
        dictionary=tables["dictionary"],
        revisions=tables[REVISIONS],
    )


def _parquet(folder: Path, said: Mapping[str, Any]) -> Iterator[Path]:
    return (folder / each["path"] for each in said["resources"] if each["format"] == "parquet")


def _draft(contents: Contents, before: Before | None, why: Why) -> tuple[Draft, int]:
    if before is None:
        return Draft(contents, 1, none_yet(), None), 0
    now = pl.concat([sheet.rows for sheet in contents.figures()])
    differing = changed(before.figures, now)
    same = differing.is_empty() and contents.definitions_sha256() == before.definitions_sha256
    if same and before.believed:
        return Draft(contents, before.number, before.revisions, None), 0
    number = before.number + 1
    revised = explained(differing, why(before), number)
    rows = pl.concat([before.revisions, revised.cast(before.revisions.schema)])
    return Draft(contents, number, rows, before.described_sha256), len(revised)


def _files(draft: Draft, signer: Signer, pages: Pages | None) -> dict[str, bytes]:
    """Return every file of the edition by name. Errors: ReleaseUnsound."""
    contents, sheets = draft.contents, draft.sheets()
    if wrong := unsound(sheets):
        raise ReleaseUnsound("\n".join(wrong))
    files = {f"{sheet.name}.csv": csv_of(sheet) for sheet in sheets}
    files |= {f"{sheet.name}.parquet": parquet_of(sheet) for sheet in sheets}
    page = dictionary_page(contents.title, contents.definitions, sheets, contents.breaks)
    files[DICTIONARY] = page.encode()
    files[CONTRACT] = contract(contents.title, sheets, contents.publisher, contents.as_of)
    files |= pages(draft) if pages else {}
    edition = Edition(
        contents.period, draft.number, contents.as_of, contents.definitions_sha256(), draft.replaces
    )
    described = descriptor(contents.title, edition, sheets, files, contents.publisher, sample=contents.sample)
    return {**files, NAME: described, SIGNATURE_NAME: sign(described, signer)}


@contextmanager
def alone(feed: Path) -> Iterator[None]:
    """Hold the folder of all releases while the block runs. Errors: FeedUnderWay."""
    try:
        with FileLock(feed / ".lock", timeout=0):
            yield
    except Timeout:
        raise FeedUnderWay(feed.as_posix()) from None
