"""What is declared of every entity holds together."""

import subprocess
import sys
from pathlib import Path

import duckdb
import polars as pl
import pytest

import canonical
from canonical.generate import FOLDER, generated

FIELDS = [
    pytest.param(entity, field, id=f"{entity}.{field.name}")
    for entity in canonical.ENTITIES
    for field in canonical.spec(entity).fields.values()
]
OPEN_LISTS = {
    ("person", "preferred_language"),
    ("relationship", "hours_caring_band"),
    ("address", "lsoa21"),
    ("address", "lsoa11"),
    ("address", "ward"),
    ("address", "ward_before"),
    ("address", "neighbourhood"),
    ("address", "lad"),
    ("referral", "heard_about_us"),
    ("referral", "route_of_access"),
    ("outcome", "outcome_code"),
    ("child_review", "locality"),
}


@pytest.mark.parametrize(("entity", "field"), FIELDS)
def test_every_field_says_what_it_is(entity: str, field: canonical.FieldSpec) -> None:
    """A field has a sentence, a code list that exists or is open by name, and links to entities we have."""
    assert field.description.endswith(".")
    assert len(field.description) > 5
    if field.kind is canonical.Kind.CODE:
        assert (field.codes is None) == ((entity, field.name) in OPEN_LISTS)
    else:
        assert field.codes is None
    if field.codes is not None:
        assert canonical.codes(field.codes)
    if field.references is not None:
        assert field.references in canonical.ENTITIES


@pytest.mark.parametrize("entity", canonical.ENTITIES)
def test_links_can_be_followed_in_the_order_of_the_register(entity: str) -> None:
    """What a row cannot do without comes before it, and its key and links are among its fields."""
    declared = canonical.spec(entity)
    order = list(canonical.ENTITIES)
    assert set(declared.key) <= set(declared.fields)
    for link, parent in declared.parents.items():
        assert declared.fields[link].references == parent
        assert order.index(parent) < order.index(entity)


@pytest.mark.parametrize("entity", canonical.ENTITIES)
def test_every_field_has_a_bit(entity: str) -> None:
    """The unreadable fields of an entity fit into 64 bits, and each has its own."""
    names = list(canonical.spec(entity).fields)
    assert len(names) <= 64
    assert [canonical.unreadable_bit(entity, name) for name in names] == list(range(len(names)))


@pytest.mark.parametrize("name", canonical.code_lists())
def test_every_code_list_names_its_source(name: str) -> None:
    """A list has a source, and no code twice."""
    assert canonical.code_source(name)
    rows = canonical.code_rows(name)
    assert len({row["code"] for row in rows}) == len(rows)


def test_duckdb_and_polars_agree_on_the_columns() -> None:
    """The statements make tables whose columns are the fields, in order, and the four of the warehouse."""
    connection = duckdb.connect()
    connection.execute("CREATE SCHEMA canonical")
    for entity in canonical.ENTITIES:
        connection.execute(canonical.duckdb_sql(entity))
        columns = [row[0] for row in connection.execute(f"DESCRIBE canonical.{entity}").fetchall()]
        assert columns == [*canonical.polars_schema(entity, technical=False), *canonical.warehouse_columns]


def test_a_table_holds_the_fields_that_are_released_and_its_key() -> None:
    """Columns that no flow names are not made; the key always is."""
    statement = canonical.duckdb_sql("need", ("need_code",), "early_help")
    assert "early_help.need" in statement
    assert "need_id UUID NOT NULL" in statement
    assert "raised_on" not in statement


def test_released_keys_are_bytes_and_other_fields_keep_their_type() -> None:
    """A released key is sixteen keyed bytes; nothing else changes its type."""
    for kind in canonical.Kind:
        released = canonical.released_type(kind)
        assert (released == canonical.polars_type(kind)) == (kind is not canonical.Kind.KEY)
    assert canonical.released_type(canonical.Kind.KEY) == pl.Binary()


def test_reading_what_is_declared_does_not_import_polars() -> None:
    """Asking what an entity is costs no third of a second."""
    asked = "import sys, canonical; canonical.spec('person'); print('polars' in sys.modules)"
    root = Path(canonical.__file__).parents[1]
    told = subprocess.run([sys.executable, "-c", asked], cwd=root, capture_output=True, text=True, check=True)
    assert told.stdout.strip() == "False"


@pytest.mark.parametrize("name", sorted(generated()))
def test_the_generated_reference_is_fresh(name: str) -> None:
    """The file in docs/reference is what the entities say today; `python -m canonical.generate` writes it."""
    assert (FOLDER / name).read_text(encoding="utf-8") == generated()[name]


def test_no_generated_file_is_left_over() -> None:
    """A schema of an entity that is gone is gone too."""
    found = {f"schema/{path.name}" for path in (FOLDER / "schema").glob("*")}
    assert found == {name for name in generated() if name.startswith("schema/")}
