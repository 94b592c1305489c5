"""Whatever happens in a CRM between nights, the warehouse holds what a small independent model says."""

import atexit
import shutil
import tempfile
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from demo import nights as later
from demo.nights import PERSON
from demo.sample import Sample
from tests.nights import NightSite
from tests.one_source import few_people, of_the_hub_alone
from tests.released import FLOWS, Council, state, warehouse_rows
from tests.small_sample import whole_sample

COUNT = 6
WORK = {"referral": "referrals", "contact": "contacts", "need": "needs"}
CHANGES_BETWEEN_NIGHTS = 3
PLACES = st.integers(0, COUNT - 1)


@dataclass
class Client:
    """What the model knows of one person: nothing but what happened to them."""

    reference: str
    work: dict[str, set[str]]
    agreed: bool
    surname: str
    there: bool = True
    anonymised: bool = False
    hidden: dict[str, set[str]] = field(default_factory=dict)


@cache
def people() -> Sample:
    return few_people(whole_sample(), COUNT)


@cache
def settled() -> NightSite:
    """Return a site of the hub alone after its first night."""
    night = _made(_folder())
    first = night.first_night()
    assert {state(first, flow) for flow in FLOWS} == {"remembered"}
    return night


def _folder() -> Path:
    """Return a new folder that is gone when the process is."""
    folder = Path(tempfile.mkdtemp(prefix="viaduct-nights-"))
    atexit.register(shutil.rmtree, folder, ignore_errors=True)
    return folder


def _made(folder: Path) -> NightSite:
    site = folder / "site"
    night = NightSite.of(site, people())
    for name in ("community_support", "domestic_abuse_support"):
        (site / "sources" / f"{name}.yaml").unlink()
    dpia = night.site.dpia
    dpia.write_text(of_the_hub_alone(dpia.read_text(encoding="utf-8")), encoding="utf-8")
    return night


class Nights(RuleBasedStateMachine):
    """A CRM in which things happen, the nights between them, and the model beside it."""

    @initialize()
    def begin(self) -> None:
        self.folder = _folder()
        shutil.copytree(settled().folder, self.folder / "site")
        self.night = NightSite(self.folder / "site")
        self.sample = people()
        self.clients = [self._client(row[PERSON]) for row in self.sample.table("hub", "people")]
        self.changes = 0

    def _client(self, person: str) -> Client:
        rows = self.sample.sources["hub"]
        work = {
            entity: {next(iter(row.values())) for row in rows[export] if row[PERSON] == person}
            for entity, export in WORK.items()
        }
        consent = next(row for row in rows["consents"] if row[PERSON] == person)
        surname = later.find(self.sample, "hub", "people", person)["Surname"]
        return Client(person, work, consent["Status"] == "Given", surname)

    def _there(self, place: int) -> Client | None:
        client = self.clients[place]
        return client if client.there else None

    @rule(place=PLACES, name=st.sampled_from(["Zqsurone", "Zqsurtwo"]))
    def rename(self, place: int, name: str) -> None:
        """The person takes another name."""
        client = self._there(place)
        if client and not client.anonymised:
            self.sample = later.change(self.sample, "hub", "people", client.reference, {"Surname": name})
            client.surname = name
            self.changes += 1

    @rule(place=PLACES, agreed=st.booleans())
    def answer(self, place: int, agreed: bool) -> None:
        """The person says yes or no to sharing with the council."""
        client = self._there(place)
        rows = [
            row for row in self.sample.table("hub", "consents") if client and row[PERSON] == client.reference
        ]
        if client and rows:
            status = {"Status": "Given" if agreed else "Refused", "Withdrawn": ""}
            for row in rows:
                self.sample = later.change(self.sample, "hub", "consents", row["Consent ID"], status)
            client.agreed = agreed
            self.changes += 1

    @rule(place=PLACES)
    def lose_contact(self, place: int) -> None:
        """A contact is deleted in the CRM."""
        client = self._there(place)
        if client and client.work["contact"]:
            contact = min(client.work["contact"])
            self.sample = later.vanish(self.sample, "hub", "contacts", contact)
            client.work["contact"].discard(contact)
            client.hidden.setdefault("contact", set()).add(contact)
            self.changes += 1

    @rule(place=PLACES)
    def find_contact(self, place: int) -> None:
        """A deleted contact is restored."""
        client = self._there(place)
        if client and client.hidden.get("contact") and client.work["referral"]:
            contact = client.hidden["contact"].pop()
            row = later.find(people(), "hub", "contacts", contact)
            self.sample = later.add(self.sample, "hub", "contacts", {**row, PERSON: client.reference})
            client.work["contact"].add(contact)
            self.changes += 1

    @rule(place=PLACES)
    def delete_person(self, place: int) -> None:
        """The person is deleted with all their work."""
        client = self._there(place)
        if client and sum(one.there for one in self.clients) > 2:
            self.sample = later.vanish(self.sample, "hub", "people", client.reference)
            client.there = False
            self.changes += 1
            client.work = {entity: set() for entity in WORK}
            client.hidden = {}

    @rule(place=PLACES)
    def anonymise(self, place: int) -> None:
        """The CRM cleanses the record; the work stays."""
        client = self._there(place)
        if client:
            self.sample = later.anonymise(self.sample, "hub", client.reference)
            client.anonymised = True
            self.changes += 1

    @rule(survivor=PLACES, loser=PLACES)
    def merge(self, survivor: int, loser: int) -> None:
        """One record absorbs another: the work moves; the survivor's own answer on sharing stands."""
        kept, gone = self._there(survivor), self._there(loser)
        if kept and gone and kept is not gone and not kept.anonymised and not gone.anonymised:
            for row in self.sample.table("hub", "consents"):
                if row[PERSON] == gone.reference:
                    self.sample = later.vanish(self.sample, "hub", "consents", row["Consent ID"])
            self.sample = later.merge(self.sample, "hub", kept.reference, gone.reference)
            for entity in WORK:
                kept.work[entity] |= gone.work[entity]
            kept.hidden.setdefault("contact", set()).update(gone.hidden.get("contact", set()))
            gone.there, gone.work, gone.hidden = False, {entity: set() for entity in WORK}, {}
            self.changes += 1

    @invariant()
    def night_falls_after_three_changes(self) -> None:
        """A night passes, and the warehouse is what the model says."""
        if hasattr(self, "clients") and self.changes >= CHANGES_BETWEEN_NIGHTS:
            self.sync()

    def sync(self) -> None:
        """Drop the exports, run, and compare."""
        self.night.drop(self.sample)
        summary = self.night.night()
        assert summary.exit_code in {0, 1}, summary.to_json()["errors"]
        self.compare()
        self.changes = 0

    def compare(self) -> None:
        """Hold the warehouse against the model: keys, owners and names."""
        council = Council(self.night)
        for flow in FLOWS:
            shared = [
                one
                for one in self.clients
                if one.there and (flow == "commissioning" or (one.agreed and not one.anonymised))
            ]
            wanted = council.keys(flow, "person", "hub", [one.reference for one in shared])
            rows = {row["person_id"]: row for row in council.rows(flow, "person")}
            assert set(rows) == set(wanted)
            for entity in WORK:
                names = sorted(name for one in shared for name in one.work[entity])
                key = f"{entity}_id"
                assert {row[key] for row in council.rows(flow, entity)} == set(
                    council.keys(flow, entity, "hub", names)
                ), (flow, entity)
            owner = {name: one for one in shared for name in one.work["referral"]}
            for key, name in council.keys(flow, "referral", "hub", sorted(owner)).items():
                row = next(row for row in council.rows(flow, "referral") if row["referral_id"] == key)
                assert wanted[row["person_id"]] == owner[name].reference
            if flow == "early_help":
                names = {one.reference: one.surname for one in shared}
                assert {wanted[key]: row["family_name"] for key, row in rows.items()} == names

    @invariant()
    def every_client_is_in_one_place(self) -> None:
        """The model itself keeps each piece of work with one person."""
        if hasattr(self, "clients"):
            cases = [name for one in self.clients for name in one.work["referral"]]
            assert len(cases) == len(set(cases))

    def teardown(self) -> None:
        """A last night, and an idle one after it that sends nothing."""
        if not hasattr(self, "night"):
            return
        if self.changes:
            self.sync()
        before = warehouse_rows(self.night)
        idle = self.night.night()
        assert {state(idle, flow) for flow in FLOWS} == {"nothing_sent"}
        assert warehouse_rows(self.night) == before
        shutil.rmtree(self.folder)


NightsOfAFewPeople = Nights.TestCase
NightsOfAFewPeople.settings = settings(
    max_examples=3,
    stateful_step_count=12,
    deadline=None,
    derandomize=True,
    database=None,
    phases=(Phase.generate,),
    suppress_health_check=list(HealthCheck),
)
