"""One secret per person: made once, kept, destroyed for good."""

from pathlib import Path

import polars as pl
import pytest

from audit.errors import SecretsUnreadable
from audit.secrets import PersonSecrets, row_secrets, tags

PEOPLE = pl.Series("person", [bytes([number]) * 16 for number in range(5)])


@pytest.fixture
def secrets(tmp_path: Path) -> PersonSecrets:
    """Return an empty table."""
    return PersonSecrets(tmp_path / "state" / "people.sqlite")


def by_person(table: pl.DataFrame) -> dict[bytes, bytes]:
    """Return the secrets by person."""
    return dict(table.iter_rows())


def test_each_person_gets_a_secret_of_their_own_and_keeps_it(secrets: PersonSecrets) -> None:
    """Asked again, in another order and with others, the same; no two alike."""
    first = by_person(secrets.of(PEOPLE[:3]))
    again = by_person(secrets.of(PEOPLE[::-1]))
    assert {person: again[person] for person in first} == first
    assert len(set(again.values())) == len(PEOPLE)
    assert all(len(secret) == 32 for secret in again.values())
    assert secrets.find(PEOPLE[0]) == first[PEOPLE[0]]


def test_a_destroyed_secret_is_nowhere_in_the_file(secrets: PersonSecrets) -> None:
    """Nobody is found under it, its bytes are gone, and the person's next secret is another."""
    gone = by_person(secrets.of(PEOPLE))[PEOPLE[2]]
    assert any(gone in path.read_bytes() for path in secrets._path.parent.iterdir()), "the control"
    assert secrets.destroy(PEOPLE[2])
    assert not secrets.destroy(PEOPLE[2])
    assert secrets.find(PEOPLE[2]) is None
    assert not any(gone in path.read_bytes() for path in secrets._path.parent.iterdir())
    assert by_person(secrets.of(PEOPLE))[PEOPLE[2]] != gone


def test_nobody_is_asked_for(secrets: PersonSecrets) -> None:
    """A batch about nobody needs no secret; a table that is not there finds nobody and is not made."""
    assert secrets.find(PEOPLE[0]) is None
    assert not secrets._path.exists()
    assert secrets.of(PEOPLE[:0]).is_empty()


def test_a_table_that_is_no_table_is_refused(tmp_path: Path) -> None:
    """E603, naming the file; nothing of what it holds."""
    path = tmp_path / "people.sqlite"
    path.write_bytes(b"not a table, but long enough to be read as one" * 40)
    with pytest.raises(SecretsUnreadable) as caught:
        PersonSecrets(path).of(PEOPLE)
    assert "not a table" not in str(caught.value)


def test_tags_differ_by_batch_by_operation_and_from_the_secrets_of_rows(secrets: PersonSecrets) -> None:
    """So that a person cannot be followed from batch to batch, nor from one flow to the other."""
    held = secrets.of(PEOPLE)["secret"]
    made = [tags(held, f"{flow}/00000001-a", "upsert") for flow in ("one", "two")]
    made += [tags(held, "one/00000001-a", "withdraw"), row_secrets(held, "one/00000001-a")]
    assert len({digest for each in made for digest in each}) == 4 * len(PEOPLE)
    assert tags(held, "one/00000001-a", "upsert").to_list() == made[0].to_list()
