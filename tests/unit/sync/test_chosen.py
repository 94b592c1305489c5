"""Which records a choice keeps out: by what was decided of them, and by whom the registers name."""

from pathlib import Path

import polars as pl

from sharing.choices import NOT_CHECKED, Choice, not_checked, register_stop, stop_of
from sync import memory
from sync.chosen import Chosen, people_who_chose
from sync.memory import EXPIRED, Memory, NextMemory
from sync.people import Digest
from sync.plan import FATE_HELD, FATE_WITHHELD
from sync.stops import Stops
from sync.withdrawing import demanded

OBJECTS, OPTS_OUT = f"choice:{Choice.OBJECTION}", f"choice:{Choice.OPT_OUT}"


def planned(*rows: tuple[bytes, int, str]) -> dict[str, pl.DataFrame]:
    """Return records as planned: key, fate, reason."""
    schema = {"_key": pl.Binary, "_fate": pl.UInt8, "_reason": pl.String}
    return {"relationship": pl.DataFrame(list(rows), schema=schema, orient="row")}


def test_a_record_that_a_choice_withholds_is_noted_whosever_it_is_and_a_doubt_is_none() -> None:
    """Who is named beside its own person, or found by a number tonight; held and unchecked records stay."""
    chosen = Chosen()
    chosen.note(
        planned(
            (b"names-them", FATE_WITHHELD, OBJECTS),
            (b"by-number", FATE_WITHHELD, OPTS_OUT),
            (b"unchecked", FATE_WITHHELD, NOT_CHECKED),
            (b"reviewed", FATE_HELD, OBJECTS),
            (b"unsure", FATE_HELD, "register:art21_objection"),
            (b"by-rule", FATE_WITHHELD, "cohort"),
        ),
        None,
    )
    chosen.note(planned((b"names-them", FATE_WITHHELD, OBJECTS)), None)
    assert dict(chosen.keys().iter_rows()) == {b"names-them": OBJECTS, b"by-number": OPTS_OUT}


def test_people_whose_choice_only_holds_or_could_not_be_asked_for_have_not_chosen() -> None:
    """Every kind of choice counts, under a register of any effect but to hold."""
    stops = [stop_of(choice) for choice in Choice]
    rest = [stop_of(choice, holds=True) for choice in Choice] + [not_checked(), not_checked(holds=True)]
    given = {"person": range(len(stops + rest)), "stop": stops + rest}
    people = pl.DataFrame(given, schema={"person": pl.UInt64, "stop": pl.UInt8})
    found = people_who_chose(Stops(Digest(0), people=people))
    assert dict(found.iter_rows()) == {at: f"choice:{choice}" for at, choice in enumerate(Choice)}


def test_what_the_recipient_has_is_found_by_key_or_person_and_what_has_expired_is_not(
    tmp_path: Path,
) -> None:
    """A row about nobody matches no person; one that the recipient has removed itself is not taken back.

    Of a flow that something stops, a register that withholds all it governs takes back all about people.
    """
    rows = [(b"mine", 7, 1), (b"gone", 7, EXPIRED), (b"names", 8, 2), (b"other", 9, 1), (b"nobody", None, 1)]
    kept = NextMemory(path := tmp_path / "flow.parquet")
    kept.add(
        pl.DataFrame(
            [(0, "hub", "person", key, b"", 1, batch, person) for key, person, batch in rows],
            schema=memory.SCHEMA,
            orient="row",
        )
    )
    kept.close()
    keys, people = pl.Series([b"names"], dtype=pl.Binary), pl.Series([7], dtype=pl.UInt64)
    assert set(Memory(path).there_of(keys, people)["key"]) == {b"mine", b"names"}
    doubt = Stops(Digest(0), people=stopped(8), everybody=register_stop(Choice.COURT_ORDER))
    taken = demanded(Memory(path), Chosen(), doubt)
    by_register = "register:court_order"
    assert dict(taken.select("key", "reason").iter_rows()) == {
        b"mine": by_register,
        b"names": OBJECTS,
        b"other": by_register,
    }
    held = Stops(Digest(0), people=stopped(8), everybody=register_stop(Choice.COURT_ORDER, holds=True))
    assert demanded(Memory(path), Chosen(), held)["key"].to_list() == [b"names"]


def stopped(person: int) -> pl.DataFrame:
    """Return somebody who objected."""
    given = {"person": [person], "stop": [stop_of(Choice.OBJECTION)]}
    return pl.DataFrame(given, schema={"person": pl.UInt64, "stop": pl.UInt8})
