"""Known flaws of what people said of themselves and of where they live; they hold nothing."""

from demo.flaws.planting import BLANK, DIARY, NONE, PERSON, Kind, Planter
from demo.places import postcodes_elsewhere
from demo.words import ABUSE_NEEDS, REFUGE

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
NO_GENDERS = ("U", "0", "Unisex", "See notes")
NO_UPRNS = ("99900123456789", "000-000", "999001234567890", "tbc")


def _bad_postcode(planter: Planter, count: int) -> None:
    for row, postcode in zip(planter.pick(planter.people(), count), BAD_POSTCODES, strict=False):
        row["Postcode"] = postcode
        planter.note("address", row[PERSON], "ADR-01", "postcode", BLANK)


def _unknown_postcode(planter: Planter, count: int) -> None:
    for number, row in enumerate(planter.pick(planter.people(), count), start=1):
        row["Postcode"] = f"ZQ9 {number % 10}XX"
        planter.note("address", row[PERSON], "ADR-02", "postcode", NONE)


def _lives_elsewhere(planter: Planter, count: int) -> None:
    elsewhere = postcodes_elsewhere()
    for number, row in enumerate(planter.pick(planter.people(), count)):
        row["Postcode"] = elsewhere[number % len(elsewhere)]
        planter.note("address", row[PERSON], "ADR-03", "lad", NONE)


def _bad_uprn(planter: Planter, count: int) -> None:
    """Spoil a cell that is a person's and an address's: it is told of once, of the person."""
    for row, uprn in zip(planter.pick(planter.people(), count), NO_UPRNS, strict=False):
        row["UPRN"] = uprn
        planter.note("person", row[PERSON], "ADR-06", "uprn", BLANK)


def _strange_ethnicity(planter: Planter, count: int) -> None:
    for row, words in zip(planter.pick(planter.people(), count), UNMAPPABLE, strict=False):
        row["Ethnic Origin"] = words
        planter.note("characteristics", row[PERSON], "CHR-02", "ethnicity_2021", BLANK)


def _strange_gender(planter: Planter, count: int) -> None:
    for row, words in zip(planter.pick(planter.people(), count), NO_GENDERS, strict=False):
        row["Gender"] = words
        planter.note("characteristics", row[PERSON], "CHR-04", "gender", BLANK)


def _working_child(planter: Planter, count: int) -> None:
    children = [row for row in planter.book.tables["people"] if row["Report Person Type"] == "Child"]
    for row in planter.pick(children, count):
        row["Employment Status"] = "Paid: 16 or more hours a week"
        planter.note("characteristics", row[PERSON], "CHR-05", "employment_status", NONE)


def _open_refuge(planter: Planter, count: int) -> None:
    """Say that people live in a refuge, and nothing that would keep the place safe."""
    telling = {row[DIARY] for row in planter.book.tables["needs"] if row["Need"] in ABUSE_NEEDS}
    sent = [row for row in planter.book.tables["contacts"] if row["Contact Type"] != "Contact"]
    told = {row[PERSON] for row in sent}
    told |= {row[PERSON] for row in planter.book.tables["risks"] if row["Risk"] == "Domestic abuse"}
    told |= {row[PERSON] for row in planter.book.tables["referrals"] if row[DIARY] in telling}
    open_ones = [
        row
        for row in planter.people()
        if row["Safe to Contact"] == "Yes" and row["Sensitive Location"] == "No" and row[PERSON] not in told
    ]
    for row in planter.pick(open_ones, count):
        row["Accommodation Type"] = REFUGE
        planter.note("characteristics", row[PERSON], "CHR-06", "accommodation_status", NONE)


KINDS: tuple[Kind, ...] = (
    (_bad_postcode, (8, 2, 1)),
    (_unknown_postcode, (8, 2, 1)),
    (_lives_elsewhere, (4, 2, 1)),
    (_bad_uprn, (4, 2, 1)),
    (_strange_ethnicity, (8, 2, 1)),
    (_strange_gender, (4, 2, 1)),
    (_working_child, (4, 0, 0)),
    (_open_refuge, (3, 2, 0)),
)
