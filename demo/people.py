"""Invented people: identities that several providers may know, each under a reference of its own."""

from dataclasses import dataclass, field
from datetime import date, timedelta
from random import Random

from demo.dates import FIRST_DAY, day_text
from demo.places import Home, Town
from demo.words import (
    ACCOMMODATION,
    EMPLOYMENT,
    ETHNICITIES,
    GENDERS,
    LANGUAGES,
    NUMBER_STATUS_WITH,
    NUMBER_STATUS_WITHOUT,
    canary,
)

Row = dict[str, str]


@dataclass
class Identity:
    """Who a person is, whichever provider knows them."""

    forename: str
    surname: str
    known_as: str
    born: date
    nhs_number: str
    number_status: str
    gender: str
    ethnicity: str
    accommodation: str
    employment: str
    language: str
    practice: str
    home: Home
    telephone: str
    references: dict[str, str] = field(default_factory=dict)

    def cells(self) -> Row:
        """Return the identity in the columns of the people export."""
        return {
            "Forename": self.forename,
            "Surname": self.surname,
            "Known As": self.known_as,
            "Date of Birth": day_text(self.born),
            "NHS Number": self.nhs_number,
            "NHS Number Status": self.number_status,
            "Gender": self.gender,
            "Ethnic Origin": self.ethnicity,
            "Accommodation Type": self.accommodation,
            "Employment Status": self.employment,
            "Main Language": self.language,
            "GP Practice": self.practice,
            "Telephone": self.telephone,
            **home_cells(self.home),
        }


def home_cells(home: Home) -> Row:
    """Return the address in the columns of the people export."""
    return {
        "Address Line 1": home.line1,
        "Address Line 2": home.line2,
        "Town": home.town,
        "Postcode": home.postcode,
        "UPRN": home.uprn,
    }


def check_digit(nine: str) -> int:
    """Return the tenth digit of an NHS number by modulus 11; 10 means that there is no such number."""
    total = sum(int(digit) * weight for digit, weight in zip(nine, range(10, 1, -1), strict=True))
    return (11 - total % 11) % 11


class Population:
    """Draws invented people; no two share an NHS number.

    What was added to them later is drawn from `aside`, so that everybody stays who they were.
    """

    def __init__(self, draw: Random, aside: Random) -> None:
        self.draw, self.aside = draw, aside
        self.town = Town(draw)
        self._numbers: set[str] = set()
        self._forenames = [canary(draw, "Forename") for _ in range(300)]
        self._surnames = [canary(draw, "Surname") for _ in range(600)]

    def nhs_number(self) -> str:
        """Return a valid NHS number of the test range that nobody has yet."""
        while True:
            nine = f"999{self.draw.randrange(10**6):06d}"
            digit = check_digit(nine)
            number = f"{nine}{digit}"
            if digit < 10 and number not in self._numbers and len(set(number)) > 2:
                self._numbers.add(number)
                return number

    def birth_date(self, youngest: int, oldest: int) -> date:
        """Return a day of birth for an age at the first day of the sample, never a default day."""
        days = self.draw.randint(youngest * 366, oldest * 365)
        born = FIRST_DAY - timedelta(days=days)
        return born + timedelta(days=9) if (born.day, born.month) == (1, 1) else born

    def person(self, home: Home | None = None, ages: tuple[int, int] = (19, 96)) -> Identity:
        """Return a new person, of the given address if one is given."""
        draw = self.draw
        number = self.nhs_number() if draw.random() < 0.8 else ""
        spaced = f"{number[:3]} {number[3:6]} {number[6:]}" if number and draw.random() < 0.1 else number
        return Identity(
            forename=draw.choice(self._forenames),
            surname=draw.choice(self._surnames),
            known_as=canary(draw, "Known As") if draw.random() < 0.15 else "",
            born=self.birth_date(*ages),
            nhs_number=spaced,
            number_status=self._number_status(number),
            gender=draw.choices(GENDERS, (56, 41, 1, 2))[0],
            ethnicity=draw.choices(ETHNICITIES, (60, *[1.6] * 18, 5, 6))[0] if draw.random() < 0.93 else "",
            accommodation=draw.choice(ACCOMMODATION) if draw.random() < 0.85 else "",
            employment=draw.choice(EMPLOYMENT) if draw.random() < 0.8 else "",
            language=draw.choices(LANGUAGES, (92, 2, 3, 2, 1))[0],
            practice=f"Z99{draw.randint(1, 40):03d}" if draw.random() < 0.7 else "",
            home=self.town.home() if home is None else home,
            telephone=f"{canary(draw, 'Telephone')} 01632 960{draw.randint(0, 999):03d}",
        )

    def _number_status(self, number: str) -> str:
        """Return how far the number was traced; the CRM does not always say."""
        if number:
            return self.aside.choices(NUMBER_STATUS_WITH, (60, 30, 10))[0]
        return self.aside.choices(NUMBER_STATUS_WITHOUT, (20, 20, 60))[0]
