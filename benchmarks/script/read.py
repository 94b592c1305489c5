"""Steps 1 to 3: the ten exports as the records they hold."""

from pathlib import Path

import polars as pl

from benchmarks.script.sheet import ROOT, Sheet, codes

POSTCODE = (
    r"^(?:GIR 0AA|[A-Z](?:[0-9]{1,2}|[A-Z][0-9]{1,2}|[0-9][A-HJKPSTUW]|[A-HK-Y][0-9][ABEHMNPRVWXY])"
    r" [0-9][ABD-HJLNP-UW-Z]{2})$"
)
MEDIUM = {"Face to face": "01", "Video call": "03", "Text message": "06", "Letter": "98"}
ATTENDANCE = {
    "Attended": "5",
    "Attended late": "6",
    "Did not attend": "3",
    "Cancelled by client": "2",
    "Cancelled by provider": "4",
}
STAGES = {
    "Referral Received": "received",
    "First Contact": "triaged",
    "Assessment Arranged": "triaged",
    "Assessment Complete": "triaged",
    "Pending Allocation": "triaged",
    "Allocated": "waiting",
    "First Appointment Booked": "waiting",
    "First Appointment Attended": "in_service",
    "Closed - Complete": "completed",
    "Closed - No Answer": "closed_other",
    "Closed - Client Declined": "withdrawn",
    "Closed - Client moved away": "closed_other",
    "Rejected": "rejected",
    "Duplicate": "duplicate",
}
SHORT = (1, 2, 3, 6, 7, 9, 11)
Tables = dict[str, pl.DataFrame]


def read_exports(folder: Path) -> Tables:
    """Return every record; services and organisations as look-ups."""
    made = _directory(folder) | _people(folder) | _referrals(folder) | _contacts(folder)
    return made | _around(folder) | _outcomes(folder)


def _directory(folder: Path) -> Tables:
    organisations = Sheet.of(
        folder / "organisations.csv",
        ("Organisation ID", "[HCD]O[0-9]{4}"),
        "Organisation Name|ODS Code|Charity Number",
        "Organisation Type|Source of Referral Category",
    )
    kinds = dict.fromkeys(("domestic abuse", "domestic abuse service", "refuge"), True)
    services = Sheet.of(
        folder / "services.csv",
        ("Service ID", "[HCD]S[0-9]{3}"),
        "Organisation ID|Project|Project Subcategory|Service Name",
        "Lot|Status|Valid From|Waiting Target|Domestic Abuse",
    )
    typed, _ = organisations.flag("Organisation Type", kinds)
    abuse = pl.select(
        pl.when(organisations.frame["Organisation Type"].is_not_null()).then(typed.fill_null(False))
    )
    return {
        "organisation": organisations.table(
            name=organisations.text("Organisation Name"),
            ods_code=organisations.text("ODS Code"),
            charity_number=organisations.text("Charity Number"),
            source_of_referral_category=organisations.code(
                "Source of Referral Category", "dd_source_of_referral_community"
            ),
            abuse=abuse.to_series(),
        ),
        "service": services.table(
            org_id=services.link("Organisation ID"),
            project=services.text("Project").str.to_lowercase(),
            part=services.text("Project Subcategory").str.to_lowercase(),
            name=services.text("Service Name"),
            lot_code=services.code("Lot", "stockport_lots"),
            status=services.code("Status", "service_status"),
            valid_from=services.day("Valid From"),
            waiting_time_target_days=services.whole("Waiting Target"),
            abuse=services.flag("Domestic Abuse"),
        ),
    }


def _people(folder: Path) -> Tables:
    sheet = Sheet.of(
        folder / "people.csv",
        ("Org Person ID", "[HCD]P[0-9]{6}"),
        "Forename|Surname|Known As|NHS Number|GP Practice|Main Language|Address Line 1|"
        "Address Line 2|Town|Postcode|UPRN",
        "Date of Birth|Date of Death|Report Person Type|Gender|Ethnic Origin|Accommodation Type|"
        "Employment Status|Address Type|Sensitive Location|Safe to Contact|Anonymised",
    )
    own = sheet.frame["reference"]
    others = dict.fromkeys(("Professional", "Volunteer", "Staff"), "other")
    uprn = sheet.frame["UPRN"].str.replace_all(r"[\s\-.]+", "").str.strip_chars_start("0")
    person = sheet.table(
        given_name=sheet.text("Forename"),
        family_name=sheet.text("Surname"),
        preferred_name=sheet.text("Known As"),
        birth_date=sheet.day("Date of Birth"),
        death_date=sheet.day("Date of Death"),
        role_type=sheet.code("Report Person Type", "role_type", others),
        nhs_number=sheet.frame["NHS Number"].str.replace_all(r"[\s\-.]+", ""),
        uprn=uprn,
        gp_practice_code=sheet.text("GP Practice"),
        preferred_language=sheet.text("Main Language"),
        safe_to_contact=sheet.code("Safe to Contact", "safe_to_contact", {"Conditional": "conditional"}),
        anonymised=sheet.flag("Anonymised"),
    ).with_columns(
        pl.col("anonymised").fill_null(False),
        birth_year_month=pl.col("birth_date").dt.strftime("%Y-%m"),
    )
    address = sheet.table(
        person_id=own,
        line1=sheet.text("Address Line 1"),
        line2=sheet.text("Address Line 2"),
        line3=sheet.text("Town"),
        postcode=sheet.frame["Postcode"].str.to_uppercase().str.replace_all(r"\s+", ""),
        uprn=uprn,
        address_type=sheet.code("Address Type", "address_type"),
        sensitive_location=sheet.flag("Sensitive Location"),
    )
    characteristics = sheet.table(
        person_id=own,
        ethnicity_2021=sheet.code("Ethnic Origin", "ethnicity_2021"),
        gender=sheet.code("Gender", "dd_person_stated_gender", {"Indeterminate": "9", "Not Known": "X"}),
        accommodation_status=sheet.code("Accommodation Type", "cld_r2_accommodation_status"),
        employment_status=sheet.code("Employment Status", "cld_r2_employment_status"),
    )
    return {"person": person, "address": _placed(address), "characteristics": characteristics}


def _placed(address: pl.DataFrame) -> pl.DataFrame:
    """Return the addresses with the places of their postcodes."""
    lookup = pl.read_csv(ROOT / "config" / "example" / "lookups" / "postcodes.csv", infer_schema=False)
    places = lookup.select(
        postcode=pl.col("pcds").str.to_uppercase().str.replace_all(r"\s", ""),
        lsoa21="lsoa21",
        ward="osward",
        ward_before="osward_before",
        imd_decile=(pl.col("imd").cast(pl.Int64) * 10 + 32_843) // 32_844,
        lad="oslaua",
        neighbourhood="neighbourhood",
    ).unique("postcode", keep="first")
    spaced = pl.col("postcode").str.replace(r"^(.{2,4})(.{3})$", "$1 $2")
    met = address.join(places, on="postcode", how="left", maintain_order="left").with_columns(spaced)
    return met.with_columns(
        well=pl.col("postcode").str.contains(POSTCODE),
        postcode_status=pl.when(pl.col("postcode").str.contains(POSTCODE)).then(pl.lit("valid")),
    )


def _referrals(folder: Path) -> Tables:
    sheet = Sheet.of(
        folder / "referrals.csv",
        ("Diary Reference Number", "[HCD]R[0-9]{6}"),
        "Org Person ID|Referrer ID|Referrer Name|Portal Reference",
        "Referral Date|Referral Time|Project|Sub Category|Stage|Priority|Referral Method|"
        "Referrer Type|Referral Source|Triage Date|Triage Outcome|Accepted Date|Start Date|"
        "Referral Closure Date|Outcome|Goal Outcome|Date Awarded|Monetary Outcome|"
        "Arrears Obtained",
    )
    person, own = sheet.link("Org Person ID"), sheet.frame["reference"]
    closed, reason = sheet.day("Referral Closure Date"), sheet.code("Outcome", "closure_reason")
    received_on = sheet.day("Referral Date")
    referral = sheet.table(
        person_id=person,
        received_at=sheet.at("Referral Date", "Referral Time"),
        received_on=received_on[0],
        project=sheet.words("Project", lambda words: words.str.to_lowercase()),
        part=sheet.words("Sub Category", lambda words: words.str.to_lowercase()),
        referrer_type=sheet.code("Referrer Type", "dd_source_of_referral_community"),
        referrer_org_id=sheet.link("Referrer ID"),
        referrer_name=sheet.text("Referrer Name"),
        heard_about_us=sheet.words("Referral Source", lambda words: words),
        referral_method=sheet.code("Referral Method", "referral_method"),
        parent_referral_id=sheet.link("Portal Reference"),
        priority=sheet.code("Priority", "dd_priority_type"),
        triaged_on=sheet.day("Triage Date"),
        triage_outcome=sheet.code("Triage Outcome", "triage_outcome", {"Advice only": "iag_only"}),
        status=sheet.code("Stage", "referral_status", STAGES),
        closed_at=closed,
        closure_reason=reason,
    )
    started, accepted = sheet.day("Start Date"), sheet.day("Accepted Date")
    episode = sheet.table(
        sheet.frame["Accepted Date"].is_not_null() | sheet.frame["Start Date"].is_not_null(),
        person_id=person,
        referral_id=own,
        accepted_on=accepted,
        started_on=started,
        ended_on=closed,
        end_reason=reason,
    )
    outcome = sheet.table(
        sheet.frame["Goal Outcome"].is_not_null(),
        person_id=person,
        referral_id=own,
        episode_id=own,
        outcome_code=reason,
        achieved=sheet.code("Goal Outcome", "achieved"),
        awarded_on=sheet.day("Date Awarded"),
        money_gained_gbp=sheet.money("Monetary Outcome"),
        arrears_obtained_gbp=sheet.money("Arrears Obtained"),
    )
    return {"referral": referral, "service_episode": episode, "outcome": outcome}


def _contacts(folder: Path) -> Tables:
    sheet = Sheet.of(
        folder / "contacts.csv",
        ("Contact ID", "[HCD]C[0-9]{6}"),
        "Diary Reference Number|Org Person ID|Signposted To|External Referral To|"
        "External Referral Service|Consent ID",
        "Contact Date|Contact Time|Communication Method|Attendance|Duration|Worker|"
        "Administrative|Contact Type|Advice Category|Classification Code|"
        "External Referral Outcome",
    )
    own = sheet.frame["reference"]
    person, referral = sheet.link("Org Person ID"), sheet.link("Diary Reference Number")
    on, at = sheet.day("Contact Date"), sheet.at("Contact Date", "Contact Time")
    need = sheet.code("Classification Code", "presenting_need")
    contact = sheet.table(
        person_id=person,
        referral_id=referral,
        contact_at=at,
        contact_on=on[0],
        medium=sheet.code("Communication Method", "dd_consultation_medium_used", MEDIUM),
        attendance=sheet.code("Attendance", "dd_attended_or_did_not_attend", ATTENDANCE),
        duration_min=sheet.whole("Duration"),
        worker_ref=sheet.words("Worker", lambda words: words),
        is_administrative=sheet.flag("Administrative"),
    ).with_columns(pl.col("is_administrative").fill_null(False))
    advice = sheet.table(
        sheet.among("Contact Type", "advice"),
        person_id=person,
        referral_id=referral,
        contact_id=own,
        given_at=at,
        given_on=on[0],
        category=sheet.code("Advice Category", "advice_category"),
        subcategory=need,
    )
    signposting = sheet.table(
        sheet.among("Contact Type", "signposting"),
        person_id=person,
        referral_id=referral,
        signposted_on=on,
        to_org_id=sheet.link("Signposted To"),
        reason_code=need,
    )
    onward = sheet.table(
        sheet.among("Contact Type", "external referral"),
        person_id=person,
        referral_id=referral,
        made_at=at,
        made_on=on[0],
        to_org_id=sheet.link("External Referral To"),
        to_service_id=sheet.link("External Referral Service"),
        consent_id=sheet.link("Consent ID"),
        outcome=sheet.code("External Referral Outcome", "onward_outcome"),
    )
    return {"contact": contact, "advice": advice, "signposting": signposting, "onward_referral": onward}


def _around(folder: Path) -> Tables:
    """Return what stands around a case: relationships, consents, needs and risks."""
    relations = Sheet.of(
        folder / "relationships.csv",
        ("Relationship ID", "[HCD]L[0-9]{6}"),
        "Org Person ID|Related Org Person ID",
        "Relationship|Start Date|End Date",
    )
    consents = Sheet.of(
        folder / "consents.csv",
        ("Consent ID", "[HCD]G[0-9]{6}"),
        "Org Person ID",
        "Purpose|Status|Recorded|Withdrawn",
    )
    needs = Sheet.of(
        folder / "needs.csv",
        ("Need ID", "[HCD]N[0-9]{6}"),
        "Diary Reference Number|Org Person ID",
        "Need|Primary|Raised Date|Resolved Date",
    )
    risks = Sheet.of(
        folder / "risks.csv",
        ("Risk ID", "[HCD]K[0-9]{6}"),
        "Org Person ID",
        "Risk|Level|Start Date|End Date",
    )
    return {
        "relationship": relations.table(
            person_id=relations.link("Org Person ID"),
            related_person_id=relations.link("Related Org Person ID"),
            relation=relations.code("Relationship", "relation"),
            valid_from=relations.day("Start Date"),
            valid_to=relations.day("End Date"),
        ),
        "consent": consents.table(
            person_id=consents.link("Org Person ID"),
            purpose=consents.code("Purpose", "consent_purpose"),
            status=consents.code("Status", "consent_status"),
            recorded_at=consents.moment("Recorded"),
            withdrawn_at=consents.moment("Withdrawn"),
        ),
        "need": needs.table(
            person_id=needs.link("Org Person ID"),
            referral_id=needs.link("Diary Reference Number"),
            need_code=needs.code("Need", "presenting_need"),
            is_primary=needs.flag("Primary"),
            raised_on=needs.day("Raised Date"),
            resolved_on=needs.day("Resolved Date"),
        ),
        "risk": risks.table(
            person_id=risks.link("Org Person ID"),
            risk_code=risks.code("Risk", "risk_kind"),
            level=risks.code("Level", "risk_level"),
            start_on=risks.day("Start Date"),
            end_on=risks.day("End Date"),
        ),
    }


def _outcomes(folder: Path) -> Tables:
    items = [f"Item {number}" for number in range(1, 15)]
    sheet = Sheet.of(
        folder / "outcomes.csv",
        ("Form ID", "[HCD]F[0-9]{6}"),
        "Diary Reference Number|Org Person ID",
        "|".join(["Tool", "Timepoint", "Completed Date", *items, "Total", "Self Completed"]),
    )
    case = sheet.link("Diary Reference Number")
    forms = sheet.table(
        person_id=sheet.link("Org Person ID"),
        referral_id=case,
        episode_id=case,
        tool=sheet.code("Tool", "wellbeing_tool"),
        timepoint=sheet.code("Timepoint", "timepoint"),
        completed_on=sheet.day("Completed Date"),
        raw_total=sheet.whole("Total"),
        self_completed=sheet.flag("Self Completed"),
        **{f"item_{number:02}": sheet.whole(name) for number, name in enumerate(items, start=1)},
    )
    return {"outcome_measure": _long_numbers(forms)}


def _long_numbers(forms: pl.DataFrame) -> pl.DataFrame:
    """Return the forms with the answers of the short one under the long one's numbers."""
    short = pl.col("tool") == "SWEMWBS"
    if not forms.select(short.any()).item():
        return forms
    told = {
        f"item_{number:02}": (f"item_{SHORT.index(number) + 1:02}" if number in SHORT else None)
        for number in range(1, 15)
    }
    return forms.with_columns(
        pl.when(short)
        .then(pl.col(said) if said else pl.lit(None, pl.Int32))
        .otherwise(pl.col(name))
        .alias(name)
        for name, said in told.items()
    )


__all__ = ["codes", "read_exports"]
