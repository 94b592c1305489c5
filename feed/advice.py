"""Figures about the advice that the hub gave."""

from collections.abc import Callable

from canonical.lists import codes
from feed.measure import Counted, Measure, banded, statistics_of
from feed.model import Breakdown, Completeness
from feed.people import by_person
from feed.released import Released
from feed.suppression import cells, whole_percent

SPLIT = {"ECON": "K07.econ", "HW": "K07.heal", "HOUS": "K07.hous", "SOC": "K07.soci", "EST": "K07.educ"}
SOON = 2


def _given(tables: Released) -> Counted:
    """Return the pieces of advice given, by month."""
    return Counted(
        tables.number("SELECT count(*) FROM hub_advice"),
        completeness=tables.completeness(
            "hub_advice_ever", "given_on", note="Advice without a day falls in no period and is not counted."
        ),
        breakdowns=[
            tables.by_month("hub_advice", "given_on", "Pieces of advice, by month", "pieces of advice")
        ],
    )


def _people(tables: Released) -> Counted:
    """Return the people advised, by how many pieces each was given."""
    counted = tables.rows(
        "SELECT pieces, count(*) FROM (SELECT count(*) AS pieces "
        f"FROM {by_person(tables, 'hub_advice')} WHERE person IS NOT NULL GROUP BY person) GROUP BY 1"
    )
    bands = banded(counted, [("One", 1, 1), ("Two or three", 2, 3), ("Four or more", 4, None)])
    return Counted(
        sum(people for _, people in counted),
        completeness=tables.completeness(
            "hub_advice",
            "person_id",
            note="Advice that a safety rule keeps unlinked is counted as advice and names nobody.",
        ),
        breakdowns=[
            Breakdown(
                id="hub_advice.per_person",
                title="People by pieces of advice given to them",
                unit="people",
                kind="bars",
                cells=cells(bands),
            )
        ],
    )


def _by_category(tables: Released) -> dict[str, int]:
    counted = dict(tables.rows("SELECT coalesce(category, ''), count(*) FROM hub_advice GROUP BY 1"))
    known = {code: int(counted.pop(code, 0)) for code in SPLIT}
    return known | {"": sum(counted.values())} if counted else known


def _share(code: str) -> Callable[[Released], Counted]:
    """Return the function that counts the share of one category, hidden where few stand behind it."""

    def count(tables: Released) -> Counted:
        counted = _by_category(tables)
        total = sum(counted.values())
        shown = dict(zip(counted, cells(list(counted.items()), shares=True), strict=True))
        cell = shown[code]
        if not total or cell.hidden:
            return Counted(
                None,
                denominator=total,
                completeness=_category_known(tables),
                note="Hidden: few people stand behind it." if total else "No advice was given.",
            )
        return Counted(
            cell.share,
            numerator=cell.count,
            denominator=total,
            completeness=_category_known(tables),
            breakdowns=[_split(counted)] if code == "ECON" else [],
            note=_sum_check(counted),
        )

    return count


def _category_known(tables: Released) -> Completeness:
    return tables.completeness("hub_advice", "category")


def _split(counted: dict[str, int]) -> Breakdown:
    labels = {**codes("advice_category"), "": "Not recorded"}
    return Breakdown(
        id="hub_advice.category",
        title="Advice by category",
        unit="pieces of advice",
        kind="share",
        cells=cells([(labels[code], many) for code, many in counted.items()], shares=True),
    )


def _sum_check(counted: dict[str, int]) -> str:
    total = sum(counted.values())
    added = sum(whole_percent(many, total) for many in counted.values())
    return f"The shares add to {added}" + ("." if added == 100 else ", because each is rounded by itself.")


def _soon(tables: Released) -> Counted:
    """Return the share of waits for advice of at most two working days."""
    first = "referral_id" if tables.has("advice", "referral_id") else "advice_id"
    waits = (
        f"(SELECT min(wait_working_days) AS days FROM hub_advice WHERE wait_working_days IS NOT NULL "
        f"GROUP BY coalesce({first}, advice_id))"
    )
    counted = tables.rows(f"SELECT days, count(*) FROM {waits} GROUP BY 1")
    known = sum(many for _, many in counted)
    soon = sum(many for days, many in counted if days <= SOON)
    bands = banded(
        counted,
        [("Same day", 0, 0), ("One", 1, 1), ("Two", 2, 2), ("Three to five", 3, 5), ("Six or more", 6, None)],
    )
    return Counted(
        whole_percent(soon, known) if known else None,
        numerator=soon,
        denominator=known,
        completeness=tables.completeness("hub_advice", "wait_working_days"),
        statistics=statistics_of(tables, waits, "days", "working days"),
        breakdowns=[
            Breakdown(
                id="hub_advice.wait",
                title="Working days from referral to advice",
                unit="referrals" if first == "referral_id" else "pieces of advice",
                kind="bars",
                cells=cells(bands, groups=[{0, 1, 2}, {3, 4}]),
            )
        ],
    )


MEASURES = [
    Measure(
        "K04",
        "Pieces of advice given",
        "Advice given by the hub in the period: one for each person, contact and category.",
        {"advice": ("source_system",)},
        _given,
    ),
    Measure(
        "K05",
        "People given advice",
        "Different people among the advice given (K04).",
        {"advice": ("source_system", "person_id")},
        _people,
    ),
    *[
        Measure(
            identity,
            f"Advice: {codes('advice_category')[code]}",
            "Share of the advice given (K04) in this category; whole per cent, a half rounded up.",
            {"advice": ("source_system", "category")},
            _share(code),
            "%",
        )
        for code, identity in SPLIT.items()
    ],
    Measure(
        "K14",
        "Advice within two working days",
        "Share of referrals whose first advice came within two working days of the referral (each piece "
        "of advice where the link to its referral is not released); working days in England, whole per "
        "cent, a half rounded up.",
        {"advice": ("source_system", "wait_working_days", "advice_id")},
        _soon,
        "%",
    ),
]
