"""Known flaws of age in the service for young carers; they hold nothing and change no figure."""

from datetime import timedelta

from demo.book import Table
from demo.dates import day_text, read_day
from demo.flaws.planting import DIARY, NONE, PERSON, Kind, Planter
from demo.young import PROJECT


def _cases(planter: Planter) -> Table:
    return [
        row for row in planter.book.tables["referrals"] if row["Project"] == PROJECT and row["Start Date"]
    ]


def _too_young_for_the_form(planter: Planter, count: int) -> None:
    """Make somebody ten years old who filled in a form that is for people of thirteen and over."""
    cases, forms = {row[DIARY]: row for row in _cases(planter)}, planter.of_case("outcomes")
    alone = [forms[diary][0] for diary in cases if len(forms[diary]) == 1]
    for form in planter.pick(alone, count):
        born = read_day(cases[form[DIARY]]["Referral Date"]) - timedelta(days=10 * 366)
        planter.person(form[PERSON])["Date of Birth"] = day_text(born)
        planter.note("outcome_measure", form["Form ID"], "OUT-07", "completed_on", NONE)


def _too_old(planter: Planter, count: int) -> None:
    """Make somebody forty who was helped by the service for young carers."""
    for row in planter.pick(_cases(planter), count):
        planter.person(row[PERSON])["Date of Birth"] = day_text(
            read_day(row["Referral Date"]) - timedelta(days=40 * 366)
        )
        planter.note("service_episode", row[DIARY], "EPI-06", "started_on", NONE)


KINDS: tuple[Kind, ...] = (
    (_too_young_for_the_form, (0, 3, 0)),
    (_too_old, (0, 2, 0)),
)
