"""Exports of any size, invented by columns: referrals with contacts and outcomes, 3 % of them flawed.

One provider (the hub). N referrals of 0.6 N people, seven in ten closed with an outcome; N contacts (a
quarter of them advice, a tenth signposting, a tenth onward referrals), N needs, N/2 wellbeing forms; a
consent for each person and each onward referral, a relationship for one person in twenty; organisations
and services around them. Whoever is still helped had their contact within the last three months.

Flaws: three rows in every hundred people, referrals, contacts, needs and forms have one flaw each; where a
table has several kinds of flaw, they take turns. `FLAWS` says which check speaks of which.
"""

from datetime import date
from pathlib import Path

import polars as pl

from demo.words import EXPORTS

ROW = pl.col("i")
FLAWED = (13, 47, 86)  # the flawed rows of every hundred
FLAWS = {
    "people": ("PER-05", "PER-04", "CHR-02", "ADR-01"),
    "referrals": ("REF-01", "REF-05"),
    "contacts": ("CON-01", "CON-03"),
    "needs": ("REF-15",),
    "outcomes": ("OUT-02",),
}
DISTRICT = "E08000007"
LOOKUP = Path(__file__).parents[1] / "demo" / "lookups" / "postcodes.csv"
WEIGHTS = (10, 9, 8, 7, 6, 5, 4, 3, 2)
SOUNDS = ("ab", "ed", "ock", "ul", "am", "err", "oft", "ink", "alv", "urn", "est", "omb")
CLOSED_AS = "Needs met / completed as planned"
KINDS = ("Advice",) * 5 + ("Signposting",) * 2 + ("External Referral",) * 2 + ("Contact",) * 11
NEEDS = ("ECON.BEN", "ECON.DEBT", "HW.MH", "HOUS.COND", "SOC.LON", "EST.DIG")
CATEGORIES = (
    "Economic",
    "Economic",
    "Health and Wellbeing",
    "Housing",
    "Social",
    "Education, Skills, and Training",
)


def write_exports(folder: Path, rows: int) -> None:
    """Write ten CSV files as the portal gives them, for so many referrals."""
    folder.mkdir(parents=True, exist_ok=True)
    people = max(1, rows * 6 // 10)
    tables = {
        "organisations": _organisations(),
        "services": _services(),
        "people": _people(people),
        "relationships": _relationships(people),
        "referrals": _referrals(rows, people),
        "contacts": _contacts(rows, people),
        "needs": _needs(rows, people),
        "risks": _rows(0),
        "consents": _consents(rows, people),
        "outcomes": _outcomes(rows // 2, people),
    }
    for export, table in tables.items():
        absent = [pl.lit("").alias(name) for name in EXPORTS[export] if name not in table.columns]
        whole = table.with_columns(absent).select(list(EXPORTS[export]))
        whole.write_csv(folder / f"{export}.csv", include_bom=True, line_terminator="\r\n")


def _rows(count: int) -> pl.DataFrame:
    return pl.DataFrame({"i": pl.int_range(count, eager=True)})


def _pick(words: tuple[str, ...], by: pl.Expr) -> pl.Expr:
    return by.mod(len(words)).replace_strict(list(range(len(words))), list(words), return_dtype=pl.String)


def _flawed(export: str, check: str) -> pl.Expr:
    kinds, place = FLAWS[export], pl.col("i") + list(FLAWS).index(export)
    turn = (place // 100 + place % 100) % len(kinds)
    return (place % 100).is_in(FLAWED) & (turn == kinds.index(check))


def _if(so: pl.Expr, words: pl.Expr | str) -> pl.Expr:
    return pl.when(so).then(pl.lit(words) if isinstance(words, str) else words).otherwise(pl.lit(""))


def _reference(letters: str, number: pl.Expr) -> pl.Expr:
    return pl.format(letters + "{}", number.cast(pl.String).str.zfill(6))


def _day(first: date, offset: pl.Expr) -> pl.Expr:
    return (pl.lit(first) + pl.duration(days=offset)).dt.strftime("%d/%m/%Y")


def _organisations() -> pl.DataFrame:
    return _rows(200).select(
        pl.format("HO{}", (pl.col("i") + 1).cast(pl.String).str.zfill(4)).alias("Organisation ID"),
        pl.format("Invented organisation {}", "i").alias("Organisation Name"),
        pl.lit("Charity").alias("Organisation Type"),
    )


def _services() -> pl.DataFrame:
    return pl.DataFrame(
        {
            "Service ID": ["HS001", "HS002"],
            "Organisation ID": ["HO0001", "HO0002"],
            "Project": ["Stockport Support Hub", "Community Support"],
            "Service Name": ["Stockport Support Hub", "Community Support"],
            "Lot": ["L3-SSH", "L4-CS"],
            "Status": ["Active", "Active"],
            "Valid From": ["01/04/2022", "01/04/2022"],
            "Waiting Target": ["30", "30"],
            "Minimum Age": ["18", "18"],
            "Domestic Abuse": ["No", "No"],
        }
    )


def _number() -> pl.Expr:
    """Return an NHS number of the 999 range whose check digit is right, or, where flawed, wrong."""
    digits = [pl.lit(9)] * 3 + [(pl.col("i") // 10**power) % 10 for power in range(5, -1, -1)]
    total = sum((digit * weight for digit, weight in zip(digits, WEIGHTS, strict=True)), pl.lit(0))
    check = (11 - total % 11) % 11
    nine = pl.format("999{}", (pl.col("i") % 10**6).cast(pl.String).str.zfill(6))
    flawed = _flawed("people", "PER-05")
    shown = pl.when(flawed).then((check + 1) % 10).otherwise(check)
    return pl.when((check == 10) & ~flawed).then(pl.lit("")).otherwise(pl.format("{}{}", nine, shown))


def _people(count: int) -> pl.DataFrame:
    places = pl.read_csv(LOOKUP, infer_schema=False)
    postcodes = places.filter(pl.col("oslaua") == DISTRICT)["pcds"]
    home = pl.col("i") // 2 + pl.when(pl.col("i") % 3 == 0).then(pl.lit(count)).otherwise(0)
    return _rows(count).select(
        _reference("HP", pl.col("i")).alias("Org Person ID"),
        pl.lit("Client").alias("Report Person Type"),
        pl.format("Zqfor{}", pl.col("i") % 5000).alias("Forename"),
        pl.format(
            "{}{}{} Zqsur{}", *(_pick(SOUNDS, ROW // step) for step in (1, 12, 144)), ROW % 20000
        ).alias("Surname"),
        pl.when(_flawed("people", "PER-04"))
        .then(pl.lit(""))
        .otherwise(_day(date(1940, 1, 2), (pl.col("i") * 37) % 11500 * 2))  # never 1 January 1970
        .alias("Date of Birth"),
        _number().alias("NHS Number"),
        _pick(("Male", "Female"), pl.col("i")).alias("Gender"),
        pl.when(_flawed("people", "CHR-02"))
        .then(pl.lit("Martian"))
        .otherwise(pl.lit("White: Irish"))
        .alias("Ethnic Origin"),
        pl.format("{} Zqstr Road", home).alias("Address Line 1"),
        pl.lit("Zqtown").alias("Town"),
        pl.when(_flawed("people", "ADR-01"))
        .then(pl.lit("ZZ9 9"))
        .otherwise(postcodes.gather(_rows(count).select(pl.col("i") // 2 % len(postcodes)).to_series()))
        .alias("Postcode"),
        pl.lit("Main").alias("Address Type"),
        pl.when(pl.col("i") % 200 == 0)
        .then(pl.lit("Yes"))
        .otherwise(pl.lit("No"))
        .alias("Sensitive Location"),
        pl.lit("Yes").alias("Safe to Contact"),
        pl.format("0161 4960{}", (pl.col("i") % 1000).cast(pl.String).str.zfill(3)).alias("Telephone"),
        pl.lit("No").alias("Anonymised"),
    )


def _relationships(people: int) -> pl.DataFrame:
    return _rows(people // 20).select(
        _reference("HL", pl.col("i")).alias("Relationship ID"),
        _reference("HP", pl.col("i") * 20).alias("Org Person ID"),
        _reference("HP", (pl.col("i") * 20 + 7) % people).alias("Related Org Person ID"),
        pl.lit("Carer of").alias("Relationship"),
    )


def _referrals(rows: int, people: int) -> pl.DataFrame:
    day, closed = _received(ROW), _closed(people, ROW)
    flawed = _flawed("contacts", "CON-01") | _flawed("contacts", "CON-03")
    again = (pl.col("i") >= people) & (_started(people) == _started(people, pl.col("i") - people))
    started = ~(flawed | again)
    return _rows(rows).select(
        _reference("HR", pl.col("i")).alias("Diary Reference Number"),
        _reference("HP", pl.col("i") % people).alias("Org Person ID"),
        pl.when(_flawed("referrals", "REF-01"))
        .then(pl.lit("31/02/2022"))
        .otherwise(_day(date(2022, 4, 1), day))
        .alias("Referral Date"),
        pl.lit("10:15").alias("Referral Time"),
        pl.lit("Stockport Support Hub").alias("Project"),
        pl.when(closed)
        .then(pl.lit("Closed - Complete"))
        .otherwise(pl.lit("First Appointment Attended"))
        .alias("Stage"),
        pl.when(closed).then(pl.lit("Closed")).otherwise(pl.lit("Open")).alias("Status"),
        _if(closed, _day(date(2022, 4, 1), day + pl.col("i") % 28 + 2)).alias("Referral Closure Date"),
        _if(closed, CLOSED_AS).alias("Outcome"),
        _if(closed, _pick(("Met", "Partly met", "Not met"), pl.col("i"))).alias("Goal Outcome"),
        pl.lit("Routine").alias("Priority"),
        pl.lit("Phone").alias("Referral Method"),
        pl.lit("Voluntary Sector").alias("Referrer Type"),
        pl.when(_flawed("referrals", "REF-05"))
        .then(pl.lit(""))
        .otherwise(pl.format("HO{}", (pl.col("i") % 118 + 3).cast(pl.String).str.zfill(4)))
        .alias("Referrer ID"),
        _day(date(2022, 4, 1), day).alias("Triage Date"),
        pl.lit("Accept").alias("Triage Outcome"),
        _if(started, _day(date(2022, 4, 1), day)).alias("Accepted Date"),
        _if(started, _day(date(2022, 4, 1), _started(people))).alias("Start Date"),
    )


def _received(i: pl.Expr) -> pl.Expr:
    return i * 7 % 211


def _closed(people: int, i: pl.Expr) -> pl.Expr:
    """Return whether it is closed: where advised, sent on, here before, or with a flawed contact."""
    flawed = ((i + list(FLAWS).index("contacts")) % 100).is_in(FLAWED)
    return (i % 20 < 10) | (i >= people) | flawed


def _met(people: int, i: pl.Expr = ROW) -> pl.Expr:
    """Return the day of the contact: at once, but for open referrals in mid September at the earliest."""
    soon = _received(i)
    return pl.when(_closed(people, i)).then(soon).otherwise(pl.max_horizontal(soon, pl.lit(165)))


def _started(people: int, i: pl.Expr = ROW) -> pl.Expr:
    return _met(people, i) + i % 3


def _contacts(rows: int, people: int) -> pl.DataFrame:
    kind = _pick(KINDS, pl.col("i"))
    target = pl.format("HO{}", (pl.col("i") % 170 + 3).cast(pl.String).str.zfill(4))
    return _rows(rows).select(
        _reference("HC", pl.col("i")).alias("Contact ID"),
        pl.when(_flawed("contacts", "CON-01"))
        .then(_reference("DR", pl.col("i")))
        .otherwise(_reference("HR", pl.col("i")))
        .alias("Diary Reference Number"),
        _reference("HP", pl.col("i") % people).alias("Org Person ID"),
        _day(date(2022, 4, 1), _met(people)).alias("Contact Date"),
        pl.lit("11:30").alias("Contact Time"),
        pl.lit("Telephone").alias("Communication Method"),
        pl.when(_flawed("contacts", "CON-03"))
        .then(pl.lit("Did not attend"))
        .otherwise(pl.lit("Attended"))
        .alias("Attendance"),
        pl.lit("20").alias("Duration"),
        pl.format("Zqwrk{}", pl.col("i") % 12).alias("Worker"),
        pl.lit("No").alias("Administrative"),
        kind.alias("Contact Type"),
        pl.when(kind == "Advice")
        .then(_pick(CATEGORIES, pl.col("i")))
        .otherwise(pl.lit(""))
        .alias("Advice Category"),
        pl.when(kind == "Contact")
        .then(pl.lit(""))
        .otherwise(_pick(NEEDS, pl.col("i")))
        .alias("Classification Code"),
        pl.when(kind == "Signposting").then(target).otherwise(pl.lit("")).alias("Signposted To"),
        _if(kind == "External Referral", target).alias("External Referral To"),
        _if(kind == "External Referral", "Accepted").alias("External Referral Outcome"),
        pl.format("Zqtxt words nobody takes {}", "i").alias("Details"),
    )


def _needs(rows: int, people: int) -> pl.DataFrame:
    return (
        _rows(rows)
        .filter(~_flawed("needs", "REF-15"))
        .select(
            _reference("HN", pl.col("i")).alias("Need ID"),
            _reference("HR", pl.col("i")).alias("Diary Reference Number"),
            _reference("HP", pl.col("i") % people).alias("Org Person ID"),
            _pick(NEEDS, pl.col("i")).alias("Need"),
            pl.lit("Yes").alias("Primary"),
            _day(date(2022, 4, 1), (pl.col("i") * 7) % 211).alias("Raised Date"),
        )
    )


def _consents(rows: int, people: int) -> pl.DataFrame:
    sharing = _rows(people).select(
        _reference("HG", pl.col("i")).alias("Consent ID"),
        _reference("HP", pl.col("i")).alias("Org Person ID"),
        pl.lit("Share with council").alias("Purpose"),
        _pick(("Given", "Given", "Refused"), pl.col("i")).alias("Status"),
        pl.lit("01/04/2022 09:00").alias("Recorded"),
    )
    sent_on = _rows(rows).filter(_pick(KINDS, pl.col("i")) == "External Referral")
    onward = sent_on.select(
        _reference("HG", pl.col("i") + people).alias("Consent ID"),
        _reference("HP", pl.col("i") % people).alias("Org Person ID"),
        pl.lit("External referral").alias("Purpose"),
        pl.lit("Given").alias("Status"),
        (_day(date(2022, 4, 1), _met(people)) + " 09:00").alias("Recorded"),
    )
    return pl.concat([sharing, onward])


def _outcomes(rows: int, people: int) -> pl.DataFrame:
    wrong = _flawed("outcomes", "OUT-02")
    answers = [(pl.col("i") + item * item) % 5 + 1 for item in range(14)]
    total = sum(answers, pl.lit(0))
    return _rows(rows).select(
        _reference("HF", pl.col("i")).alias("Form ID"),
        _reference("HR", pl.col("i")).alias("Diary Reference Number"),
        _reference("HP", pl.col("i") % people).alias("Org Person ID"),
        pl.lit("WEMWBS").alias("Tool"),
        pl.lit("Baseline").alias("Timepoint"),
        _day(date(2022, 4, 1), _met(people)).alias("Completed Date"),
        *[answer.cast(pl.String).alias(f"Item {n}") for n, answer in enumerate(answers, start=1)],
        pl.when(wrong).then(total + 1).otherwise(total).cast(pl.String).alias("Total"),
        pl.lit("Yes").alias("Self Completed"),
    )
