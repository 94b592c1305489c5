"""The only door: what may be written down, and everything that tries to pass beside it."""

import copy
import io
import pickle
from uuid import UUID

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from canonical import spec
from sharing import Released, ReleaseRefused, compile_flow
from sharing.dpia import Dpia
from sharing.vocabulary import Action
from tests.unit.sharing.records import SECRETS, example, flow, together, whole_person

FLOWS = ["early_help", "commissioning"]


def without(name: str, entity: str, field: str) -> Dpia:
    """Return the example with a field of a flow left behind; as if nobody had ever asked for it."""
    dpia = example()
    said = dpia.flow(name)
    fields = {e: {f: d for f, d in fs.items() if (e, f) != (entity, field)} for e, fs in said.fields.items()}
    flows = [each.model_copy(update={"fields": fields}) if each.id == name else each for each in dpia.flows]
    return dpia.model_copy(update={"flows": flows})


@pytest.mark.parametrize("name", FLOWS)
def test_released_rows_hold_the_declared_columns_and_no_others(name: str) -> None:
    """The file's columns are the flow's, in the flow's order, and which source it is; keys are UUIDs."""
    governed = flow(name)
    decided = governed.decide(whole_person())
    for entity, columns in governed.released_columns.items():
        content = governed.released(entity, decided[entity]).to_parquet()
        table = pq.read_table(io.BytesIO(content))
        assert tuple(table.column_names) == (*columns, "source_system")
        assert table.column("source_system").to_pylist() == ["hub"]
        key = table.column(spec(entity).key[0])
        assert key.type == pa.uuid()
        assert key[0].as_py() == UUID(bytes=decided[entity]["_key"][0])


def test_the_same_rows_give_the_same_bytes() -> None:
    """A batch made twice is the same batch."""
    governed = flow("early_help")
    rows = governed.decide(whole_person())["person"]
    assert governed.released("person", rows).to_parquet() == governed.released("person", rows).to_parquet()


def test_a_canonical_table_cannot_be_released() -> None:
    """Neither by the type itself nor through a flow: a canonical table has not been decided."""
    tables = whole_person()
    with pytest.raises(ReleaseRefused):
        Released("early_help", "person", tables["person"])
    with pytest.raises(ReleaseRefused):
        Released("early_help", "person", tables["person"], object())
    with pytest.raises(ReleaseRefused, match="not decided"):
        flow("early_help").released("person", tables["person"])


def test_a_canonical_table_dressed_as_decided_is_refused() -> None:
    """Adding the names of the decision does not make a decision: keys, prints and types are looked at."""
    canonical = whole_person()["person"]
    dressed = canonical.with_columns(
        _key=pl.lit(b"k" * 16), _fate=pl.lit(0, pl.UInt8), _reason=pl.lit(""),
        _treatment=pl.lit(0, pl.UInt32), _fingerprint=pl.lit(b"f" * 16),
    )  # fmt: skip
    with pytest.raises(ReleaseRefused):
        flow("early_help").released("person", dressed)


@pytest.mark.parametrize(
    "changes",
    [{"person__share_council": "refused"}, {"address___held": True}],
    ids=["withheld", "held"],
)
def test_rows_that_do_not_leave_cannot_be_released_and_hold_nothing(changes: dict[str, object]) -> None:
    """A row that is withheld or held carries no value at all, and is refused if handed over all the same."""
    governed = flow("early_help")
    rows = governed.decide(whole_person(**changes))["address"]
    assert all(rows[column].is_null().all() for column in governed.released_columns["address"])
    assert rows["_fingerprint"].is_null().all()
    with pytest.raises(ReleaseRefused, match="may not leave"):
        governed.released("address", rows)


def test_a_value_put_back_where_a_rule_took_it_is_refused() -> None:
    """The rows are looked at again at the door: a redacted field that holds something stops the release."""
    governed = flow("early_help")
    rows = governed.decide(whole_person(person__safety_flag=True))["address"]
    governed.released("address", rows)
    with pytest.raises(ReleaseRefused):
        governed.released("address", rows.with_columns(line1=pl.lit("CANARY")))


def test_one_entitys_rows_do_not_leave_as_anothers() -> None:
    """Rows are refused under another entity's name, and an entity outside the flow has no door."""
    governed = flow("early_help")
    decided = governed.decide(whole_person())
    with pytest.raises(ReleaseRefused):
        governed.released("contact", decided["need"])
    with pytest.raises(ReleaseRefused, match="releases no risk"):
        governed.released("risk", decided["risk"])


def test_released_rows_cannot_be_pickled_copied_or_printed() -> None:
    """There is one way out; a repr tells flow, entity and how many."""
    governed = flow("early_help")
    released = governed.released("person", governed.decide(whole_person())["person"])
    for way in (pickle.dumps, copy.copy, copy.deepcopy):
        with pytest.raises(ReleaseRefused):
            way(released)
    assert repr(released) == "Released(flow='early_help', entity='person', rows=1)"
    assert "CANARY" not in f"{released} {released!r}"


def test_a_withdrawal_holds_keys_and_nothing_else() -> None:
    """The recipient is told which row to remove, and no more."""
    governed = flow("early_help")
    keys = governed.decide(whole_person())["person"]["_key"]
    table = pq.read_table(io.BytesIO(governed.withdrawn("person", keys).to_parquet()))
    assert table.column_names == ["person_id"]
    with pytest.raises(ReleaseRefused):
        governed.withdrawn("person", whole_person()["person"]["person_id"])
    with pytest.raises(ReleaseRefused):
        governed.withdrawn("person", pl.Series([b"short"]))


@pytest.mark.parametrize("name", FLOWS)
def test_rows_leave_in_the_order_of_their_keys(name: str) -> None:
    """Neighbours in the CRM are no neighbours in a file: neither of rows sent nor of rows withdrawn."""
    governed = flow(name)
    decided = governed.decide(together(*[whole_person(mark=str(number)) for number in range(40)]))
    for entity in governed.released_columns:
        key, rows = spec(entity).key[0], decided[entity]
        sent = _keys(governed.released(entity, rows), key)
        assert sent == sorted(sent), entity
        assert sent == _keys(governed.released(entity, rows.reverse()), key)
        assert sent == _keys(governed.withdrawn(entity, rows["_key"]), key)
        assert sent != rows["_key"].to_list(), entity


def _keys(released: Released, key: str) -> list[bytes]:
    column = pq.read_table(io.BytesIO(released.to_parquet())).column(key)
    return [each.as_py().bytes for each in column]


# ---- default deny

RELEASED = [
    (name, entity, column)
    for name in FLOWS
    for entity, columns in flow(name).released_columns.items()
    for column in columns
    if column not in spec(entity).key and column not in spec(entity).parents
]


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(st.sampled_from(RELEASED))
def test_a_field_taken_out_of_a_flow_leaves_with_nothing(place: tuple[str, str, str]) -> None:
    """Whichever field it is: the column is gone, every other column is as before, and treatments narrow."""
    name, entity, column = place
    origin = {"birth_year_month": "birth_date"}.get(column, column) if name == "commissioning" else column
    before = flow(name)
    after = compile_flow(without(name, entity, origin), name, SECRETS)
    one, two = before.decide(whole_person())[entity], after.decide(whole_person())[entity]
    assert column not in after.released_columns[entity]
    assert column not in two.columns
    kept = [other for other in before.released_columns[entity] if other != column]
    assert list(after.released_columns[entity]) == kept
    assert one.select(kept).equals(two.select(kept))
    assert one["_fingerprint"].to_list() != two["_fingerprint"].to_list()


@settings(max_examples=10, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.sampled_from(sorted(flow("early_help").released_columns)),
    st.from_regex(r"\A[a-z_]{1,14}\Z").filter(lambda name: not name.startswith("_")),
)
def test_a_column_that_nobody_declared_never_leaves(entity: str, extra: str) -> None:
    """An unknown column beside the canonical ones changes no byte of what leaves."""
    tables = whole_person()
    if extra in tables[entity].columns:
        return
    for name in FLOWS:
        governed = flow(name)
        more = tables | {entity: tables[entity].with_columns(pl.lit("STRANGER").alias(extra))}
        one, two = governed.decide(tables)[entity], governed.decide(more)[entity]
        assert one.equals(two)


@pytest.mark.parametrize("name", FLOWS)
def test_nothing_of_a_field_left_behind_is_in_any_file(name: str) -> None:
    """Every text field holds its own word; the files hold the words of the flow's fields and of no other."""
    governed = flow(name)
    decided = governed.decide(whole_person())
    for entity, columns in governed.released_columns.items():
        content = governed.released(entity, decided[entity]).to_parquet()
        found = pq.read_table(io.BytesIO(content)).to_pylist()
        words = {str(value) for row in found for value in row.values() if "CANARY" in str(value)}
        assert words <= {f"CANARY {entity}.{column}" for column in columns}


def test_every_canonical_field_of_a_flow_is_decided_by_name() -> None:
    """Nothing leaves or stays by omission: each field of each entity has its own line and its own reason."""
    for block in example().flows:
        for entity in block.fields:
            decided = block.decisions(entity)
            targets = {d.to for d in decided.values() if d.action is Action.GENERALISE}
            assert set(decided) | targets == set(spec(entity).fields)
            assert all(len(each.why) > 3 for each in decided.values())
