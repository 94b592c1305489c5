"""Checks of people: their dates, numbers and names."""

from datetime import date

import polars as pl

from quality.expressions.contact import NOT_MET
from quality.expressions.every import reference_repeated
from quality.identifiers import nhs_number_is_placeholder, nhs_number_is_valid, postcode_sector
from quality.questions import EVERYBODY, Asked, Question, age_on, of_fields
from quality.records import Records

OLDEST = 120
DEFAULT_BIRTHS = (date(1900, 1, 1), date(1901, 1, 1), date(1970, 1, 1))
INEXACT = ("year_month", "year", "estimated")
NUMBER_DENIED = ("07", "08")  # no number, and no trace needed or traced later
NUMBER_CLAIMED = ("01", "02", "05")  # present and verified, present and not traced, present in conflict
PLACEHOLDER_NAMES = (
    "test", "testing", "tester", "unknown", "not known", "unnamed", "no name", "none", "not given",
    "not provided", "tbc", "tba", "x", "xx", "xxx", "xxxx", "anonymous", "n/a", "dummy",
)  # fmt: skip
WITH_ANOTHER = "02"  # the contact was with a proxy


def born_after_first_referral(records: Records) -> Question:
    """PER-01: the person was born after having been referred."""
    born, first = pl.col("birth_date"), pl.lit(_referred(records)["first"])
    asked = born.is_not_null() & first.is_not_null() & (born <= records.extracted_on())
    child = records.optional("role_type", pl.String()) == "child"
    return Question(asked & ~child.fill_null(value=False), born > first)


def birth_date_impossible(records: Records) -> Question:
    """PER-02: the person is not yet born, or would be older than anybody."""
    return Question(pl.col("birth_date").is_not_null(), _impossible(records))


def birth_date_default(records: Records) -> Question:
    """PER-03: a birth date that systems fill in by themselves, or the day of the first referral."""
    born = pl.col("birth_date")
    exact = ~records.optional("birth_date_quality", pl.String()).is_in(INEXACT).fill_null(value=False)
    child = (records.optional("role_type", pl.String()) == "child").fill_null(value=False)
    copied = (born == pl.lit(_referred(records)["first"])).fill_null(value=False) & ~child
    default = born.is_in(DEFAULT_BIRTHS) | copied
    return Question(born.is_not_null() & exact & ~_impossible(records), default)


def _impossible(records: Records) -> pl.Expr:
    born, extracted = pl.col("birth_date"), records.extracted_on()
    day = pl.min_horizontal(pl.lit(_referred(records)["last"]), extracted)
    return (born > extracted) | (age_on(day, born) > OLDEST)


def _referred(records: Records) -> pl.DataFrame:
    """Return the days of each person's first and last referral."""

    def work() -> pl.DataFrame:
        received = records.columns("referral", {"received_on": pl.Date()})["received_on"]
        return records.along("referral", "_person", "person").span(received)

    return records.once("referred", work)


def birth_date_missing(records: Records) -> Question:
    """PER-04: a named client has no date of birth."""
    return Question((pl.col("role_type") == "client") & _named(records), records.blank("birth_date"))


def _named(records: Records) -> pl.Expr:
    return ~(records.ticked("anonymous") | records.ticked("anonymised"))


def nhs_number_invalid(records: Records) -> Question:
    """PER-05: the NHS number does not have ten digits and the right check digit."""
    wrong = ~nhs_number_is_valid(pl.col("nhs_number")).fill_null(value=False)
    return Question(records.entered("nhs_number"), wrong)


def nhs_number_placeholder(records: Records) -> Question:
    """PER-06: the NHS number passes its check digit but was never issued."""
    number = pl.col("nhs_number")
    valid = number.is_not_null() & nhs_number_is_valid(number)
    return Question(valid, nhs_number_is_placeholder(number, records.facts.test_ranges))


def nhs_number_shared(records: Records) -> Question:
    """PER-07: another person of the source has the same real NHS number."""
    number = pl.col("nhs_number")
    real = nhs_number_is_valid(number) & ~nhs_number_is_placeholder(number, records.facts.test_ranges)
    return Question(number.is_not_null() & real, pl.col("_nhs_shared"))


def nhs_number_status_contradicts(records: Records) -> Question:
    """PER-08: the status says that there is a number where there is none, or the other way round."""
    status = pl.col("nhs_number_status")
    absent = records.blank("nhs_number") | records.answered("nhs_number")
    denied, claimed = status.is_in(NUMBER_DENIED), status.is_in(NUMBER_CLAIMED)
    return Question(status.is_not_null(), (denied & ~absent) | (claimed & absent))


def event_after_death(records: Records) -> Question:
    """PER-11: the person died before being born, or was referred or seen after having died."""
    died = pl.col("death_date")
    later = [died < events for events in (pl.lit(_referred(records)["last"]), pl.lit(_last_seen(records)))]
    unborn = died < records.optional("birth_date", pl.Date())
    wrong = [after.fill_null(value=False) for after in (unborn, *later)]
    return Question(died.is_not_null(), pl.any_horizontal(*wrong))


def _last_seen(records: Records) -> pl.Series:
    """Return the day on which each person who has died was last seen by anybody."""
    dead = records.table["death_date"].is_not_null()
    contacts = records.columns(
        "contact",
        {
            "contact_on": pl.Date(),
            "is_administrative": pl.Boolean(),
            "attendance": pl.String(),
            "subject": pl.String(),
        },
    )
    case = records.along("contact", "referral_id", "referral").row
    person = records.along("referral", "_person", "person").row.gather(case)
    met = contacts.with_columns(person, dead.gather(person).alias("dead")).filter(pl.col("dead"))
    seen = met.filter(
        ~pl.col("is_administrative").fill_null(value=True),
        ~pl.col("attendance").is_in(NOT_MET).fill_null(value=True),
        (pl.col("subject") != WITH_ANOTHER).fill_null(value=True),
    ).drop_nulls("contact_on")
    last = seen.group_by("row").agg(pl.col("contact_on").max())
    none = pl.repeat(None, records.table.height, dtype=pl.Date(), eager=True)
    return none.scatter(last["row"], last["contact_on"])


def name_placeholder(records: Records) -> Question:
    """PER-13: a word that is no name stands in place of one."""
    names = {name: records.optional(name, pl.String()) for name in ("given_name", "family_name")}
    fields = {
        name: cell.str.strip_chars().str.to_lowercase().is_in(PLACEHOLDER_NAMES).fill_null(value=False)
        for name, cell in names.items()
    }
    given = pl.any_horizontal(*(cell.is_not_null() for cell in names.values()))
    return of_fields(_named(records) & given, fields)


def probably_the_same(records: Records) -> Question:
    """PER-09: another record is of somebody born on that day, called alike, who lives nearby; or linked."""
    born, family = pl.col("birth_date"), records.optional("family_name", pl.String())
    exact = ~records.optional("birth_date_quality", pl.String()).is_in(INEXACT).fill_null(value=False)
    usual = ~born.is_in(DEFAULT_BIRTHS).fill_null(value=False)
    known = born.is_not_null() & family.is_not_null() & pl.lit(_placed(records))
    sure = known & ~pl.col("_alike_unsure").fill_null(value=False)
    linked = pl.col("_alike_linked").fill_null(value=False)
    asked = _named(records) & (linked | (exact & usual))
    return Question(asked, linked | pl.when(sure).then(pl.col("_alike").is_not_null()))


def _placed(records: Records) -> pl.Series:
    """Return whether each person has an address with a postcode of a place."""
    postcodes = records.columns("address", {"postcode": pl.String()})
    placed = postcodes.select(postcode_sector(pl.col("postcode")).is_not_null()).to_series()
    return records.along("address", "_person", "person").some(placed)


def looks_anonymised(_: Records) -> Question:
    """PER-20: the identity was emptied or replaced together, and no flag says that it was meant."""
    return Question(EVERYBODY, pl.col("_recognised"))


def helped_elsewhere(records: Records) -> Question:
    """PER-21: the link joins a record of another provider, and this one may learn that there is one."""
    learns = pl.col("_learns").fill_null(value=False)
    safe = ~records.optional("safety_flag", pl.Boolean()).fill_null(value=True)
    return Question(learns & safe & _named(records), pl.col("_elsewhere"))


VERDICTS: dict[str, Asked] = {
    "PER-01": born_after_first_referral,
    "PER-02": birth_date_impossible,
    "PER-03": birth_date_default,
    "PER-04": birth_date_missing,
    "PER-05": nhs_number_invalid,
    "PER-06": nhs_number_placeholder,
    "PER-07": nhs_number_shared,
    "PER-08": nhs_number_status_contradicts,
    "PER-09": probably_the_same,
    "PER-11": event_after_death,
    "PER-12": reference_repeated,
    "PER-13": name_placeholder,
    "PER-20": looks_anonymised,
    "PER-21": helped_elsewhere,
}
