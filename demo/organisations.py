"""The organisations and services that the sample providers know; all of them invented."""

from dataclasses import dataclass, field

from demo.book import Book
from demo.people import Row

# How many organisations of each kind refer people to the hub: 118 in all.
REFERRERS = (
    ("General Medical Practitioner Practice", "GP practice", "Surgery", 40),
    ("Acute Hospital Inpatient/Outpatient Department", "Hospital", "Hospital Ward", 6),
    (
        "Community Health Service (same or other Health Care Provider)",
        "Community health",
        "Community Team",
        10,
    ),
    ("Mental Health Service", "Mental health", "Wellbeing Clinic", 6),
    ("Local Authority Social Services", "Council", "Social Work Team", 8),
    ("Police", "Police", "Police Station", 2),
    ("Probation Service", "Probation", "Probation Office", 1),
    ("Voluntary Sector", "Charity", "Neighbours Group", 28),
    ("Educational Establishment", "Education", "College", 6),
    ("Independent Sector", "Housing association", "Homes", 9),
    ("Ambulance Service", "Ambulance", "Ambulance Base", 1),
    ("Employer", "Employer", "Works", 1),
)
LOTS = (
    ("L4-CS", "Community Support", 4),
    ("L8-DA", "Domestic Abuse Support", 8),
    ("L5-CT", "Community Transport", 5),
    ("L6-HS", "Home Support", 6),
    ("L7-CAR", "Carers Support", 7),
    ("L1-ASM", "Adult Substance Misuse Service", 1),
    ("L2-HI", "Healthy Lives", 2),
)
ABUSE_ORGANISATIONS = ("Haven House", "Safe Harbour Line", "Turning Tide")
HUB_PROJECT = "Stockport Support Hub"


@dataclass
class Register:
    """References of the organisations and services in one provider's system, by the part they play."""

    own: str
    referrers: dict[str, list[str]] = field(default_factory=dict)
    lots: dict[str, str] = field(default_factory=dict)
    services: dict[str, str] = field(default_factory=dict)
    charities: list[str] = field(default_factory=list)
    abuse: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def every_referrer(self) -> list[tuple[str, str]]:
        """Return (referrer type, organisation) of everyone who may refer."""
        return [(kind, org) for kind, orgs in self.referrers.items() for org in orgs]


def _organisation(book: Book, name: str, kind: str, category: str = "", ods: str = "") -> str:
    number = len(book.tables["organisations"]) + 1
    row = book.add(
        "organisations",
        {
            "Organisation Name": f"{name} (invented)",
            "Organisation Type": kind,
            "ODS Code": ods,
            "Charity Number": f"99{number:05d}" if kind == "Charity" else "",
            "Source of Referral Category": category,
            "Consent Rule": "Standard external referral",
        },
    )
    return row["Organisation ID"]


def _service(book: Book, organisation: str, project: str, lot: str = "", *, abuse: bool = False) -> str:
    row: Row = {
        "Organisation ID": organisation,
        "Project": project,
        "Service Name": project,
        "Lot": lot,
        "Status": "Active",
        "Valid From": "01/04/2022",
        "Valid To": "31/03/2027" if lot else "",
        "Waiting Target": "30" if lot else "",
        "Minimum Age": "18",
        "Domestic Abuse": "Yes" if abuse else "No",
    }
    return book.add("services", row)["Service ID"]


def _referrers(book: Book, register: Register, each: tuple[tuple[str, str, str, int], ...]) -> None:
    for category, kind, noun, count in each:
        register.referrers[category] = [
            _organisation(
                book,
                f"Sample {noun} {number}",
                kind,
                category,
                ods=f"Z98{number:03d}" if kind == "GP practice" else "",
            )
            for number in range(1, count + 1)
        ]
    register.charities = register.referrers.get("Voluntary Sector", [])


def hub_register(book: Book) -> Register:
    """Return the hub's register: its services, the lots, 118 referrers, and where people are sent on to."""
    own = _organisation(book, "Sample Support Hub", "Commissioned provider", "Voluntary Sector")
    register = Register(own)
    register.services["L3-SSH"] = _service(book, own, HUB_PROJECT, "L3-SSH")
    register.services["L3-YS"] = _service(book, own, "Your Support", "L3-YS")
    for lot, name, _ in LOTS:
        register.lots[lot] = _organisation(
            book, f"Sample {name}", "Commissioned provider", "Voluntary Sector"
        )
        register.services[lot] = _service(book, register.lots[lot], name, lot, abuse=lot == "L8-DA")
    _referrers(book, register, REFERRERS)
    for name in ABUSE_ORGANISATIONS:
        register.abuse.append(_organisation(book, name, "Domestic abuse service", "Voluntary Sector"))
        register.services[name] = _service(book, register.abuse[-1], name, abuse=True)
    register.others = [_organisation(book, f"Sample Group {number}", "Charity") for number in range(1, 141)]
    return register


def provider_register(book: Book, lot: str, project: str) -> Register:
    """Return a provider's register: its own service, the hub, and a few referrers."""
    own = _organisation(book, f"Sample {project}", "Commissioned provider", "Voluntary Sector")
    register = Register(own)
    register.services[lot] = _service(book, own, project, lot, abuse=lot == "L8-DA")
    register.lots["L3-SSH"] = _organisation(
        book, "Sample Support Hub", "Commissioned provider", "Voluntary Sector"
    )
    register.services["L3-SSH"] = _service(book, register.lots["L3-SSH"], HUB_PROJECT, "L3-SSH")
    _referrers(
        book,
        register,
        tuple((category, kind, noun, min(count, 3)) for category, kind, noun, count in REFERRERS),
    )
    return register
