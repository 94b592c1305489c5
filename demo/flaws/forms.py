"""Known flaws of wellbeing forms; they hold nothing."""

from datetime import timedelta

from demo.book import Table
from demo.dates import LAST_DAY, day_text, read_day
from demo.flaws.planting import BLANK, DIARY, NONE, Kind, Planter
from demo.people import Row

ITEMS = tuple(f"Item {number}" for number in range(1, 15))


def _forms(planter: Planter) -> Table:
    return planter.book.tables["outcomes"]


def _items(form: Row) -> list[str]:
    return [name for name in ITEMS if form[name]]


def _add_up(form: Row) -> None:
    form["Total"] = str(sum(int(form[name]) for name in _items(form)))


def _wrong_total(planter: Planter, count: int) -> None:
    for row in planter.pick([form for form in _forms(planter) if int(form["Total"]) < 60], count):
        row["Total"] = str(int(row["Total"]) + (3 if row["Tool"] == "WEMWBS" else 1))
        planter.note("outcome_measure", row["Form ID"], "OUT-02", "raw_total", BLANK)


def _leave_out_two(planter: Planter, form: Row) -> int:
    """Blank two answers of the form; return the sum of those that stay."""
    for name in planter.draw.sample(_items(form)[2:], 2):
        form[name] = ""
    return sum(int(form[name]) for name in _items(form))


def _incomplete_with_total(planter: Planter, count: int) -> None:
    full = [form for form in _forms(planter) if form["Tool"] == "WEMWBS" and int(form["Total"]) >= 26]
    for row in planter.pick(full, count):
        row["Total"] = str(_leave_out_two(planter, row))
        planter.note("outcome_measure", row["Form ID"], "OUT-03", "raw_total", BLANK)
    for row in planter.pick([form for form in full if form["Total"]], 2):
        _leave_out_two(planter, row)
        row["Total"] = ""  # an incomplete form without a score is as it should be


def _long_forms(planter: Planter) -> Table:
    """Return complete forms of fourteen answers, each of a person nothing was planted on."""
    return [form for form in _forms(planter) if len(_items(form)) == len(ITEMS) and form["Total"]]


def _answer_out_of_range(planter: Planter, count: int) -> None:
    for turn, row in enumerate(planter.pick(_long_forms(planter), count)):
        number = 3 + turn
        row[f"Item {number}"] = "6" if turn % 2 else "7"
        _add_up(row)
        planter.note("outcome_measure", row["Form ID"], "OUT-01", f"item_{number:02}", BLANK)


def _impossible_total(planter: Planter, count: int) -> None:
    """Keep of a form only a total that it can not have."""
    for turn, row in enumerate(planter.pick(_long_forms(planter), count)):
        row.update(dict.fromkeys(ITEMS, ""))
        row["Total"] = ("9", "27.5", "84")[turn % 3]
        planter.note("outcome_measure", row["Form ID"], "OUT-04", "raw_total", BLANK)


def _all_alike(planter: Planter, count: int) -> None:
    for row in planter.pick(_long_forms(planter), count):
        row.update(dict.fromkeys(ITEMS, str(planter.draw.randint(2, 4))))
        _add_up(row)
        planter.note("outcome_measure", row["Form ID"], "OUT-08", "item_01", NONE)


def _other_tool(planter: Planter, count: int) -> None:
    """Let the last form be the short one where the first was the long one."""
    for row in planter.pick([form for form in _long_forms(planter) if form["Timepoint"] == "Exit"], count):
        row.update({"Tool": "SWEMWBS"} | dict.fromkeys(ITEMS[7:], ""))
        _add_up(row)
        planter.note("outcome_measure", row["Form ID"], "OUT-05", "tool", NONE)


def _late_baseline(planter: Planter, count: int) -> None:
    """Let the first form be filled in five weeks after the start."""
    forms = planter.of_case("outcomes")
    cases = {row[DIARY]: row for row in planter.book.tables["referrals"]}
    soon = LAST_DAY - timedelta(days=40)
    alone = [
        rows[0]
        for diary, rows in forms.items()
        if len(rows) == 1 and cases[diary]["Start Date"] and read_day(cases[diary]["Start Date"]) <= soon
    ]
    for row in planter.pick(alone, count):
        start = read_day(cases[row[DIARY]]["Start Date"])
        row["Completed Date"] = day_text(start + timedelta(days=35))
        planter.note("outcome_measure", row["Form ID"], "OUT-06", "completed_on", NONE)


KINDS: tuple[Kind, ...] = (
    (_wrong_total, (8, 3, 2)),
    (_incomplete_with_total, (8, 3, 2)),
    (_answer_out_of_range, (4, 2, 1)),
    (_impossible_total, (3, 2, 1)),
    (_all_alike, (3, 2, 1)),
    (_other_tool, (3, 1, 1)),
    (_late_baseline, (3, 2, 1)),
)
