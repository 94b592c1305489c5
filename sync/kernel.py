"""Pass two: a pure function of (a partition of whole people, the index).

It completes the records, asks every check and decides every flow. The same function serves one
partition or a hundred; what it finds and releases does not depend on how people were divided.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

import polars as pl

import quality
from canonical import ENTITIES, UNBELIEVED, polars_schema
from mappings import Directory, derive
from sync.beyond import Beyond
from sync.cases import NONE
from sync.digests import Digest
from sync.people import PeopleIndex

UNCERTAIN = "ENT-01"
SHIFTED = "MAP-03"
PORTAL_LINK = "REF-16"
OF_TWO_RECORDS = "ADR-06"
OWN = ("person", "person_identifier", "address", "characteristics")
STILL_ASKED = ("PER-12", "PER-20", UNCERTAIN, SHIFTED, "LNK-01")
ALWAYS = ("person", "referral")
"""Entities that others are looked up in; one that no row is of costs nothing."""
TECHNICAL = {
    "_source": pl.String,
    "_reference": pl.String,
    "_person": pl.String,
    "_row": pl.UInt32,
    "_unreadable": pl.UInt64,
    "_export": pl.UInt8,
    "_bucket": pl.UInt16,
    "_primary": pl.Boolean,
}


@dataclass(frozen=True)
class Around:
    """What the kernel may know beside the partition: the index, and organisations and services whole.

    anonymised: digests of people who are anonymised at the source though no flag says so.
    """

    index: PeopleIndex
    digest: Digest
    directory: Directory
    beyond: Beyond = field(default_factory=Beyond)
    anonymised: pl.Series = field(default_factory=NONE.clone)


@dataclass
class Examined:
    """A partition after its checks: tables, findings, what could not be answered, what was counted."""

    tables: dict[str, pl.DataFrame]
    findings: pl.DataFrame
    unknown: pl.DataFrame
    undecided: pl.DataFrame
    counted: quality.Inspected


def examine(parts: dict[str, list[pl.DataFrame]], around: Around, facts: quality.Facts) -> Examined:
    """Return the partition's records completed and checked.

    Given: per entity the mapped rows, repeats already dropped, in any order. They are used up: what was
           stacked is let go of, so that no partition stands in memory twice.
    """
    wanted = [entity for entity in ENTITIES if entity in parts or entity in ALWAYS]
    tables = {entity: _stacked(entity, parts.pop(entity, [])) for entity in wanted}
    tables = _resolve_people(tables)
    tables = derive.complete(tables, around.directory)
    tables = around.beyond.tell(tell(tables, around.index, around.digest), around.digest)
    tables["person"] = _recognised(tables["person"], around)
    inspected = quality.inspect(tables, facts)
    held = {entity: _hold_unbelieved(_hold_uncertain(table)) for entity, table in inspected.tables.items()}
    held["referral"] = _hold_unasked(held["referral"])
    shifted = [_shifted(entity, table) for entity, table in held.items()]
    findings = _of_the_identified(pl.concat([inspected.findings, *shifted]), held)
    findings = _once_for_a_cell(findings, held)
    return Examined(held, findings, inspected.unknown, inspected.undecided, replace(inspected, tables={}))


def _hold_unbelieved(table: pl.DataFrame) -> pl.DataFrame:
    """Hold every record made from a row of which a cell stands in the wrong column."""
    doubted = pl.col("_unreadable").fill_null(0) >= UNBELIEVED
    if not table.select(doubted.any()).item():
        return table
    named = pl.when(doubted).then(pl.lit(SHIFTED)).otherwise("_held_by")
    return table.with_columns((pl.col("_held") | doubted).alias("_held"), named.alias("_held_by"))


def _shifted(entity: str, table: pl.DataFrame) -> pl.DataFrame:
    """Return the findings of rows that are not believed; each row is told of once."""
    check = quality.check_named(SHIFTED)
    rows = table.filter((pl.col("_held_by") == SHIFTED) & pl.col("_primary"))
    return rows.select(
        source=pl.col("_source"),
        entity=pl.lit(entity),
        reference=pl.col("_reference"),
        row=pl.col("_row"),
        check=pl.lit(check.id),
        field=pl.lit(check.field),
        severity=pl.lit(check.severity.value),
        effect=pl.lit(check.effect.value),
        other=pl.lit(""),
    )


def _hold_uncertain(table: pl.DataFrame) -> pl.DataFrame:
    """Hold every record made from a row whose reference stands on another row with different content."""
    uncertain = pl.col("_reference_repeated").fill_null(value=False)
    if not table.select(uncertain.any()).item():
        return table
    named = pl.when(uncertain & pl.col("_held_by").is_null()).then(pl.lit(UNCERTAIN)).otherwise("_held_by")
    return table.with_columns((pl.col("_held") | uncertain).alias("_held"), named.alias("_held_by"))


def _hold_unasked(referrals: pl.DataFrame) -> pl.DataFrame:
    """Hold portal referrals whose parent could not be asked for tonight; what was sent of them stays."""
    open_link = pl.col("parent_referral_id").is_not_null() & pl.col("_parent_known").is_null()
    unasked = open_link & ~pl.col("_held")
    named = pl.when(unasked).then(pl.lit(PORTAL_LINK)).otherwise("_held_by")
    return referrals.with_columns((pl.col("_held") | unasked).alias("_held"), named.alias("_held_by"))


def _recognised(persons: pl.DataFrame, around: Around) -> pl.DataFrame:
    """Return the people, those anonymised who are found to be so; `_recognised`, that no flag says it."""
    gone = around.digest.person("_reference").is_in(around.anonymised.implode())
    flagged = pl.col("anonymised").fill_null(value=False)
    return persons.with_columns(
        _recognised=gone & ~flagged, anonymised=pl.when(gone).then(pl.lit(value=True)).otherwise("anonymised")
    )


def erased_records(tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return DataFrame[source, entity, reference] of what is anonymised people's own. Given: whole people."""
    persons = tables["person"].filter(pl.col("anonymised").fill_null(value=False))
    names = ["_source", "_owner"]
    who = persons.select("_source", _owner="_reference").unique()
    found = [pl.DataFrame(schema=dict.fromkeys(("source", "entity", "reference"), pl.String))]
    for entity in OWN if not who.is_empty() else ():
        if entity in tables:
            owner = "_reference" if entity == "person" else "_person"
            rows = (
                tables[entity].select("_source", "_reference", _owner=owner).join(who, on=names, how="semi")
            )
            found.append(rows.select(source="_source", entity=pl.lit(entity), reference="_reference"))
    return pl.concat(found).drop_nulls().unique()


def _of_the_identified(findings: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the findings without those about what an anonymised person's own records hold or lack.

    Nobody is asked to fill in what was erased; what is said of a reference, or of a whole row, stays.
    """
    erased = erased_records(tables)
    if erased.is_empty():
        return findings
    asked = findings.filter(pl.col("check").is_in(STILL_ASKED))
    rest = findings.filter(~pl.col("check").is_in(STILL_ASKED))
    return pl.concat([asked, rest.join(erased, on=["source", "entity", "reference"], how="anti")])


def _once_for_a_cell(findings: pl.DataFrame, tables: Mapping[str, pl.DataFrame]) -> pl.DataFrame:
    """Return the findings without an address's of its UPRN, where the person's of the same row says it.

    One cell is one thing to mend and one line to answer. Both fields are left out of what is sent.
    """
    asked = pl.col("check") == OF_TWO_RECORDS
    if findings.filter(asked)["entity"].n_unique() < 2:
        return findings
    names = ["source", "reference", "row"]
    made_from = {
        entity: tables[entity].select(source="_source", reference="_reference", row="_row", _export="_export")
        for entity in ("person", "address")
    }
    told = {
        entity: findings.filter(asked, pl.col("entity") == entity).join(rows.unique(), on=names)
        for entity, rows in made_from.items()
    }
    again = told["address"].join(told["person"], on=["source", "row", "_export"], how="semi")
    return findings.join(again, on=["entity", "check", *names], how="anti", maintain_order="left")


def _stacked(entity: str, parts: list[pl.DataFrame]) -> pl.DataFrame:
    empty = pl.DataFrame(schema=polars_schema(entity) | TECHNICAL | {"_reference_repeated": pl.Boolean})
    if not parts:
        return empty
    table = pl.concat(parts, how="diagonal")
    table = pl.concat([empty, table], how="diagonal")
    secondary = ~pl.col("_primary")
    if table.select(secondary.any()).item():
        table = table.sort("_row", maintain_order=True).filter(
            pl.col("_primary") | pl.struct("_source", "_reference").is_last_distinct()
        )
    return table


def _resolve_people(tables: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    """Give every row of a referral the referral's person; keep the person the row itself names."""
    owners = tables["referral"].select(
        "_source", pl.col("_reference").alias("referral_id"), pl.col("_person").alias("_owner")
    )
    owners = owners.unique()
    owners = owners.filter(~pl.struct("_source", "referral_id").is_duplicated())
    resolved = {}
    for entity, table in tables.items():
        if entity == "referral" or "referral_id" not in table.columns:
            resolved[entity] = table
            continue
        met = table.join(owners, on=["_source", "referral_id"], how="left", maintain_order="left")
        owner = pl.coalesce("_owner", "_person")
        changes = [pl.col("_person").alias("_row_person"), owner.alias("_person")]
        if "person_id" in table.columns:
            changes.append(pl.coalesce("person_id", "_owner").alias("person_id"))
        resolved[entity] = met.with_columns(changes).drop("_owner")
    return resolved


def tell(tables: dict[str, pl.DataFrame], index: PeopleIndex, digest: Digest) -> dict[str, pl.DataFrame]:
    """Add what the index knows: household, safety flag, links, shared numbers, the referrals others name."""
    people = link(flag(tables["person"], index, digest), index, digest)
    people = people.with_columns(_mark=digest.person("_reference"))
    own_household = pl.col("_source") + ":" + pl.col("_reference")
    people = people.drop("household_id").join(
        index.households, left_on="_mark", right_on="person", how="left", maintain_order="left"
    )
    tables["person"] = people.with_columns(
        household_id=pl.coalesce("household_id", own_household),
        share_council=pl.when(~pl.col("_mark").is_in(index.doubted.implode())).then("share_council"),
        _nhs_shared=pl.col("_mark").is_in(index.shared.implode()),
    ).drop("_mark")
    tables["referral"] = _tell_cases(_tell_parents(tables["referral"], index, digest), index, digest)
    return tables


def flag(persons: pl.DataFrame, index: PeopleIndex, digest: Digest) -> pl.DataFrame:
    """Return the people with the safety flag as far as each rule lets it reach."""
    mark = digest.person("_reference")

    def under(flagged: pl.Series) -> pl.Expr:
        return pl.lit(value=True) if index.everyone else mark.is_in(flagged.implode())

    narrower = {column: under(reached) for column, reached in index.narrower.items()}
    return persons.with_columns(safety_flag=under(index.flagged), **narrower)


def link(persons: pl.DataFrame, index: PeopleIndex, digest: Digest) -> pl.DataFrame:
    """Return the people with the link each is known by, where there is one."""
    marked = persons.with_columns(_mark=digest.person("_reference"))
    met = marked.join(
        index.linked.people, left_on="_mark", right_on="person", how="left", maintain_order="left"
    )
    return met.with_columns(linked_person_id=pl.coalesce("linked", "linked_person_id")).drop(
        "_mark", "linked"
    )


def _tell_cases(referrals: pl.DataFrame, index: PeopleIndex, digest: Digest) -> pl.DataFrame:
    """Let a referral tell of abuse where one of its rows does, or the referral that it came from."""
    own = digest.of(pl.col("_source"), pl.col("_reference")).is_in(index.telling.implode())
    parent = digest.elsewhere("parent_referral_id").is_in(index.telling.implode())
    tells = (own | parent.fill_null(value=False)).fill_null(value=True)
    return referrals.with_columns(
        reveals_abuse=pl.when(tells).then(pl.lit(value=True)).otherwise("reveals_abuse")
    )


def _tell_parents(referrals: pl.DataFrame, index: PeopleIndex, digest: Digest) -> pl.DataFrame:
    parent = pl.col("parent_referral_id")
    marked = referrals.with_columns(_parent=digest.elsewhere("parent_referral_id"))
    met = marked.join(
        index.parents.with_columns(_found=pl.lit(value=True)),
        left_on="_parent",
        right_on="parent",
        how="left",
        maintain_order="left",
    )
    whole = parent.str.split(":").list.first().is_in(sorted(index.whole_sources))
    known = (
        pl.when(pl.col("_found"))
        .then(pl.lit(value=True))
        .when(parent.is_not_null() & whole)
        .then(pl.lit(value=False))
    )
    return met.with_columns(_parent_known=known).drop("_parent", "_found")
