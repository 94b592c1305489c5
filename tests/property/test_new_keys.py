"""A flow's key changes, and the night of it does not go well: the model, which knows both keys, looks on."""

from sealing import rotation
from tests.tiny.model import Wanted
from tests.tiny.start import settled, work_folder

FLOW = "early_help"
ROLE = f"pseudonym-{FLOW}"


def test_a_new_key_survives_a_kill_beside_an_assessment_that_asks_for_less() -> None:
    """Killed once the batch was sealed, the next night sends that batch: each row stands under the new key
    alone, every old name is a tombstone, and what the flow asks for no longer is gone without a brake.
    """
    nights = settled().copy(work_folder() / "new-keys")
    nights.model.versions[FLOW] = rotation.rotate(ROLE, nights.site.read().keys.private)
    before = set(nights.council.warehouse(FLOW)[0])
    nights.assess(frozenset({"no_contacts"}))
    assert nights.killed_night(Wanted(), "sealed") == "sealed"
    nights.night()
    rows, tombs = nights.council.warehouse(FLOW, version=2)
    assert nights.model.ledgers[FLOW].version == 2
    assert {name for _, _, name in tombs} == {f"{name}/1" for _, _, name in before}
    assert set(rows) == {key for key in before if key[0] != "contact"}
