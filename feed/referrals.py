"""Figures about referrals received by the hub."""

from canonical.lists import codes
from feed.measure import Counted, Measure, banded
from feed.model import Breakdown, Cell
from feed.released import Released
from feed.suppression import cells, whole_percent

WITHOUT_ORGANISATION = ("02", "03")
COLUMNS = ("lot_code", "status", "parent_referral_id")


def _received(tables: Released) -> Counted:
    """Return the referrals received, by month."""
    months = tables.by_month("hub_referral", "received_on", "Referrals received, by month", "referrals")
    return Counted(
        tables.number("SELECT count(*) FROM hub_referral"),
        completeness=tables.completeness(
            "hub_referral_ever",
            "received_on",
            note="A referral without a day falls in no period and is not counted.",
        ),
        breakdowns=[months],
    )


def _organisations(tables: Released) -> Counted:
    """Return the different organisations that referred, with the kind of referrer beside them."""
    breakdowns = []
    if tables.has("referral", "referrer_type"):
        breakdowns = [
            Breakdown(
                id="hub_referral.referrer_type",
                title="Referrals by kind of referrer",
                unit="referrals",
                kind="bars",
                cells=_by_referrer(tables),
            )
        ]
        expected = f"referrer_type IS NULL OR referrer_type NOT IN {WITHOUT_ORGANISATION}"
        note = (
            "Asked only of referrals that an organisation made; people and their relatives have none. One "
            "that a safety rule keeps unlinked does not tell its kind of referrer, and is asked all the same."
        )
    else:
        expected, note = "true", "People who referred themselves have no organisation."
    return Counted(
        tables.number("SELECT count(DISTINCT referrer_org_id) FROM hub_referral"),
        completeness=tables.completeness("hub_referral", "referrer_org_id", expected, note),
        breakdowns=breakdowns,
    )


def _by_referrer(tables: Released) -> list[Cell]:
    """Return the referrals by kind; how many had no organisation is known from the completeness beside it."""
    labels = codes("dd_source_of_referral_community")
    counted = tables.rows("SELECT referrer_type, count(*) FROM hub_referral GROUP BY 1 ORDER BY 2 DESC, 1")
    alone = {place for place, (code, _) in enumerate(counted) if code in WITHOUT_ORGANISATION}
    named = [(labels.get(code, code) if code else "Not recorded", many) for code, many in counted]
    return cells(named, groups=[alone, {*range(len(counted))} - alone])


def _same_day(tables: Released) -> Counted:
    """Return the share of triaged referrals that were triaged on the day they came."""
    counted = tables.rows(
        "SELECT triage_days, count(*) FROM hub_referral WHERE triage_days IS NOT NULL GROUP BY 1"
    )
    triaged = sum(many for _, many in counted)
    same = sum(many for days, many in counted if days == 0)
    bands = banded(
        counted, [("Same day", 0, 0), ("Next day", 1, 1), ("Two days", 2, 2), ("Three days or more", 3, None)]
    )
    return Counted(
        whole_percent(same, triaged) if triaged else None,
        numerator=same,
        denominator=triaged,
        completeness=tables.completeness("hub_referral", "triage_days"),
        breakdowns=[
            Breakdown(
                id="hub_referral.triage_days",
                title="Days from referral to triage",
                unit="referrals",
                kind="bars",
                cells=cells(bands, groups=[{0}, {1, 2, 3}]),
            )
        ],
    )


MEASURES = [
    Measure(
        "K01",
        "Referrals received by the hub",
        "Referrals to the hub received in the period, except those closed as duplicates. Events are counted, "
        "not people. A referral passed on through the portal is not counted again at the provider that got "
        "it.",
        {"referral": COLUMNS},
        _received,
    ),
    Measure(
        "K03a",
        "Organisations that referred",
        "Different organisations named as the referrer of the referrals received (K01).",
        {"referral": (*COLUMNS, "referrer_org_id")},
        _organisations,
    ),
    Measure(
        "K13",
        "Triaged on the same day",
        "Referrals received (K01) triaged on the calendar day they were received, Europe/London, among those "
        "with a day of triage; whole per cent, a half rounded up.",
        {"referral": (*COLUMNS, "triage_days")},
        _same_day,
        "%",
    ),
]
