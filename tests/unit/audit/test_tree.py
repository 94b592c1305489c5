"""The tree is the one of RFC 9162: published vectors, and an independent recursion as the oracle."""

import hashlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from audit.tree import (
    EMPTY_ROOT,
    GrowingTree,
    WholeTree,
    consistency_proof,
    inclusion_proof,
    is_consistent,
    is_included,
    leaf_hash,
    node_hash,
    root_of,
)

# The leaves, roots and proofs of the Certificate Transparency reference implementation.
LEAVES = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
CONSISTENCY = {
    (1, 1): [],
    (1, 8): [
        "96a296d224f285c67bee93c30f8a309157f0daa35dc5b87e410b78630a09cfc7",
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "6b47aaf29ee3c2af9af889bc1fb9254dabd31177f16232dd6aab035ca39bf6e4",
    ],
    (6, 8): [
        "0ebc5d3437fbe2db158b9f126a1d118e308181031d0a949f8dededebc558ef6a",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
    (2, 5): [
        "5f083f0a1a33ca076a95279832580db3e0ef4584bdff1f54c8a360f50de3031e",
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
    ],
}
INCLUSION = {
    (0, 8): CONSISTENCY[1, 8],
    (5, 8): [
        "bc1a0643b12e4d2d7c77918f44e0f4f79a838b6cf9ec5b5c283e1f4d88599e6b",
        "ca854ea128ed050b41b35ffc1b87b8eb2bde461e9e3b5596ece6b9d5975a0ae0",
        "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    ],
}


def naive_root(leaves: list[bytes]) -> bytes:
    """RFC 9162 section 2.1.1, word for word, sharing nothing with the room."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return hashlib.sha256(b"\0" + leaves[0]).digest()
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return hashlib.sha256(b"\1" + naive_root(leaves[:k]) + naive_root(leaves[k:])).digest()


def numbered(size: int) -> list[bytes]:
    return [f"leaf {number}".encode() for number in range(size)]


def grown(leaves: list[bytes]) -> bytes:
    tree = GrowingTree()
    for leaf in leaves:
        tree.add(leaf)
    return tree.root()


def test_the_hashes_are_those_of_the_published_vectors():
    """The constants of the RFC 6962 hasher that every log shares."""
    assert EMPTY_ROOT.hex().startswith("e3b0c442")
    assert leaf_hash(b"").hex().startswith("6e340b9c")
    assert leaf_hash(b"L123456").hex() == "395aa064aa4c29f7010acfe3f25db9485bbd4b91897b6ad7ad547639252b4d56"
    node = node_hash(b"N123", b"N456").hex()
    assert node == "aa217fe888e47007fa15edab33c2b492a722cb106c64667fc2b044444de66bbb"


@pytest.mark.parametrize("size", range(70))
def test_a_whole_tree_grows_on_as_one_that_grew(size):
    """Whatever its size: the same root then, and after each of nine more leaves."""
    leaves = numbered(size + 9)
    tree = WholeTree([leaf_hash(leaf) for leaf in leaves[:size]]).growing()
    assert (tree.size, tree.root()) == (size, grown(leaves[:size]))
    for more in range(size, size + 9):
        tree.add(leaves[more])
        assert tree.root() == grown(leaves[: more + 1])


@pytest.mark.parametrize("size", range(9))
def test_the_roots_are_those_of_the_published_vectors(size):
    """Grown leaf by leaf, and computed at once."""
    assert grown(LEAVES[:size]).hex() == ROOTS[size]
    assert root_of([leaf_hash(leaf) for leaf in LEAVES[:size]]).hex() == ROOTS[size]


def test_the_proofs_are_those_of_the_published_vectors():
    """Inclusion and consistency, step by step."""
    hashes = [leaf_hash(leaf) for leaf in LEAVES]
    for (earlier, later), wanted in CONSISTENCY.items():
        proof = consistency_proof(hashes[:later], earlier)
        assert [step.hex() for step in proof] == wanted
        old, new = bytes.fromhex(ROOTS[earlier]), bytes.fromhex(ROOTS[later])
        assert is_consistent(earlier, later, proof, old, new)
    for (index, size), wanted in INCLUSION.items():
        proof = inclusion_proof(hashes[:size], index)
        assert [step.hex() for step in proof] == wanted
        assert is_included(hashes[index], index, size, proof, bytes.fromhex(ROOTS[size]))


@given(st.lists(st.binary(max_size=40), max_size=70))
@settings(deadline=None)
def test_a_grown_tree_has_the_root_of_the_recursion(leaves):
    """Whatever the leaves: three computations, one root."""
    assert grown(leaves) == naive_root(leaves) == root_of([leaf_hash(leaf) for leaf in leaves])


def test_every_proof_of_every_small_tree_holds_and_no_other_does():
    """All leaves of all trees up to 20: the proof holds for its place, leaf and size, and no other."""
    for size in range(1, 21):
        hashes = [leaf_hash(leaf) for leaf in numbered(size)]
        root = naive_root(numbered(size))
        for index in range(size):
            proof = inclusion_proof(hashes, index)
            assert is_included(hashes[index], index, size, proof, root)
            wrong = [
                is_included(hashes[index], (index + 1) % (size + 1), size, proof, root),
                is_included(leaf_hash(b"another"), index, size, proof, root),
                is_included(hashes[index], index, size, [*proof, root], root),
                is_included(hashes[index], index, size, proof[:-1], root) and size > 1,
                is_included(hashes[index], index, size, proof, EMPTY_ROOT),
            ]
            assert not any(wrong)


def test_every_consistency_of_every_small_tree_holds_and_no_other_does():
    """All pairs up to 20: the proof holds for its two roots; cut, lengthened or turned it does not."""
    roots = [naive_root(numbered(size)) for size in range(21)]
    hashes = [leaf_hash(leaf) for leaf in numbered(20)]
    for later in range(1, 21):
        for earlier in range(1, later + 1):
            proof = consistency_proof(hashes[:later], earlier)
            assert is_consistent(earlier, later, proof, roots[earlier], roots[later])
            if earlier < later:
                assert not is_consistent(earlier, later, proof, roots[later], roots[earlier])
                assert not is_consistent(earlier, later, proof[:-1], roots[earlier], roots[later])
                assert not is_consistent(earlier, later, [*proof, roots[1]], roots[earlier], roots[later])
                assert not is_consistent(earlier, later, proof, roots[earlier], EMPTY_ROOT)


def test_a_proof_from_nothing_proves_nothing():
    """An earlier size of 0 is refused, as is a later log that is shorter."""
    assert not is_consistent(0, 5, [], EMPTY_ROOT, naive_root(numbered(5)))
    assert not is_consistent(5, 4, [], naive_root(numbered(5)), naive_root(numbered(4)))
    with pytest.raises(ValueError, match="between 1"):
        consistency_proof([leaf_hash(b"")], 0)
    with pytest.raises(ValueError, match="index"):
        inclusion_proof([leaf_hash(b"")], 1)
