"""A law pack as immutable models: what may be cited, by whom, on what evidence, and where that is written."""

from collections.abc import Mapping
from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from config.scalars import Day
from sharing.document.block import Block, Code, Id, Words
from sharing.vocabulary import ChildrenAct, PurposeKind

Who = Literal["public_authority", "body_with_function", "other_body"]
Conferred = Literal["public_authority", "other_body"]


class Statement(Block):
    """Something said about the law: where it was read, and whether somebody must still look at it."""

    source: Words
    confirm_with_lawyer: bool


class Commencement(Block):
    """Whether somebody has read from which day something is law, and where; else why not.

    read: true where what appoints the day was read itself; `inferred` where the day follows from what was
    read beside it, which a lawyer must confirm; false where nobody has read of a day.
    """

    read: bool | Literal["inferred"]
    source: Words
    expected_from: Day | None = None


class InForce(Statement):
    """Something that is law from a day on; where nobody has read that it is, it counts as not in force.

    in_force_from: the day that was read or inferred; where there is none, no other day takes its place.
    """

    in_force_from: Day | None = None
    in_force_until: Day | None = None
    commencement: Commencement

    @model_validator(mode="after")
    def no_day_that_was_not_read(self) -> Self:
        """Return it as it is.

        Errors:  ValueError: a day that nobody read, none though one was read, one inferred that no lawyer is
                 asked about.
        """
        if self.commencement.read and self.in_force_from is None:
            raise ValueError("commencement.read is not false: say under inForceFrom which day was read.")
        if not self.commencement.read and self.in_force_from is not None:
            raise ValueError("commencement.read is false: a day that was not read is expectedFrom.")
        if self.commencement.read and self.commencement.expected_from is not None:
            raise ValueError("commencement.read is not false: then nothing is expectedFrom any more.")
        if self.day_inferred and not self.confirm_with_lawyer:
            raise ValueError("commencement.read is inferred: a lawyer must confirm it (confirmWithLawyer).")
        return self

    @property
    def day_inferred(self) -> bool:
        """Return whether its first day was inferred, not read."""
        return self.commencement.read == "inferred"


class Ground(InForce):
    """A place in the law that a legal basis may stand on: what it is called there, and from when to when."""

    name: Words
    law: Words

    @property
    def called(self) -> str:
        """Return what people are told that it is."""
        return self.law


class RightsThatFollow(Block):
    """The rights that people have where a basis is relied on."""

    withdraw: bool
    object: bool
    erase: bool
    port: bool


class Basis(Ground):
    """A lawful basis (Article 6): who may rely on it, what it must show, whether a feed may stand on it."""

    who: list[Who] = Field(min_length=1)
    needs: list[
        Literal[
            "withdrawal_register",
            "provision",
            "necessity_note",
            "request",
            "interests_assessment",
            "named_interest",
        ]
    ]
    standing: bool
    rights: RightsThatFollow


class Condition(Ground):
    """A condition for special category data (Article 9), and the paragraphs of Schedule 1 that carry it."""

    schedule1: list[Code]
    needs: list[Literal["secrecy", "withdrawal_register"]]


class Paragraph(Ground):
    """A paragraph of Schedule 1: whether it needs a policy document, and the tests to be answered."""

    policy_document: bool
    tests: list[Id]


class Authority(Ground):
    """An authority for data about offences (Article 10)."""

    policy_document: bool


class Provision(InForce):
    """A function, duty or gateway in law: on whom it lies, and from when to when."""

    name: Words
    conferred_on: list[Conferred] = Field(min_length=1)
    children_act2004: list[ChildrenAct] = Field(default=[])
    needs: list[Literal["relevance", "board_request", "decision_record"]]

    @property
    def called(self) -> str:
        """Return what people are told that it is."""
        return self.name


class Compatible(Ground):
    """A further use that counts as compatible (Annex 2)."""


class OptOutReason(Block):
    """Why the national data opt-out may not apply, and to which flows that can be said of."""

    says: Words
    purposes: list[PurposeKind] = Field(default=[])
    pseudonymised: bool = False
    needs_provision: bool = False
    standing: bool = True


class OptOut(Statement):
    """How old the register of opt-outs may be, and the reasons for which it does not apply."""

    register_days: int = Field(ge=1)
    reasons: dict[Id, OptOutReason] = Field(min_length=1)


class Stopped(Statement):
    """What a person or a court may stop: the register that has to be asked, in which flows, by which law."""

    name: Words
    type: Literal["art21_objection", "art18_restriction", "court_order"]
    law: Words
    governs: Literal["every_flow", "who_may_object", "research"]


class SpecialCategories(Statement):
    """The kinds of data of Article 9(1)."""

    terms: list[Code] = Field(min_length=1)


class LawPack(Block):
    """The whole pack."""

    law_pack: Annotated[str, Field(pattern=r"^[a-z]{2}/[0-9]{4}-[0-9]{2}-[0-9]{2}$")]
    title: Words
    rights_source: Words
    rights_confirm_with_lawyer: bool
    article6: dict[Code, Basis] = Field(min_length=1)
    article9: dict[Code, Condition] = Field(min_length=1)
    schedule1: dict[Code, Paragraph] = Field(min_length=1)
    article10: dict[Code, Authority] = Field(min_length=1)
    provisions: dict[Code, Provision] = Field(min_length=1)
    annex2: dict[Code, Compatible] = Field(min_length=1)
    opt_out: OptOut
    stops: dict[Id, Stopped] = Field(min_length=1)
    special_categories: SpecialCategories
    purpose_terms: list[Code] = Field(min_length=1)
    categories: list[Code] = Field(min_length=1)
    health_categories: list[Code] = Field(min_length=1)

    def dated(self, code: str) -> list[Ground | Provision]:
        """Return what has its days under the code: Schedule 1 and Article 10 know some codes both."""
        tables: tuple[Mapping[str, Ground | Provision], ...] = (
            self.article6,
            self.article9,
            self.schedule1,
            self.article10,
            self.provisions,
            self.annex2,
        )
        return [table[code] for table in tables if code in table]
