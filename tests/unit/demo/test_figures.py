"""The hub's rows give the published figures, counted here in SQL over the CSVs and by nothing of ours."""

from decimal import ROUND_HALF_UP, Decimal

import duckdb

from demo.figures import PUBLISHED
from demo.words import ADVICE_CATEGORIES

Tables = duckdb.DuckDBPyConnection

HOLIDAYS = (
    "('2022-04-15', '2022-04-18', '2022-05-02', '2022-06-02', '2022-06-03', '2022-08-29', '2022-09-19')"
)


def number(tables: Tables, query: str) -> int:
    """Return the one number that the query gives."""
    row = tables.execute(query).fetchone()
    assert row is not None
    return int(row[0])


def test_3663_referrals_of_eight_months_came_from_118_organisations(tables: Tables) -> None:
    """K01, and K03 read as distinct Referrer IDs."""
    assert number(tables, 'select count(distinct "Diary Reference Number") from counted') == 3663
    assert number(tables, 'select count(distinct reference("Referrer ID")) from counted') == 118
    span = """select count(*) from counted where day("Referral Date") between '2022-04-01' and '2022-11-30'"""
    assert number(tables, span) == PUBLISHED.referrals
    assert number(tables, "select count(*) from counted where Stage = 'Duplicate'") == 0


def test_2167_pieces_of_advice_went_to_1106_people(tables: Tables) -> None:
    """K04 and K05."""
    assert number(tables, "select count(*) from acts where \"Contact Type\" = 'Advice'") == 2167
    people = 'select count(distinct "Org Person ID") from acts where "Contact Type" = \'Advice\''
    assert number(tables, people) == 1106


def test_the_split_of_advice_is_61_21_10_6_2_when_rounded_half_up(tables: Tables) -> None:
    """K07, printed with its counts."""
    rows = tables.execute(
        'select "Advice Category", count(*) from acts where "Advice Category" is not null group by 1'
    )
    codes = {label: code for code, label in ADVICE_CATEGORIES.items()}
    counts = {codes[label]: count for label, count in rows.fetchall()}
    percent = {
        code: int((Decimal(100 * count) / 2167).quantize(Decimal(1), ROUND_HALF_UP))
        for code, count in counts.items()
    }
    assert counts == PUBLISHED.advice_by_category
    assert percent == {"ECON": 61, "HW": 21, "HOUS": 10, "SOC": 6, "EST": 2} == PUBLISHED.advice_percent


def test_1283_signpostings_went_to_172_organisations(tables: Tables) -> None:
    """K08 and K09."""
    assert number(tables, "select count(*) from acts where \"Contact Type\" = 'Signposting'") == 1283
    assert number(tables, 'select count(distinct "Signposted To") from acts') == 172


def test_1194_onward_referrals_went_to_66_organisations_and_429_to_community_support(tables: Tables) -> None:
    """K10, K11 and K12; a few dozen are to Domestic Abuse Support."""
    lot = """select count(*) from acts join hub.services on "External Referral Service" = "Service ID"
             where Lot = '{}' and "Organisation ID" = "External Referral To" """
    assert number(tables, "select count(*) from acts where \"Contact Type\" = 'External Referral'") == 1194
    assert number(tables, 'select count(distinct "External Referral To") from acts') == 66
    assert number(tables, lot.format("L4-CS")) == 429
    assert number(tables, lot.format("L8-DA")) == PUBLISHED.onward_to_domestic_abuse_support == 37


def test_every_referral_to_the_hub_was_triaged_the_same_day(tables: Tables) -> None:
    """K13."""
    assert number(tables, 'select count(*) from counted where "Triage Date" = "Referral Date"') == 3663


def test_all_advice_was_given_within_two_working_days_in_england(tables: Tables) -> None:
    """K14, counting working days after the referral, up to and including the day of the advice."""
    waits = f"""select count(*) from (
        select "Contact ID", count(d) filter (isodow(d) < 6 and d not in {HOLIDAYS}) as waited
        from (select "Contact ID", unnest(generate_series(day("Referral Date") + 1, on_day, interval 1 day))
              ::date as d from acts where "Contact Type" = 'Advice') group by 1) where waited > 2"""
    assert number(tables, waits) == 0
    rows = 'select count(*) from acts where "Contact Type" = \'Advice\' and on_day < day("Referral Date")'
    assert number(tables, rows) == 0


def test_every_wait_for_a_start_is_under_a_month_at_all_providers(tables: Tables) -> None:
    """K16, in calendar days; whoever has not started was accepted at most 30 days ago."""
    for source in ("hub", "community_support", "domestic_abuse_support"):
        wait = f"""select max(day("Start Date") - day("Referral Date")) from {source}.referrals"""
        assert 0 < number(tables, wait) <= PUBLISHED.longest_wait_days_at_most
        waiting = f"""select count(*) from {source}.referrals where "Accepted Date" is not null
                      and "Start Date" is null and Stage <> 'Rejected'
                      and day("Referral Date") < date '2022-12-08' - 31"""
        assert number(tables, waiting) == 0


def test_every_referral_the_hub_sent_through_the_portal_is_one_case_at_the_provider(tables: Tables) -> None:
    """Counting both sides would count twice: each bears the hub's diary reference and is not older."""
    for source, count in (("community_support", 429), ("domestic_abuse_support", 37)):
        linked = f"""select count(*) from {source}.referrals child join hub.referrals parent
            on reference(child."Portal Reference") = parent."Diary Reference Number"
            where child."Diary Reference Number" not in
              (select reference from truth where fate = 'hold_record')
              and day(child."Referral Date") >= day(parent."Referral Date")"""
        not_linked = (
            f"select count(*) from truth where checked = 'ONR-03' and '{source}' = 'community_support'"
        )
        assert number(tables, linked) + number(tables, not_linked) == count
