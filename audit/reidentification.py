"""Whose a pseudonym is, asked on the record: the written question, and the approvals of two people.

Each approver signs the question, word for word, with a key of their own; the site trusts the public keys that
stand in its folder of public keys, and no key that a question brings along.

Source:  Caldicott principle 4 (access on a strict need-to-know basis); UK GDPR Art. 4(5) (the additional
         information is kept apart). Whether two approvals are enough is for information governance to decide.
"""

import base64
import hashlib
import json
import secrets
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Annotated, Any, Literal
from uuid import UUID

import rfc8785
from pydantic import Field, ValidationError, field_validator

from audit.errors import ApprovalUnreadable
from audit.leaves import ReidentificationLeaf
from audit.release_form import SALT_BYTES, VALID_FOR, Day, FormBlock
from common import clock
from config.documents import DocumentRefused, read_with_place
from sealing.manifest import Name, Sha256, from_base64
from sealing.signing import Purpose, Signer, Verifier

APPROVERS = 2
MOST_KEYS = 20
AGAIN = "Correct the question (docs/how_to/reidentify.md), then type the same `audit` command once more."


class Question(FormBlock):
    """What is asked, by whom and why: the keys of rows as the warehouse shows them, of one flow."""

    flow: Name
    asked_by: Name
    request: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9._/-]{0,79}$", repr=False)]
    reason: Literal["safeguarding", "rectification", "complaint", "court_order", "incident"]
    asked_on: Day
    keys: Annotated[list[str], Field(min_length=1, max_length=MOST_KEYS, repr=False)]

    @field_validator("keys")
    @classmethod
    def _are_keys(cls, given: list[str]) -> list[str]:
        """Return the keys as 32 hexadecimal digits, each once."""
        return list(dict.fromkeys(_key(one) for one in given))

    @property
    def released_keys(self) -> list[bytes]:
        """Return the keys as the memory holds them."""
        return [bytes.fromhex(one) for one in self.keys]

    @property
    def canonical(self) -> bytes:
        """Return the question as RFC 8785 JSON: what is approved."""
        return rfc8785.dumps(self.model_dump(mode="json", by_alias=True))


class Approval(FormBlock):
    """One person's word for one question, on a day; it holds for thirty days."""

    format: Literal["viaduct-approval/1"] = "viaduct-approval/1"
    approver: Name
    question_sha256: Sha256
    approved_on: Day
    signature: str = Field(default="", repr=False)

    @property
    def signed_bytes(self) -> bytes:
        """Return what the approver signs."""
        return rfc8785.dumps(self.model_dump(mode="json", by_alias=True, exclude={"signature"}))


@dataclass(frozen=True)
class Asking:
    """A question with its approvals, and the salt under which the log commits to it."""

    question: Question = field(repr=False)
    approvals: tuple[Approval, ...] = field(repr=False)
    salt: bytes = field(repr=False)

    def objections(self, trusted: Callable[[str], Verifier]) -> list[str]:
        """Return why the approvals are not enough; none when they are.

        Given: the trusted key of an approver by name; it raises a ViaductError if there is none.
        """
        found, keys, names = [], set(), set()
        for approval in self.approvals:
            why = self._wrong(approval, trusted(approval.approver))
            if why:
                found.append(f"{approval.approver}: {why}")
            keys.add(trusted(approval.approver).public)
            names.add(approval.approver)
        if min(len(keys), len(names)) < APPROVERS:
            found.append(f"{APPROVERS} people with a key of their own must approve; {len(keys)} did")
        return found

    def _wrong(self, approval: Approval, verifier: Verifier) -> str:
        if approval.question_sha256 != question_sha256(self.question):
            return "approved another question"
        if not clock.today() - VALID_FOR <= approval.approved_on <= clock.today():
            return f"an approval holds for {VALID_FOR.days} days, and none is of tomorrow"
        signature = from_base64(approval.signature)
        held = signature and verifier.accepts(Purpose.APPROVAL, approval.signed_bytes, signature)
        return "" if held else "the signature does not hold"

    def leaf(self, name: str, told: int, *, refused: bool) -> ReidentificationLeaf:
        """Return the leaf that says that this was asked, how many rows of, and who approved it."""
        return ReidentificationLeaf(
            identity=f"reidentification:{name}",
            run=name,
            at=clock.stamp(clock.now()),
            flow=self.question.flow,
            asked_by=self.question.asked_by,
            reason=self.question.reason,
            asked=len(self.question.keys),
            told=told,
            approvers=sorted({approval.approver for approval in self.approvals}),
            outcome="refused" if refused else "given",
            question_sha256=hashlib.sha256(self.salt + self.question.canonical).hexdigest(),
        )


def read_question(path: Path) -> Question:
    """Return the question. Errors: DocumentRefused (exit 10), also for one older than thirty days."""
    question, place = read_with_place(path, Question, remedy=AGAIN)
    if not clock.today() - VALID_FOR <= question.asked_on <= clock.today():
        text = f"askedOn: a question holds for {VALID_FOR.days} days, and none is of tomorrow."
        raise DocumentRefused([place.problem(text, "askedOn")], remedy=AGAIN)
    return question


def asking(question: Question, approvals: Iterable[Approval]) -> Asking:
    """Return the question with its approvals, under a new salt."""
    return Asking(question, tuple(approvals), secrets.token_bytes(SALT_BYTES))


def approve(question: Question, approver: str, signer: Signer, today: date) -> bytes:
    """Return the approval as its file holds it: one line of JSON."""
    approval = Approval(approver=approver, question_sha256=question_sha256(question), approved_on=today)
    signature = signer.sign(Purpose.APPROVAL, approval.signed_bytes)
    said: dict[str, Any] = approval.model_dump(mode="json", by_alias=True)
    return rfc8785.dumps(said | {"signature": base64.b64encode(signature).decode()}) + b"\n"


def read_approval(path: Path) -> Approval:
    """Return the approval. Errors: ApprovalUnreadable."""
    try:
        return Approval.model_validate(json.loads(path.read_bytes()))
    except (OSError, ValueError, ValidationError, RecursionError):
        pass
    raise ApprovalUnreadable(path.name)


def question_sha256(question: Question) -> str:
    """Return SHA-256 of the question, which approvals name."""
    return hashlib.sha256(question.canonical).hexdigest()


def _key(said: str) -> str:
    """Return the 32 hexadecimal digits of a key, also of one written as a UUID. Errors: ValueError."""
    try:
        return UUID(said).hex
    except ValueError:
        pass
    raise ValueError("not a key of 32 hexadecimal digits, as the warehouse shows it")
