"""The words of the sample: its exports, its drop-down lists, and the canary words of its people."""

from random import Random

SOURCES = ("hub", "community_support", "domestic_abuse_support")
LETTERS = {"hub": "H", "community_support": "C", "domestic_abuse_support": "D"}
TITLES = {
    "hub": "Sample Support Hub",
    "community_support": "Sample Community Support",
    "domestic_abuse_support": "Sample Domestic Abuse Support",
}

_HEADERS = {
    "people": "Org Person ID,Report Person Type,Forename,Surname,Known As,Date of Birth,Date of Death,"
    "NHS Number,NHS Number Status,Gender,Ethnic Origin,Accommodation Type,Employment Status,Main Language,"
    "GP Practice,Address Line 1,Address Line 2,Town,Postcode,UPRN,Address Type,"
    "Sensitive Location,Safe to Contact,Telephone,Anonymised,Merged IDs",
    "relationships": "Relationship ID,Org Person ID,Related Org Person ID,Relationship,Start Date,End Date",
    "referrals": "Diary Reference Number,Org Person ID,Referral Date,Referral Time,Project,Sub Category,"
    "Stage,Status,Priority,Referral Method,Referrer Type,Referrer ID,Referrer Name,"
    "Referral Source,Portal Reference,Triage Date,Triage Outcome,Accepted Date,Start Date,"
    "Case Review Date,Referral Closure Date,Outcome,Goal Outcome,Date Awarded,Monetary Outcome,"
    "Arrears Obtained,Referral Reason",
    "contacts": "Contact ID,Diary Reference Number,Org Person ID,Contact Date,Contact Time,"
    "Communication Method,Attendance,Duration,Worker,Administrative,Contact Type,"
    "Advice Category,Classification Code,Signposted To,External Referral To,"
    "External Referral Service,External Referral Outcome,Consent ID,Details",
    "needs": "Need ID,Diary Reference Number,Org Person ID,Need,Primary,Raised Date,Resolved Date",
    "risks": "Risk ID,Org Person ID,Risk,Level,Start Date,End Date",
    "consents": "Consent ID,Org Person ID,Purpose,Status,Recorded,Withdrawn",
    "outcomes": "Form ID,Diary Reference Number,Org Person ID,Tool,Timepoint,Completed Date,"
    + ",".join(f"Item {number}" for number in range(1, 15))
    + ",Total,Self Completed",
    "organisations": "Organisation ID,Organisation Name,Organisation Type,ODS Code,Charity Number,"
    "Source of Referral Category,Consent Rule",
    "services": "Service ID,Organisation ID,Project,Project Subcategory,Service Name,Lot,Status,Valid From,"
    "Valid To,Waiting Target,Minimum Age,Maximum Age,Domestic Abuse",
}
EXPORTS: dict[str, tuple[str, ...]] = {name: tuple(header.split(",")) for name, header in _HEADERS.items()}

# How a reference of each export is written after the provider's letter, and how many digits it has.
REFERENCES = {
    "people": ("P", 6),
    "relationships": ("L", 6),
    "referrals": ("R", 6),
    "contacts": ("C", 6),
    "needs": ("N", 6),
    "risks": ("K", 6),
    "consents": ("G", 6),
    "outcomes": ("F", 6),
    "organisations": ("O", 4),
    "services": ("S", 3),
}

# One unmistakable beginning per personal column: found anywhere but in the warehouse, it tells what leaked.
STEMS = {
    "Forename": "Zqfor",
    "Surname": "Zqsur",
    "Known As": "Zqkno",
    "Address Line 1": "Zqstr",
    "Address Line 2": "Zqlin",
    "Town": "Zqtow",
    "Telephone": "Zqtel",
    "Referrer Name": "Zqref",
    "Referral Reason": "Zqrea",
    "Worker": "Zqwrk",
    "Details": "Zqtxt",
    "Notes": "Zqnew",
}
CANARIES: tuple[str, ...] = tuple(STEMS.values())

PERSON_TYPES = ("Client", "Carer", "Child", "Professional")
GENDERS = ("Female", "Male", "Indeterminate", "Not Known")
LANGUAGES = ("English", "Polish", "Urdu", "Arabic", "Cantonese")
NUMBER_STATUS_WITH = ("Number present and verified", "Number present but not traced", "")
NUMBER_STATUS_WITHOUT = ("Trace required", "Number not present and trace not required", "")
HEARD_ABOUT_US = ("Leaflet", "Website", "Friend or family", "GP surgery", "Social media", "Council website")
REFERRAL_METHODS = ("Telephone", "Web form", "Portal", "Email", "Letter", "In person")
COMMUNICATION = ("Face to face", "Telephone", "Video call", "Email", "Text message")
ATTENDANCE = ("Attended", "Attended late", "Did not attend", "Cancelled by client", "Cancelled by provider")
TRIAGE_OUTCOMES = ("Accept", "Advice only", "Signpost", "Refer on", "Reject", "Duplicate", "No contact")
STAGES = {
    "Referral Received": "Pending",
    "Pending Allocation": "Open",
    "Allocated": "Open",
    "First Appointment Attended": "Open",
    "Closed - Complete": "Closed",
    "Closed - No Answer": "Closed",
    "Closed - Client Declined": "Closed",
    "Closed - Client moved away": "Closed",
    "Rejected": "Closed",
    "Duplicate": "Closed",
}
RISKS = ("Domestic abuse", "Self neglect", "Fire", "Dog at property", "Lone working")
SELF_REFERRAL, CARER_REFERRAL = "Self referral", "Carer /Relative"

ETHNICITIES = (
    "White: English, Welsh, Scottish, Northern Irish or British",
    "White: Irish",
    "White: Gypsy or Irish Traveller",
    "White: Roma",
    "White: Any other White background",
    "Mixed or multiple ethnic groups: White and Black Caribbean",
    "Mixed or multiple ethnic groups: White and Black African",
    "Mixed or multiple ethnic groups: White and Asian",
    "Mixed or multiple ethnic groups: Any other Mixed or multiple ethnic background",
    "Asian or Asian British: Indian",
    "Asian or Asian British: Pakistani",
    "Asian or Asian British: Bangladeshi",
    "Asian or Asian British: Chinese",
    "Asian or Asian British: Any other Asian background",
    "Black, Black British, Caribbean or African: Caribbean",
    "Black, Black British, Caribbean or African: African",
    "Black, Black British, Caribbean or African: Any other Black, Black British or Caribbean background",
    "Other ethnic group: Arab",
    "Other ethnic group: Any other ethnic group",
    "No data: Refused",
    "No data: Undeclared or not known",
)
ACCOMMODATION = (
    "Owner occupier or shared ownership scheme",
    "Tenant: Local authority or other social housing provider",
    "Tenant: Private landlord",
    "Settled mainstream housing with family or friends",
    "Sheltered housing, extra care housing or other sheltered housing",
    "Staying with family or friends as a short term guest",
    "Placed in temporary accommodation by the council (inc. homelessness resettlement)",
    "Rough sleeper or squatting",
    "Unknown",
)
REFUGE = "Refuge"
EMPLOYMENT = (
    "Not in paid employment: Not actively seeking work or retired",
    "Not in paid employment: Seeking work",
    "Not in paid employment: Voluntary work only",
    "Paid: 16 or more hours a week",
    "Paid: Less than 16 hours a week",
    "Paid: Hours per week unknown",
    "Unknown",
)
ADVICE_CATEGORIES = {
    "ECON": "Economic",
    "HW": "Health and Wellbeing",
    "HOUS": "Housing",
    "SOC": "Social",
    "EST": "Education, Skills, and Training",
}
NEEDS = {
    "ECON": ("ECON.BEN", "ECON.PC", "ECON.DEBT", "ECON.FUEL", "ECON.FOOD", "ECON.EMP"),
    "HW": ("HW.MH", "HW.PH", "HW.DEM", "HW.SUB", "HW.SMK", "HW.WGT"),
    "HOUS": ("HOUS.HOME", "HOUS.COND", "HOUS.HOARD", "HOUS.ADAPT"),
    "SOC": ("SOC.LON", "SOC.CARER", "SOC.TRAN"),
    "EST": ("EST.TRAIN", "EST.DIG"),
}
EVERYDAY_NEEDS = tuple(code for codes in NEEDS.values() for code in codes)
ABUSE_NEEDS = ("SOC.DA", "SOC.DAP")

_ONSETS = ("b", "br", "d", "f", "g", "gr", "h", "k", "l", "m", "n", "p", "r", "s", "st", "t", "v", "w")
_VOWELS = ("a", "e", "i", "o", "u", "ae", "ou")
_CODAS = ("l", "n", "r", "s", "th", "é", "m", "dd")


def canary(draw: Random, column: str) -> str:
    """Return an invented word for the column: its stem, then two made-up syllables."""
    syllables = (draw.choice(_ONSETS), draw.choice(_VOWELS), draw.choice(_ONSETS), draw.choice(_VOWELS))
    return STEMS[column] + "".join(syllables) + draw.choice(_CODAS)


def sentence(draw: Random, column: str) -> str:
    """Return invented free text of the column; some with commas, quotes and line ends, as case notes have."""
    words = f"{canary(draw, column)} spoke with {canary(draw, column)}"
    lines = f'{words},\r\n"call back" after the {draw.randint(1, 28)}th'
    return lines if draw.random() < 0.02 else words
