"""Write the published release of a period, whole or not at all, and read it back."""

from pathlib import Path

from pydantic import ValidationError

from common.files import write_atomic
from feed.errors import FeedNotReadable
from feed.model import HIDDEN, Figure, Figures, in_words
from feed.spreadsheet import Value, csv_bytes

NAME = "figures.json"


def write_feed(figures: Figures, folder: Path) -> list[Path]:
    """Write the release into the period's folder and return its files; figures.json comes last."""
    written = {
        "figures.csv": csv_bytes(FIGURE_COLUMNS, (_figure_row(figure) for figure in figures.figures)),
        "breakdowns.csv": csv_bytes(
            ["figure", "breakdown", "label", "count", "share"],
            (row for figure in figures.figures for row in _breakdown_rows(figure)),
        ),
        "waits_by_service.csv": csv_bytes(
            WAIT_COLUMNS, (row for figure in figures.figures for row in _wait_rows(figure))
        ),
        "dictionary.md": dictionary(figures).encode(),
        NAME: (figures.model_dump_json(indent=2) + "\n").encode(),
    }
    for name, content in written.items():
        write_atomic(folder / name, content, private=False)
    return [folder / name for name in written]


def read_feed(folder: Path) -> Figures:
    """Return the figures published in the folder. Errors: FeedNotReadable."""
    try:
        return Figures.model_validate_json((folder / NAME).read_bytes())
    except (OSError, ValidationError) as error:
        raise FeedNotReadable(f"{folder.name}/{NAME} ({type(error).__name__})") from None


def dictionary(figures: Figures) -> str:
    """Return the release's dictionary: every figure with its rule, tables and completeness, in Markdown."""
    lines = [
        f"# Figures for {figures.area}, {in_words(figures.period.start)} to {in_words(figures.period.end)}",
        "",
        *(["The people in this sample are invented.", ""] if figures.sample else []),
        figures.disclosure_control,
        "",
        "| file | holds |",
        "|---|---|",
        "| figures.json | everything here, for machines |",
        "| figures.csv | one line per figure |",
        "| breakdowns.csv | one line per bar of a chart |",
        "| waits_by_service.csv | one line per service |",
        "",
    ]
    for figure in figures.figures:
        lines += [
            f"## {figure.id} {figure.name}",
            "",
            figure.rule,
            "",
            f"Counted from: {', '.join(figure.tables)}.",
        ]
        if figure.completeness:
            known = figure.completeness
            filled = f"{known.field} is filled in for {known.present:,} of {known.rows:,} rows."
            lines.append(f"Completeness: {filled} {known.note}")
        lines += [figure.note, ""] if figure.note else [""]
    return "\n".join(line.rstrip() for line in lines)


FIGURE_COLUMNS = [
    "id",
    "name",
    "value",
    "unit",
    "numerator",
    "denominator",
    "median",
    "p90",
    "longest",
    "field",
    "present",
    "rows",
    "rule",
]
WAIT_COLUMNS = [
    "figure",
    "service",
    "lot",
    "started",
    "median_days",
    "p90_days",
    "longest_days",
    "within",
    "within_share",
]


def _figure_row(figure: Figure) -> list[Value]:
    known = figure.completeness
    spread: list[Value] = [statistic.value for statistic in figure.statistics] or [None, None, None]
    value = (
        figure.value if figure.value is None or not float(figure.value).is_integer() else int(figure.value)
    )
    return [
        figure.id,
        figure.name,
        value,
        figure.unit,
        figure.numerator,
        figure.denominator,
        *spread,
        known.field if known else None,
        known.present if known else None,
        known.rows if known else None,
        figure.rule,
    ]


def _breakdown_rows(figure: Figure) -> list[list[Value]]:
    return [
        [figure.id, breakdown.id, cell.label, HIDDEN if cell.hidden else cell.count, cell.share]
        for breakdown in figure.breakdowns
        for cell in breakdown.cells
    ]


def _wait_rows(figure: Figure) -> list[list[Value]]:
    return [
        [
            figure.id,
            wait.service,
            wait.lot,
            *(
                HIDDEN if wait.hidden or value is None else value
                for value in (
                    wait.started,
                    wait.median_days,
                    wait.p90_days,
                    wait.longest_days,
                    wait.within,
                    wait.within_share,
                )
            ),
        ]
        for wait in figure.services
    ]
