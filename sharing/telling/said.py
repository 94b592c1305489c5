"""The codes of an assessment in words that can be read aloud."""

import re
from datetime import date

MONTHS = (
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
)
UNITS = {"Y": "year", "M": "month", "W": "week", "D": "day"}
CAPITALS = {"nhs": "NHS", "gp": "GP"}
STOPS = {
    "art21_objection": "objections (UK GDPR Article 21)",
    "art18_restriction": "restrictions (UK GDPR Article 18)",
    "consent_withdrawn": "consent taken back",
    "national_data_opt_out": "the national data opt-out",
    "court_order": "court orders",
}
OBJECTIONS = {
    "honour": "An objection is honoured.",
    "honour_unless_compelling": "An objection is honoured, unless compelling grounds are shown.",
    "no_right": "The law gives no right to object to this use.",
}
NOT_ASKED = "No register of objections is asked for this use."
GATES = {
    "sch3_serious_harm": "serious harm",
    "sch3_child_abuse_data": "data on the abuse of a child",
    "third_party": "other people in the data",
    "da_safety": "the safety of whoever fled abuse",
}
"""What is answered for before anything is told of a person; the release form asks all four (audit/)."""
GATEWAYS = {
    "consent": "the person agreed",
    "implied_consent_individual_care": "the person may expect it for their own care",
    "statutory": "an enactment lifts the duty",
    "overriding_public_interest": "an overriding public interest",
    "not_identifiable_to_recipient": "the recipient does not learn who a person is",
}
DUTIES = {
    "delete_on_notice": "delete on notice",
    "notify_breach_24h": "tell of a breach within 24 hours",
    "restrict_access": "let only those see it who need it",
    "train_staff": "train the staff",
}
IDENTIFIABLE = {
    "identified": "The recipient learns who the people are.",
    "pseudonymised": "The recipient sees a keyed pseudonym in place of a name.",
    "aggregate": "The recipient sees counts, small ones hidden and the others rounded; no row.",
}
FLOW_STATES = {"active": "running", "paused": "paused", "ended": "ended"}
SINCE = {
    "case_closed": "the case closed",
    "last_contact": "the last contact",
    "disclosure": "it was sent",
    "receipt": "its receipt",
    "run": "the run",
    "contract_end": "the end of the contract",
}
DISPOSALS = {
    "delete": "deleted",
    "anonymise": "made anonymous",
    "destroy_person_key": "made unreadable for good: the person's key is destroyed",
}
PROOFS = {
    "recipient_certificate": "the recipient's certificate",
    "log_leaf": "a leaf of the disclosure log",
    "run_summary": "the run's summary",
}
KEPT = {
    "batch_bodies": "sealed batches in the landing zone",
    "disclosure_log": "what the disclosure log holds of a person",
    "memory": "what Viaduct remembers of rows that it sent",
    "run_summaries": "summaries of the runs",
    "statements": "signed disclosure statements of the runs",
}
TRIGGERS = {
    "data_matching": "records of several systems are matched",
    "vulnerable_data_subjects": "the people are vulnerable",
    "special_category_large_scale": "special category data are used on a large scale",
    "criminal_offence_data": "data about offences are used",
    "risk_of_physical_harm": "somebody could come to physical harm",
    "invisible_processing": "the data do not come from the people themselves",
    "innovative_technology": "the technology is new",
    "tracking": "people's whereabouts or conduct are followed",
    "children": "children are among the people",
}
DOES = {
    "sync": "runs the nightly sync: reads the exports, decides, seals",
    "landing": "keeps the landing zone, where sealed batches are laid down",
    "council": "opens the batches and keeps the warehouse",
}


KEYS_OF = {
    "sync": "those that make pseudonyms, sign batches and the log, and keep the memory and the registers",
    "council": "those that open batches and sign receipts",
}
"""Which keys whoever keeps them on a side keeps; the landing zone has none."""


def period(text: str) -> str:
    """Return a period of the file in words: P3Y is 3 years."""
    parts = [
        f"{number} {UNITS[unit]}{'' if number == '1' else 's'}"
        for number, unit in re.findall(r"([0-9]+)([YMWD])", text)
    ]
    return " and ".join([", ".join(parts[:-1]), parts[-1]] if len(parts) > 1 else parts)


def every(text: str) -> str:
    """Return how often in words: P1D is every day, P2W is every 2 weeks."""
    one = re.fullmatch(r"P1([YMWD])", text)
    return f"every {UNITS[one[1]]}" if one else f"every {period(text)}"


def code(text: str) -> str:
    """Return the last part of a code in words: of uk:cat/home-address, home address."""
    last = re.split(r"[/:]", text)[-1]
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", last).replace("-", " ").replace("_", " ").lower()
    return " ".join(CAPITALS.get(word, word) for word in words.split())


def on(day: date) -> str:
    """Return a day as people write it: 1 December 2022."""
    return f"{day.day} {MONTHS[day.month - 1]} {day.year}"


def listed(words: list[str]) -> str:
    """Return the words as a person lists them: a, b and c."""
    return " and ".join([", ".join(words[:-1]), words[-1]]) if len(words) > 1 else "".join(words)
