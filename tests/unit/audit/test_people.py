"""The people of a batch under one root: an independent recursion as the oracle, proofs good and bad."""

import hashlib
import json
from dataclasses import replace

import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.people import (
    FIRST_BITS,
    PeopleTree,
    _in_order,
    leaf_lines,
    read_people,
)
from audit.people import people_tree as tree_over
from audit.proofs import ProvablePeople, is_absent
from audit.tree import EMPTY_ROOT, leaf_hash, root_of


def rows(*pairs: tuple[int, int]) -> pl.DataFrame:
    """Return rows of (person, row), each number as a digest."""
    return pl.DataFrame(
        {
            "subject": [_digest(f"p{person}") for person, _ in pairs],
            "content": [_digest(f"r{row}") for _, row in pairs],
        },
        schema={"subject": pl.Binary, "content": pl.Binary},
    )


def people_tree(table: pl.DataFrame) -> PeopleTree:
    """Return the tree over the people of one part."""
    return tree_over([leaf_lines(table, "upsert")])


def _digest(text: str) -> bytes:
    return hashlib.sha256(text.encode()).digest()


def by_hand(table: pl.DataFrame) -> tuple[list[str], bytes]:
    """Return the lines and the root, written out without columns."""
    people: dict[bytes, list[bytes]] = {}
    for subject, content in table.iter_rows():
        people.setdefault(subject, []).append(content)
    lines = []
    for subject in sorted(people):
        joined = b"".join(sorted(people[subject]))
        told = {
            "content": hashlib.sha256(joined).hexdigest(),
            "operation": "upsert",
            "rows": len(people[subject]),
            "subject": subject.hex(),
        }
        lines.append(json.dumps(told, separators=(",", ":"), sort_keys=True))
    return lines, root_of([leaf_hash(line.encode()) for line in lines])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 20), st.integers(0, 1000)), max_size=70))
def test_the_tree_is_the_one_worked_out_by_hand(pairs: list[tuple[int, int]]) -> None:
    """Lines and root are those of RFC 9162 over the people in the order of their tags, for every size."""
    tree = people_tree(rows(*pairs))
    assert (tree.lines.to_list(), tree.root) == by_hand(rows(*pairs))


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.binary(min_size=1, max_size=1)), min_size=1, max_size=20))
def test_rows_whose_digests_begin_alike_stand_in_the_order_of_the_whole_digest(
    pairs: list[tuple[int, bytes]],
) -> None:
    """The numbers that rows are sorted by hold the first bits alone; what they cannot tell is compared."""
    table = pl.DataFrame(
        {
            "subject": [_digest(f"p{person}") for person, _ in pairs],
            "content": [b"\xff" * 31 + last for _, last in pairs],
        }
    )
    tree = people_tree(table)
    assert (tree.lines.to_list(), tree.root) == by_hand(table)


def test_people_beyond_what_a_number_holds_are_kept_apart():
    """Person 16,777,216 has no room beside the bits of a digest: their rows are sorted one by one."""
    many = 1 << (64 - FIRST_BITS)
    places = pl.Series([0, many, 0, many], dtype=pl.UInt32)
    table = pl.DataFrame({"person": places, "content": [_digest(f"r{row}") for row in range(4)]})
    ordered = _in_order(table)
    assert ordered["person"].to_list() == [0, 0, many, many]
    assert ordered.equals(table.sort("person", "content"))


def test_a_batch_about_nobody_has_the_root_of_the_empty_tree() -> None:
    """Organisations and services alone: no leaf."""
    tree = people_tree(rows())
    assert (tree.count, tree.root, tree.to_bytes()) == (0, EMPTY_ROOT, b"")


def test_the_order_of_rows_changes_nothing_and_one_row_more_changes_the_root() -> None:
    """The same rows in another order give the same root; a row added, changed or moved another."""
    tree = people_tree(rows((1, 1), (1, 2), (2, 3)))
    assert people_tree(rows((2, 3), (1, 2), (1, 1))).root == tree.root
    others = [
        rows((1, 1), (1, 2), (2, 3), (2, 4)),
        rows((1, 1), (1, 9), (2, 3)),
        rows((1, 1), (2, 2), (2, 3)),
    ]
    assert tree.root not in {people_tree(other).root for other in others}


@pytest.fixture(scope="module")
def tree() -> PeopleTree:
    """Return a tree of eleven people."""
    return people_tree(
        rows(*[(person, person * 3 + row) for person in range(11) for row in range(person % 3 + 1)])
    )


def test_every_leaf_is_proved_and_no_changed_one_is(tree: PeopleTree) -> None:
    """A proof holds for its own leaf, place, size and root only."""
    lines = tree.lines.to_list()
    for line in lines:
        proof = ProvablePeople(lines).told(json.loads(line)["subject"])
        assert proof is not None
        assert proof.holds(tree.root)
        assert not replace(proof, line=line.replace('"rows":', '"rows":1')).holds(tree.root)
        assert not replace(proof, index=(proof.index + 1) % tree.count).holds(tree.root)
        assert not proof.holds(EMPTY_ROOT)
        if proof.path:
            assert not replace(proof, path=proof.path[:-1]).holds(tree.root)


def test_who_is_not_told_of_is_proved_by_the_neighbours(tree: PeopleTree) -> None:
    """Tags before the first, between two, after the last: each absence is proved, nobody's who is there."""
    lines = tree.lines.to_list()
    tags = [json.loads(line)["subject"] for line in lines]
    for absent in ["00" * 32, "ff" * 32, *[tag[:-1] + ("0" if tag[-1] != "0" else "1") for tag in tags]]:
        beside = ProvablePeople(lines).not_told(absent)
        assert beside is not None
        assert is_absent(absent, tree.count, tree.root, beside)
        assert all(not is_absent(tag, tree.count, tree.root, beside) for tag in tags)
    assert all(ProvablePeople(lines).not_told(tag) is None for tag in tags)


def test_absence_is_not_shown_by_leaves_that_are_no_neighbours(tree: PeopleTree) -> None:
    """Two leaves with another between them, one alone in the middle, or none at all prove nothing."""
    lines = tree.lines.to_list()
    tags = [json.loads(line)["subject"] for line in lines]
    between = tags[4]
    apart = (ProvablePeople(lines).told(tags[3]), ProvablePeople(lines).told(tags[5]))
    assert not is_absent(between, tree.count, tree.root, apart)
    absent = tags[4][:-1] + ("0" if tags[4][-1] != "0" else "1")
    beside = ProvablePeople(lines).not_told(absent)
    assert beside is not None
    assert not is_absent(absent, tree.count, tree.root, (beside[0], None))
    assert not is_absent(absent, tree.count, tree.root, (None, None))
    assert not is_absent(absent, tree.count + 1, tree.root, beside)


def test_parts_are_put_together_in_the_order_of_tags() -> None:
    """Two partitions, and withdrawals besides, give one sorted tree however people were divided."""
    first, second, gone = rows((1, 1), (2, 2)), rows((3, 3), (4, 4)), rows((5, 5))
    whole = tree_over([leaf_lines(pl.concat([first, second]), "upsert"), leaf_lines(gone, "withdraw")])
    parts = [leaf_lines(gone, "withdraw"), leaf_lines(second, "upsert"), leaf_lines(first, "upsert")]
    assert tree_over(parts).lines.to_list() == whole.lines.to_list()
    assert tree_over(parts).root == whole.root
    assert sum("withdraw" in line for line in whole.lines) == 1


def test_kept_leaves_are_read_back_and_no_others(tree: PeopleTree) -> None:
    """As written; not swapped, doubled, cut short, in other words, or with anything besides."""
    kept = tree.to_bytes()
    read = read_people(kept)
    assert read is not None
    assert read.root == tree.root
    nobody = read_people(b"")
    assert nobody is not None
    assert nobody.count == 0
    lines = kept.splitlines(keepends=True)
    wrong = [
        b"".join([lines[1], lines[0], *lines[2:]]),
        b"".join([lines[0], *lines]),
        kept[:-1],
        kept[:-2],
        kept.replace(b"upsert", b"insert", 1),
        kept.replace(b'"rows"', b'"name":"Ada","rows"', 1),
        kept.replace(b"0", b"\xff", 1),
    ]
    assert all(read_people(content) is None for content in wrong)
    flipped = bytearray(kept)
    flipped[12] = ord("0") if flipped[12] != ord("0") else ord("1")
    changed = read_people(bytes(flipped))
    assert changed is not None
    assert changed.root != tree.root
