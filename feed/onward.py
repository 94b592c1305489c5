"""Figures about where the hub sent people: signposting and onward referrals."""

from canonical.lists import codes
from feed.measure import Band, Counted, Measure, banded
from feed.model import Breakdown, Cell
from feed.released import Released
from feed.suppression import cells

REACH: list[Band] = [
    ("Once", 1, 1),
    ("2 to 5 times", 2, 5),
    ("6 to 20 times", 6, 20),
    ("More than 20 times", 21, None),
]


def _signpostings(tables: Released) -> Counted:
    """Return the signpostings made, by month."""
    return Counted(
        tables.number("SELECT count(*) FROM hub_signposting"),
        completeness=tables.completeness("hub_signposting_ever", "signposted_on"),
        breakdowns=[
            tables.by_month("hub_signposting", "signposted_on", "Signpostings, by month", "signpostings")
        ],
    )


def _signposted_to(tables: Released) -> Counted:
    """Return the different organisations signposted to."""
    return _organisations(
        tables, "hub_signposting", "Organisations by how often people were signposted to them"
    )


def _onward(tables: Released) -> Counted:
    """Return the onward referrals made, by month and by the lot of the receiving service."""
    breakdowns = [tables.by_month("hub_onward", "made_on", "Onward referrals, by month", "onward referrals")]
    if tables.has("onward_referral", "lot_code"):
        breakdowns.append(
            Breakdown(
                id="hub_onward.lot",
                title="Onward referrals by receiving service",
                unit="onward referrals",
                kind="bars",
                cells=_by_lot(tables),
            )
        )
    return Counted(
        tables.number("SELECT count(*) FROM hub_onward"),
        completeness=tables.completeness("hub_onward_ever", "made_on"),
        breakdowns=breakdowns,
    )


def _by_lot(tables: Released) -> list[Cell]:
    """Return the onward referrals by lot; those to Community Support stand on the page as a figure (K12)."""
    labels = codes("stockport_lots")
    counted = tables.rows("SELECT lot_code, count(*) FROM hub_onward GROUP BY 1 ORDER BY 2 DESC, 1")
    known = {place for place, (lot, _) in enumerate(counted) if lot in tables.area.community_lots}
    named = [(labels.get(lot, lot) if lot else "Other organisations", many) for lot, many in counted]
    return cells(named, groups=[known, {*range(len(counted))} - known])


def _referred_to(tables: Released) -> Counted:
    """Return the different organisations referred to."""
    return _organisations(tables, "hub_onward", "Organisations by how often people were referred to them")


def _organisations(tables: Released, view: str, title: str) -> Counted:
    counted = tables.rows(
        f"SELECT times, count(*) FROM (SELECT count(*) AS times FROM {view} WHERE to_org_id IS NOT NULL "
        "GROUP BY to_org_id) GROUP BY 1"
    )
    return Counted(
        sum(many for _, many in counted),
        completeness=tables.completeness(view, "to_org_id"),
        breakdowns=[
            Breakdown(
                id=f"{view}.organisations",
                title=title,
                unit="organisations",
                kind="bars",
                cells=cells(banded(counted, REACH), people=False),
                note="Organisations are counted here, not people.",
            )
        ],
    )


def _to_community(tables: Released) -> Counted:
    """Return the onward referrals to Community Support, by month."""
    lots = ", ".join(f"'{lot}'" for lot in tables.area.community_lots if lot.replace("-", "").isalnum())
    where = f"lot_code IN ({lots})" if lots else "false"
    months = tables.by_month(
        "hub_onward", "made_on", "Onward referrals to Community Support, by month", "onward referrals", where
    )
    return Counted(
        tables.number(f"SELECT count(*) FROM hub_onward WHERE {where}"),
        denominator=tables.number("SELECT count(*) FROM hub_onward"),
        completeness=tables.completeness(
            "hub_onward",
            "to_org_id",
            note="The lot follows from the receiving service; organisations outside the "
            "commissioned lots have none.",
        ),
        breakdowns=[months.model_copy(update={"id": "hub_onward.community.month"})],
    )


MEASURES = [
    Measure(
        "K08",
        "Signpostings made",
        "Signpostings by the hub in the period; onward referrals are not among them.",
        {"signposting": ("source_system",)},
        _signpostings,
    ),
    Measure(
        "K09",
        "Organisations signposted to",
        "Different organisations among the signpostings (K08).",
        {"signposting": ("source_system", "to_org_id")},
        _signposted_to,
    ),
    Measure(
        "K10",
        "Onward referrals made",
        "Referrals the hub sent on in the period, those to commissioned lots included.",
        {"onward_referral": ("source_system",)},
        _onward,
    ),
    Measure(
        "K11",
        "Organisations referred to",
        "Different organisations among the onward referrals (K10).",
        {"onward_referral": ("source_system", "to_org_id")},
        _referred_to,
    ),
    Measure(
        "K12",
        "Onward referrals to Community Support",
        "Onward referrals (K10) whose receiving service belongs to the Community Support lot.",
        {"onward_referral": ("source_system", "to_org_id", "lot_code")},
        _to_community,
    ),
]
