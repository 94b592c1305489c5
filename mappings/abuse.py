"""Which rows by themselves reveal domestic abuse: true, false, or null where it cannot be excluded."""

import polars as pl

from canonical import unreadable_bit
from mappings.links import follow, for_distinct
from mappings.lookups import Directory

LOT = "L8-DA"
CODES = ("SOC.DA", "SOC.DAP")
RISK = "domestic_abuse"


def reveal(tables: dict[str, pl.DataFrame], directory: Directory) -> dict[str, pl.DataFrame]:
    """Return the tables with `reveals_abuse` where a row tells it without another.

    Given: referrals that know their target service. Contacts, episodes and forms, which reveal
           through their referral, are left as they are.
    """
    told = dict(tables)
    services, organisations = service_marks(directory), organisation_marks(directory)
    if "referral" in told:
        referrals = told["referral"]
        asked = ["_source", "target_service_id"]
        mark = for_distinct(
            referrals, asked, lambda rows: _marks(rows, "target_service_id", services).to_frame()
        )
        told["referral"] = referrals.with_columns(mark.to_series().alias("reveals_abuse"))
    for entity, code in (("need", "need_code"), ("risk", "risk_code")):
        if entity in told:
            told[entity] = told[entity].with_columns(reveals_abuse=_code(code))
    if "advice" in told:
        told["advice"] = told["advice"].with_columns(reveals_abuse=_code_if_given("advice", "subcategory"))
    for entity in ("signposting", "onward_referral"):
        if entity in told:
            told[entity] = _sent_on(entity, told[entity], services, organisations)
    return told


def service_marks(directory: Directory) -> pl.DataFrame:
    """Return, by source and reference, whether each service is for people affected by domestic abuse."""
    return _strictest(directory.services.select("_source", "_reference", mark=_for_abuse()))


def organisation_marks(directory: Directory) -> pl.DataFrame:
    """Return, by source and reference, whether each organisation is, or runs a service, for them."""
    typed = directory.organisations.select("_source", "_reference", mark="_domestic_abuse")
    running = directory.services.select("_source", _reference="org_id", mark=_for_abuse())
    return _strictest(pl.concat([typed, running]))


def _for_abuse() -> pl.Expr:
    return (pl.col("lot_code") == LOT).fill_null(False) | pl.col("domestic_abuse")


def _strictest(marked: pl.DataFrame) -> pl.DataFrame:
    """Return one mark for each reference: true before unknown, unknown before false."""
    unknown = pl.col("mark").is_null().any()
    mark = pl.when(pl.col("mark").any()).then(True).when(unknown).then(None).otherwise(False)
    return marked.group_by("_source", "_reference").agg(mark.alias("mark"))


def _marks(table: pl.DataFrame, link: str, marks: pl.DataFrame) -> pl.Series:
    """Return the mark of the row each record links to; null where the link is blank or leads nowhere."""
    return marks["mark"].gather(follow([(table, link)], marks)[0])


def _sent_on(
    entity: str, table: pl.DataFrame, services: pl.DataFrame, organisations: pl.DataFrame
) -> pl.DataFrame:
    organisation = _marks(table, "to_org_id", organisations).alias("_organisation")
    service = _marks(table, "to_service_id", services).alias("_service")
    unnamed = pl.col("to_service_id").is_null() & ~_unread(entity, "to_service_id")
    reveals = pl.col("_organisation") | pl.when(unnamed).then(False).otherwise(pl.col("_service"))
    if entity == "signposting":
        reveals |= _code_if_given(entity, "reason_code")
    marked = table.with_columns(organisation, service).with_columns(reveals_abuse=reveals)
    return marked.drop("_organisation", "_service")


def _code(name: str) -> pl.Expr:
    return pl.col(name).is_in([*CODES, RISK])


def _code_if_given(entity: str, name: str) -> pl.Expr:
    """Return whether the code says so; a code that was not given says nothing, an unreadable one may."""
    blank = pl.col(name).is_null() & ~_unread(entity, name)
    return pl.when(blank).then(False).otherwise(_code(name))


def _unread(entity: str, name: str) -> pl.Expr:
    return (pl.col("_unreadable").fill_null(0) & pl.lit(1 << unreadable_bit(entity, name), pl.UInt64)) != 0
