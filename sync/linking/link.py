"""Linking on one night: from every source's notes, and what is remembered, to whose records are whose."""

from collections.abc import Collection, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Protocol

import polars as pl

from sharing.document import SamePerson
from sharing.vocabulary import Probabilistic
from sync.linking.agreeing import PROVES, groups, one_each, with_weighed
from sync.linking.linked import TABLE, Linked
from sync.linking.notes import PLACES, WHO, LinkNotes
from sync.linking.table import mates_of, person_keys, read_links, settle, unread
from sync.linking.weighing import CLEAR, Weighed, weigh
from sync.linking.within import told_within


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
    who, places = _who(parts), _places(parts)
    who = who.with_columns(keyed=person_keys(who["person"], key))
    before = before.filter(pl.col("source").is_in(list(said.sources)))
    absent = unread(before, who, whole)
    rules = [frozenset(rule.agree_in) for rule in said.deterministic]
    stated = _absorbed(parts)
    mates = mates_of(absent, before, who)
    proves = ("number",) if said.probabilistic is Probabilistic.SPLINK else PROVES
    found, torn = groups(who, places, rules, _as_marks(stated, who), mates, proves=proves)
    agreed = who.join(found, on="person", how="left").with_columns(label=pl.coalesce("label", "person"))
    weighed = _weighed(said, parts)
    labelled = _with_pairs(said, agreed, weighed, mates["person"])
    tonight = labelled.select("person", "keyed", "source", "label").sort("keyed")
    gone = stated.join(tonight.select("person", "label"), on="person").join(
        tonight.select(lost="person"), on="lost", how="anti"
    )
    lost = gone.select(person=person_keys(gone["lost"], key), label="label")
    stays = absent.join(lost, on="person", how="anti")
    counts = _counts(said, agreed, labelled, weighed) | {"contradicting": torn}
    within = told_within(who, places, rules, weighed.pairs.filter("alike"), stated, proves=proves)
    return replace(settle(tonight, before, stays, lost, key), within=within, counts=counts)


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


def _weighed(said: SamePerson, parts: Mapping[str, Notes]) -> Weighed:
    """Return the pairs that are probable enough to be linked, or told to the provider of both."""
    if said.probabilistic is not Probabilistic.SPLINK:
        return Weighed()
    clear = pl.concat([CLEAR.to_frame(), *(part.identity.give_clear() for part in parts.values())])
    return weigh(clear, said.tell_from or said.link_from or 1.0)


def _with_pairs(said: SamePerson, agreed: pl.DataFrame, weighed: Weighed, frozen: pl.Series) -> pl.DataFrame:
    """Return everybody with the groups put together that a pair joins; a pair only told of joins nobody."""
    linking = weighed.from_on(said.link_from or 1.0)
    return agreed if linking.is_empty() else with_weighed(agreed, linking, frozen)


def _counts(
    said: SamePerson, agreed: pl.DataFrame, labelled: pl.DataFrame, weighed: Weighed
) -> dict[str, int]:
    """Return how many records there are, and what became of those that agree and of the pairs weighed."""
    label = labelled.select("person", "label")
    probable = weighed.pairs.filter(pl.col("probability") >= (said.link_from or 1.0))
    ends = probable.join(label, left_on="first", right_on="person").join(
        label, left_on="second", right_on="person", suffix=" second"
    )
    people = agreed["label"].n_unique()
    return {
        "records": agreed.height,
        "agreeing": agreed.height - people,
        "compared": weighed.compared,
        "weighed": people - labelled["label"].n_unique(),
        "refused": ends.filter(pl.col("label") != pl.col("label second")).height,
    }


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
