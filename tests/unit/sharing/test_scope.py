"""The scope of a safety rule is honoured as declared, and the list of places knows the schema."""

import re
from pathlib import Path

import polars as pl
import pytest

from canonical import ENTITIES, spec
from sharing import ReleaseRefused, compile_flow, deciding, load_dpia
from sharing.places import places
from sharing.scope import narrower_flags
from tests.unit.sharing.records import EXAMPLE, SECRETS, whole_person

SOUNDS = re.compile(
    r"address|postcode|uprn|^ward$|lsoa|line\d|neighbourhood|imd|^lad$|gp_|school|nursery|phone|mail|^lat|^lon"
    r"|locality|accommodation|household|family_id|location"
)
WIDE = 'when: "person.safety_flag is not false"\n    scope: [person, household]\n    flows: [early_help]'


@pytest.mark.parametrize("entity", ENTITIES)
def test_every_field_that_sounds_like_a_place_is_in_the_list_of_places(entity: str) -> None:
    """A field added to the schema is taken for a place by its name until somebody says that it is none."""
    known = places().of(entity) | places().not_of_a_person.get(entity, frozenset())
    keys = {*spec(entity).key, *spec(entity).parents}
    assert {name for name in spec(entity).fields if SOUNDS.search(name)} - known - keys == set()
    assert known <= spec(entity).fields.keys(), "a place that is no field"


def test_a_narrower_rule_empties_whom_it_reaches_and_leaves_the_others(tmp_path: Path) -> None:
    """S3, said of the same address only, leaves a relative's office; S1 empties the street of everybody."""
    narrow = WIDE.replace("[person, household]", "[person, same_address]")
    path = tmp_path / "dpia.yaml"
    path.write_text(EXAMPLE.read_text(encoding="utf-8").replace(WIDE, narrow), encoding="utf-8")
    dpia = load_dpia(path)
    assert narrower_flags(dpia.safety) == {"_flag_same_address": frozenset({"same_address"})}
    flow = compile_flow(dpia, "early_help", SECRETS)
    relative = whole_person(person__safety_flag=True)
    relative["person"] = relative["person"].with_columns(_flag_same_address=pl.lit(value=False))
    decided = flow.decide(relative)
    assert decided["address"]["line1"].to_list() == [None]
    assert decided["referral"]["referrer_name"].null_count() == 0
    reached = {
        **relative,
        "person": relative["person"].with_columns(_flag_same_address=pl.lit(None, pl.Boolean)),
    }
    assert flow.decide(reached)["referral"]["referrer_name"].null_count() == 1, "not known is reached"
    untold = {**relative, "person": relative["person"].drop("_flag_same_address")}
    assert flow.decide(untold)["referral"]["referrer_name"].null_count() == 1, "not worked out is the widest"


def test_two_rules_that_disagree_leave_the_stricter(tmp_path: Path) -> None:
    """What either of two rules empties is empty: none can open what another shuts."""
    flow = compile_flow(load_dpia(EXAMPLE), "early_help", SECRETS)
    calm = flow.decide(whole_person(person__safety_flag=False))["referral"]
    lot_8 = flow.decide(whole_person(person__safety_flag=False, referral__lot_code="L8-DA"))["referral"]
    both = flow.decide(whole_person(person__safety_flag=True, referral__lot_code="L8-DA"))["referral"]
    emptied = {
        name: {c for c in table.columns if c[0] != "_" and table[c][0] is None} - EMPTY
        for name, table in (("calm", calm), ("lot_8", lot_8), ("both", both))
        for EMPTY in [{c for c in calm.columns if calm[c][0] is None}]
    }
    assert emptied["calm"] == set()
    assert "received_on" not in emptied["lot_8"]
    assert emptied["both"] > emptied["lot_8"]
    assert "received_on" in emptied["both"]


def test_a_rule_that_throws_decides_nothing_and_tells_no_value(monkeypatch: pytest.MonkeyPatch) -> None:
    """Exit 30, not a fault of ours that is printed with what it held; nothing was decided."""
    flow = compile_flow(load_dpia(EXAMPLE), "early_help", SECRETS)
    throws = pl.col("family_name").str.to_date("%d")
    monkeypatch.setattr(deciding, "rules_set", lambda *_: throws)
    with pytest.raises(ReleaseRefused) as refused:
        flow.decide(whole_person(person__family_name="Zqsurname"))
    assert refused.value.exit_code == 30
    assert refused.value.__context__ is None
    assert "Zqsurname" not in str(refused.value)
