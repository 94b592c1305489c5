"""People's choices, and how data are kept unreadable to whoever should not read them (blocks 7 and 8)."""

from typing import Annotated, Literal

from pydantic import Field

from sharing.document.block import Block, Id, Period, Words

RegisterName = Annotated[str, Field(pattern=r"^[a-z][a-z0-9_]{0,40}(/[a-z][a-z0-9_]{0,40}){0,3}$")]
"""Which of the site's registers it is: NAME, or FOLDER/NAME, without an ending."""


class PersonStop(Block):
    """A register of people whose records a flow withholds, and how old the register may be.

    While it is older than that, missing or wrong, `onStale` says what becomes of all that it governs:
    withheld, also where nothing is said, and what was sent is withdrawn; or held, and what was sent stays,
    which needs a `why`.
    """

    type: Literal[
        "art21_objection", "art18_restriction", "consent_withdrawn", "national_data_opt_out", "court_order"
    ]
    register_file: RegisterName = Field(alias="register")
    max_age_days: int = Field(ge=1, le=366)
    effect: Literal["WITHHOLD", "REVIEW"]
    on_stale: Literal["WITHHOLD", "HOLD"] = "WITHHOLD"
    why: Words | None = None
    flows: list[Id] | None = None
    excepted: list[Literal["compelling_grounds_ref"]] = Field(default=[], alias="except")


class Reidentify(Block):
    """Who may ask whose pseudonym it is, and what it takes."""

    allowed_to: list[Id] = Field(min_length=1)
    approval: Literal["two_person"]


class Pseudonym(Block):
    """How the pseudonyms of a recipient are made, how long a key serves, and how long two serve together."""

    method: Literal["hmac-sha256"]
    key_ref: Words
    recipient: Id
    input: Literal["record_reference"]
    rotation: Period
    overlap: Period
    reidentify: Reidentify | None = None


class BoroughOnly(Block):
    """Lots that are counted for the borough alone, and below which number such a count is hidden."""

    lots: list[Id] = Field(min_length=1)
    threshold: int = Field(ge=8, le=99)


class DisclosureControl(Block):
    """How small counts are hidden in figures made of a flow's rows. A flow that none names makes no figures.

    `suppressBetween: [1, 7]` with `roundTo: 5` is the way of NHS HES below national level, and of
    OpenSAFELY; `[1, 4]` with `roundTo: 1` hides what is under five and shows the rest as it is. In both,
    further cells are hidden until an attack by linear programming finds no hidden number in a range with
    fewer than `leastWidth` steps between its ends: over all tables of a release, and all that the same
    reader was given in the `memory` before.
    """

    flows: list[Id] = Field(min_length=1)
    suppress_between: tuple[Literal[1], Literal[4, 7]]
    zero: Literal["keep"]
    sensitive_zero: Literal["hide"]
    round_to: Literal[1, 5]
    totals: Literal["exact_for_the_borough"]
    organisations: Literal["exact"]
    percentages: Literal["from_published"]
    further: Literal["hidden_until_none_can_be_worked_out"]
    audit: Literal["lp_attack"]
    least_width: int = Field(ge=2, le=6)
    borough_only: BoroughOnly | None = None
    memory: Period
    calendar: Literal["monthly", "quarterly"]


class Encryption(Block):
    """How what leaves is sealed and signed."""

    container: Literal["age-v1"]
    recipients: Literal["from_flow_key"]
    sign: Literal["ed25519-manifest"]
    key_max_age: Period
    refuse_if_key_expired: Literal[True]


class FreeText(Block):
    """What becomes of what people typed: it stays, unless somebody has read it."""

    default: Literal["block"]
    allow_if: list[Literal["human_reviewed"]] = Field(default=[])


class ErrorsAndLogs(Block):
    """That no value of a record stands where errors and logs are kept."""

    quarantine: Literal["none_kept"]
    payload_in_logs: Literal["forbidden"]
    exception_text: Literal["scrub"]
