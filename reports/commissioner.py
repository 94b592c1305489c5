"""The commissioner's page: numbers that can be quoted, a chart each, and what stands behind them."""

from dataclasses import dataclass

from feed import Figure, Figures
from reports import charts
from reports.pages import render

SECTIONS = {
    "Referrals to the hub": ["K01", "K03a", "K13"],
    "Information and advice": ["K04", "K05", "K07", "K14"],
    "Signposting": ["K08", "K09"],
    "Onward referrals": ["K10", "K11", "K12"],
    "Waiting for a service": ["K16"],
    "Hub and providers together": ["K17"],
}
MONTHLY = {"K01": "Referrals", "K04": "Advice", "K08": "Signpostings", "K10": "Onward referrals"}
SPLIT = "K07"


@dataclass(frozen=True)
class Card:
    """One figure, or the family of shares, with its charts."""

    id: str
    name: str
    figures: list[Figure]
    charts: list[charts.Chart]

    @property
    def head(self) -> Figure:
        """Return the figure whose rule and completeness the card shows."""
        return self.figures[0]

    @property
    def is_split(self) -> bool:
        """Return whether the card shows shares of one whole instead of one number."""
        return self.id == SPLIT


def commissioner_page(site: str, figures: Figures) -> bytes:
    """Return the page of one period."""
    sections = [
        (title, [card for wanted in ids if (card := _card(figures, wanted))])
        for title, ids in SECTIONS.items()
    ]
    known = {figure.id: figure for figure in figures.figures}
    return render(
        "commissioner.html",
        site=site,
        sample=figures.sample,
        figures=figures,
        sections=[(title, cards) for title, cards in sections if cards],
        overview=_overview(figures),
        summary=known if all(known.get(name) and known[name].value is not None for name in SUMMARY) else None,
    )


SUMMARY = ("K01", "K03a", "K04", "K05", "K08", "K09", "K10", "K11", "K12")


def _card(figures: Figures, wanted: str) -> Card | None:
    members = [
        figure for figure in figures.figures if figure.id == wanted or figure.id.startswith(f"{wanted}.")
    ]
    if not members:
        return None
    name = "Advice by category" if wanted == SPLIT else members[0].name
    drawn = [
        charts.of_breakdown(f"{wanted}-{place}".lower(), breakdown)
        for place, breakdown in enumerate(breakdown for figure in members for breakdown in figure.breakdowns)
    ]
    return Card(wanted, name, members, drawn)


def _overview(figures: Figures) -> charts.Chart | None:
    """Return the four monthly series as lines, where all were published."""
    series = []
    for figure in figures.figures:
        monthly = next((b for b in figure.breakdowns if b.kind == "columns"), None)
        if figure.id in MONTHLY and monthly:
            points = [charts.Point(cell.label, cell.count, cell.shown) for cell in monthly.cells]
            series.append((MONTHLY[figure.id], points))
    return charts.lines("overview", "The hub's work, month by month", "per month", series) if series else None
