"""The worklist: what matters most first, in the provider's words, with reasons counted from the findings."""

from datetime import date
from typing import Any

import pytest

from quality.life import State
from reports import CheckWords, FindingRow, ProviderWords, RunSummary
from reports.provider import Setting, Worklist, worklist
from reports.worklist_groups import MOST_SHOWN
from reports.worklist_lines import deep_link
from reports.worklist_words import working_time
from reports.worklists import worklists

TODAY = date(2022, 12, 3)
HUB = ProviderWords(
    id="hub",
    name="Support Hub",
    link="https://crm.example/r/{reference}",
    links={"referral": "https://crm.example/referral/{reference}"},
    labels={"referral.received_at": "Referral date (Referral > Details)"},
)
CHECKS = {
    name: CheckWords(id=name, message=f"{name} is wrong.", mend="Mend it.", why="It is counted wrongly.")
    for name in ("PER-04", "PER-08", "REF-01", "REF-05", "REF-08", "CHR-06", "EPI-03", "SUB-04", "MAP-01")
}


def finding(check: str = "REF-01", **changes: Any) -> FindingRow:
    """Return a finding of the hub with these parts changed."""
    parts = {"source": "hub", "reference": "R1", "entity": "referral", "field": "received_at"}
    seen = {"first_seen": "2022-12-01T05:00:00Z", "due": "2022-12-15"}
    return FindingRow.model_validate({**parts, **seen, "check": check} | changes)


def listed(*rows: FindingRow, provider: ProviderWords = HUB, **more: Any) -> Worklist:
    """Return the worklist of these findings."""
    return worklist(provider, rows, CHECKS, today=TODAY, **more)


def page(*rows: FindingRow, **more: Any) -> str:
    """Return the page of these findings."""
    return listed(*rows, **more).html().decode()


def test_what_matters_most_comes_first() -> None:
    """Safety before figures, figures before what changes none, due before later, information last."""
    rows = [
        finding("REF-08", severity="info", field="triaged_at", due=""),
        finding("PER-08", entity="person", field="nhs_number_status", severity="warning"),
        finding("REF-01", reference="R2", due="2022-12-20"),
        finding("REF-01", reference="R3", due="2022-12-10"),
        finding("CHR-06", entity="characteristics", field="accommodation_status", severity="warning"),
    ]
    order = [(line.check.id, line.reference) for line in listed(*rows).lines]
    expected = [("CHR-06", "R1"), ("REF-01", "R3"), ("REF-01", "R2"), ("PER-08", "R1"), ("REF-08", "R1")]
    assert order == expected
    assert [group.check.id for group in listed(*rows).groups] == ["CHR-06", "REF-01", "PER-08", "REF-08"]


def test_why_it_matters_is_counted_from_the_findings() -> None:
    """Nine episodes without a reason are nine that the outcomes count misses; one is one."""
    nine = [
        finding("EPI-03", entity="service_episode", field="end_reason", reference=f"E{n}") for n in range(9)
    ]
    assert listed(*nine).groups[0].reasons == ["9 service episodes are missing from your outcomes count."]
    assert listed(nine[0]).groups[0].reasons == ["1 service episode is missing from your outcomes count."]
    assert "Somebody’s safety may hang on it." in page(finding("CHR-06", entity="characteristics"))


def test_figures_of_the_hub_are_no_reason_elsewhere() -> None:
    """A referrer missing at another provider leaves out nobody that the hub's figures count."""
    other = ProviderWords(id="other", sources=("other",))
    row = finding("REF-05", field="referrer_org_id")
    assert "organisations that refer" in listed(row).groups[0].reasons[0]
    assert listed(row, provider=other).groups[0].reasons == []


def test_a_field_has_the_name_of_the_provider_s_own_screen() -> None:
    """Their label where they told it; else our name, in words."""
    said = page(finding(), finding("REF-05", field="referrer_org_id"))
    assert "Referral: Referral date (Referral &gt; Details) (check REF-01)" in said
    assert "Referral: referrer org id (check REF-05)" in said


def test_a_record_opens_by_the_link_of_its_kind() -> None:
    """A referral by the referral's own link, a person by the general one, an export by none."""
    rows = [finding(), finding("PER-04", entity="person", field="birth_date", reference="a/b ?")]
    rows.append(finding("SUB-04", entity="submission", field="", reference="referrals 2022-11"))
    links = {line.reference: line.link for line in listed(*rows).lines}
    assert links == {
        "R1": "https://crm.example/referral/R1",
        "a/b ?": "https://crm.example/r/a%2Fb%20%3F",
        "referrals 2022-11": "",
    }


@pytest.mark.parametrize(
    ("template", "link"),
    [
        ("https://crm.example/r/{reference}", "https://crm.example/r/a%2Fb%20%3C%3F%22"),
        ("javascript:alert('{reference}')", ""),
        ("data:text/html,{reference}", ""),
        ("https://crm.example/", ""),
        ("", ""),
    ],
)
def test_a_link_leads_into_the_crm_or_nowhere(template: str, link: str) -> None:
    """Only a web address becomes a link, and a reference cannot leave its place; a row has none."""
    assert deep_link(template, 'a/b <?"') == link
    assert not deep_link(template, "row 141")


def test_two_records_of_one_finding_are_both_named() -> None:
    """Whoever may merge two people sees both references, each with its link."""
    said = page(finding("PER-04", entity="person", reference="P1", other="P2"))
    assert 'href="https://crm.example/r/P1"' in said
    assert 'href="https://crm.example/r/P2"' in said


def test_what_is_overdue_says_so_in_words() -> None:
    """No reader needs a colour; a day that has come is not yet over."""
    said = page(finding(due="2022-12-02"), finding(reference="R2", due="2022-12-03"), finding(reference="R3"))
    assert "<strong>1 is overdue.</strong>" in said
    assert said.count("Overdue: was due 2 December 2022") == 1
    assert said.count("data-overdue>") == 1


def test_what_waits_for_somebody_else_is_not_asked_for() -> None:
    """Mended, accepted and disputed findings stand apart, with their state, and are not counted."""
    rows = [finding(reference=f"R-{state}", state=state, until="2023-03-01") for state in State]
    mine = listed(*[row for row in rows if row.state not in {"closed", "withdrawn"}])
    assert mine.total == 2
    assert [line.finding.state for line in mine.resting] == ["mended", "accepted", "disputed"]
    resting = mine.html().decode().partition("Nothing to do for now")[2]
    for words in (
        "Mended, waiting for delivery",
        "Accepted until 1 March 2023",
        "Disputed, with the data team",
    ):
        assert words in resting
    assert "R-open" not in resting


def test_a_short_list_says_how_many_more_there_are_and_how_to_ask() -> None:
    """The week's findings that matter most, in every form; the rest are counted; what rests is left out."""
    rows = [finding(reference=f"R{n:03}", due=f"2023-01-{n + 1:02}") for n in range(30)]
    short = listed(*rows, finding("PER-04", state="accepted"), top=20, setting=Setting(ask="Ask Ada."))
    said = short.html().decode()
    assert [line.reference for line in short.lines] == [f"R{n:03}" for n in range(20)]
    assert "20 that matter most this week. 10 more can wait. Ask Ada." in said
    assert short.csv().count(b"\r\n") == 21
    assert short.minutes == 20 * 3


def test_all_of_one_check_stands_in_files_though_the_page_shows_the_most_urgent() -> None:
    """The page stays light; nothing is lost."""
    rows = [finding(reference=f"R{n:04}") for n in range(MOST_SHOWN + 50)]
    mine = listed(*rows)
    said = mine.html().decode()
    assert said.count('<th scope="row" role="rowheader"><a ') == MOST_SHOWN
    assert "There are 150; all are in the spreadsheets." in said
    assert mine.csv().count(b"\r\n") == MOST_SHOWN + 51


def test_one_check_in_several_fields_is_told_by_field() -> None:
    """Headings differ, so that a reader of headings alone knows where to go."""
    said = page(finding("MAP-01"), finding("MAP-01", field="closed_at"))
    assert ">MAP-01 is wrong: closed at</h3>" in said
    assert ">MAP-01 is wrong: Referral date (Referral &gt; Details)</h3>" in said


def test_a_check_that_nobody_knows_is_shown_by_its_code() -> None:
    """A finding of a check that has gone is still on the list."""
    assert "XYZ-01" in page(finding("XYZ-01"))


def test_days_are_those_of_london() -> None:
    """Half past eleven at night UTC in July is the next day in London; a relapse counts from its return."""
    assert finding(first_seen="2022-07-01T23:30:00Z").age_days(date(2022, 7, 2)) == 0
    assert finding(first_seen="2022-07-01", opened="2022-07-09").age_days(date(2022, 7, 10)) == 1


@pytest.mark.parametrize(
    ("minutes", "words"),
    [
        (1, "about a minute"),
        (12, "about 12 minutes"),
        (55, "about an hour"),
        (100, "about 1.5 hours"),
        (4000, "about 67 hours"),
    ],
)
def test_working_time_is_no_finer_than_it_is_known(minutes: float, words: str) -> None:
    """An estimate is not told to the minute."""
    assert working_time(minutes) == words


def test_what_was_there_at_first_is_said_kindly() -> None:
    """Nobody expects the findings of the first night to be gone on the second."""
    assert "1 was there when your records were first read" in page(finding(baseline=True))
    assert "first read" not in page(finding())


def test_nobody_sees_another_provider_s_records_or_name() -> None:
    """Each page is made from its own sources' findings; peers are a range."""
    many = [ProviderWords(id=f"p{n}", name=f"Provider {n}", sources=(f"s{n}",)) for n in range(6)]
    rows = [finding(source=f"s{n}", reference=f"SECRET{n}") for n in range(6)]
    for number, each in enumerate(worklists(many, rows, CHECKS, Setting())):
        said = each.html() + each.csv()
        assert [n for n in range(6) if f"SECRET{n}".encode() in said] == [number]
        assert [n for n in range(6) if f"Provider {n}".encode() in said] == [number]


def test_peers_are_a_range_on_the_page_where_there_are_enough() -> None:
    """Six providers with records: each reads its own rate and the middle half. Of four, nobody does."""

    def said(many: int) -> str:
        known = [ProviderWords(id=f"p{n}", sources=(f"s{n}",)) for n in range(many)]
        rows = [finding(source=f"s{n}", reference=f"R{m}") for n in range(many) for m in range(n)]
        read = [{"source": f"s{n}", "entities": {"person": {"records": 200}}} for n in range(many)]
        run = RunSummary.model_validate(
            {"run_id": "run-1", "started_at": "2022-12-03T02:00:00Z", "sources": read}
        )
        return list(worklists(known, rows, CHECKS, Setting(run=run)))[-1].html().decode()

    assert "You have 2.5 findings to mend for every 100 records." in said(6)
    assert "The middle half of the 6 providers has between 0.6 and 1.9." in said(6)
    assert "middle half" not in said(4)


def test_what_most_of_them_share_is_said_once() -> None:
    """A cause that was found stands with the check, however many records have it."""
    rows = [finding(reference=f"R{n}", cause="83 of 91 came by web form.") for n in range(3)]
    assert page(*rows).count("83 of 91 came by web form.") == 1


def test_a_page_without_files_beside_it_names_none() -> None:
    """A check before sending makes a page alone, and leads to nothing that is not there."""
    said = page(finding(), setting=Setting(forms=()))
    assert "spreadsheet" not in said
    assert ".xlsx" not in said
