"""The words for the life of a finding: its states, who may bring it from one to another, and why."""

import base64
import hashlib
import re
from enum import StrEnum
from types import MappingProxyType

CODE_BYTES = 10
SEPARATOR = "\x1f"
MONTH = re.compile(r"\d{4}-(?:0[1-9]|1[0-2])")
QUARTER = re.compile(r"(\d{4})-Q([1-4])")


class State(StrEnum):
    """Where a finding stands."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    MENDED = "mended"
    ACCEPTED = "accepted"
    DISPUTED = "disputed"
    CLOSED = "closed"
    WITHDRAWN = "withdrawn"


LIVING = frozenset(State) - {State.CLOSED, State.WITHDRAWN}
"""What is not over."""
WANTED = frozenset({State.OPEN, State.ACKNOWLEDGED})
"""What a provider is asked to mend."""
FAILING = LIVING - {State.MENDED}
"""What did not pass when it was last looked at."""


class Action(StrEnum):
    """What people do to a finding; all else is done by the nights."""

    ACKNOWLEDGE = "acknowledge"
    ACCEPT = "accept"
    DISPUTE = "dispute"
    UPHOLD = "uphold"
    REJECT = "reject"
    TAKE_BACK = "take_back"


class Reason(StrEnum):
    """Why a finding changed. The list is closed, so that nothing typed about a person is ever kept."""

    NONE = ""
    ASKED_UNKNOWN = "asked_unknown"
    REFUSED = "refused"
    CORRECT_AS_IS = "correct_as_is"
    NO_PLACE_FOR_IT = "no_place_for_it"
    CHECK_IS_WRONG = "check_is_wrong"
    DISPUTE_REJECTED = "dispute_rejected"
    EXPIRED = "expired"
    FOUND_AGAIN = "found_again"
    PASSES = "passes"
    DELIVERED = "delivered"
    NOTHING_SHARED = "nothing_shared"
    NO_RECORD = "no_record"
    BEFORE_DELIVERY_WAS_VERIFIED = "before_delivery_was_verified"
    VANISHED = "vanished"
    ROW_GONE = "row_gone"
    ANONYMISED = "anonymised"
    MERGED = "merged"
    FORGOTTEN = "forgotten"
    CHECK_RETIRED = "check_retired"
    SWITCHED_OFF = "switched_off"
    PERIOD_OVER = "period_over"


ACCEPTABLE = (
    Reason.ASKED_UNKNOWN,
    Reason.REFUSED,
    Reason.CORRECT_AS_IS,
    Reason.NO_PLACE_FOR_IT,
)
"""Why a provider may accept a finding until a day."""
ACCEPTABLE_OF_SAFETY = (Reason.CORRECT_AS_IS,)
"""Why one may be accepted on which somebody's safety may hang, or that holds its record back."""
DISPUTABLE = (Reason.CHECK_IS_WRONG, Reason.CORRECT_AS_IS)
"""Why a provider may dispute one."""
GONE = (Reason.VANISHED, Reason.ROW_GONE, Reason.ANONYMISED, Reason.MERGED, Reason.FORGOTTEN)
"""Why a record is no longer there to be mended."""

FROM = MappingProxyType(
    {
        Action.ACKNOWLEDGE: frozenset({State.OPEN}),
        Action.ACCEPT: frozenset({State.OPEN, State.ACKNOWLEDGED, State.ACCEPTED}),
        Action.DISPUTE: frozenset({State.OPEN, State.ACKNOWLEDGED}),
        Action.UPHOLD: frozenset({State.DISPUTED}),
        Action.REJECT: frozenset({State.DISPUTED}),
        Action.TAKE_BACK: frozenset({State.ACKNOWLEDGED, State.ACCEPTED, State.DISPUTED}),
    }
)
"""From which states each action leads."""
TO = MappingProxyType(
    {
        Action.ACKNOWLEDGE: State.ACKNOWLEDGED,
        Action.ACCEPT: State.ACCEPTED,
        Action.DISPUTE: State.DISPUTED,
        Action.UPHOLD: State.ACCEPTED,
        Action.REJECT: State.OPEN,
        Action.TAKE_BACK: State.OPEN,
    }
)
"""To which state each action leads."""
REASONS = MappingProxyType(
    {
        Action.ACKNOWLEDGE: (Reason.NONE,),
        Action.ACCEPT: ACCEPTABLE,
        Action.DISPUTE: DISPUTABLE,
        Action.UPHOLD: (Reason.CHECK_IS_WRONG,),
        Action.REJECT: (Reason.DISPUTE_REJECTED,),
        Action.TAKE_BACK: (Reason.NONE,),
    }
)
"""What may be said for each action, the first where nothing is said; accepting needs a word of its own."""


def public_code(source: str, entity: str, record: str, check: str, field: str) -> str:
    """Return the finding's public id: the same in every store, for CSVs that go out and come back."""
    name = SEPARATOR.join((source, entity, record, check, field)).encode()
    digest = hashlib.blake2b(name, digest_size=CODE_BYTES).digest()
    return "F" + base64.b32encode(digest).decode("ascii").lower()


def first_month(record: str) -> str | None:
    """Return the first month of the period that a finding names, as 2022-05; None where it names none."""
    period = record.rpartition(" ")[2]
    if found := QUARTER.fullmatch(period):
        return f"{found[1]}-{3 * int(found[2]) - 2:02}"
    return period if MONTH.fullmatch(period) else None
