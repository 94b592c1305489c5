"""Which rows by themselves reveal domestic abuse: true, false, or null where it cannot be excluded."""

import polars as pl

from canonical import unreadable_bit
from mappings.lookups import Directory

LOT = "L8-DA"
CODES = ("SOC.DA", "SOC.DAP")
RISK = "domestic_abuse"
THROUGH_REFERRAL = ("contact", "service_episode", "outcome_measure")


def reveal(tables: dict[str, pl.DataFrame], directory: Directory) -> dict[str, pl.DataFrame]:
    """Return the tables with `reveals_abuse`.

    Given: canonical tables; referrals know their target service. Rows that reveal through their
           referral are told only where the referrals are among the tables.
    """
    told = dict(tables)
    services, organisations = service_marks(directory), organisation_marks(directory)
    if "referral" in told:
        told["referral"] = _marked(told["referral"], {"target_service_id": services})
    for entity, code in (("need", "need_code"), ("risk", "risk_code")):
        if entity in told:
            told[entity] = told[entity].with_columns(reveals_abuse=_code(code))
    if "advice" in told:
        told["advice"] = told["advice"].with_columns(reveals_abuse=_code_if_given("advice", "subcategory"))
    for entity in ("signposting", "onward_referral"):
        if entity in told:
            told[entity] = _sent_on(entity, told[entity], services, organisations)
    return _through_referral(told) if "referral" in told else told


def service_marks(directory: Directory) -> pl.DataFrame:
    """Return, by source and reference, whether each service is for people affected by domestic abuse."""
    marked = directory.services.select(
        "_source",
        reference="_reference",
        mark=(pl.col("lot_code") == LOT).fill_null(False) | pl.col("domestic_abuse"),
    )
    return _one_each(marked)


def organisation_marks(directory: Directory) -> pl.DataFrame:
    """Return, by source and reference, whether each organisation is, or runs a service, for them."""
    typed = directory.organisations.select("_source", reference="_reference", mark="_domestic_abuse")
    lot = (pl.col("lot_code") == LOT).fill_null(False)
    running = directory.services.select("_source", reference="org_id", mark=lot | pl.col("domestic_abuse"))
    return _one_each(pl.concat([typed, running]))


def _one_each(marked: pl.DataFrame) -> pl.DataFrame:
    """Return one mark for each reference: true before unknown, unknown before false."""
    strictest = (
        pl.when(pl.col("mark").any())
        .then(True)
        .when(pl.col("mark").is_null().any())
        .then(None)
        .otherwise(False)
    )
    return marked.group_by("_source", "reference").agg(strictest.alias("mark"))


def _mark_of(table: pl.DataFrame, link: str, marks: pl.DataFrame) -> pl.Series:
    """Return the mark of the row each record links to; null where the link is blank or leads nowhere."""
    here = table.select("_source", pl.col(link).alias("reference"))
    return here.join(marks, on=["_source", "reference"], how="left", maintain_order="left")["mark"]


def _marked(table: pl.DataFrame, links: dict[str, pl.DataFrame]) -> pl.DataFrame:
    marks = [_mark_of(table, link, marks) for link, marks in links.items()]
    return table.with_columns(marks[0].alias("reveals_abuse"))


def _sent_on(
    entity: str, table: pl.DataFrame, services: pl.DataFrame, organisations: pl.DataFrame
) -> pl.DataFrame:
    organisation = _mark_of(table, "to_org_id", organisations)
    service = _mark_of(table, "to_service_id", services)
    marked = table.with_columns(_organisation=organisation, _service=service)
    unnamed = pl.col("to_service_id").is_null() & ~_unread(entity, "to_service_id")
    service_mark = pl.when(unnamed).then(False).otherwise(pl.col("_service"))
    reveals = pl.col("_organisation") | service_mark
    if entity == "signposting":
        reveals |= _code_if_given(entity, "reason_code")
    return marked.with_columns(reveals_abuse=reveals).drop("_organisation", "_service")


def _code(name: str) -> pl.Expr:
    return pl.col(name).is_in([*CODES, RISK])


def _code_if_given(entity: str, name: str) -> pl.Expr:
    """Return whether the code says so; a code that was not given says nothing, an unreadable one may."""
    blank = pl.col(name).is_null() & ~_unread(entity, name)
    return pl.when(blank).then(False).otherwise(_code(name))


def _unread(entity: str, name: str) -> pl.Expr:
    return (pl.col("_unreadable").fill_null(0) & pl.lit(1 << unreadable_bit(entity, name), pl.UInt64)) != 0


def _through_referral(told: dict[str, pl.DataFrame]) -> dict[str, pl.DataFrame]:
    marks = _one_each(told["referral"].select("_source", reference="_reference", mark="reveals_abuse"))
    for entity in THROUGH_REFERRAL:
        if entity in told:
            told[entity] = _marked(told[entity], {"referral_id": marks})
    return told
