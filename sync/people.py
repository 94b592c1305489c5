"""Pass one's index: what crosses people, kept as seeded digests that are never written as they are.

Digests are 64-bit, seeded by the site's memory key. Two records that share one are taken to be of one place.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

import polars as pl

from sharing.vocabulary import Scope
from sync.alike import plain
from sync.cases import NONE, note_cases
from sync.components import components
from sync.digests import Digest, stable_hash
from sync.linking.linked import Linked
from sync.linking.notes import LinkNotes
from sync.numbers import NumberNotes
from sync.proof_notes import ProofNotes

__all__ = ["Digest", "PeopleIndex", "SourceNotes", "build_index", "stable_hash", "take_notes"]

NO_GROUNDS: Mapping[str, pl.Expr] = {}
NO_REACHES: Mapping[str, frozenset[Scope]] = {}
EMPTY_NOTES = {"person": pl.UInt64, "kind": pl.UInt8, "mark": pl.UInt64}
ADDRESS, UPRN, NUMBER, RELATION, PARENTAGE = range(1, 6)
HOUSEHOLD_KINDS = (ADDRESS, UPRN, RELATION)
KINDS_OF = {Scope.SAME_ADDRESS: (ADDRESS, UPRN), Scope.LINKED_CHILDREN: (PARENTAGE,)}
PARENTS = ("parent_of", "child_of")


@dataclass
class SourceNotes:
    """What one source says that crosses people.

    names:     DataFrame[person, reference]: digest and CRM reference of every person record.
    absorbed:  DataFrame[lost, person]: a record that was merged away, and the one it is now part of.
    links:     DataFrame[person, kind, mark]: people with an equal (kind, mark) belong together.
    flagged:   digests of people whose own rows prove, or cannot exclude, the safety flag.
    grounds:   DataFrame[person, ground] of them: which of the two it was (`sharing.Ground`).
    referrals: DataFrame[referral, person, received_at].
    telling:   digests of referrals of which a row tells of abuse; `came_from`: case and origin.
    doubted:   digests of people of whom an answer about consent came in a row that could not be taken.
    proofs:    which row stands for what of all this; `numbers`: NHS numbers, where the opt-out is asked for;
               `identity`: by what people are known for the same, where the assessment links them.
    """

    names: list[pl.DataFrame] = field(default_factory=list)
    absorbed: list[pl.DataFrame] = field(default_factory=list)
    links: list[pl.DataFrame] = field(default_factory=list)
    flagged: list[pl.Series] = field(default_factory=list)
    grounds: list[pl.DataFrame] = field(default_factory=list)
    flagged_referrals: list[pl.Series] = field(default_factory=list)
    referrals: list[pl.DataFrame] = field(default_factory=list)
    telling: list[pl.Series] = field(default_factory=list)
    came_from: list[pl.DataFrame] = field(default_factory=list)
    doubted: list[pl.Series] = field(default_factory=list)
    proofs: ProofNotes = field(default_factory=ProofNotes)
    numbers: NumberNotes = field(default_factory=NumberNotes)
    identity: LinkNotes = field(default_factory=LinkNotes)


@dataclass(frozen=True)
class PeopleIndex:
    """What pass two may know about people outside its partition.

    households: DataFrame[person, household_id], only of households of two records or more.
    flagged:    digests of people under the safety flag, households included.
    shared:     digests of people who share a valid NHS number with another of their source.
    parents:    DataFrame[parent, _parent_received_at] of referrals that others may name.
    everyone:   whether the flag must be taken as set for all (a source never seen is missing).
    telling:    digests of referrals that tell of abuse, by any of their rows.
    doubted:    digests of people whose consent is not known for certain.
    narrower:   digests of people under the flag as far as a rule of narrower scope lets it reach, by column.
    linked:     whose records are the same person's.
    """

    households: pl.DataFrame
    flagged: pl.Series
    shared: pl.Series
    parents: pl.DataFrame
    whole_sources: frozenset[str]
    everyone: bool = False
    telling: pl.Series = field(default_factory=NONE.clone)
    doubted: pl.Series = field(default_factory=NONE.clone)
    narrower: Mapping[str, pl.Series] = field(default_factory=dict)
    linked: Linked = field(default_factory=Linked)


def take_notes(
    notes: SourceNotes,
    tables: dict[str, pl.DataFrame],
    digest: Digest,
    own_flag: dict[str, pl.Expr],
    own_ground: Mapping[str, pl.Expr] = NO_GROUNDS,
) -> None:
    """Add one batch of mapped tables to the notes."""
    if "person" in tables:
        _note_people(notes, tables["person"], digest)
    if "address" in tables:
        _note_addresses(notes, tables["address"], digest)
    if "relationship" in tables:
        _note_relations(notes, tables["relationship"], digest)
    if "referral" in tables:
        referral = tables["referral"]
        notes.referrals.append(
            referral.select(_own(digest).alias("referral"), digest.person().alias("person"), "received_at")
        )
    note_cases(notes, tables, digest)
    for entity, rule in own_flag.items():
        if entity in tables and not tables[entity].is_empty():
            _note_flags(notes, tables[entity], digest, rule, own_ground.get(entity))


def _own(digest: Digest) -> pl.Expr:
    return digest.of(pl.col("_source"), pl.col("_reference"))


def _note_people(notes: SourceNotes, table: pl.DataFrame, digest: Digest) -> None:
    notes.names.append(table.select(_own(digest).alias("person"), pl.col("_reference").alias("reference")))
    if "_merged" in table.columns:
        merged = table.select("_source", "_merged", person=_own(digest))
        each = merged.explode("_merged", empty_as_null=True)
        notes.absorbed.append(each.select(lost=digest.person("_merged"), person="person").drop_nulls())
    number = plain(pl.col("nhs_number"))
    number = pl.when(valid_number(number)).then(number)
    notes.links.append(_link(table, _own(digest), NUMBER, digest.of(number)))


def valid_number(number: pl.Expr) -> pl.Expr:
    """Return whether the text is ten digits, not all the same (checks do the rest)."""
    return number.str.contains("^[0-9]{10}$") & (number != number.str.slice(0, 1).repeat_by(10).list.join(""))


def _note_addresses(notes: SourceNotes, table: pl.DataFrame, digest: Digest) -> None:
    notes.links.append(_link(table, digest.person(), ADDRESS, digest.of(place("line1"), place("postcode"))))
    if "uprn" in table.columns:
        notes.links.append(
            _link(table, digest.person(), UPRN, digest.of(pl.col("uprn").str.strip_chars_start("0")))
        )


def place(column: str) -> pl.Expr:
    """Return the words of an address as capitals and digits alone; null if nothing is left."""
    bare = plain(pl.col(column)).str.to_uppercase().str.replace_all(r"[^A-Z0-9]", "")
    return pl.when(bare != "").then(bare)


def _note_relations(notes: SourceNotes, table: pl.DataFrame, digest: Digest) -> None:
    pair = _own(digest)
    for end in ("person_id", "related_person_id"):
        notes.links.append(_link(table, digest.person(end), RELATION, pair))
        if "relation" in table.columns:
            family = pl.col("relation").is_in(PARENTS).fill_null(value=True)
            notes.links.append(_link(table.filter(family), digest.person(end), PARENTAGE, pair))


def _link(table: pl.DataFrame, person: pl.Expr, kind: int, mark: pl.Expr) -> pl.DataFrame:
    """Return links whose marks differ from those of every other kind."""
    apart = (kind * 0x9E3779B97F4A7C15) & 0xFFFFFFFFFFFFFFFF
    rows = table.select(
        person.alias("person"),
        pl.lit(kind, pl.UInt8).alias("kind"),
        (mark ^ pl.lit(apart, pl.UInt64)).alias("mark"),
    )
    return rows.drop_nulls()


def _note_flags(
    notes: SourceNotes, table: pl.DataFrame, digest: Digest, rule: pl.Expr, ground: pl.Expr | None
) -> None:
    flagged = table.filter(rule.fill_null(value=True))
    if flagged.is_empty():
        return
    owner = "_reference" if "given_name" in table.columns else "_person"
    notes.flagged.append(flagged.select(digest.person(owner).alias("p")).to_series().drop_nulls())
    if ground is not None:
        told = flagged.select(person=digest.person(owner), ground=ground)
        notes.grounds.append(told.drop_nulls().group_by("person").agg(pl.col("ground").min()))
    if "referral_id" in flagged.columns and owner == "_person":
        notes.flagged_referrals.append(
            flagged.select(digest.of(pl.col("_source"), pl.col("referral_id")).alias("r"))
            .to_series()
            .drop_nulls()
        )


def build_index(
    notes: dict[str, SourceNotes],
    whole_sources: frozenset[str],
    also_flagged: pl.Series | None,
    everyone: bool,
    telling: pl.Series = NONE,
    *,
    reaches: Mapping[str, frozenset[Scope]] = NO_REACHES,
    doubted: pl.Series = NONE,
) -> PeopleIndex:
    """Return the index of all sources together.

    Given: `also_flagged` are people flagged through a source that could not be read tonight; `telling`
           are the cases that tell of abuse; `reaches` are the scopes narrower than the household that
           rules ask for, by the column that will hold their flag; `doubted`
           are people whose answer is gone.
    """
    links = _stack([part for note in notes.values() for part in note.links], EMPTY_NOTES)
    referrals = _stack(
        [part for note in notes.values() for part in note.referrals],
        {"referral": pl.UInt64, "person": pl.UInt64, "received_at": pl.Datetime("us", "UTC")},
    )
    flagged = _flagged(notes, referrals, also_flagged, telling)
    households = components(links.filter(pl.col("kind").is_in(HOUSEHOLD_KINDS)))
    circles = components(pl.concat([links.filter(pl.col("kind") == NUMBER), _as_links(households)]))
    return PeopleIndex(
        households=_named_households(households, notes),
        flagged=_spread(flagged, circles),
        shared=_sharing_a_number(notes),
        parents=_parents(referrals),
        whole_sources=whole_sources,
        everyone=everyone,
        telling=telling,
        doubted=pl.concat(
            [NONE, doubted, *[part.alias("case") for note in notes.values() for part in note.doubted]]
        ).unique(),
        narrower={column: _spread(flagged, _circles(links, scope)) for column, scope in reaches.items()},
    )


def _circles(links: pl.DataFrame, scope: frozenset[Scope]) -> pl.DataFrame:
    """Return who belongs together as far as the scope reaches; the same person elsewhere always does."""
    kinds = [NUMBER, *(kind for each in scope for kind in KINDS_OF[each])]
    return components(links.filter(pl.col("kind").is_in(kinds)))


def _spread(flagged: pl.Series, circles: pl.DataFrame) -> pl.Series:
    """Return the flagged, and everybody of a circle that one of them is in."""
    touched = circles.filter(pl.col("person").is_in(flagged.implode()))["label"].unique()
    spread = circles.filter(pl.col("label").is_in(touched.implode()))["person"]
    return pl.concat([flagged, spread]).unique()


def _parents(referrals: pl.DataFrame) -> pl.DataFrame:
    """Return each referral with its instant; of one that stands on several rows, the earliest."""
    named = referrals.select(parent="referral", _parent_received_at="received_at")
    if not named["parent"].is_duplicated().any():
        return named
    return named.group_by("parent").agg(pl.col("_parent_received_at").min())


def _as_links(households: pl.DataFrame) -> pl.DataFrame:
    """Return households as groups of their own, so that numbers can join them into wider circles."""
    return _link(households, pl.col("person"), RELATION, pl.col("label"))


def _flagged(
    notes: dict[str, SourceNotes], referrals: pl.DataFrame, also: pl.Series | None, telling: pl.Series
) -> pl.Series:
    direct = [part for note in notes.values() for part in note.flagged]
    through = [part for note in notes.values() for part in note.flagged_referrals]
    cases = pl.concat([telling.alias("r"), *[part.alias("r") for part in through]])
    direct.append(referrals.filter(pl.col("referral").is_in(cases.implode()))["person"].drop_nulls())
    if also is not None:
        direct.append(also)
    return pl.concat([NONE.alias("p"), *[part.alias("p") for part in direct]]).unique()


def _sharing_a_number(notes: dict[str, SourceNotes]) -> pl.Series:
    shared = [pl.Series("person", [], dtype=pl.UInt64)]
    for note in notes.values():
        numbers = _stack(note.links, EMPTY_NOTES).filter(pl.col("kind") == NUMBER)
        twice = numbers.filter(pl.col("mark").is_duplicated()).unique()
        shared.append(twice.filter(pl.col("mark").is_duplicated())["person"])
    return pl.concat(shared).unique()


def _named_households(households: pl.DataFrame, notes: dict[str, SourceNotes]) -> pl.DataFrame:
    """Name each household by the first of its members, so that the name is the same every night."""
    columns = {"person": pl.UInt64, "label": pl.UInt64, "household_id": pl.String}
    named = [
        part.join(households, on="person").select(
            "person", "label", household_id=pl.lit(f"{source}:") + pl.col("reference")
        )
        for source, note in notes.items()
        for part in note.names
    ]
    members = _stack(named, columns)
    return members.select("person", pl.col("household_id").min().over("label")).unique("person")


def _stack(parts: list[pl.DataFrame], schema: Mapping[str, pl.DataType | type[pl.DataType]]) -> pl.DataFrame:
    return pl.concat([pl.DataFrame(schema=schema), *[part.select(list(schema)) for part in parts]])
