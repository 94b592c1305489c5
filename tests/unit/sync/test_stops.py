"""Whom choices stop: each record of a person, and each that names them, however people are divided."""

import polars as pl

from canonical import polars_schema
from sharing.choices import STOP, Choice, not_checked, register_stop, stop_of
from sharing.errors import RegisterRefused
from sharing.registers import RegisterKey
from sync.digests import Digest
from sync.numbers import NumberNotes, opted_out
from sync.standing import FoundBy, Standing, stops_of
from sync.stops import Stops
from tests.unit.sharing.records import example

DIGEST, KEY = Digest(7), RegisterKey(b"k" * 32)
OBJECTS, ORDERED = stop_of(Choice.OBJECTION), stop_of(Choice.COURT_ORDER)
NUMBERS = {"P1": "9434765919", "P2": "9434765870", "P3": None, "P4": "9434765918", "P5": "9434765919"}


def people(*names: str) -> pl.DataFrame:
    """Return person records; P4's number has a wrong check digit."""
    rows = {"_source": ["hub"] * len(names), "_reference": names, "_person": names}
    frame = pl.DataFrame({**rows, "nhs_number": [NUMBERS[name] for name in names]})
    return frame.cast({"nhs_number": pl.String})


def relationships(*pairs: tuple[str, str]) -> pl.DataFrame:
    """Return records of one person that name another."""
    empty = pl.DataFrame(schema={"_source": pl.String, "_person": pl.String} | polars_schema("relationship"))
    rows = [
        {"_source": "hub", "_person": one, "person_id": one, "related_person_id": two} for one, two in pairs
    ]
    return pl.concat([empty, pl.DataFrame(rows)], how="diagonal")


def digests(**stops: int) -> pl.DataFrame:
    """Return whom a register stops."""
    names = people(*stops).select(DIGEST.person("_reference").alias("person"))
    return names.with_columns(stop=pl.Series(list(stops.values()), dtype=pl.UInt8))


def test_a_stopped_person_s_records_and_those_that_name_them_are_marked() -> None:
    """Of two people in one record the stricter stop counts; nobody else's record is touched."""
    stops = Stops(DIGEST, KEY, digests(P1=OBJECTS, P3=ORDERED))
    tables = {
        "person": people("P1", "P2", "P3"),
        "relationship": relationships(("P2", "P1"), ("P1", "P3"), ("P2", "P5")),
        "service": pl.DataFrame({"_source": ["hub"]}),
    }
    marked = stops.beside(tables)
    assert marked["person"][STOP].to_list() == [OBJECTS, 0, ORDERED]
    assert marked["relationship"][STOP].to_list() == [OBJECTS, ORDERED, 0]
    assert STOP not in marked["service"].columns


def test_the_same_reference_of_another_source_is_another_person() -> None:
    """Nothing spreads to whoever another provider calls by the same reference."""
    elsewhere = people("P1").with_columns(pl.lit("other").alias("_source"))
    marked = Stops(DIGEST, KEY, digests(P1=OBJECTS)).beside({"person": elsewhere})
    assert marked["person"][STOP].to_list() == [0]


def test_however_people_are_divided_each_is_marked_the_same() -> None:
    """Whole people one by one, or all together: the same mark, the opt-out by number included."""
    opted = KEY.digests(pl.Series(["9434765919"]), Choice.OPT_OUT).to_frame("digest")
    numbers = opted.with_columns(pl.lit(stop_of(Choice.OPT_OUT), pl.UInt8).alias("stop"))
    stops = Stops(DIGEST, KEY, digests(P2=OBJECTS), numbers, not_checked())
    together = stops.beside({"person": people(*NUMBERS)})["person"][STOP].to_list()
    apart = [stops.beside({"person": people(name)})["person"][STOP][0] for name in NUMBERS]
    opt_out, unasked = stop_of(Choice.OPT_OUT), not_checked()
    assert together == apart == [opt_out, OBJECTS, unasked, unasked, opt_out]


def test_whoever_is_named_from_another_partition_is_looked_up_by_their_number_too() -> None:
    """P1 opted out, P3 has no number; the partition at hand holds neither, and records that name both."""
    notes = NumberNotes(KEY)
    notes.take({"person": people(*NUMBERS)}, DIGEST)
    register = KEY.digests(pl.Series(["9434765919"]), Choice.OPT_OUT)
    known = opted_out(pl.concat(notes.parts), register, stop_of(Choice.OPT_OUT), not_checked())
    pairs = relationships(("P2", "P1"), ("P2", "P3"), ("P2", "P2"))
    marked = Stops(DIGEST, KEY, known).beside({"person": people("P2"), "relationship": pairs})
    assert marked["relationship"][STOP].to_list() == [stop_of(Choice.OPT_OUT), not_checked(), 0]
    unasked = NumberNotes()
    unasked.take({"person": people(*NUMBERS)}, DIGEST)
    assert unasked.parts == [], "no number is looked at where no flow asks for the opt-out"


def test_a_register_that_cannot_be_relied_on_keeps_everybody_it_does_not_stop() -> None:
    """Known choices still withhold; of the register's own stop and a choice that only holds, the stricter."""
    reviewed = stop_of(Choice.RESTRICTION, holds=True)
    for holds in (False, True):
        unsure = register_stop(Choice.OBJECTION, holds=holds)
        stops = Stops(DIGEST, KEY, digests(P1=OBJECTS, P3=reviewed), everybody=unsure)
        marked = stops.beside({"person": people("P1", "P2", "P3")})["person"][STOP].to_list()
        assert marked == [OBJECTS, unsure, min(unsure, reviewed)]
        assert stops.takes_all_back is not holds


def test_of_two_registers_in_doubt_the_one_that_withholds_wins() -> None:
    """One holds and one withholds: everybody in a flow that both govern is withheld, elsewhere held."""
    lost = RegisterRefused([])
    held = Standing(Choice.OBJECTION, "a", ("one", "two"), holds_if_stale=True, problem=lost)
    withheld = Standing(Choice.COURT_ORDER, "b", ("one",), holds_if_stale=False, problem=lost)
    for order in ([held, withheld], [withheld, held]):
        found = {flow: stops_of(example(), flow, order, FoundBy(DIGEST)) for flow in ("one", "two", "three")}
        assert found["one"].everybody == register_stop(Choice.COURT_ORDER)
        assert found["two"].everybody == register_stop(Choice.OBJECTION, holds=True)
        assert found["three"].everybody == 0


def test_a_withdrawal_for_a_register_s_sake_says_so_and_a_choice_is_said_first() -> None:
    """Rows of people that nothing else takes back carry the register's word; rows of nobody keep theirs."""
    person = people("P1", "P2").select(DIGEST.person("_reference").alias("person"))["person"].to_list()
    rows = pl.DataFrame(
        {
            "source": ["hub"] * 4,
            "person": [*person, None, person[1]],
            "reason": ["withheld", "withheld", "withheld", "vanished"],
        },
        schema_overrides={"person": pl.UInt64},
    )
    stops = Stops(DIGEST, KEY, digests(P1=OBJECTS), everybody=register_stop(Choice.COURT_ORDER))
    told = stops.explained(rows)["reason"].to_list()
    assert told == ["choice:art21_objection", "register:court_order", "withheld", "vanished"]
    assert Stops(DIGEST).explained(rows)["reason"].to_list() == rows["reason"].to_list()


def test_without_any_choice_the_tables_are_handed_on_as_they_are() -> None:
    """A night without choices pays nothing for them."""
    tables = {"person": people("P1")}
    assert Stops(DIGEST).beside(tables) is tables
