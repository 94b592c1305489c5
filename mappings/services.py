"""Which service a referral is made to, and under which lot."""

import polars as pl

from mappings.links import follow, for_distinct
from mappings.lookups import Directory

ASKED = ("_source", "target_service_id", "_project", "_subcategory")


def find_service(referrals: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Return the referrals with the service that their project stands for, and its lot.

    A project that several services share is told apart by its subcategory; else it is not known.
    """
    if "_project" not in referrals.columns:
        referrals = referrals.with_columns(
            _project=pl.lit(None, pl.String), _subcategory=pl.lit(None, pl.String)
        )
    found = for_distinct(referrals, ASKED, lambda asked: _services_of(asked, directory.services))
    return referrals.with_columns(found)


def onward_lot(onward: pl.DataFrame, directory: Directory) -> pl.DataFrame:
    """Return the onward referrals with the lot of the service, else the only lot the organisation has."""
    services = directory.services
    lots = services.select("_source", "lot_code", _reference="org_id").drop_nulls()
    alone = _only(lots, ["_source", "_reference"], "lot_code")
    by_service = services["lot_code"].gather(follow([(onward, "to_service_id")], services)[0])
    by_organisation = alone["lot_code"].gather(follow([(onward, "to_org_id")], alone)[0])
    return onward.with_columns(lot_code=pl.select(pl.coalesce(by_service, by_organisation)).to_series())


def _services_of(asked: pl.DataFrame, services: pl.DataFrame) -> pl.DataFrame:
    offered = services.select(
        "_source", project=_same("source_project"), part=_same("source_subcategory"), service="_reference"
    )
    wanted = asked.select(
        "_source", "target_service_id", project=_same("_project"), part=_same("_subcategory")
    )
    both, project = ["_source", "project", "part"], ["_source", "project"]
    met = wanted.join(
        _only(offered, both, "service"), on=both, how="left", maintain_order="left", nulls_equal=True
    )
    alone = _only(offered, project, "service").rename({"service": "alone"})
    met = met.join(alone, on=project, how="left", maintain_order="left")
    found = met.select("_source", target_service_id=pl.coalesce("target_service_id", "service", "alone"))
    lots = services["lot_code"].gather(follow([(found, "target_service_id")], services)[0])
    return found.select("target_service_id", lots.alias("lot_code"))


def _only(table: pl.DataFrame, by: list[str], value: str) -> pl.DataFrame:
    """Return the value of each group that has only one."""
    one = table.group_by(by).agg(pl.col(value).unique())
    return one.filter(pl.col(value).list.len() == 1).with_columns(pl.col(value).list.first())


def _same(name: str) -> pl.Expr:
    return pl.col(name).str.to_lowercase().str.replace_all(r"\s+", " ")
