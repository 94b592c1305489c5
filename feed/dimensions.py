"""By what counts are broken down: each dimension with its words, its categories, and what else may stand."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from itertools import product

from canonical.lists import code_rows, codes
from feed.wellbeing_bands import LEVELS, THRESHOLDS

BOROUGH, ALL = "borough", "all"
UNKNOWN = "unknown"
BOROUGH_ONLY = "borough_only"
AREA_CODE = "[EWNS][0-9]{8}"
WORDS = {
    ALL: "All",
    UNKNOWN: "Not recorded, or withheld",
    BOROUGH_ONLY: "Lots counted for the borough only",
}


@dataclass(frozen=True)
class Dimension:
    """One way of splitting counts.

    codes:     the code list its categories come from; what is not in it counts as not known.
    pattern:   what a category must look like where there is no list; `names` are words for those we know.
    apart:     categories of their own, beside those of the list or the pattern.
    geography: of places or providers: rows of lots that are counted for the borough only have one category
               of their own here.
    whole:     each of its categories is counted, though nothing be in it.
    unknown:   what it means that no category is known, where that is more than not recorded or withheld.
    """

    name: str
    title: str
    codes: str | None = None
    pattern: str | None = None
    categories: tuple[tuple[str, str], ...] = ()
    names: tuple[tuple[str, str], ...] = ()
    apart: tuple[tuple[str, str], ...] = ()
    geography: bool = False
    whole: bool = False
    unknown: str = ""

    @property
    def always(self) -> frozenset[str]:
        """Return the categories that are told of though nothing be in them."""
        return frozenset(self.labels) if self.whole else frozenset()

    @property
    def labels(self) -> Mapping[str, str]:
        """Return the known categories with their words, in their order."""
        known = codes(self.codes) if self.codes else dict(self.categories)
        known = {**known, **dict(self.apart)} if known else known
        return {code: words for code, words in known.items() if code.lower() != UNKNOWN}

    def sql(self, expression: str) -> str:
        """Return the expression as a category: never null, and nothing that no list or pattern knows."""
        text = f"({expression})::VARCHAR"
        if self.labels:
            listed = ", ".join("'" + code.replace("'", "''") + "'" for code in self.labels)
            known = f"{text} IN ({listed})"
        elif self.pattern:
            beside = "|".join(code for code, _ in self.apart)
            known = f"regexp_full_match({text}, '{self.pattern}{'|' * bool(beside)}{beside}')"
        else:
            known = f"{text} IS NOT NULL"
        return f"CASE WHEN {known} THEN {text} ELSE '{UNKNOWN}' END"

    def label(self, category: str) -> str:
        """Return the category in words; a code without words stands as it is."""
        if category == UNKNOWN and self.unknown:
            return self.unknown
        words = {**dict(self.names), **dict(self.apart), **self.labels}
        return WORDS.get(category) or words.get(category, category)


DECILES = tuple((str(n), f"{n}{' (most deprived)' * (n == 1)}{' (least)' * (n == 10)}") for n in range(1, 11))
AREA_KINDS = (
    ("inside", "Within the borough"),
    ("outside", "Outside the borough"),
    ("no_fixed_abode", "No fixed abode"),
    ("pseudo", "Other postcode that is no place"),
)
NOWHERE_IN_IT = AREA_KINDS[1:]
"""Kinds of area that no area of the borough is in: in every geography a category of their own."""


def _wards() -> Iterator[tuple[str, str]]:
    """Yield the wards with their names; of one that is no more, until when it was one."""
    for row in code_rows("stockport_wards"):
        until = f"{date.fromisoformat(row['valid_to']):%B %Y}" if row["valid_to"] else ""
        yield row["code"], f"{row['label']} (until {until})" if until else row["label"]


CLD_OUTCOMES = tuple(
    (outcome, outcome)
    for outcome in dict.fromkeys(row["cld_r2_event_outcome"] for row in code_rows("closure_reason"))
)
ESCALATION = (("stepped_up", "Stepped up to statutory services"), ("other", "Closed otherwise"))
Bands = tuple[tuple[int, int | None], ...]
WAIT_BANDS: Bands = ((0, 7), (8, 14), (15, 28), (29, 56), (57, None))
"""Source: kpi.csv, K17: days that somebody has waited so far."""
LENGTH_BANDS: Bands = ((0, 90), (91, 183), (184, None))
"""Days that work has gone on so far: reviews are due after 90 (K25), 183 is half a year (K24)."""


def names_of(bands: Bands) -> tuple[str, ...]:
    """Return the categories of bands of days, which as text stand in the order of their days: 08-14, 57+."""
    width = len(str(bands[-1][0]))
    return tuple(
        f"{first:0{width}}+" if last is None else f"{first:0{width}}-{last:0{width}}" for first, last in bands
    )


def _in_days(bands: Bands) -> tuple[tuple[str, str], ...]:
    """Return the bands as categories with their words."""
    words = (
        f"{first} to {last} days" if last is not None else f"{first} days or more" for first, last in bands
    )
    return tuple(zip(names_of(bands), words, strict=True))


def _moves() -> Iterator[tuple[str, str]]:
    """Yield every pair of two different lots."""
    lots = codes("stockport_lots")
    for one, other in product(lots, lots):
        if one != other:
            yield f"{one}>{other}", f"{lots[one]} to {lots[other]}"


BOROUGH_WIDE = Dimension(BOROUGH, "Whole borough")
DIMENSIONS: dict[str, Dimension] = {
    each.name: each
    for each in (
        Dimension("provider", "Provider", pattern="[a-z0-9_-]{1,64}", geography=True),
        Dimension("lot", "Lot", codes="stockport_lots"),
        Dimension("source_type", "Source of the referral", codes="dd_source_of_referral_community"),
        Dimension("age_band", "Age at the referral", codes="age_bands"),
        Dimension("gender", "Gender", codes="dd_person_stated_gender"),
        Dimension(
            "ward", "Ward", pattern=AREA_CODE, names=tuple(_wards()), apart=NOWHERE_IN_IT, geography=True
        ),
        Dimension("neighbourhood", "Neighbourhood", apart=NOWHERE_IN_IT, geography=True),
        Dimension("lsoa21", "LSOA (2021)", pattern=AREA_CODE, apart=NOWHERE_IN_IT, geography=True),
        Dimension(
            "imd_decile", "Deprivation decile (2019)", categories=DECILES, apart=NOWHERE_IN_IT, geography=True
        ),
        Dimension("area_kind", "Kind of area", categories=AREA_KINDS, geography=True),
        Dimension("advice_category", "Category of advice", codes="advice_category"),
        Dimension("status", "Status", codes="referral_status"),
        Dimension("triage_outcome", "Outcome of triage", codes="triage_outcome"),
        Dimension("closure_reason", "Reason for closing", codes="closure_reason"),
        Dimension("need", "Need", codes="presenting_need"),
        Dimension(
            "to_lot",
            "Lot of the receiving service",
            codes="stockport_lots",
            unknown="Outside the commissioned lots, or withheld",
        ),
        Dimension("cld_outcome", "Outcome as Client Level Data has it", categories=CLD_OUTCOMES),
        Dimension("escalation", "Stepped up to statutory services", categories=ESCALATION),
        *(
            Dimension(
                each.dimension, f"{each.scale.tool}, change from start to exit", categories=each.categories
            )
            for each in THRESHOLDS
        ),
        *(
            Dimension(each.dimension, f"{each.scale.tool} at the start", categories=each.categories)
            for each in LEVELS
        ),
        Dimension(
            "wait_band",
            "Days waited so far",
            categories=_in_days(WAIT_BANDS),
            whole=True,
        ),
        Dimension("length_band", "Days since the work began", categories=_in_days(LENGTH_BANDS), whole=True),
        Dimension("end_reason", "Reason for ending", codes="closure_reason"),
        Dimension("step", "Step up or down", codes="episode_step"),
        Dimension("move", "From which lot to which", categories=tuple(_moves())),
    )
}


def dimension(name: str) -> Dimension:
    """Return the dimension of this name, the whole borough included. Errors: KeyError."""
    return BOROUGH_WIDE if name == BOROUGH else DIMENSIONS[name]
