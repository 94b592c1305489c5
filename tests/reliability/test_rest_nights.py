"""Whole nights through the REST API while something is wrong with it, and what they leave behind."""

import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta
from pathlib import Path

import pytest

from demo import nights as later
from demo.api_process import ApiProcess
from demo.sample import CANARIES, Sample, write_csvs
from tests.nights import NightSite
from tests.one_source import few_people, of_the_hub_alone
from tests.released import counts
from tests.reliability.book import Row, RowBook
from tests.reliability.unchanged import Held
from tests.rest_site import drop_files, rest_site, served
from tests.small_sample import whole_sample

LIMITS = "{first_wait_seconds: 0, longest_wait_seconds: 3, attempts: 2, largest_megabytes: 4}"
FIRST, MIDDLE, LAST = "clients", "done_contacts", "extension_database/wellbeing"
UNCOUNTED = "extension_database/sharing_consent"
EXTRA, GENDER = "website_photo_consent", "organisations/gender"
TEMPLATE = "the API gives no sign: few are taken for deleted and withdrawn, many stop at the brake"
REWORDED = "unreadable cells with findings; from 50 on the source is refused (E812)"
LISTS = {FIRST: "first export", MIDDLE: "middle export", LAST: "last export"}
PLACES = LISTS | {
    UNCOUNTED: "an export that is not counted",
    "configuration": "before the first export",
    "fields": "the lists of fields",
    "dictionary": "the dictionaries",
    "counts": "the counts",
    "referrals": "the referrals",
}


@dataclass(frozen=True)
class Case:
    """A fault at a place: in words, by name, how often it strikes, and which field or list it is about."""

    words: str
    name: str
    place: str
    times: int | None = None
    about: str = ""
    note: str = ""


def everywhere(words: str, name: str, times: int | None = None, note: str = "") -> list[Case]:
    """Return the fault at the first, a middle and the last export."""
    return [Case(words, name, place, times, note=note) for place in LISTS]


CASES = [
    *everywhere("key expired", "key_expired"),
    *everywhere("key refused", "key_wrong"),
    *everywhere("key changed while we read", "key_rotated", 1),
    Case("key not valid yet", "key_not_yet_valid", MIDDLE),
    Case("our address not permitted", "address_not_permitted", MIDDLE),
    Case("key expired", "key_expired", "configuration"),
    *everywhere("500, for ever", "status_500"),
    Case("500 in plain text, for ever", "status_500_plain", MIDDLE),
    Case("500, once", "status_500", MIDDLE, 1),
    *everywhere("429, for ever", "throttled"),
    *everywhere("503 with Retry-After that is absurd", "busy_absurd"),
    Case("503 with Retry-After that is negative, once", "busy_negative", MIDDLE, 1),
    Case("429 with Retry-After in seconds, once", "throttled_seconds", MIDDLE, 1),
    Case("503 with Retry-After as a date, once", "busy_date", MIDDLE, 1),
    *everywhere("page of a proxy with 200", "html_200"),
    *everywhere("error text with 200", "error_text_200"),
    *everywhere("bare JSON string with 200", "json_string_200"),
    Case("error object with 200", "json_object_200", MIDDLE),
    *everywhere("redirected in a circle", "redirect_loop"),
    *everywhere("redirected to another host", "redirect_away"),
    *everywhere("redirected to another list", "redirect_within"),
    *everywhere("JSON cut short, length right", "truncated_json"),
    *everywhere("body shorter than announced, for ever", "short_body"),
    Case("body shorter than announced, once", "short_body", MIDDLE, 1),
    *everywhere("body without end", "endless_body"),
    *everywhere("gzip bomb", "gzip_bomb"),
    *everywhere("one huge value", "huge_line"),
    Case("nesting without end", "deep_json", MIDDLE),
    *everywhere("reset, for ever", "reset"),
    *everywhere("reset, once", "reset", 1),
    Case("drip", "drip", MIDDLE),
    *everywhere("stale answer", "stale_answer"),
    Case("field trimmed while we read", "field_trimmed", FIRST, about="surname"),
    Case("field trimmed while we read", "field_trimmed", MIDDLE, about="contact_type"),
    Case("field trimmed while we read", "field_trimmed", LAST, about="total"),
    Case("field no longer offered", "field_hidden", "fields", about="surname"),
    Case("field we do not ask for goes while we read", "field_hidden", "fields", 1, EXTRA),
    Case("a value within a value", "nested_value", FIRST, about="surname"),
    Case(
        "id that no dictionary holds",
        "unknown_option",
        FIRST,
        None,
        "gender",
        "an unreadable cell and a finding",
    ),
    Case("silent cap", "silent_cap", FIRST),
    Case("silent cap", "silent_cap", MIDDLE, note="smaller windows, until the counts agree"),
    Case("silent cap", "silent_cap", UNCOUNTED),
    Case("page size changes", "page_size_changes", FIRST),
    Case("page size changes", "page_size_changes", MIDDLE),
    Case("one page again and again", "repeated_page", MIDDLE),
    Case("wrong count", "wrong_count", "counts"),
    Case("no counts", "no_counts", "counts", note="then only a usual page size counts as short"),
    Case("option added while we read", "options_gained", "dictionary", 1, GENDER),
    Case("option taken away while we read", "options_lost", "dictionary", 1, GENDER),
    Case("option reworded while we read", "options_relabelled", "dictionary", 1, GENDER),
    Case("option added", "options_gained", "dictionary", None, GENDER),
    Case("option reworded", "options_relabelled", "dictionary", None, GENDER, REWORDED),
    Case("referrals lose their template", "template_less", "referrals", note=TEMPLATE),
]


@pytest.fixture(scope="module")
def book() -> Iterator[RowBook]:
    with RowBook("rest") as open_book:
        yield open_book


@dataclass
class Stage:
    """A settled site of the hub alone, what it holds, and the API, which serves a later day."""

    night: NightSite
    api: ApiProcess
    backup: Path
    held: Held

    def put_back(self) -> None:
        """Make the site again what it was."""
        shutil.rmtree(self.night.folder)
        shutil.copytree(self.backup, self.night.folder)


def spread(sample: Sample) -> Sample:
    """Return the sample with every thirtieth person of the hub, so that what they did spans months."""
    people = sample.table("hub", "people")[::30]
    return replace(sample, sources={"hub": {**sample.sources["hub"], "people": people}})


def with_forms(sample: Sample) -> Sample:
    """Return the sample with every form that was filled in about its cases."""
    cases = {row["Diary Reference Number"] for row in sample.table("hub", "referrals")}
    forms = [row for row in whole_sample().table("hub", "outcomes") if row["Diary Reference Number"] in cases]
    assert forms
    return replace(sample, sources={"hub": {**sample.sources["hub"], "outcomes": forms}})


def next_day(sample: Sample) -> Sample:
    """Return the sample a day later, a client's name changed."""
    agreed = next(row for row in sample.table("hub", "consents") if row["Status"] == "Given")
    person = agreed["Org Person ID"]
    changed = later.change(sample, "hub", "people", person, {"Surname": "Zqsurnextday"})
    return replace(changed, extracted_at=sample.extracted_at + timedelta(days=1))


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    folder, sample = tmp_path_factory.mktemp("rest"), with_forms(few_people(spread(whole_sample()), 60))
    with ApiProcess(served(folder / "served", sample)) as api:
        night = rest_site(folder / "site", api, sample)
        for name in ("community_support", "domestic_abuse_support"):
            (night.folder / "sources" / f"{name}.yaml").unlink()
        path = night.folder / "sources" / "hub.yaml"
        path.write_text(f"{path.read_text(encoding='utf-8')}limits: {LIMITS}\n", encoding="utf-8")
        dpia = night.site.dpia
        dpia.write_text(of_the_hub_alone(dpia.read_text(encoding="utf-8")), encoding="utf-8")
        assert night.first_night().exit_code == night.night().exit_code == 0
        write_csvs(next_day(sample), folder / "served")
        drop_files(night.folder, sample)
        shutil.copytree(night.folder, folder / "backup")
        yield Stage(night, api, folder / "backup", Held.of(night.folder))


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.words}, {PLACES[case.place]}")
def test_a_night_ends_as_its_row_says(case: Case, stage: Stage, book: RowBook) -> None:
    """Exit code, error and state are those of the committed row; what is refused changes nothing at all."""
    stage.api.fault(case.name, case.place, times=case.times, about=case.about)
    summary = stage.night.night()
    stage.api.heal()
    changes = stage.held.changes(Held.of(stage.night.folder))
    if changes:
        stage.put_back()
    errors = [error for error in summary.errors if error is not None]
    words = "\n".join(str(error) for error in errors)
    assert all(len(str(error).splitlines()) == 4 for error in errors)
    keys = stage.api.keys("hub")
    assert not any(word in words for word in (*CANARIES, keys.source, keys.org, keys.user, "http"))
    assert not errors or changes == []
    code = errors[0].code if errors else None
    row = Row(case.words, "rest", PLACES[case.place], summary.exit_code, code, bool(errors), case.note)
    book.saw(row)


def test_every_row_has_its_case(book: RowBook) -> None:
    """No row of the book outlives the fault that it tells of."""
    assert book.keys() == {("rest", case.words, PLACES[case.place]) for case in CASES}


def test_the_night_after_carries_what_the_faults_held_up(stage: Stage) -> None:
    """Healed, the changed name goes out: no fault has made the memory believe that it had gone."""
    summary = stage.night.night()
    stage.put_back()
    assert counts(summary, "early_help") == {"person": {"released": 1}}
