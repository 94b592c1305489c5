"""Statistics of a value over the rows of a count: percentiles by linear interpolation, mean, longest."""

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from feed.declared import Kpi

STATISTICS = {
    "median": "quantile_cont({value}, 0.5)",
    "p90": "quantile_cont({value}, 0.9)",
    "longest": "max({value})",
    "mean": "avg({value})",
}


def spread_sql(kpi: "Kpi", value: str, category: str, rows: str, where: str) -> str:
    """Return the statement that gives each statistic of the figure, and the deviation, by category.

    Given: the column that holds the value; rows without one are not among the n.
    """
    value = f"f.{value}"
    wanted = ", ".join(f"{STATISTICS[name].format(value=value)} AS {name}" for name in kpi.statistics)
    names = ", ".join(kpi.statistics)
    people = "count(DISTINCT f.person) + coalesce(max((f.person IS NULL)::INTEGER), 0)"
    return (
        f"UNPIVOT (SELECT p.period, {category} AS category, count(*) AS n, {people} AS people, "
        f"stddev_samp({value}) AS deviation, {wanted} "
        f"FROM {rows} WHERE {where} AND {value} IS NOT NULL GROUP BY 1, 2) "
        f"ON {names} INTO NAME statistic VALUE value"
    )
