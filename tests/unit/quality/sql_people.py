"""The checks of people, addresses, and what they said about themselves, a second time."""

from tests.unit.quality.sql import ON, Sql, age, any_of, blank, certain, day_span, of, sure, there, unread

VALID = """(len(r.nhs_number) = 10 AND regexp_full_match(r.nhs_number, '[0-9]+') AND
  (list_sum([ascii(r.nhs_number[i]) * (11 - i) for i in range(1, 11)]) - 48 * 55) % 11 = 0)"""
FAKE = """(r.nhs_number[1] || r.nhs_number = r.nhs_number || r.nhs_number[1] OR r.nhs_number[1:3] = '999'
  OR r.nhs_number IN ('0123456789', '9876543210'))"""
FORMED = r"""(regexp_full_match(r.postcode, 'GIR 0AA|ZZ99 [0-9][A-Z][A-Z]') OR regexp_full_match(
  r.postcode, '[A-PR-UWYZ][A-HK-Y]?[0-9][0-9A-Z]? [0-9][ABD-HJLNP-UW-Z][ABD-HJLNP-UW-Z]'))"""
NAMED = "NOT coalesce(r.anonymous, false) AND NOT coalesce(r.anonymised, false)"
FIRST, LAST = (day_span("referral", "_person", "person_id", "received_on", end) for end in ("min", "max"))
IMPOSSIBLE = f"(r.birth_date > {ON} OR {age('r.birth_date', f'least(coalesce({LAST}, {ON}), {ON})')} > 120)"
CHILD = "coalesce(r.role_type = 'child', false)"
SEEN = f"""(SELECT max(c.contact_on) FROM contact c JOIN referral f
  ON f._source = c._source AND f.referral_id = c.referral_id
  WHERE c._source = r._source AND f._person = r.person_id AND NOT c.is_administrative
  AND c.attendance IN ('5', '6') AND c.subject IS DISTINCT FROM '02'
  AND {sure("person", "r.person_id")} AND NOT coalesce(f._reference_repeated, false))"""
WORDS = "('test', 'unknown')"
PLACED = "coalesce(r.postcode_status, '') NOT IN ('nonuk', 'refused')"
PLACES = "c.postcode IN ('SK1 3XE', 'M1 1AE', 'EC1A 1BB')"
AT_HOME = f"({any_of('address', '_person', 'person_id', PLACES)})"
BORN = of("person", "r._person", "x.birth_date")
UNSAFE = of("person", "r._person", "x.safe_to_contact IN ('no', 'conditional')")
HIDDEN = (
    any_of("address", "_person", "_person", "c.sensitive_location OR c.address_type = 'refuge'"),
    any_of("risk", "_person", "_person", "c.risk_code = 'domestic_abuse'"),
    any_of("referral", "_person", "_person", "c.reveals_abuse"),
)
IDLE = (
    "'Paid: 16 or more hours a week', 'Paid: Hours per week unknown', 'Not in paid employment: Seeking work'"
)

SQL = {
    "PER-01": Sql(f"r.birth_date > {FIRST}",
                  certain(f"r.birth_date IS NOT NULL AND {FIRST} IS NOT NULL AND r.birth_date <= {ON}"
                          f" AND NOT {CHILD}")),
    "PER-02": Sql(IMPOSSIBLE, "r.birth_date IS NOT NULL"),
    "PER-03": Sql(f"r.birth_date IN (DATE '1900-01-01', DATE '1901-01-01', DATE '1970-01-01')"
                  f" OR (coalesce(r.birth_date = {FIRST}, false) AND NOT {CHILD})",
                  f"r.birth_date IS NOT NULL AND coalesce(r.birth_date_quality, '') <> 'year'"
                  f" AND NOT {IMPOSSIBLE}"),
    "PER-04": Sql(blank("person", "birth_date"), f"r.role_type = 'client' AND {NAMED}"),
    "PER-05": Sql(f"coalesce(NOT {VALID}, true)",
                  f"r.nhs_number IS NOT NULL OR {unread('person', 'nhs_number')}"),
    "PER-06": Sql(FAKE, f"coalesce({VALID}, false)"),
    "PER-07": Sql("r._nhs_shared", f"coalesce({VALID} AND NOT {FAKE}, false)"),
    "PER-08": Sql(f"CASE WHEN r.nhs_number_status IN ('07', '08') THEN NOT {blank('person', 'nhs_number')}"
                  f" WHEN r.nhs_number_status IN ('01', '02', '05') THEN {blank('person', 'nhs_number')}"
                  " ELSE false END", "r.nhs_number_status IS NOT NULL"),
    "PER-09": Sql("CASE WHEN r._alike_linked THEN true WHEN r.birth_date IS NOT NULL"
                  f" AND r.family_name IS NOT NULL AND {AT_HOME}"
                  " AND NOT r._alike_unsure THEN r._alike IS NOT NULL END",
                  f"{NAMED} AND (coalesce(r._alike_linked, false) OR"
                  " coalesce(r.birth_date_quality, '') <> 'year' AND coalesce(r.birth_date NOT IN"
                  " (DATE '1900-01-01', DATE '1901-01-01', DATE '1970-01-01'), true))"),
    "PER-11": Sql(certain(" OR ".join(f"coalesce(r.death_date < {event}, false)"
                                      for event in ("r.birth_date", LAST, SEEN))),
                  "r.death_date IS NOT NULL"),
    "PER-12": Sql("r._reference_repeated"),
    "PER-20": Sql("r._recognised"),
    "PER-21": Sql("r._elsewhere",
                  f"coalesce(r._learns, false) AND NOT coalesce(r.safety_flag, true) AND {NAMED}"),
    "PER-13": Sql(f"coalesce(trim(lower(r.given_name)) IN {WORDS}, false)"
                  f" OR coalesce(trim(lower(r.family_name)) IN {WORDS}, false)",
                  f"{NAMED} AND coalesce(r.given_name, r.family_name) IS NOT NULL"),
    "ADR-01": Sql(f"coalesce(NOT {FORMED}, true)",
                  f"{unread('address', 'postcode')} OR (r.postcode IS NOT NULL AND {PLACED})"),
    "ADR-02": Sql("r.lsoa21 IS NULL AND r.lad IS NULL",
                  f"r.postcode IS NOT NULL AND {FORMED} AND r.postcode[1:4] <> 'ZZ99' AND {PLACED}"
                  " AND coalesce(r.postcode_status, '') NOT IN ('pseudo', 'no_fixed_abode')"),
    "ADR-03": Sql("r.lad <> 'E08000007'", "r.lad IS NOT NULL"),
    "CHR-02": Sql(unread("characteristics", "ethnicity_2021"),
                  f"r.ethnicity_2021 IS NOT NULL OR {unread('characteristics', 'ethnicity_2021')}"),
    "CHR-04": Sql(unread("characteristics", "gender"),
                  f"r.gender IS NOT NULL OR {unread('characteristics', 'gender')}"),
    "CHR-05": Sql(f"r.employment_status IN ({IDLE})",
                  f"r.employment_status IS NOT NULL AND {age(BORN, f'coalesce(r.recorded_on, {ON})')} < 16"),
    "CHR-06": Sql(f"CASE WHEN {sure('person', 'r._person')} THEN NOT (coalesce({UNSAFE}, false) OR"
                  f" {' OR '.join(HIDDEN)}) END",
                  f"(CASE WHEN NOT {unread('characteristics', 'accommodation_status')}"
                  " THEN coalesce(r.accommodation_status = 'Refuge', false) END)"
                  f" AND {there('person', 'r._person')}"),
}  # fmt: skip


def uprn(entity: str) -> Sql:
    """Return ADR-06 for the entity."""
    wrong = "r.uprn IS NULL OR NOT regexp_full_match(r.uprn, '[1-9][0-9]*') OR len(r.uprn) > 12"
    return Sql(wrong, f"r.uprn IS NOT NULL OR {unread(entity, 'uprn')}")
