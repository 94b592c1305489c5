"""The invented people of the examples before a flow decides: in danger, linked, and in registers."""

import secrets
from dataclasses import dataclass, field
from pathlib import Path

import polars as pl

from common import clock
from sharing import Dpia, own_flag
from sharing.choices import Choice
from sharing.registers import Entry, Register, RegisterKey
from sharing.scope import narrower_flags
from sync import cases
from sync.digests import Digest
from sync.example_people import Invented, tables_of
from sync.kernel import tell
from sync.people import ADDRESS, PARENTAGE, RELATION, PeopleIndex, SourceNotes, build_index, take_notes
from sync.standing import KNOWN, Standing, standing_of

LINKS = {"household": (RELATION,), "same_address": (ADDRESS,), "linked_children": (RELATION, PARENTAGE)}
SET_ASIDE = "D-1"


@dataclass(frozen=True)
class Stage:
    """The invented people before any flow decides: their tables, and the registers that they stand in."""

    tables: dict[str, pl.DataFrame] = field(repr=False)
    standings: list[Standing] = field(repr=False)
    digest: Digest = field(repr=False)
    key: RegisterKey = field(repr=False)


def stage_of(dpia: Dpia, people: list[Invented]) -> Stage:
    """Return these people as a night finds them: whom danger reaches, and who stands in which register."""
    digest = Digest.under(secrets.token_bytes(32))
    tables = tables_of(people)
    index = _index(dpia, people, tables, digest)
    key = RegisterKey(secrets.token_bytes(32))
    standings = [
        standing_of(dpia, stop, *_register(Choice(stop.type), people, digest, key))
        for stop in dpia.person_stops
    ]
    return Stage(tell(tables, index, digest), standings, digest, key)


def _index(
    dpia: Dpia, people: list[Invented], tables: dict[str, pl.DataFrame], digest: Digest
) -> PeopleIndex:
    """Return the index of a night on which nobody but these people is known; examples do not meet."""
    sources = sorted({one.source for one in people})
    notes = {source: SourceNotes() for source in sources}
    for source, own in notes.items():
        of_source = {name: rows.filter(pl.col("_source") == source) for name, rows in tables.items()}
        take_notes(own, of_source, digest, own_flag(dpia, source))
    linked = _links(people, digest)
    apart = _apart(people, digest)
    for own in notes.values():
        own.links = [_kept_apart(links, apart) for links in own.links]
    notes[sources[0]].links.append(linked)
    telling = cases.telling(notes, Path(), [], b"")
    reaches = narrower_flags(dpia.safety)
    return build_index(notes, frozenset(sources), None, everyone=False, telling=telling, reaches=reaches)


def _apart(people: list[Invented], digest: Digest) -> pl.DataFrame:
    """Return a number per person that is the same within an example, and differs between examples."""
    named = pl.DataFrame(
        {
            "source": [one.source for one in people],
            "reference": [one.reference for one in people],
            "example": [f"example-{one.example}" for one in people],
        }
    )
    return named.select(
        person=digest.of(pl.col("source"), pl.col("reference")), salt=digest.of(pl.col("example"))
    )


def _kept_apart(links: pl.DataFrame, apart: pl.DataFrame) -> pl.DataFrame:
    """Return the links with marks that people of two examples cannot share, whatever they were given."""
    met = links.join(apart, on="person", how="left", maintain_order="left")
    return met.select("person", "kind", mark=pl.col("mark") ^ pl.col("salt").fill_null(0))


def _links(people: list[Invented], digest: Digest) -> pl.DataFrame:
    """Return the links that examples state, as the index knows them."""
    stated = [
        (one.source, who, kind, f"{one.mark}-{kind}")
        for one in people
        for kind in LINKS.get(one.linked_by, ())
        for who in (one.reference, f"person-e{one.example}")
    ]
    table = pl.DataFrame(
        stated,
        schema={"source": pl.String, "who": pl.String, "kind": pl.UInt8, "mark": pl.String},
        orient="row",
    )
    person = digest.of(pl.col("source"), pl.col("who"))
    return table.select(person=person, kind="kind", mark=digest.of(pl.col("mark")))


def _register(
    choice: Choice, people: list[Invented], digest: Digest, key: RegisterKey
) -> tuple[Register, pl.DataFrame]:
    """Return the register of a choice with those whom an example gives it, and who they are."""
    chosen = [one for one in people if choice.plain in one.given]
    named = pl.DataFrame(
        {
            "source": [one.source for one in chosen],
            "reference": [one.reference for one in chosen],
            "number": [str(one.given.get("person.nhs_number")) for one in chosen],
        },
        schema=dict.fromkeys(("source", "reference", "number"), pl.String),
    )
    who = named.select(person=digest.of(pl.col("source"), pl.col("reference"))).to_series()
    digests = key.digests(named["number"] if choice.by_number else who, choice).alias("digest")
    today = clock.today()
    entries = tuple(
        Entry(mark.hex(), today, decision="" if one.given[choice.plain] is True else SET_ASIDE)
        for one, mark in zip(chosen, digests, strict=True)
    )
    known = pl.concat([KNOWN, pl.DataFrame({"person": who, "digest": digests})])
    return Register(choice, today, key.mark, entries), known
