"""Known flaws of wellbeing forms; they hold nothing."""

from demo.flaws.planting import BLANK, Kind, Planter
from demo.people import Row


def _items(form: Row) -> list[str]:
    return [name for name in form if name.startswith("Item ") and form[name]]


def _wrong_total(planter: Planter, count: int) -> None:
    for row in planter.pick(
        [form for form in planter.book.tables["outcomes"] if int(form["Total"]) < 60], count
    ):
        row["Total"] = str(int(row["Total"]) + (3 if row["Tool"] == "WEMWBS" else 1))
        planter.note("outcome_measure", row["Form ID"], "OUT-02", "raw_total", BLANK)


def _leave_out_two(planter: Planter, form: Row) -> int:
    """Blank two answers of the form; return the sum of those that stay."""
    for name in planter.draw.sample(_items(form)[2:], 2):
        form[name] = ""
    return sum(int(form[name]) for name in _items(form))


def _incomplete_with_total(planter: Planter, count: int) -> None:
    full = [
        form
        for form in planter.book.tables["outcomes"]
        if form["Tool"] == "WEMWBS" and int(form["Total"]) >= 26
    ]
    for row in planter.pick(full, count):
        row["Total"] = str(_leave_out_two(planter, row))
        planter.note("outcome_measure", row["Form ID"], "OUT-03", "raw_total", BLANK)
    for row in planter.pick([form for form in full if form["Total"]], 2):
        _leave_out_two(planter, row)
        row["Total"] = ""  # an incomplete form without a score is as it should be


KINDS: tuple[Kind, ...] = (
    (_wrong_total, (8, 3, 2)),
    (_incomplete_with_total, (8, 3, 2)),
)
