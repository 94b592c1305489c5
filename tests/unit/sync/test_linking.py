"""Whose records are one person's: what links, what keeps apart, and that the link stays the same."""

from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sharing.document import SamePerson
from sync.digests import Digest
from sync.linking.link import link_people
from sync.linking.linked import Linked
from sync.linking.notes import LinkNotes
from sync.linking.table import drop_link, keep_links, links_path, read_links

KEY = b"k" * 32
DIGEST = Digest.under(KEY)
ONE, TWO, THREE = "9434765919", "9434765870", "4010232137"
BORN, HOME = date(1950, 2, 3), "ZQ1 1AA"
SAID = SamePerson.model_validate(
    {
        "sources": ["hub", "other"],
        "deterministic": [
            {"id": "number", "agreeIn": ["person.nhs_number"]},
            {
                "id": "details",
                "agreeIn": [
                    "person.birth_date",
                    "person.family_name",
                    "person.given_name",
                    "address.postcode",
                ],
            },
        ],
        "why": "Counted once.",
    }
)
Who = tuple[str, str]


@dataclass(frozen=True)
class Record:
    """A person record as a source gives it; what is not said is like everybody's."""

    number: str | None = None
    born: date | None = BORN
    family: str | None = "Zqmarsh"
    given: str | None = "Ada"
    postcode: str | None = HOME
    role: str = "client"
    anonymised: bool | None = None
    absorbed: tuple[str, ...] = ()


@dataclass
class Nights:
    """Nights of a site that links people, one after another, and what is remembered between them."""

    state: Path
    linked: Linked = field(default_factory=Linked)

    def night(self, records: dict[Who, Record], whole: tuple[str, ...] = ("hub", "other")) -> dict[Who, str]:
        """Return the link of everybody there."""
        sources = sorted({source for source, _ in records} | set(whole))
        notes = {source: notes_of(source, records) for source in sources}
        self.linked = link_people(SAID, notes, whole, self.state, KEY)
        keep_links(self.state, self.linked.table, KEY, pl.Series("person", [], dtype=pl.UInt64))
        named = dict(self.linked.people.iter_rows())
        return {who: named[digest_of(who)] for who in records}


@dataclass
class Notes:
    """The part of a source's notes that linking asks for."""

    identity: LinkNotes
    absorbed: list[pl.DataFrame]


def digest_of(who: Who) -> int:
    return int(pl.select(DIGEST.of(pl.lit(who[0]), pl.lit(who[1]))).item())


def notes_of(source: str, records: dict[Who, Record], parts: int = 1, *, weighed: bool = False) -> Notes:
    """The notes of one source, its rows given in so many batches."""
    own = {who: record for who, record in records.items() if who[0] == source}
    rows = [
        {
            "_source": source,
            "_reference": reference,
            "_person": reference,
            "nhs_number": record.number,
            "birth_date": record.born,
            "family_name": record.family,
            "given_name": record.given,
            "postcode": record.postcode,
            "role_type": record.role,
            "anonymised": record.anonymised,
        }
        for (_, reference), record in own.items()
    ]
    schema = dict.fromkeys(
        ("_source", "_reference", "_person", "nhs_number", "family_name", "given_name", "postcode"), pl.String
    )
    schema |= {"birth_date": pl.Date, "role_type": pl.String, "anonymised": pl.Boolean}
    table = pl.DataFrame(rows, schema=schema)
    notes = LinkNotes(wanted=True, weighed=weighed)
    for part in range(parts):
        batch = table[part::parts]
        notes.take({"person": batch}, DIGEST)
        notes.take({"address": batch}, DIGEST)
    merged = [
        {"lost": digest_of((source, lost)), "person": digest_of(who)}
        for who, record in own.items()
        for lost in record.absorbed
    ]
    return Notes(notes, [pl.DataFrame(merged, schema={"lost": pl.UInt64, "person": pl.UInt64})])


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def linked(nights: Nights, first: Record, second: Record, source: str = "other") -> bool:
    """Return whether the hub's record and another are taken for one person's."""
    links = nights.night({("hub", "A"): first, (source, "B"): second})
    return len(set(links.values())) == 1


@pytest.mark.parametrize(
    ("first", "second", "same"),
    [
        (Record(ONE), Record(ONE, given="Adah", postcode="ZQ9 9ZZ"), True),
        (Record(ONE), Record(ONE, family=None, given=None, postcode=None), True),
        (Record(ONE), Record(ONE, born=date(1980, 1, 2)), False),
        (Record(ONE), Record(ONE, born=None), True),
        (Record(ONE), Record(ONE, born=None, given="Bert"), False),
        (Record(), Record(), True),
        (Record(), Record(family="ZQ-Marsh", postcode="zq11aa"), True),
        (Record(ONE), Record(), True),
        (Record(ONE), Record(TWO), False),
        (Record(), Record(given="Bea"), False),
        (Record(), Record(given=None), False),
        (Record(), Record(family="Zqhill"), False),
        (Record(), Record(postcode="ZQ1 1AB"), False),
        (Record(postcode=None), Record(postcode=None), False),
        (Record(postcode="ZZ99 3VZ"), Record(postcode="ZZ99 3VZ"), False),
        (Record(born=date(1950, 1, 1)), Record(born=date(1950, 1, 1)), False),
        (Record("1234567890", postcode=None), Record("1234567890", postcode=None), False),
        (Record(ONE, role="other"), Record(ONE, role="other"), False),
        (Record(ONE, anonymised=True), Record(ONE), False),
    ],
)
def test_records_are_linked_where_they_agree_and_nothing_contradicts(
    nights: Nights, first: Record, second: Record, same: bool
) -> None:
    """Doubt keeps apart: another day of birth, another number, another given name, a place that is none."""
    assert linked(nights, first, second) is same
    assert linked(nights, second, first) is same


def test_twins_under_one_number_at_one_provider_are_kept_apart(nights: Nights) -> None:
    """One was given the other's number: a third record under it is whose given name it bears."""
    links = nights.night(
        {
            ("hub", "A"): Record(ONE, given="Ada"),
            ("hub", "B"): Record(ONE, given="Bea"),
            ("other", "C"): Record(ONE, given="Bea"),
        }
    )
    assert links["hub", "A"] != links["hub", "B"] == links["other", "C"]


def test_a_chain_that_ends_in_somebody_else_holds_at_its_sure_links_alone(nights: Nights) -> None:
    """Two who agree with a third, and whose numbers differ, are two; the third is in doubt, and apart."""
    links = nights.night(
        {
            ("hub", "A"): Record(ONE),
            ("hub", "B"): Record(),
            ("other", "C"): Record(TWO),
            ("other", "D"): Record(ONE, postcode=None),
        }
    )
    assert links["hub", "A"] == links["other", "D"]
    assert len(set(links.values())) == 3


def test_nobody_is_linked_whose_source_is_not_named(nights: Nights) -> None:
    """Of a source that the assessment does not name nobody is compared, and nothing is remembered."""
    records = {("hub", "A"): Record(ONE), ("refuge", "B"): Record(ONE)}
    notes = {source: notes_of(source, records) for source in ("hub", "refuge")}
    told = link_people(SAID, notes, ("hub", "refuge"), nights.state, KEY)
    assert told.people["person"].to_list() == [digest_of(("hub", "A"))]
    assert told.table["source"].to_list() == ["hub"]


def test_an_assessment_that_links_nobody_remembers_nothing(nights: Nights) -> None:
    """Once people are linked no more, the table that said so is emptied."""
    nights.night({("hub", "A"): Record(ONE)})
    assert link_people(None, {}, ("hub",), nights.state, KEY).table.is_empty()


def test_a_new_record_joins_the_link_that_there_is(nights: Nights) -> None:
    """Whoever comes later takes on the name of the link, whichever record sorts first."""
    for reference in map(str, range(12)):
        known = nights.night({("hub", reference): Record(ONE)})
        both = nights.night({("hub", reference): Record(ONE), ("other", "X"): Record(ONE)})
        assert set(both.values()) == set(known.values())


def test_a_number_that_is_added_joins_two_links_and_the_older_goes_on(nights: Nights) -> None:
    """Two people turn out to be one: who came first keeps the name."""
    a, b = ("hub", "A"), ("other", "B")
    first = nights.night({a: Record(ONE)})
    before = nights.night({a: Record(ONE), b: Record(given="Adah")})
    after = nights.night({a: Record(ONE), b: Record(ONE, given="Adah")})
    assert before[a] == first[a] != before[b]
    assert after[a] == after[b] == first[a]


@pytest.mark.parametrize("reference", list("BCDEFGH"))
def test_a_mistake_that_is_mended_gives_each_the_name_they_had(nights: Nights, reference: str) -> None:
    """A number typed wrong one night and put right the next leaves no trace, whoever's digest is smaller."""
    a, b = ("hub", "A"), ("other", reference)
    apart = {a: Record(ONE), b: Record(TWO, given="Bea")}
    before = nights.night(apart)
    wrong = nights.night(apart | {b: Record(ONE, given="Bea")})
    assert wrong[a] == wrong[b]
    assert nights.night(apart) == before


def test_of_a_split_the_larger_part_keeps_the_link(nights: Nights) -> None:
    """Three were one; the one that is somebody else gets a name that nobody ever had."""
    a, b, c = ("hub", "A"), ("other", "B"), ("other", "C")
    one = nights.night({a: Record(ONE), b: Record(ONE), c: Record(ONE)})
    two = nights.night({a: Record(ONE), b: Record(TWO, given="Bea"), c: Record(ONE)})
    assert two[a] == two[c] == one[a]
    assert two[b] not in set(one.values())


def test_a_source_that_is_missing_dissolves_nothing(nights: Nights) -> None:
    """Two of the hub are one through Community Support's record, and stay one while that is not read."""
    a, b, c = ("hub", "A"), ("hub", "B"), ("other", "C")
    through = {
        a: Record(ONE, postcode=None),
        b: Record(postcode="ZQ2 2BB"),
        c: Record(ONE, postcode="ZQ2 2BB"),
    }
    whole = nights.night(through)
    assert len(set(whole.values())) == 1
    without = nights.night({who: through[who] for who in (a, b)}, whole=("hub",))
    assert without == {who: whole[who] for who in (a, b)}
    assert nights.night(through) == whole


def test_nobody_new_is_linked_by_details_to_whom_a_missing_record_may_contradict(nights: Nights) -> None:
    """The record that is not read has another number: the newcomer waits until it is read again."""
    a, b, new = ("hub", "A"), ("other", "B"), ("hub", "N")
    before = nights.night({a: Record(), b: Record(TWO)})
    tonight = nights.night({a: Record(), new: Record(ONE)}, whole=("hub",))
    assert tonight[a] == before[a] != tonight[new]


def test_a_contradiction_parts_people_though_a_mate_is_not_read(nights: Nights) -> None:
    """What was linked before does not outweigh two numbers."""
    a, b, c = ("hub", "A"), ("hub", "B"), ("other", "C")
    nights.night({a: Record(), b: Record(), c: Record()})
    tonight = nights.night({a: Record(ONE), b: Record(TWO)}, whole=("hub",))
    assert tonight[a] != tonight[b]


def test_a_record_merged_into_another_leaves_it_its_older_link(nights: Nights) -> None:
    """The survivor goes on under the name of whoever was known first; the lost record is forgotten."""
    old, new = ("hub", "A"), ("hub", "B")
    first = nights.night({old: Record(ONE)})
    nights.night({old: Record(ONE), new: Record(given="Adah")})
    after = nights.night({new: Record(given="Adah", absorbed=("A",))})
    assert after[new] == first[old]
    assert read_links(nights.state).height == 1


def test_somebody_who_is_gone_is_not_remembered_and_their_link_is_not_given_away(nights: Nights) -> None:
    """The link stays with the mate; should the founder return as somebody else, it is a new one."""
    a, b = ("hub", "A"), ("other", "B")
    one = nights.night({a: Record(ONE)})
    nights.night({a: Record(ONE), b: Record(ONE)})
    assert nights.night({b: Record(ONE)})[b] == one[a]
    assert read_links(nights.state).height == 1
    again = nights.night({a: Record(TWO, given="Bea"), b: Record(ONE)})
    assert again[b] == one[a] != again[a]


def test_a_table_made_anew_names_who_never_met_as_before(nights: Nights) -> None:
    """Lost, it is rebuilt: whoever was linked on their first night, or never, keeps the name."""
    records = {("hub", str(n)): Record(given=f"Zq{'abcdefgh'[n]}") for n in range(8)}
    records |= {("other", "X"): records["hub", "3"]}
    before = nights.night(records)
    links_path(nights.state).unlink()
    assert nights.night(records) == before


def test_somebody_forgotten_stands_in_the_table_no_more(nights: Nights) -> None:
    """Their digest goes, and no later night writes it again."""
    a, b = ("hub", "A"), ("other", "B")
    nights.night({a: Record(ONE), b: Record(ONE)})
    drop_link(nights.state, digest_of(a), KEY)
    assert read_links(nights.state)["source"].to_list() == ["other"]
    keep_links(nights.state, nights.linked.table, KEY, pl.Series([digest_of(a)], dtype=pl.UInt64))
    assert read_links(nights.state)["source"].to_list() == ["other"]


def test_the_table_holds_keyed_digests_and_no_value(nights: Nights) -> None:
    """Neither a number nor a name, nor the seeded digest of a person, stands in the file."""
    nights.night({("hub", "A"): Record(ONE), ("other", "B"): Record(ONE)})
    content = links_path(nights.state).read_bytes()
    for word in (ONE.encode(), b"Zqmarsh", b"Ada", b"ZQ1", digest_of(("hub", "A")).to_bytes(8, "little")):
        assert word not in content


people = st.builds(
    Record,
    number=st.sampled_from([None, ONE, TWO, THREE]),
    born=st.sampled_from([None, BORN, date(1951, 5, 6)]),
    given=st.sampled_from([None, "Ada", "Bea"]),
    postcode=st.sampled_from([None, HOME, "ZQ2 2BB"]),
)
sites = st.dictionaries(
    st.tuples(st.sampled_from(["hub", "other"]), st.sampled_from("ABCDE")), people, max_size=8
)


@settings(max_examples=12, deadline=None)
@given(sites, sites, st.randoms(use_true_random=False), st.integers(1, 3))
def test_neither_the_order_of_rows_nor_their_batches_change_a_link(
    tmp_path_factory: pytest.TempPathFactory,
    first: dict[Who, Record],
    second: dict[Who, Record],
    random: st.DataObject,
    parts: int,
) -> None:
    """Whatever the order of sources, rows and batches, on the first night as on the second."""
    plain, mixed = (Nights(tmp_path_factory.mktemp("links")) for _ in range(2))
    for records in (first, second):
        wanted = plain.night(records)
        shuffled = list(records.items())
        random.shuffle(shuffled)
        sources = ["other", "hub"]
        notes = {source: notes_of(source, dict(shuffled), parts) for source in sources}
        told = link_people(SAID, notes, sources, mixed.state, KEY)
        keep_links(mixed.state, told.table, KEY, pl.Series("person", [], dtype=pl.UInt64))
        named = dict(told.people.iter_rows())
        assert {who: named[digest_of(who)] for who in records} == wanted


@settings(max_examples=12, deadline=None)
@given(st.lists(sites, min_size=2, max_size=4))
def test_over_any_nights_no_link_holds_two_numbers_and_none_is_shared_by_strangers(
    tmp_path_factory: pytest.TempPathFactory, story: list[dict[Who, Record]]
) -> None:
    """A link holds no two numbers or days of birth, and a night that changes nothing changes no link."""
    nights = Nights(tmp_path_factory.mktemp("links"))
    for records in story:
        links = nights.night(records)
        for link in set(links.values()):
            mates = [records[who] for who, name in links.items() if name == link]
            assert len({mate.number for mate in mates} - {None}) <= 1
            assert len({mate.born for mate in mates} - {None}) <= 1
        assert nights.night(records) == links
