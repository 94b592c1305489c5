"""Who may ask whose a row of a flow is: the assessment says it in the profile that the flow itself uses."""

from sharing.document.profiles import Reidentify
from sync.reidentifying import may_ask
from tests.unit.sharing.records import example

SAID = {"allowedTo": ["smbc"], "approval": "two_person"}


def test_only_the_profile_that_the_flow_uses_says_who_may_ask() -> None:
    """Another profile of the same key, which no flow uses, lets nobody ask; nor does a flow that is not."""
    said = example()
    own = said.pseudonyms["keys-of-commissioning"]
    wider = own.model_copy(update={"reidentify": Reidentify.model_validate(SAID)})
    both = said.model_copy(update={"pseudonyms": {"unused": wider, **said.pseudonyms}})
    assert may_ask(both, "commissioning") == {"hub", "community_support"}
    assert may_ask(both, "early_help") == may_ask(both, "no_such_flow") == set()
