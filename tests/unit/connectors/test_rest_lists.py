"""The small lists of an API, in every way that JSON has of writing them; any other way is not guessed at."""

import pytest

from connectors.rest_lists import read_count, read_names, read_words

WORDS = {"1": "Female", "2": "Male"}


@pytest.mark.parametrize(
    "said",
    [
        {"1": "Female", "2": "Male"},
        [{"id": "1", "name": "Female"}, {"id": "2", "name": "Male"}],
        {"1": {"name": "Female"}, "2": {"name": "Male", "active": "Y"}},
        {"options": [{"id": "1", "label": "Female"}, {"id": "2", "label": "Male"}]},
    ],
)
def test_a_dictionary_is_read_in_each_way_of_writing_it(said: object) -> None:
    """Ids as names, a list of objects, objects by id: the words are the same."""
    assert read_words(said) == WORDS


def test_every_branch_of_a_tree_is_a_word() -> None:
    """Classification codes are a tree; each level has ids of its own."""
    tree = [{"id": "1", "name": "ECON", "children": [{"id": "7", "name": "ECON.DEBT"}]}]
    assert read_words(tree) == {"1": "ECON", "7": "ECON.DEBT"}
    by_id = {"1": {"name": "ECON", "children": {"7": {"name": "ECON.DEBT", "children": []}}}}
    assert read_words(by_id) == {"1": "ECON", "7": "ECON.DEBT"}


def test_what_is_told_about_an_option_is_no_option() -> None:
    """Who made it has an id and a name too, and is no word of the dictionary."""
    told = {"created_by": {"id": "2", "name": "Zebulon"}, "replaced": {"9": "Old wording"}}
    assert read_words([{"id": "1", "name": "Female", **told}]) == {"1": "Female"}
    assert read_words({"1": {"name": "Female", **told}, "2": {"name": "Male"}}) == WORDS


@pytest.mark.parametrize("said", [["Female", "Male"], "Female", "3", None, [{"id": "1"}, {"id": "1"}]])
def test_a_dictionary_without_ids_is_none(said: object) -> None:
    """Words alone say nothing of ids."""
    assert read_words(said) is None


def test_two_words_for_one_id_are_no_dictionary() -> None:
    """Nobody can say which is meant."""
    assert read_words([{"id": "1", "name": "Female"}, {"id": "1", "name": "Male"}]) is None


def test_an_empty_dictionary_is_one() -> None:
    """A list without options has no words; PHP writes it as a list either way."""
    assert read_words([]) == read_words({}) == {}


@pytest.mark.parametrize(
    "said",
    [["id", "date"], [{"name": "id"}, {"name": "date"}], {"id": "ID", "date": "Date of referral"}],
)
def test_names_of_fields_are_read_in_each_way_of_writing_them(said: object) -> None:
    """As words, as objects, as an object of labels."""
    assert read_names(said) == ("id", "date")


@pytest.mark.parametrize("said", ["id", "3", [["id"]], [{"of": "id"}]])
def test_what_names_no_field_is_none(said: object) -> None:
    """Nothing is taken for a name that might not be one."""
    assert read_names(said) is None


@pytest.mark.parametrize(
    "said",
    [
        {"1": "20", "2": "5", "": "1"},
        [{"project": "1", "count": "20"}, {"project": "2", "count": "5"}, {"project": None, "count": "1"}],
        [{"district": "a", "total": "26"}],
    ],
)
def test_counts_are_summed_over_a_dimension(said: object) -> None:
    """Every value of the dimension counts, no value included."""
    assert read_count(said) == 26


@pytest.mark.parametrize(
    "said", ["26", ["26"], [{"project": "26"}], {"1": "many"}, {"1": "-2"}, {"1": "2.5"}]
)
def test_what_is_no_count_is_none(said: object) -> None:
    """Then the source counts nothing for us."""
    assert read_count(said) is None


def test_nothing_counted_is_nought() -> None:
    """An empty breakdown counts no record."""
    assert read_count([]) == read_count({}) == 0
