"""Known flaws of people, their answers and their homes; they hold nothing and change no figure."""

from demo.flaws.planting import BLANK, NONE, Kind, Planter

PLACEHOLDERS = tuple(str(digit) * 10 for digit in range(1, 10))
BAD_POSTCODES = (
    "ZQ1 1",
    "1AA ZQ1",
    "ZQ 11A",
    "ZQ1 1A1",
    "Z",
    "QQQ 111",
    "ZQ1-1AA-2",
    "ZQ00000",
    "ZQ123 4AA",
    "ZZZ9 9ZZ",
)
UNMAPPABLE = ("Martian", "Northern", "Human", "European (other)", "See notes", "Code 7", "Islander", "Nomad")


def _no_birth_date(planter: Planter, count: int) -> None:
    for row in planter.pick(planter.people(), count):
        row["Date of Birth"] = ""
        planter.note("person", row["Org Person ID"], "PER-04", "birth_date", NONE)


def _wrong_check_digit(planter: Planter, count: int) -> None:
    numbered = [row for row in planter.people() if row["NHS Number"]]
    for turn, row in enumerate(planter.pick(numbered, count)):
        number = row["NHS Number"].replace(" ", "")
        row["NHS Number"] = number[:9] if turn % 4 == 3 else f"{number[:9]}{(int(number[9]) + 1) % 10}"
        planter.note("person", row["Org Person ID"], "PER-05", "nhs_number", BLANK)


def _placeholder_number(planter: Planter, count: int) -> None:
    for row, number in zip(planter.pick(planter.people(), count), PLACEHOLDERS[::-1], strict=False):
        row["NHS Number"] = number
        planter.note("person", row["Org Person ID"], "PER-06", "nhs_number", BLANK)


def _bad_postcode(planter: Planter, count: int) -> None:
    for row, postcode in zip(planter.pick(planter.people(), count), BAD_POSTCODES, strict=False):
        row["Postcode"] = postcode
        planter.note("address", row["Org Person ID"], "ADR-01", "postcode", BLANK)


def _unknown_postcode(planter: Planter, count: int) -> None:
    for number, row in enumerate(planter.pick(planter.people(), count), start=1):
        row["Postcode"] = f"ZQ9 {number % 10}XX"
        planter.note("address", row["Org Person ID"], "ADR-02", "postcode", NONE)


def _strange_ethnicity(planter: Planter, count: int) -> None:
    for row, words in zip(planter.pick(planter.people(), count), UNMAPPABLE, strict=False):
        row["Ethnic Origin"] = words
        planter.note("characteristics", row["Org Person ID"], "CHR-02", "ethnicity_2021", BLANK)


KINDS: tuple[Kind, ...] = (
    (_no_birth_date, (8, 2, 1)),
    (_wrong_check_digit, (8, 2, 1)),
    (_placeholder_number, (8, 2, 1)),
    (_bad_postcode, (8, 2, 1)),
    (_unknown_postcode, (8, 2, 1)),
    (_strange_ethnicity, (8, 2, 1)),
)
