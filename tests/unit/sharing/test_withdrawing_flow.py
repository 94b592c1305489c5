"""A flow that is put together to take back can do nothing else, whatever its status and whoever asks it."""

from typing import Any

import polars as pl
import pytest

from sharing import Flow, Released, ReleaseRefused, WithdrawingFlow, compile_withdrawing
from sharing.vocabulary import FlowStatus
from tests.unit.sharing.records import SECRETS, example, flow, whole_person


def ended() -> WithdrawingFlow:
    """Return early help, ended, as it may take back."""
    flows = [one.model_copy(update={"status": FlowStatus.ENDED}) for one in example().flows]
    return compile_withdrawing(example().model_copy(update={"flows": flows}), "early_help", SECRETS)


def released(of: Any, entity: str) -> Released:
    """Return the rows that an active flow releases of one invented person."""
    decided = of.decide(whole_person())[entity]
    rows: Released = of.released(entity, decided.filter(pl.col("_fate") == 0))
    return rows


def test_it_takes_back_under_the_names_that_the_flow_gave() -> None:
    """The same keys, the same file, the same words as of the flow when it was active."""
    was, now = flow("early_help"), ended()
    keys = was.decide(whole_person())["person"]["_key"]
    assert now.keys("person", "hub", whole_person()["person"]["person_id"]).to_list() == keys.to_list()
    assert now.as_file(now.withdrawn("person", keys)) == was.as_file(was.withdrawn("person", keys))
    assert (now.released_columns, now.retention) == (was.released_columns, was.retention)
    assert now.describe()["recipient"] == was.describe()["recipient"]


def test_it_has_nothing_that_decides_or_releases() -> None:
    """Not by another name either: all it can do is told here."""
    can = {name for name in dir(WithdrawingFlow) if not name.startswith("_")}
    assert can == {"as_file", "describe", "keys", "withdrawn"}
    assert not isinstance(ended(), Flow)


@pytest.mark.parametrize("entity", ["person", "referral"])
def test_rows_that_are_handed_to_it_are_refused(entity: str) -> None:
    """Planted: somebody hands it what an active flow has released; the active flow writes that down."""
    was = flow("early_help")
    rows = released(was, entity)
    assert len(was.as_file(rows)) > 100
    with pytest.raises(ReleaseRefused, match="only withdrawals may leave it"):
        ended().as_file(rows)
