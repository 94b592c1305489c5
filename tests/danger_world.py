"""One small world in which every way of being in danger meets every way of being known.

Couples: the first is in one of the states and has one of the rows; the second has nothing, and may be linked.
Who is in danger is said here, beside the program. Every street, property and surgery is one person's own.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import product

from demo.sample import Sample
from tests.small_sample import small_sample

Row = dict[str, str]
HUB, FRIENDS = "hub", "community_support"
HAVEN, ABUSE = "HO0127", "SOC.DA"
STATES: dict[str, tuple[Row, str]] = {
    "calm": ({}, ""),
    "marked": ({"Sensitive Location": "Yes"}, "proof"),
    "blank that is explained": ({"Sensitive Location": ""}, ""),
    "words that cannot be read": ({"Sensitive Location": "Zqperhaps"}, "unreadable"),
    "not safe to ring": ({"Safe to Contact": "No"}, "proof"),
    "blank that nobody explained": ({"Safe to Contact": ""}, "blank"),
    "refuge": ({"Address Type": "Refuge"}, "proof"),
    "risk": ({}, "proof"),
}
ROWS = ("none", "referral", "need", "advice", "signposting", "onward")
LINKS = ("none", "relation", "property", "address", "number")
COLUMN_MISSING = "column missing"


@dataclass(frozen=True)
class Somebody:
    """A person of this world: what they are called, where they are, and on what ground they are in danger.

    held: two records of one source with one number: a check holds both, whoever is in danger.
    """

    source: str
    number: int
    state: str
    row: str
    ground: str
    cells: Row
    held: bool = False

    @property
    def reference(self) -> str:
        """Return the person's own reference; those of their rows end in the same number."""
        return self.of("P")

    def of(self, mark: str, first: int = 900_000) -> str:
        """Return the reference of the person's row of this kind."""
        return f"{'H' if self.source == HUB else 'C'}{mark}{first + self.number}"

    @property
    def telling(self) -> str:
        """Return the reference of the person's row that tells of abuse, if it is not a case or a need."""
        return self.of("C", first=800_000)

    @property
    def words(self) -> tuple[str, str, str]:
        """Return the words by which this person alone could be found: street, property, surgery."""
        return f"Zqhome{self.number}x", f"9997{self.number:08d}", f"Q{10000 + self.number}"


def couples() -> Iterator[tuple[Somebody, Somebody, str]]:
    """Yield every couple with its link."""
    number = 0
    for state, row, link in product(STATES, ROWS, LINKS):
        cells, own = STATES[state]
        ground = "proof" if row != "none" else own
        number += 2
        yield _couple(HUB, number, (state, row, ground), link, cells)
    for link in ("none", "property", "address", "number"):
        number += 2
        yield _couple(FRIENDS, number, (COLUMN_MISSING, "none", "blank"), link, {})


def _couple(
    source: str, number: int, said: tuple[str, str, str], link: str, cells: Row
) -> tuple[Somebody, Somebody, str]:
    state, row, ground = said
    held = link == "number" and source == HUB
    first = Somebody(source, number, state, row, ground, _home(number) | cells, held)
    reached = "spread" if ground and link != "none" else ""
    second = Somebody(HUB, number + 1, "linked", "none", reached, {}, held)
    own = _home(number + 1)
    shared = {
        "property": {"UPRN": first.words[1]},
        "address": {
            "Address Line 1": first.cells["Address Line 1"].upper().replace(" ", ",  "),
            "Postcode": first.cells["Postcode"].lower().replace(" ", ""),
        },
        "number": {"NHS Number": first.cells["NHS Number"]},
    }
    return first, replace(second, cells=own | shared.get(link, {})), link


def _home(number: int) -> Row:
    somebody = Somebody(HUB, number, "", "", "", {})
    street, uprn, surgery = somebody.words
    return {
        "Address Line 1": f"{1 + number % 90} {street} Street",
        "Postcode": ("ZQ1 1DS", "ZQ1 1DX", "ZQ1 1TQ", "ZQ1 1WH")[number % 4],
        "UPRN": uprn,
        "GP Practice": surgery,
        "NHS Number": _nhs_number(number),
        "Safe to Contact": "Yes",
        "Sensitive Location": "No",
        "Address Type": "Main",
    }


def _nhs_number(number: int) -> str:
    while True:
        nine = f"9{number % 100_000_000:08d}"
        check = 11 - sum(int(d) * w for d, w in zip(nine, range(10, 1, -1), strict=True)) % 11
        if check != 10:
            return nine + str(check % 11)
        number += 10_000


def danger_sample() -> tuple[Sample, list[Somebody]]:
    """Return the exports of this world, and everybody in them."""
    sample = small_sample()
    plain = {name: dict(sample.table(HUB, name)[0]) for name in ("people", "referrals", "contacts", "needs")}
    tables: dict[str, dict[str, list[Row]]] = {
        source: {name: [] for name in sample.sources[source]} for source in (HUB, FRIENDS)
    }
    everybody = []
    for first, second, link in couples():
        everybody += [first, second]
        for one in (first, second):
            _write(tables[one.source], plain, one)
        if link == "relation":
            tables[HUB]["relationships"].append(_relation(first, second))
    for source in (HUB, FRIENDS):
        for name in ("organisations", "services"):
            tables[source][name] = sample.table(source, name)
    whole = {**sample.sources, HUB: tables[HUB], FRIENDS: tables[FRIENDS]}
    return replace(sample, sources=whole, truth=()), everybody


def _relation(first: Somebody, second: Somebody) -> Row:
    return {
        "Relationship ID": first.of("L"), "Org Person ID": first.reference, "Start Date": "26/05/2022",
        "Related Org Person ID": second.reference, "Relationship": "Parent of", "End Date": "",
    }  # fmt: skip


def _write(tables: dict[str, list[Row]], plain: dict[str, Row], one: Somebody) -> None:
    """Write the person's rows: a case, a contact, a need, an answer; and one that tells of abuse, if any."""
    own = {"Org Person ID": one.reference, "Diary Reference Number": one.of("R")}
    marked = {"Forename": f"Zqfor{one.number}", "Surname": f"Zqsur{one.number}", "Merged IDs": ""}
    named = {
        "Anonymised": "No",
        "Report Person Type": "Client",
        "Telephone": "",
        "Date of Birth": "14/08/1971",
    }
    tables["people"].append(plain["people"] | own_only(own) | marked | named | one.cells)
    project = {"Project": "Haven House" if one.row == "referral" else plain["referrals"]["Project"]}
    if one.source != HUB:
        project = {"Project": "Community Support"}
    tables["referrals"].append(
        plain["referrals"] | own | project | {"Portal Reference": "", "Referrer ID": ""}
    )
    contact = plain["contacts"] | own | {"Contact Type": "Contact"}
    tables["contacts"].append(contact | {"Contact ID": one.of("C")})
    told = _telling(one)
    if told:
        tables["contacts"].append(contact | told | {"Contact ID": one.telling})
    need = ABUSE if one.row == "need" else "ECON.DEBT"
    tables["needs"].append(plain["needs"] | own | {"Need ID": one.of("N"), "Need": need})
    tables["consents"].append(
        {"Consent ID": one.of("G"), "Org Person ID": one.reference, "Purpose": "Share with council",
         "Status": "Given", "Recorded": "01/04/2022 11:32", "Withdrawn": ""}
    )  # fmt: skip
    if one.state == "risk":
        tables["risks"].append(
            {"Risk ID": one.of("K"), "Org Person ID": one.reference, "Risk": "Domestic abuse",
             "Level": "High", "Start Date": "01/04/2022", "End Date": ""}
        )  # fmt: skip


def own_only(own: Row) -> Row:
    """Return the person's reference alone."""
    return {"Org Person ID": own["Org Person ID"]}


def _telling(one: Somebody) -> Row:
    told: dict[str, Row] = {
        "advice": {
            "Contact Type": "Advice",
            "Advice Category": "Social",
            "Classification Code": ABUSE,
        },
        "signposting": {"Contact Type": "Signposting", "Signposted To": HAVEN},
        "onward": {
            "Contact Type": "External Referral",
            "External Referral To": HAVEN,
            "External Referral Outcome": "Accepted",
        },
    }
    return told.get(one.row, {})
