"""The table of links: which link each person is known by, so that it is the same on every night.

A link is named once, by a keyed digest, and keeps its name whoever joins or leaves. Where two links meet, the
older goes on and the other is remembered with those who had it; where people turn out to be two, the part
that had it first, or most of them, keeps the link, and the other gets back its own, or a new one.
"""

from collections.abc import Collection
from pathlib import Path

import polars as pl

from common.files import write_atomic
from sharing.keyed import hmac_sha256_16
from sync.cases import as_parquet
from sync.errors import StateUnreadable
from sync.linking.linked import PEOPLE, TABLE, Linked

OF_PERSON, OF_LINK = "viaduct person\x1f", "viaduct link\x1f"
FIRST = 0
"""The generation of a link whose name nobody has had: made anew from nothing, it is named alike."""


def links_path(state: Path) -> Path:
    """Return where the table is kept."""
    return state / "links.parquet"


def read_links(state: Path) -> pl.DataFrame:
    """Return the table as it was last kept, empty before the first night. Errors: StateUnreadable."""
    path = links_path(state)
    if not path.exists():
        return TABLE.to_frame()
    try:
        return pl.read_parquet(path).select(pl.col(name).cast(kind) for name, kind in TABLE.items())
    except (pl.exceptions.PolarsError, OSError):
        pass
    raise StateUnreadable(f"state/{path.name}")


def keep_links(state: Path, table: pl.DataFrame, key: bytes, forgotten: pl.Series) -> None:
    """Write the table down, without the people whose digests are given. Errors: StateUnreadable."""
    now = table.filter(~pl.col("person").is_in(person_keys(forgotten, key).implode())).sort("person")
    if not links_path(state).exists() or not now.equals(read_links(state)):
        write_atomic(links_path(state), as_parquet(now))


def drop_link(state: Path, person: int, key: bytes) -> None:
    """Keep no link of somebody any more who is forgotten. Errors: StateUnreadable."""
    if links_path(state).exists():
        keep_links(state, read_links(state), key, pl.Series("person", [person], dtype=pl.UInt64))


def person_keys(people: pl.Series, key: bytes) -> pl.Series:
    """Return the digests under which the table knows these people."""
    return hmac_sha256_16(people.cast(pl.String), key, OF_PERSON)


def unread(before: pl.DataFrame, tonight: pl.DataFrame, whole: Collection[str]) -> pl.DataFrame:
    """Return the rows of people who are not there tonight, and whose source was not read whole."""
    gone = before.join(tonight, left_on="person", right_on="keyed", how="anti")
    return gone.filter(~pl.col("source").is_in(list(whole)))


def mates_of(absent: pl.DataFrame, before: pl.DataFrame, tonight: pl.DataFrame) -> pl.DataFrame:
    """Return DataFrame[person, mark]: people of tonight whose link somebody has who was not read."""
    held = before.filter(pl.col("link").is_in(absent["link"].unique().implode()))
    met = tonight.join(held.select("person", "link"), left_on="keyed", right_on="person")
    return met.select("person", mark=pl.struct("link").hash(seed=11))


def settle(
    tonight: pl.DataFrame,
    before: pl.DataFrame,
    absent: pl.DataFrame,
    absorbed: pl.DataFrame,
    key: bytes,
) -> Linked:
    """Return the link of everybody tonight, and the table after it.

    Given: `tonight` DataFrame[person, keyed, source, label], equal labels being one person; `before` the
           table; `absent` its rows that stay as they are; `absorbed` DataFrame[person, label]: keyed digests
           of records that are gone into another, and the label of that one.
    """
    night = _night(before)
    had = before.select("person", "link", "was", "founded", "since")
    met = tonight.join(had, left_on="keyed", right_on="person", how="left", maintain_order="left")
    gone = absorbed.join(had, on="person").select("label", "link", "was", "founded", "since", keyed="person")
    claims = pl.concat([met.select(gone.columns), gone]).drop_nulls("link")
    won = _won(claims, "link")
    chosen = won.sort("label", "founded", "link").unique("label", keep="first", maintain_order=True)
    chosen = chosen.select("label", "link", "founded")
    rest = met.join(chosen, on="label", how="anti")
    back = _had_before(rest, before)
    fresh = _fresh(rest.join(back, on="label", how="anti"), before, key, night)
    named = pl.concat(
        [chosen.with_columns(met=True), back.with_columns(met=False), fresh.with_columns(met=False)]
    )
    now = met.rename({"link": "_link", "founded": "_founded"}).join(named, on="label", how="left")
    moved = pl.col("_link").is_not_null() & (pl.col("_link") != pl.col("link"))
    was = pl.when(moved & pl.col("met")).then("_link").when(~moved.fill_null(value=False)).then("was")
    rows = now.with_columns(was=was, since=pl.col("since").fill_null(night))
    table = pl.concat([rows.rename({"person": "_digest", "keyed": "person"}).select(list(TABLE)), absent])
    people = rows.select("person", linked=pl.col("link").bin.encode("hex"))
    return Linked(people.cast(PEOPLE), table.cast(TABLE).sort("person"))


def _night(before: pl.DataFrame) -> int:
    """Return the number of this night: one more than any that the table tells of."""
    last = before.select(pl.max_horizontal(pl.col("since").max(), pl.col("founded").max())).item()
    return 1 if last is None else int(last) + 1


def _won(claims: pl.DataFrame, link: str) -> pl.DataFrame:
    """Return DataFrame[label, link, founded]: of each link the group that keeps it.

    The one with most of the people who never had another; of equal ones the one with most people, and that
    of who has been there longest.
    """
    native = pl.col("was").is_null().sum()
    held = claims.group_by(pl.col(link).alias("link"), "label").agg(
        native.alias("native"),
        pl.len().alias("many"),
        pl.col("since").min(),
        pl.col("keyed").min(),
        pl.col("founded").min(),
    )
    order = held.sort(
        "link", "native", "many", "since", "keyed", descending=[False, True, True, False, False]
    )
    return order.unique("link", keep="first", maintain_order=True).select("label", "link", "founded")


def _had_before(rest: pl.DataFrame, before: pl.DataFrame) -> pl.DataFrame:
    """Return DataFrame[label, link, founded] of groups that get back a link that nobody has any more."""
    free = rest.filter(pl.col("was").is_not_null() & ~pl.col("was").is_in(before["link"].unique().implode()))
    won = _won(free, "was").sort("label", "founded", "link")
    return won.unique("label", keep="first", maintain_order=True)


def _fresh(rest: pl.DataFrame, before: pl.DataFrame, key: bytes, night: int) -> pl.DataFrame:
    """Return DataFrame[label, link, founded] of groups that never had one, or none that is left for them."""
    founders = rest.group_by("label").agg(pl.col("keyed").min()).sort("label")
    taken = pl.concat([before["link"], before["was"]]).drop_nulls().unique()
    first = _named(founders["keyed"], key, FIRST)
    again = first.is_in(taken.implode())
    link = _named(founders["keyed"], key, night).zip_with(again, first) if again.any() else first
    return founders.select("label", link=pl.lit(link), founded=pl.lit(night, pl.UInt32))


def _named(founders: pl.Series, key: bytes, generation: int) -> pl.Series:
    return hmac_sha256_16(founders.bin.encode("hex"), key, f"{OF_LINK}{generation}\x1f").alias("link")
