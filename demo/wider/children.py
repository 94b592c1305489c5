"""Reviews of young children and their scores: the flaws, and what lies just inside the rules."""

from datetime import date, timedelta

from demo.people import Row
from demo.wider.layout import FAMILIES, said
from demo.wider.ledger import BLANK, Ledger

AREAS = ("COM", "GM", "FM", "PS", "PSOC")
FULL = dict(zip(AREAS, ("50", "55", "40", "45", "60"), strict=True))
YEARS = 365.25
REVIEW, SCORE = (FAMILIES, "child_review"), (FAMILIES, "child_score")


class Reviews:
    """The reviews of family hubs; each child is a new one unless one is given."""

    def __init__(self, ledger: Ledger) -> None:
        self._ledger = ledger

    def child(self, born: date) -> Row:
        """Return a child of that day of birth."""
        return self._ledger.person(FAMILIES, self._ledger.somebody(born))

    def review(self, child: Row, stage: str, done: date | None, **cells: str) -> Row:
        """Return a review of the child; without the questionnaire unless the cells say so."""
        told = {"Person No": child["Person No"], "Stage": stage, "Completed": said(done), "ASQ-3 Used": "No"}
        named = {"late": "Late", "repeat": "Repeat", "asked": "ASQ-3 Used", "mother": "Mother NHS No"}
        return self._ledger.add(FAMILIES, "reviews", told | {named[key]: cell for key, cell in cells.items()})

    def scored(
        self, child: Row, done: date, interval: str, scores: dict[str, str] = FULL
    ) -> tuple[Row, list[Row]]:
        """Return a review of no stage by age, with the questionnaire and the scores of its areas."""
        review = self.review(child, "6", done, asked="Yes")
        return review, [self.score(review, interval, area, score) for area, score in scores.items()]

    def score(self, review: Row, interval: str, area: str, score: str, adjusted: str = "No") -> Row:
        """Return the score of one area."""
        told = {"Questionnaire": interval, "Area": area, "Score": score, "Adjusted": adjusted}
        whose = {name: review[name] for name in ("Review No", "Person No")}
        return self._ledger.add(FAMILIES, "scores", whose | told)

    def flaw(self, row: Row, check: str, named: str, fate: str = "none") -> None:
        """Write a flaw of the row down."""
        entity = SCORE if "Score No" in row else REVIEW
        self._ledger.note(entity, row, check, named, fate)

    def right(self, row: Row, check: str, named: str, says: str, *, told: bool = False) -> None:
        """Write down that the row is right."""
        entity = SCORE if "Score No" in row else REVIEW
        self._ledger.resembles(entity, row, check, named, says, told=told)


def write_reviews(ledger: Ledger) -> None:
    """Add all reviews, those in order included."""
    of = Reviews(ledger)
    for number in range(12):
        born = date(2020, 1, 9) + timedelta(days=13 * number)
        of.review(of.child(born), "5", born + timedelta(days=760))
        of.scored(of.child(born), born + timedelta(days=760), "24")
    for plant in (_windows, _twice, _ranges, _steps, _areas, _ages, _mothers, _grown_up):
        plant(of)


def _windows(of: Reviews) -> None:
    born = date(2022, 3, 31)
    for stage, days, late in (("2", 9, "No"), ("2", 16, "No"), ("4", 150, "Yes"), ("3", 20, "No")):
        row = of.review(of.child(born), stage, born + timedelta(days=days), late=late)
        of.flaw(row, "CHI-01", "completed_on")
    leap = date(2020, 2, 29)
    for day_of_birth, stage, done, late, says in (
        (born, "2", date(2022, 4, 10), "No", "Ten days old, the first day of the new birth visit."),
        (born, "2", date(2022, 4, 14), "No", "Fourteen days old, the last day of the new birth visit."),
        (born, "3", date(2022, 4, 30), "No", "A month old on the last of April, born on the last of March."),
        (born, "2", date(2022, 6, 1), "Yes", "Late, and the service says so itself."),
        (leap, "5", date(2022, 1, 29), "No", "Born on 29 February, 23 months old that day."),
        (
            leap,
            "5",
            date(2022, 7, 14),
            "No",
            "Born on 29 February, two years, four months and fifteen days old.",
        ),
    ):
        of.right(of.review(of.child(day_of_birth), stage, done, late=late), "CHI-01", "completed_on", says)


def _twice(of: Reviews) -> None:
    born = date(2020, 2, 10)
    first, second = date(2022, 2, 15), date(2022, 4, 20)
    for _ in range(3):
        child = of.child(born)
        of.flaw(of.review(child, "5", first), "CHI-02", "stage")
        of.review(child, "5", second)
    child = of.child(born)
    of.right(of.review(child, "5", first), "CHI-02", "stage", "The later one is marked as its repeat.")
    of.review(child, "5", second, repeat="Yes")
    child = of.child(born)
    of.right(of.review(child, "5", None), "CHI-02", "stage", "Missed; the second appointment was kept.")
    of.review(child, "5", second)
    for _ in range(2):
        of.right(of.review(of.child(born), "5", first), "CHI-02", "stage", "Twins, reviewed on one morning.")


def _ranges(of: Reviews) -> None:
    done = date(2022, 2, 15)
    for score in ("65", "-5", "450", "60.5"):
        _, rows = of.scored(of.child(date(2020, 2, 10)), done, "24", FULL | {"GM": score})
        of.flaw(rows[1], "CHI-03", "score", BLANK)
    _, rows = of.scored(of.child(date(2020, 2, 10)), done, "24", FULL | {"GM": "0", "FM": "60"})
    for row, says in (
        (rows[1], "Nothing yet in this area: 0 is a score."),
        (rows[2], "All six answers: 60."),
    ):
        of.right(row, "CHI-03", "score", says)


def _steps(of: Reviews) -> None:
    done = date(2022, 2, 15)
    for score in ("47", "23", "51", "8"):
        _, rows = of.scored(of.child(date(2020, 2, 10)), done, "24", FULL | {"PS": score})
        of.flaw(rows[3], "CHI-04", "score")
    for adjusted, says in (
        ("Yes", "Adjusted for a question left out, and ticked."),
        ("", "Adjusted for a question left out, on a form of before there was a tick for it."),
    ):
        review = of.review(of.child(date(2020, 2, 10)), "6", done, asked="Yes")
        for area in AREAS[1:]:
            of.score(review, "24", area, "50")
        row = of.score(review, "24", "COM", "54", adjusted)
        of.right(row, "CHI-04", "score", says, told=not adjusted)


def _areas(of: Reviews) -> None:
    done, born = date(2022, 2, 15), date(2020, 2, 10)
    four = {area: FULL[area] for area in AREAS[:4]}
    for scores in (four, {}, FULL | {"PSOC": ""}):
        review, _ = of.scored(of.child(born), done, "24", scores)
        of.flaw(review, "CHI-05", "asq3_used")
    review, _ = of.scored(of.child(born), done, "24", four)
    of.score(review, "24", "COM", "45")
    of.flaw(review, "CHI-05", "asq3_used")
    review = of.review(of.child(born), "6", done, asked="No")
    of.right(review, "CHI-05", "asq3_used", "No questionnaire was used, and there are no scores.")
    review = of.review(of.child(born), "6", done, asked="")
    of.right(review, "CHI-05", "asq3_used", "Nothing says whether it was used.")
    review, _ = of.scored(of.child(born), done, "24")
    of.score(review, "24", "COM", "45")
    of.right(review, "CHI-05", "asq3_used", "All five areas, one of them asked again.")


def _ages(of: Reviews) -> None:
    born = date(2020, 2, 10)
    for done, interval in ((date(2022, 8, 20), "24"), (date(2020, 11, 20), "12")):
        for row in of.scored(of.child(born), done, interval)[1]:
            of.flaw(row, "CHI-06", "interval")
    for area in AREAS[:3]:
        review = of.review(of.child(born), "6", date(2022, 2, 15), asked="Yes")
        rows = [of.score(review, "12" if one == area else "24", one, "50") for one in AREAS]
        of.flaw(rows[AREAS.index(area)], "CHI-06", "interval")
    _, rows = of.scored(of.child(born), date(2022, 3, 25), "24")
    for row in rows:
        of.right(row, "CHI-06", "interval", "The last day on which the questionnaire is the right one.")
    _, rows = of.scored(of.child(born), date(2021, 3, 15), "10")
    for row in rows:
        says = "Born three months early: the questionnaire goes by the day the birth was due."
        of.right(row, "CHI-06", "interval", says, told=True)


def _mothers(of: Reviews) -> None:
    born, done = date(2021, 2, 10), date(2022, 2, 15)
    for _ in range(3):
        child = of.child(born)
        of.flaw(of.review(child, "6", done, mother=child["NHS No"]), "CHI-07", "mother_nhs_number", BLANK)
    mother = of.child(date(2004, 12, 20))
    of.review(mother, "6", done)
    for says in ("Brother and sister have one mother.", "Their mother is a child of the service herself."):
        review = of.review(of.child(born), "6", done, mother=mother["NHS No"])
        of.right(review, "CHI-07", "mother_nhs_number", says)
    review = of.review(of.child(born), "6", done)
    of.right(review, "CHI-07", "mother_nhs_number", "Fostered: nobody's number is given as the mother's.")


def _grown_up(of: Reviews) -> None:
    done = date(2022, 2, 28)
    for born in (date(2004, 2, 28), date(1991, 5, 3), date(1986, 11, 20)):
        of.flaw(of.review(of.child(born), "7", done), "CHI-08", "completed_on")
    for born, says in (
        (date(2004, 3, 1), "Eighteen tomorrow."),
        (date(2004, 2, 29), "Born on 29 February, eighteen tomorrow."),
        (date(2005, 2, 28), "Seventeen that day."),
    ):
        of.right(of.review(of.child(born), "7", done), "CHI-08", "completed_on", says)
