"""What may happen in a CRM between two nights, each thing chosen by three small numbers."""

from collections.abc import Callable

from tests.tiny.world import EXPORTS, HUB, SAFE, World, nhs_number

Event = Callable[[World, int, int, int], None]
SOURCES = tuple(EXPORTS)
FEWEST_PEOPLE, MOST_PEOPLE = 2, 8
STREETS = 4


def source_of(number: int) -> str:
    """Return a source: two of three things happen at the hub."""
    return SOURCES[number % 3 == 2]


def one(world: World, source: str, export: str, number: int) -> str:
    """Return one of the export's records, or nothing if there is none."""
    names = world.names(source, export)
    return names[number % len(names)] if names else ""


def arrive(world: World, a: int, b: int, c: int) -> None:
    """Somebody new comes, agreed or not, to live in one of few streets."""
    source = source_of(a)
    if len(world.names(source, "people")) < MOST_PEOPLE:
        world.arrive(source, 1 + b % STREETS if b % 2 else 10 + world.made, agreed=c % 3 != 0)


def edit_person(world: World, a: int, b: int, c: int) -> None:
    """A cell of a person is changed: a name, a number, a home, a sign of danger, or it is put right."""
    source = source_of(a)
    person, other = one(world, source, "people", b), one(world, source_of(c), "people", a + b)
    if not person or world.tables[source]["people"][person]["Anonymised"]:
        return
    seed = world.made + 7 * c
    home = world.tables[source_of(c)]["people"].get(other, {})
    cells = (
        {"Surname": f"Zqsur{900 + c}x"},
        {"Born": f"{1 + seed % 28:02d}/0{1 + c % 9}/19{50 + seed % 49}"},
        {"NHS Number": nhs_number(500 + seed)},
        {"NHS Number": nhs_number(500 + seed, valid=False)},
        {"NHS Number": home.get("NHS Number", "")},
        {"Street": f"{1 + c % STREETS} Zqstr Road", "Postcode": f"SK{1 + c % STREETS} 1AA"},
        {"UPRN": home.get("UPRN", "")},
        {"Sensitive": "Yes"},
        {"Sensitive": "No", "Safe to Contact": ""},
        {"Safe to Contact": "No"},
        {"Safe to Contact": "Zqnoword"},
        {"Sensitive": ""},
    )
    world.change(source, "people", person, cells[c % len(cells)])


def edit_case(world: World, a: int, b: int, c: int) -> None:
    """A cell of a case is changed: its day is lost, or mended; it is closed; it goes to another project."""
    source = source_of(a)
    case = one(world, source, "referrals", b)
    month = 2 if source == "hub" else 4
    cells = (
        {"Received": ""},
        {"Received": "31/02/2024"},
        {"Received": f"{1 + (b + c) % 27:02d}/0{month}/2024"},
        {"Priority": "Urgent"},
        {"Priority": "Routine"},
        {"Closed": f"20/0{month}/2024"},
        {"Closed": ""},
        {"Project": SAFE if source != "hub" else "No such project"},
        {"Project": "Friends" if source != "hub" else HUB},
        {"Portal": "HR999" if source != "hub" else ""},
        {"Portal": one(world, "hub", "referrals", b + c) if source != "hub" else ""},
    )
    if case:
        world.change(source, "referrals", case, cells[c % len(cells)])


def edit_work(world: World, a: int, b: int, c: int) -> None:
    """A need, a contact or an answer is changed in place."""
    source, export = source_of(a), ("needs", "contacts", "consents")[a % 3]
    name = one(world, source, export, b)
    cells = {
        "needs": ({"Kind": "SOC.DA"}, {"Kind": "HOUS.COND"}, {"Kind": "ECON.DEBT"}),
        "contacts": ({"Attendance": "Missed"}, {"On": f"{1 + c % 28:02d}/05/2024"}, {"Case": "HR999"}),
        "consents": ({"Status": "Refused"}, {"Status": "Given"}, {"Status": "Given"}),
    }[export]
    if name:
        world.change(source, export, name, cells[c % 3])


def answer(world: World, a: int, b: int, c: int) -> None:
    """A person answers anew whether the council may know."""
    source = source_of(a)
    person = one(world, source, "people", b)
    if person:
        world.answer(source, person, agreed=c % 2 == 0)


def refer(world: World, a: int, b: int, c: int) -> None:
    """A person is referred again, perhaps by the hub, perhaps to where abuse is spoken of."""
    source = source_of(a)
    person = one(world, source, "people", b)
    parent = one(world, "hub", "referrals", c) if source != "hub" and c % 2 else ""
    if person:
        world.refer(source, person, SAFE if source != "hub" and c % 5 == 0 else "", parent)


def add_contact(world: World, a: int, b: int, c: int) -> None:
    """Somebody speaks with a person of the hub."""
    case = one(world, "hub", "referrals", a + b)
    if case:
        world.contact("hub", case)


def delete(world: World, a: int, b: int, c: int) -> None:
    """A record is deleted with all that hangs on it; every export keeps some rows."""
    source = source_of(a)
    export = ("contacts", "needs", "referrals", "people", "consents", "relationships")[c % 6]
    name = one(world, source, export, b)
    spare = FEWEST_PEOPLE if export in {"people", "referrals"} else 0
    if name and len(world.names(source, export)) > spare and _leaves_some(world, source, export, name):
        world.delete(source, export, name)


def put_back(world: World, a: int, b: int, c: int) -> None:
    """A record that was deleted is there again, if whom it is about still is."""
    source, export = source_of(a), ("needs", "consents", "relationships")[c % 3]
    lost = world.deleted.get((source, export), {})
    name = sorted(lost)[b % len(lost)] if lost else ""
    people, cases = world.tables[source]["people"], world.tables[source]["referrals"]
    named = {lost[name].get("Person"), lost[name].get("Related")} - {None} if name else set()
    if name and named <= people.keys() and lost[name].get("Case") in {None, *cases}:
        world.tables[source][export][name] = lost.pop(name)


def lose_person(world: World, a: int, b: int, c: int) -> None:
    """A person's row is missing from the export, though what names them is there."""
    source = source_of(a)
    if len(world.names(source, "people")) > FEWEST_PEOPLE:
        world.lose(source, "people", one(world, source, "people", b))


def merge(world: World, a: int, b: int, c: int) -> None:
    """Two records of one person become one."""
    source = source_of(a)
    survivor, loser = one(world, source, "people", b), one(world, source, "people", b + 1 + c)
    if survivor != loser and len(world.names(source, "people")) > FEWEST_PEOPLE:
        world.merge(source, survivor, loser)


def move_case(world: World, a: int, b: int, c: int) -> None:
    """A case turns out to be somebody else's."""
    source = source_of(a)
    case, person = one(world, source, "referrals", b), one(world, source, "people", c)
    if case and person:
        world.move(source, case, person, with_rows=a % 2 == 0)


def anonymise(world: World, a: int, b: int, c: int) -> None:
    """The CRM cleanses a person."""
    source = source_of(a)
    person = one(world, source, "people", b)
    if person:
        world.anonymise(source, person)


def relate(world: World, a: int, b: int, c: int) -> None:
    """Two people of the hub belong together."""
    first, second = one(world, "hub", "people", a), one(world, "hub", "people", b)
    if first != second:
        world.relate(first, second)


def show_oddly(world: World, a: int, b: int, c: int) -> None:
    """An export shows a row twice, or once more without its reference; or all is shown rightly again."""
    source, export = source_of(a), ("people", "referrals", "needs", "consents")[b % 4]
    name = one(world, source, export, a + c)
    if c % 3 == 0 or not name:
        world.mend_exports()
    else:
        (world.show_twice if c % 3 == 1 else world.lose_reference)(source, export, name)


def rename_service(world: World, a: int, b: int, c: int) -> None:
    """A service is said to be closed, or open."""
    source = source_of(a)
    name = one(world, source, "services", b)
    world.change(source, "services", name, {"Status": "Inactive" if c % 2 else "Active"})


def flood(world: World, a: int, b: int, c: int) -> None:
    """Far more contacts than usual are written down at once."""
    case = one(world, "hub", "referrals", a)
    for _ in range(6 + c) if case and len(world.names("hub", "contacts")) < 20 else ():
        world.contact("hub", case)


def drain(world: World, a: int, b: int, c: int) -> None:
    """Far more contacts than usual are gone at once."""
    for name in world.names("hub", "contacts")[1 + b % 3 :]:
        world.delete("hub", "contacts", name)


def _leaves_some(world: World, source: str, export: str, name: str) -> bool:
    """Return whether no export of five rows or more would be empty without this person."""
    if export != "people":
        return True
    others = {other for other in world.names(source, "people") if other != name}
    tables = {which: rows for which, rows in world.tables[source].items() if which != "services"}
    return all(
        len(rows) < 5 or any(row["Person"] in others and row.get("Related") != name for row in rows.values())
        for rows in tables.values()
    )


ORDINARY: tuple[Event, ...] = (
    arrive, edit_person, edit_person, edit_person, edit_case, edit_case, edit_work, edit_work, answer, refer,
    add_contact, delete, delete, put_back, lose_person, merge, merge, move_case, anonymise, relate,
    show_oddly, rename_service, flood, drain,
)  # fmt: skip
