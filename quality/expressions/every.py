"""Checks asked of the records of every entity: the reference, and the links."""

import polars as pl

from quality.facts import Asked, Records, Verdict


def reference_repeated(_: Records) -> Verdict:
    """PER-12, REF-02, ENT-01: the reference stands on several rows with different content."""
    return pl.col("_reference_repeated")


def link_leads_nowhere(records: Records) -> Verdict:
    """LNK-01: the person, or the referral, that the record names does not exist."""
    lost = _lost(records, "person", "_person")
    if "referral_id" in records.table.columns and records.entity != "referral":
        lost = lost | _lost(records, "referral", "referral_id")
    return pl.when(~_of_unsure_case(records)).then(lost)


def _of_unsure_case(records: Records) -> pl.Expr:
    """Return whether the record is, or belongs to, a referral that stands on several rows."""
    if "referral_id" not in records.table.columns:
        return pl.lit(value=False)
    columns = {"_source": pl.String(), "referral_id": pl.String(), "_reference_repeated": pl.Boolean()}
    unsure = records.linked("referral", columns).filter(pl.col("_reference_repeated"))
    known = unsure.select("_source", "referral_id").unique().with_columns(unsure=pl.lit(True))
    return pl.lit(records.beside("referral_id", known, "referral_id")["unsure"].is_not_null())


def _lost(records: Records, entity: str, link: str) -> pl.Expr:
    key = f"{entity}_id"
    known = records.linked(entity, {"_source": pl.String(), key: pl.String()}).unique()
    return pl.lit(records.beside(link, known.with_columns(exists=pl.lit(True)), key)["exists"].is_null())


VERDICTS: dict[str, Asked] = {
    "ENT-01": reference_repeated,
    "LNK-01": link_leads_nowhere,
}
