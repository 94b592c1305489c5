"""Linking on one night: from every source's notes, and what is remembered, to whose records are whose."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Protocol

import polars as pl

from sharing.document import SamePerson
from sharing.vocabulary import Probabilistic
from sync.linking.agreeing import PROVES, groups, one_each, with_weighed
from sync.linking.linked import TABLE, Linked
from sync.linking.notes import PLACES, WHO, LinkNotes
from sync.linking.table import mates_of, person_keys, read_links, settle, unread
from sync.linking.weighing import CLEAR, weigh


class Notes(Protocol):
    """What linking asks of a source's notes."""

    identity: LinkNotes
    absorbed: list[pl.DataFrame]


def link_people(
    said: SamePerson | None, notes: Mapping[str, Notes], whole: Collection[str], state: Path, key: bytes
) -> Linked:
    """Return who is whose tonight; nobody is anybody else's where the assessment does not say how to know.

    Given:  the sources read whole tonight: of these a person who is not there is gone.
    Errors: StateUnreadable.
    """
    before = read_links(state)
    if said is None:
        return Linked(table=TABLE.to_frame())
    parts = {source: notes[source] for source in said.sources if source in notes}
    who = _who(parts)
    who = who.with_columns(keyed=person_keys(who["person"], key))
    before = before.filter(pl.col("source").is_in(list(said.sources)))
    absent = unread(before, who, whole)
    rules = [frozenset(rule.agree_in) for rule in said.deterministic]
    stated = _absorbed(parts)
    mates = mates_of(absent, before, who)
    weighed = said.probabilistic is Probabilistic.SPLINK
    proves = ("number",) if weighed else PROVES
    found = groups(who, _places(parts), rules, _as_marks(stated, who), mates, proves=proves)
    labelled = who.join(found, on="person", how="left").with_columns(label=pl.coalesce("label", "person"))
    if weighed:
        labelled = with_weighed(labelled, _probable(said, parts), mates["person"])
    tonight = labelled.select("person", "keyed", "source", "label").sort("keyed")
    gone = stated.join(tonight.select("person", "label"), on="person").join(
        tonight.select(lost="person"), on="lost", how="anti"
    )
    lost = gone.select(person=person_keys(gone["lost"], key), label="label")
    stays = absent.join(lost, on="person", how="anti")
    return settle(tonight, before, stays, lost, key)


def _who(parts: Mapping[str, Notes]) -> pl.DataFrame:
    """Return everybody of these sources, a row each."""
    empty = pl.DataFrame(schema=WHO).with_columns(source=pl.lit(None, pl.String))
    told = [
        one_each(pl.concat([pl.DataFrame(schema=WHO), *part.identity.who])).with_columns(
            source=pl.lit(source)
        )
        for source, part in parts.items()
    ]
    return pl.concat([empty, *told])


def _places(parts: Mapping[str, Notes]) -> pl.DataFrame:
    return pl.concat(
        [pl.DataFrame(schema=PLACES), *(one for part in parts.values() for one in part.identity.places)]
    )


def _probable(said: SamePerson, parts: Mapping[str, Notes]) -> pl.DataFrame:
    """Return the pairs that are weighed as one person's, and are alike in what twins differ in."""
    clear = pl.concat([CLEAR.to_frame(), *(part.identity.give_clear() for part in parts.values())])
    return weigh(clear, said.link_from or 1.0).pairs.filter("alike")


def _absorbed(parts: Mapping[str, Notes]) -> pl.DataFrame:
    """Return DataFrame[lost, person]: records that their own source has merged into another."""
    empty = pl.DataFrame(schema={"lost": pl.UInt64, "person": pl.UInt64})
    return pl.concat([empty, *(one for part in parts.values() for one in part.absorbed)]).unique()


def _as_marks(stated: pl.DataFrame, who: pl.DataFrame) -> pl.DataFrame:
    """Return DataFrame[person, mark] of records that both are there still, though one was merged."""
    both = stated.join(who.select(lost="person"), on="lost", how="semi")
    ends = [
        both.select(person=end, mark=pl.struct("lost", "person").hash(seed=13)) for end in ("lost", "person")
    ]
    return pl.concat(ends)
