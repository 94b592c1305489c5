"""Pages are whole, safe, and say what they are made from."""

import base64
import csv
import hashlib
import html
import io
import os
import re
import stat
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from pydantic import ValidationError

from common import clock
from reports import ProviderWords, Published, RunSummary, write_all
from reports.exit_codes import EXIT_MEANINGS, meaning
from reports.operator import BRAKES
from sync.errors import BrakeDrop, BrakeGrowth
from tests.golden.reports import sample_inputs as sample

Write = Callable[..., Path]


@pytest.fixture
def write(tmp_path: Path) -> Write:
    def written(**changes: Any) -> Path:
        given = {
            "site": sample.SITE,
            "summaries": sample.summaries(),
            "findings": sample.findings(),
            "catalogue": sample.CHECKS,
            "providers": sample.PROVIDERS,
            "published": sample.PUBLISHED,
        }
        with clock.frozen(sample.NOW):
            write_all(tmp_path, **(given | changes))
        return tmp_path

    return written


def read(path: Path) -> str:
    return path.read_text(encoding="utf-8")


def test_every_page_says_the_people_are_invented(write: Write) -> None:
    """On a sample site no page can be taken for one about real people."""
    pages = list(write().rglob("*.html"))
    assert len(pages) == 9
    assert all("The people in this sample are invented." in read(page) for page in pages)


def test_a_real_site_does_not_say_so(write: Write) -> None:
    """Without the sample mark the note is absent."""
    summaries = [{**each, "sample": False} for each in sample.summaries()]
    assert not [p for p in write(summaries=summaries).rglob("*.html") if "are invented" in read(p)]


def test_every_page_names_its_run_and_when_it_was_made(write: Write) -> None:
    """A printed page can be traced to the run and the hour it came from."""
    for page in write().rglob("*.html"):
        assert "Generated 1 December 2022 at 07:30" in read(page)
        assert any(run_id in read(page) for run_id in sample.RUN_IDS)


def test_a_page_fetches_nothing(write: Write) -> None:
    """No image, no font, no style from anywhere; the policy in the page forbids them too. The one script is a
    worklist's own, which the page's policy names by its digest.
    """
    for page in write().rglob("*.html"):
        text = read(page)
        assert "default-src 'none'" in html.unescape(text)
        assert not any(mark in text for mark in ("<img", "<link", "@import", "url(", "style=", "<iframe"))
        scripts = re.findall(r"<script>(.*?)</script>", text, re.DOTALL)
        assert text.count("<script") == len(scripts) == (page.name in {"hub.html", "community_support.html"})
        for script in scripts:
            digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
            assert f"; script-src 'sha256-{digest}';" in html.unescape(text)


HOSTILE = "<script>alert(1)</script>\"'><img src=x onerror=alert(1)>"


def test_hostile_words_are_inert_on_every_page(write: Write) -> None:
    """Whatever a name, column, error or reference holds, it is text on the page."""
    run = sample.summary(2)
    run["sources"][2]["error"] = [HOSTILE]
    run["sources"][0]["unknown_columns"] = {"people": [HOSTILE]}
    run["flows"][0]["describe"] = {
        "recipient": HOSTILE,
        "purpose": HOSTILE,
        "basis": [HOSTILE],
        "fields": {HOSTILE: [{"field": HOSTILE, "treatment": HOSTILE, "why": HOSTILE}]},
    }
    run["flows"][0]["entities"] = {HOSTILE: {"records": 1, "held": 1, "reasons": {HOSTILE: 1}}}
    run["durations"] = {HOSTILE: 1.0}
    finding = {
        **sample.findings()[0],
        "reference": HOSTILE,
        "field": HOSTILE,
        "entity": HOSTILE,
        "severity": HOSTILE,
    }
    check = {"id": finding["check"], "message": HOSTILE, "mend": HOSTILE, "why": HOSTILE}
    providers = [ProviderWords(id="hub", name=HOSTILE, link="https://hub.example/{reference}")]
    out = write(
        site=HOSTILE,
        summaries=[run],
        findings=[finding],
        catalogue=[check],
        providers=providers,
        published=Published(releases=(("x.html", HOSTILE),)),
    )
    for page in out.rglob("*.html"):
        assert "<script>alert" not in read(page)
        assert "<img" not in read(page)
        assert "&lt;script&gt;" in read(page)


def test_a_provider_sees_its_own_records_only(write: Write) -> None:
    """Another provider's references, name and pages stand nowhere on the page."""
    text = read(write() / "provider/community_support.html")
    assert "CP000007" in text
    assert "HP000131" not in text
    assert "Support Hub" not in text
    assert "operator/index.html" not in text


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such modes")
def test_worklists_are_readable_by_their_owner_only(write: Write) -> None:
    """A worklist is meant for one organisation, so other accounts of the machine cannot read it."""
    for path in (write() / "provider").iterdir():
        assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_a_provider_with_nothing_to_mend_is_told_so(write: Write) -> None:
    """An empty worklist is a page too, and its CSV has its header."""
    out = write()
    assert "There is nothing to mend" in read(out / "provider/domestic_abuse_support.html")
    assert (out / "provider/domestic_abuse_support.csv").read_bytes().count(b"\r\n") == 1


def test_a_balance_that_does_not_add_up_is_shown(write: Write) -> None:
    """Both balances are computed anew from the counts, not believed."""
    run = sample.summary(2)
    run["sources"][0]["exports"]["people"]["read"] -= 1
    run["flows"][0]["entities"]["person"]["held"] += 1
    text = read(write(summaries=[run]) / "operator/index.html")
    assert "No: 6,099 against 6,100" in text
    assert "No: 4,001 against 4,000" in text


def test_a_run_that_sent_nothing_has_a_statement_that_says_so(write: Write) -> None:
    """Nothing sent is stated, per flow, with the assessment that governed it."""
    text = read(write() / "governance" / f"{sample.RUN_IDS[1]}.html")
    assert text.count('<p class="word">Nothing was sent.</p>') == 2
    assert sample.DIGEST in text


@pytest.mark.parametrize(
    ("codes", "options"),
    [
        (["E832"], '--accept-volume "NAME, ROLE".'),
        (["E816"], '--accept-flagged "NAME, ROLE".'),
        (["E802"], "--accept-drop."),
        (["E816", "E803", "E300"], '--accept-growth and --accept-flagged "NAME, ROLE".'),
        (["E817"], "the option that the error names."),
    ],
)
def test_a_brake_is_let_through_by_the_option_of_what_stopped_it(
    write: Write, codes: list[str], options: str
) -> None:
    """Front and operator's page name no option but those that let through what this very run met."""
    run = sample.summary(1) | {"exit_code": 23, "errors": [[f"{code}  Stopped.", "x"] for code in codes]}
    out = write(summaries=[run])
    for page in ("index.html", "operator/index.html"):
        text = html.unescape(read(out / page)).partition("All exit codes")[0]
        assert f"If it is right, run again with {options}" in text, page


def test_the_front_page_calls_nothing_a_statement_that_nobody_signs(write: Write) -> None:
    """What is signed is a statement; a page of what a run did is called that."""
    text = read(write() / "index.html") + read(write() / "operator/index.html")
    assert "What the run of 1 December 2022" in text
    assert "tatement" not in text


def test_a_statement_names_recipient_purpose_basis_and_every_field_with_its_reason(write: Write) -> None:
    """What the flow may carry stands in the statement as the assessment says it."""
    text = read(write() / "governance" / f"{sample.RUN_IDS[2]}.html")
    for words in (
        "Adult Social Care",
        "Early help for adults",
        "Care Act 2014",
        "made coarser",
        "received_on",
        "Tells namesakes apart.",
        "outside the group the flow is for",
        "loaded, 1 December 2022 at 02:00",
    ):
        assert words in text


def test_the_statement_of_an_older_run_stays_as_it_was_issued(write: Write) -> None:
    """Only the latest run's statement is written anew."""
    older = write() / "governance" / f"{sample.RUN_IDS[0]}.html"
    older.write_text("as issued", encoding="utf-8")
    write()
    assert read(older) == "as issued"


def test_the_pages_of_a_site_without_runs_are_written(write: Write) -> None:
    """Before the first run every page stands and says so."""
    out = write(summaries=[], findings=[], published=Published())
    assert "No run has ended yet." in read(out / "index.html")
    assert "No run has ended yet" in read(out / "operator/index.html")


def test_a_summary_with_little_in_it_is_read(write: Write) -> None:
    """A run that failed at once, or of an earlier version, still has its line and its statement."""
    bare = {
        "run_id": "20221202T020000Z-000000",
        "started_at": "2022-12-02T02:00:00Z",
        "exit_code": 10,
        "sources": None,
        "flows": [{"flow": "early_help", "receipt": None, "describe": None}],
        "new_key": 1,
    }
    out = write(summaries=[bare, *sample.summaries()])
    operator = read(out / "operator/index.html")
    assert "does not load" in operator
    assert "No source was asked in this run." in operator
    assert "No export was read in this run." in operator
    assert "What came from each source" not in operator
    assert "<tbody>\n</tbody>" not in operator
    assert "Nothing was sent." in read(out / "governance/20221202T020000Z-000000.html")


@pytest.mark.parametrize("run_id", ["../escape", "a/b", "", "x" * 200, "a.b"])
def test_a_run_id_that_is_no_plain_name_is_refused(run_id: str) -> None:
    """A name from a file never becomes a path outside the reports."""
    with pytest.raises(ValidationError) as refused:
        RunSummary(run_id=run_id, started_at=datetime(2022, 12, 1, tzinfo=UTC))
    assert run_id == "" or run_id not in str(refused.value)


def test_the_codes_of_the_brakes_are_those_the_run_raises(write: Write) -> None:
    """The page knows a brake by its code, and says so where it was on or released."""
    run = sample.summary(0)
    run["sources"][0]["error_code"] = "E802"
    run["flows"][0]["held_back"] = {"vanished": 120}
    run["flows"][0]["volume_accepted"] = {"by": "A. Example, DPO", "on": "2026-11-22", "met": ["9 rows"]}
    folder = write(summaries=[run])
    text = read(folder / "operator/index.html")
    for page in (text, read(folder / "governance" / f"{sample.RUN_IDS[0]}.html")):
        assert "let through by A. Example, DPO: 9 rows" in page
    assert {BrakeDrop.code, BrakeGrowth.code} == BRAKES
    assert "Released by hand for more records" in text
    assert "Source hub" in text
    assert "120 vanished" in text


@pytest.mark.parametrize(
    ("state", "sent"), [("sealed", False), ("delivered", True), ("refused", True), ("dry_run", False)]
)
def test_a_batch_that_did_not_leave_is_not_called_sent(write: Write, state: str, sent: bool) -> None:
    """Sealed is not sent; refused was sent and not loaded: the statement says which."""
    run = sample.summary(2)
    run["flows"] = [{**run["flows"][0], "state": state}]
    text = read(write(summaries=[run]) / "governance" / f"{sample.RUN_IDS[2]}.html")
    assert ("Nothing was sent." not in text) == sent


def test_every_exit_code_of_the_contract_has_its_meaning() -> None:
    """An operator finds each code, and an unknown one counts as failure."""
    contract = {0, 1, 2, 10, 11, 20, 21, 22, 23, 30, 40, 50, 51, 60, 61, 70, 75, 130, 143}
    assert set(EXIT_MEANINGS) == contract
    assert [meaning(code).tone for code in (0, 1, 22, 99)] == ["good", "attention", "bad", "bad"]


def test_a_cell_of_two_kinds_of_record_is_told_once_and_every_check_is_led_to(write: Write) -> None:
    """A person and an address share a cell: one entry on the page, with both kinds; each finding has its row
    in the files, where each may be answered.
    """
    one = {**sample.findings()[0], "check": "ADR-06", "field": "uprn", "reference": "HP000007"}
    twice = [one, {**one, "entity": "address"}, {**one, "reference": "HP000008"}]
    out = write(findings=twice)
    text = read(out / "provider/hub.html")
    first, _, listed = text.partition(">The list<")
    assert first.count('href="#group-') == listed.count('id="group-') == 1
    assert "Address and person: uprn" in listed
    assert "2 records" in listed
    assert listed.count(">HP000007<") == 1
    rows = csv.reader(io.StringIO((out / "provider/hub.csv").read_bytes().decode("utf-8-sig"), newline=""))
    assert sorted(row[4] for row in rows if row[6] == "ADR-06") == ["address", "person", "person"]
