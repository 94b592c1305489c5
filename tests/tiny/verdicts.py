"""What may be shared of each record tonight: an independent reading of the assessment, in plain Python.

Written from design.md (Fates) and the words of the assessment; it imports nothing of the program.
"""

from dataclasses import dataclass, field
from datetime import date

from tests.tiny.asked import ANONYMISED, IN_DANGER, OF_LOT_8, released, takes_part
from tests.tiny.danger import ABUSE, Name
from tests.tiny.records import LOTS, Key, Night, Shared, day, is_number
from tests.tiny.world import Row

PERMITTED, HELD, WITHHELD = "permitted", "held", "withheld"
PRIORITIES = {"Routine": "1", "Urgent": "2", "": None}
ATTENDED = {"Came": "5", "Missed": "3"}
EXTRACTED = date(2024, 6, 1)


@dataclass(frozen=True)
class Verdict:
    """What one flow says of one record: its fate, the columns that are shown of it, and what they hold."""

    fate: str
    shown: frozenset[str] = frozenset()
    row: Shared = field(default_factory=dict)
    parents: tuple[Key, ...] = ()
    emptied: bool = False


def verdicts(night: Night, flow: str) -> dict[Key, Verdict]:
    """Return what the flow says of every record."""
    judge = Judge(night, flow)
    for key, row in night.records():
        judge.said[key] = judge.of(key, row)
    return judge.said


class Judge:
    """One flow going through the records of one night."""

    def __init__(self, night: Night, flow: str) -> None:
        self.night, self.flow = night, flow
        self.named = flow == "early_help"
        self.said: dict[Key, Verdict] = {}

    def of(self, key: Key, row: Row) -> Verdict:
        """Return what the flow says of the record, its parents' verdicts being known."""
        entity, source, _ = key
        parents = self._parents(key, row)
        if not self._in_flow(entity, source) or self._stopped(key, row, parents):
            return Verdict(WITHHELD)
        held = self._held(key, row)
        whole = all(parent in self.said for parent in parents)
        if not held and not whole:
            return Verdict(WITHHELD)
        hidden = self._hidden(key, row)
        columns = self._columns(key, row)
        shown = frozenset(columns) - hidden if whole else frozenset()
        shared = {name: value if name in shown else None for name, value in columns.items()}
        links = parents[1:] if entity == "contact" else parents  # a contact hangs on its case alone
        return Verdict(HELD if held else PERMITTED, shown, shared, tuple(links))

    def _in_flow(self, entity: str, source: str) -> bool:
        turns = self.night.turns
        return entity in released(self.flow, turns) and takes_part(self.flow, source, turns)

    def _parents(self, key: Key, row: Row) -> list[Key]:
        """Return the records without which this one says nothing: person, then case, or organisation."""
        entity, source, _ = key
        if entity == "service":
            return [("organisation", source, row["Organisation"])]
        owner = self.night.owner(key, row)
        people = [("person", *owner)] if owner and entity != "person" else []
        return people + ([("referral", source, row["Case"])] if entity in {"need", "contact"} else [])

    def _stopped(self, key: Key, row: Row, parents: list[Key]) -> bool:
        """Return whether a rule keeps the record: the person's, the flow's, or one that keeps its parent."""
        entity = key[0]
        if entity == "person":
            return not self._person_may(key[1:], row)
        whole = all(parent in self.said for parent in parents)
        if whole and not self._where(key, row):
            return True
        return any(self.said[parent].fate == WITHHELD for parent in parents if parent in self.said)

    def _person_may(self, person: Name, row: Row) -> bool:
        if self.named:
            return self.night.agreed(person) and row["Anonymised"] != "Yes"
        return "who_agreed" not in self.night.turns or self.night.agreed(person)

    def _where(self, key: Key, row: Row) -> bool:
        """Return whether the flow's own condition on the record is met; what is not known is not."""
        entity, source, _ = key
        if entity == "service":
            return self.named or row["Lot"] != "L8-DA"
        if entity == "referral":
            if self.named:
                return "no_urgent" not in self.night.turns or PRIORITIES[row["Priority"]] == "1"
            return LOTS.get(row["Project"], "L8-DA") != "L8-DA"
        if entity in {"need", "contact"} and self.named:
            case = self.night.cases[source, row["Case"]]
            tells = row["Kind"] in ABUSE if entity == "need" else case.abuse
            return not tells and case.lot not in {None, "L8-DA"}
        return True

    def _held(self, key: Key, row: Row) -> bool:
        """Return whether a check holds the record until it is mended."""
        entity, source, _ = key
        night = self.night
        if entity == "person":
            return night.shares_number(key[1:])
        owner = night.owner(key, row)
        case = night.cases.get((source, row.get("Case", "")))
        if entity == "referral":
            received = day(row["Received"])
            wrong = received is None or received > EXTRACTED or owner not in night.people
            return wrong or (bool(row["Portal"]) and ("hub", row["Portal"]) not in night.cases)
        if entity == "need":
            return case is None or owner not in night.people or (source, row["Person"]) != owner
        return entity == "contact" and (case is None or (source, row["Person"]) != case.owner)

    def _hidden(self, key: Key, row: Row) -> frozenset[str]:
        """Return the columns that a safety rule empties."""
        entity = key[0]
        owner = key[1:] if entity == "person" else self.night.owner(key, row)
        hidden: set[str] = set()
        if owner is not None and self.night.danger.of(owner):
            hidden |= IN_DANGER[self.flow].get(entity, set())
        if self.named and entity == "referral" and LOTS.get(row["Project"], "L8-DA") == "L8-DA":
            hidden |= OF_LOT_8
        anonymised = owner in self.night.people and self.night.people[owner]["Anonymised"] == "Yes"
        return frozenset(hidden | ANONYMISED.get(entity, set()) if anonymised and not self.named else hidden)

    def _columns(self, key: Key, row: Row) -> Shared:
        """Return what the flow asks for of the record, nothing hidden yet."""
        values: Shared = getattr(self, f"_{key[0]}")(key, row)
        own = {"organisation": "org_id"}.get(key[0], f"{key[0]}_id")
        kept = released(self.flow, self.night.turns)[key[0]]
        return {name: v for name, v in {own: key, "source_system": key[1], **values}.items() if name in kept}

    def _organisation(self, _: Key, row: Row) -> Shared:
        return {"name": row["Run by"]}

    def _service(self, key: Key, row: Row) -> Shared:
        organisation = "organisation", key[1], row["Organisation"]
        return {"org_id": organisation, "lot_code": row["Lot"], "status": row["Status"].lower()}

    def _person(self, _: Key, row: Row) -> Shared:
        born = day(row["Born"])
        if not self.named:
            return {"birth_year_month": f"{born:%Y-%m}" if born else None, "role_type": "client"}
        number = row["NHS Number"] if is_number(row["NHS Number"]) else None
        return {"family_name": row["Surname"] or None, "birth_date": born, "nhs_number": number}

    def _address(self, key: Key, row: Row) -> Shared:
        owner, postcode = ("person", *key[1:]), row["Postcode"] or None
        if self.named:
            return {"person_id": owner, "line1": row["Street"] or None, "postcode": postcode}
        return {"person_id": owner, "postcode_district": postcode.split()[0] if postcode else None}

    def _referral(self, key: Key, row: Row) -> Shared:
        case = self.night.cases[key[1:]]
        shared = {
            "person_id": ("person", *case.owner) if case.row["Person"] else None,
            "parent_referral_id": ("referral", "hub", row["Portal"]) if row["Portal"] else None,
            "priority": PRIORITIES[row["Priority"]],
            "received_on": case.received,
            "lot_code": case.lot,
        }
        if self.named:
            return shared | {"re_referral": self.night.came_again(case)}
        return shared | {"age_band": self.night.age_band(case)}

    def _need(self, key: Key, row: Row) -> Shared:
        links = {
            "person_id": ("person", key[1], row["Person"]),
            "referral_id": ("referral", key[1], row["Case"]),
        }
        return links | {"need_code": row["Kind"]}

    def _contact(self, key: Key, row: Row) -> Shared:
        attended = ATTENDED[row["Attendance"]]
        return {
            "referral_id": ("referral", key[1], row["Case"]),
            "attendance": attended,
            "contact_on": day(row["On"]),
        }
