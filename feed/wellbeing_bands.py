"""From which change of a score somebody counts as better or worse, and which scores are low at the start.

None of these is an agreed rule for adults who ask a charity for help. They are published side by side, so
that a reader sees how much a figure hangs on the threshold chosen.
"""

from dataclasses import dataclass

Categories = tuple[tuple[str, str], ...]
BETTER, BETWEEN, WORSE = "better", "between", "worse"


@dataclass(frozen=True)
class Scale:
    """One form: the score it is counted in, and what its lowest and its highest score are.

    Source: Warwick (WEMWBS, 14 items of 1 to 5); Stewart-Brown 2009, HQLO 7:15 (SWEMWBS, metric score).
    """

    tool: str
    field: str
    lowest: int
    highest: int

    @property
    def name(self) -> str:
        """Return the word that its facts and dimensions begin with."""
        return self.tool.lower()


@dataclass(frozen=True)
class Threshold:
    """A change of so many points of one scale, and who set it for whom."""

    scale: Scale
    points: int
    source: str

    @property
    def dimension(self) -> str:
        """Return the name of the breakdown into better, between and worse."""
        return f"{self.scale.name}_by_{self.points}"

    @property
    def categories(self) -> Categories:
        """Return better, between and worse, each with its words."""
        points = f"{self.points} point{'s' * (self.points > 1)}"
        return (
            (BETTER, f"Better by {points} or more"),
            (BETWEEN, f"Within less than {points}"),
            (WORSE, f"Worse by {points} or more"),
        )

    def sql(self, change: str) -> str:
        """Return the expression that tells the category of a change."""
        return (
            f"CASE WHEN {change} >= {self.points} THEN '{BETTER}' WHEN {change} <= -{self.points} "
            f"THEN '{WORSE}' WHEN {change} IS NOT NULL THEN '{BETWEEN}' END"
        )


@dataclass(frozen=True)
class Levels:
    """Bands of the score at the start: each from its score on, up to the next one's."""

    scale: Scale
    bands: tuple[tuple[str, str, str], ...]
    source: str

    @property
    def dimension(self) -> str:
        """Return the name of the breakdown."""
        return f"{self.scale.name}_at_start"

    @property
    def categories(self) -> Categories:
        """Return each band with its words, the lowest first."""
        return tuple((code, words) for code, _, words in self.bands)

    def sql(self, score: str) -> str:
        """Return the expression that tells the band of a score."""
        cases = " ".join(f"WHEN {score} >= {start} THEN '{code}'" for code, start, _ in reversed(self.bands))
        return f"CASE {cases} END"


WEMWBS = Scale("WEMWBS", "raw_total", 14, 70)
SWEMWBS = Scale("SWEMWBS", "metric_score", 7, 35)
SCALES = (WEMWBS, SWEMWBS)
SHAH = "Shah 2018, HQLO 16:239: 1 standard error of measurement is 1.03, 2.77 of them 2.87 points"
BULLETIN = "NHS Mental Health Bulletin, reliable change of children and young people"
THRESHOLDS = (
    Threshold(WEMWBS, 3, "Putz 2012, practice-based user guide: 3 to 8 points or more (quoted from memory)"),
    Threshold(WEMWBS, 9, f"{BULLETIN}, citing Maheswaran 2012, HQLO 10:156"),
    Threshold(SWEMWBS, 1, SHAH),
    Threshold(SWEMWBS, 2, SHAH),
    Threshold(SWEMWBS, 3, f"{SHAH}; {BULLETIN}"),
)
LEVELS = (
    Levels(
        WEMWBS,
        (
            ("14-40", "14", "40 or less (very low)"),
            ("41-44", "41", "41 to 44 (low)"),
            ("45-70", "45", "45 or more"),
        ),
        "a secondary source that cites Bianco, University of Warwick (cut-off 43.5 against CES-D)",
    ),
    Levels(
        SWEMWBS,
        (
            ("low", "7", "Below 19.6 (low)"),
            ("average", "19.6", "19.6 to 27.4 (average)"),
            ("high", "27.5", "27.5 or more (high)"),
        ),
        "Ng Fat 2017, Quality of Life Research 26:1129 (Health Survey for England)",
    ),
)
