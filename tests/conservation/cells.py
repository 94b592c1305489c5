"""What a cell must be once it has arrived: a second set of converters, cell by cell."""

from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from tests.conservation.rules import Target
from tests.conservation.served import cell

LINKS = {
    "person_id": "person",
    "related_person_id": "person",
    "referral_id": "referral",
    "contact_id": "contact",
    "episode_id": "service_episode",
    "org_id": "organisation",
    "to_org_id": "organisation",
    "referrer_org_id": "organisation",
    "to_service_id": "service",
    "consent_id": "consent",
    "parent_referral_id": "referral",
}
# The words that the small generator uses, and the codes that the agreed lists have for them.
CODES = {
    "role_type": {"client": "client"},
    "gender": {"male": "1", "female": "2"},
    "referrer_type": {"voluntary sector": "20"},
    "referral_method": {"phone": "phone"},
    "priority": {"routine": "1"},
    "triage_outcome": {"accept": "accept"},
    "status": {
        "closed - complete": "completed",
        "first appointment attended": "in_service",
        "active": "active",
    },
    "closure_reason": {"needs met / completed as planned": "NEEDS_MET"},
    "end_reason": {"needs met / completed as planned": "NEEDS_MET"},
    "achieved": {"met": "met", "partly met": "partly", "not met": "not met"},
    "medium": {"telephone": "02"},
    "attendance": {"attended": "5", "did not attend": "3"},
    "category": {
        "economic": "ECON",
        "health and wellbeing": "HW",
        "housing": "HOUS",
        "social": "SOC",
        "education, skills, and training": "EST",
    },
    "outcome": {"accepted": "accepted"},
    "need_code": {},
    "subcategory": {},
    "reason_code": {},
    "lot_code": {"l3-ssh": "L3-SSH", "l4-cs": "L4-CS"},
    "tool": {"wemwbs": "WEMWBS"},
    "timepoint": {"baseline": "baseline"},
}
AS_THEY_STAND = ("ECON.BEN", "ECON.DEBT", "HW.MH", "HOUS.COND", "SOC.LON", "EST.DIG")
YES = {"yes": "true", "no": "false"}


def arrived(target: Target, words: str, column: str) -> str | None:
    """Return the cell as the warehouse must hold it, as text; nothing where it can not be read.

    Given: `column`, the column of the warehouse, which differs from the field where it is generalised.
    """
    bare = cell(words)
    if bare is None:
        return YES["yes" if target.blank else "no"] if target.blank is not None else None
    return str(_CONVERTERS[target.converter](target, bare, column) or "") or None


def _text(_: Target, bare: str, column: str) -> str:
    return bare


def _date(_: Target, bare: str, column: str) -> str | None:
    try:
        day = datetime.strptime(bare, "%d/%m/%Y")  # noqa: DTZ007
    except ValueError:
        return None
    return day.strftime("%Y-%m") if column == "birth_year_month" else day.strftime("%Y-%m-%d")


def _code(target: Target, bare: str, _: str) -> str | None:
    if bare in AS_THEY_STAND:
        return bare
    given = {word.casefold(): code for word, code in target.words.items()}
    return given.get(bare.casefold()) or CODES[target.field].get(bare.casefold())


def _number(_: Target, bare: str, column: str) -> str | None:
    try:
        value = Decimal(bare)
    except InvalidOperation:
        return None
    return str(value.quantize(Decimal("0.01"))) if column.endswith("_gbp") else str(int(value))


def _boolean(_: Target, bare: str, column: str) -> str | None:
    return YES.get(bare.casefold())


def _digits(_: Target, bare: str, column: str) -> str:
    return bare.replace(" ", "").lstrip("0")


def _postcode(_: Target, bare: str, column: str) -> str:
    joined = bare.replace(" ", "").upper()
    return joined[:-3] if column == "postcode_district" else f"{joined[:-3]} {joined[-3:]}"


_CONVERTERS: dict[str, Any] = {
    "text": _text,
    "code_as_is": _text,
    "date": _date,
    "code": _code,
    "integer": _number,
    "decimal": _number,
    "boolean": _boolean,
    "nhs_number": _digits,
    "uprn": _digits,
    "postcode": _postcode,
}
