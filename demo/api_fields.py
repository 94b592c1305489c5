"""Which fields the sample API has, which column of the sample each comes from, how it is written.

The manual names the lists, the filters and how fields are chosen. It does not name every field: which there
are is for each account to ask (`selectable_fields`). Some stand for single-record extension databases, which
the API mixes with its own.
"""

from dataclasses import dataclass

ZERO_DAY, ZERO_INSTANT = "0000-00-00", "0000-00-00 00:00:00"


@dataclass(frozen=True)
class ApiField:
    """One field of a list: its name, the sample's column, how it is written, and its dictionary.

    kind: id, text, number, flag (Y/N), day, instant, moment (day and time from two columns), option, codes.
    """

    name: str
    column: str
    kind: str = "text"
    dictionary: str = ""


@dataclass(frozen=True)
class ApiList:
    """One list of the API: its path below /v2, the sample's export, its fields, and its filters by date."""

    path: str
    export: str
    fields: tuple[ApiField, ...]
    by_day: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """Return the names of the fields."""
        return tuple(field.name for field in self.fields)


def _fields(said: str) -> tuple[ApiField, ...]:
    """Return the fields of lines such as `gender = Gender, option organisations/gender`."""
    fields = []
    for line in said.strip().splitlines():
        name, _, rest = line.partition("=")
        column, _, how = rest.partition(",")
        kind, _, dictionary = (how.strip() or "text").partition(" ")
        fields.append(ApiField(name.strip(), column.strip(), kind, dictionary.strip()))
    return tuple(fields)


CLIENTS = _fields("""
id = Org Person ID, id
type = Report Person Type, option client_type
first_name = Forename
surname = Surname
known_as = Known As
date_of_birth = Date of Birth, day
deceased_date = Date of Death, day
nhs_number = NHS Number
nhs_number_status = NHS Number Status, option extension_database/nhs_number_status
gender = Gender, option organisations/gender
ethnicity = Ethnic Origin, option organisations/ethnicity
accommodation = Accommodation Type, option organisations/accommodation
employment_status = Employment Status, option organisations/employment_status
main_language = Main Language, option organisations/main_language
gp_surgery = GP Practice, option organisations/gp_surgery
address_line_1 = Address Line 1
address_line_2 = Address Line 2
town = Town
postcode = Postcode
telephone = Telephone
anonymised = Anonymised, flag
uprn = UPRN
address_type = Address Type, option extension_database/address_type
sensitive_location = Sensitive Location, option extension_database/sensitive_location
safe_to_contact = Safe to Contact, option extension_database/safe_to_contact
""")
REFERRALS = _fields("""
id = Diary Reference Number, id
client = Org Person ID, id
date = Referral Date, day
project = Project, option referrals/project
project_category = Sub Category, option referrals/project_category
stage = Stage, option referrals/stage
status = Status, option referrals/status
priority = Priority, option referrals/priority
contact_method = Referral Method, option referrals/contact_method
referrer = Referrer ID, id
introduction_source = Referral Source, option referrals/introduction_source
end_date = Referral Closure Date, day
description = Referral Reason
referrer_type = Referrer Type, option extension_database/referrer_type
referrer_name = Referrer Name
received_time = Referral Time
portal_reference = Portal Reference, id
triage_date = Triage Date, day
triage_outcome = Triage Outcome, option extension_database/triage_outcome
accepted_date = Accepted Date, day
service_start_date = Start Date, day
case_review_date = Case Review Date, day
closing_outcome = Outcome, option extension_database/closing_outcome
goal_outcome = Goal Outcome, option extension_database/goal_outcome
date_awarded = Date Awarded, day
monetary_outcome = Monetary Outcome, number
arrears_obtained = Arrears Obtained, number
""")
DONE_CONTACTS = _fields("""
id = Contact ID, id
referral = Diary Reference Number, id
client = Org Person ID, id
start_date = Contact Date + Contact Time, moment
contact_method = Communication Method, option contacts/contact_method
attendance = Attendance, option contacts/attendance
duration = Duration, number
user = Worker, option contacts/user
administrative = Administrative, flag
contact_type = Contact Type, option contacts/contact_type
advice_category = Advice Category, option contacts/advice_category
codes = Classification Code, codes classification_codes_tree/1
signposted_to = Signposted To, id
external_referral_to = External Referral To, id
external_referral_service = External Referral Service, id
external_referral_outcome = External Referral Outcome, option contacts/external_referral_outcome
consent = Consent ID, id
description = Details
""")
NEEDS = _fields("""
id = Need ID, id
referral = Diary Reference Number, id
client = Org Person ID, id
need = Need, option extension_database/need
primary_need = Primary, flag
raised_date = Raised Date, day
resolved_date = Resolved Date, day
""")
RISKS = _fields("""
id = Risk ID, id
client = Org Person ID, id
risk = Risk, option extension_database/risk
level = Level, option extension_database/level
start_date = Start Date, day
end_date = End Date, day
""")
CONSENTS = _fields("""
id = Consent ID, id
client = Org Person ID, id
purpose = Purpose, option extension_database/purpose
answer = Status, option extension_database/answer
recorded = Recorded, instant
withdrawn = Withdrawn, instant
""")
WELLBEING = _fields(
    """
id = Form ID, id
referral = Diary Reference Number, id
client = Org Person ID, id
tool = Tool, option extension_database/tool
timepoint = Timepoint, option extension_database/timepoint
completed_date = Completed Date, day
"""
    + "".join(f"item_{number} = Item {number}, number\n" for number in range(1, 15))
    + """total = Total, number
self_completed = Self Completed, option extension_database/self_completed
"""
)

LISTS = (
    ApiList("clients", "people", CLIENTS),
    ApiList("referrals", "referrals", REFERRALS, ("date",)),
    ApiList("done_contacts", "contacts", DONE_CONTACTS, ("start_date",)),
    ApiList("extension_database/needs", "needs", NEEDS),
    ApiList("extension_database/risk_register", "risks", RISKS),
    ApiList("extension_database/sharing_consent", "consents", CONSENTS),
    ApiList("extension_database/wellbeing", "outcomes", WELLBEING),
)
# What has no list in the API; a provider saves it as a file from the web application.
FILES = ("organisations", "services", "relationships")
