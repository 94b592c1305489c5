"""The sample API follows the vendor's public manual; each of its faults does what its name says."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import requests

from config.documents import plain, read_tree
from demo.api_faults import FAULTS
from demo.api_fields import FILES, LISTS
from demo.api_process import ApiProcess
from demo.api_world import given, number_of
from demo.sample import EXPORTS, Sample, write_csvs
from tests.small_sample import small_sample


@pytest.fixture(scope="module")
def sample() -> Sample:
    return small_sample()


@pytest.fixture(scope="module")
def running(tmp_path_factory: pytest.TempPathFactory, sample: Sample) -> Iterator[ApiProcess]:
    data = tmp_path_factory.mktemp("api")
    write_csvs(sample, data)
    with ApiProcess(data) as api:
        yield api


@pytest.fixture
def api(running: ApiProcess) -> Iterator[ApiProcess]:
    yield running
    running.heal()


class Get:
    """Asks one system for paths; called, it gives what a good answer says."""

    def __init__(self, api: ApiProcess, source: str) -> None:
        self.address, self.session = api.address, requests.Session()
        self.session.trust_env = False
        self.session.headers.update(api.keys(source).headers())

    def __call__(self, path: str, status: int = 200) -> Any:
        answer = self.raw(path)
        assert answer.status_code == status, answer.text
        return answer.json()

    def raw(self, path: str) -> requests.Response:
        """Return the answer as it is, redirects not followed."""
        return self.session.get(self.address + path, timeout=30, allow_redirects=False)


@pytest.fixture
def get(api: ApiProcess) -> Iterator[Get]:
    asking = Get(api, "hub")
    yield asking
    asking.session.close()


def test_three_keys_let_in_and_two_do_not(api: ApiProcess, get: Get) -> None:
    """Source, Org and User are headers; each is needed, and the Org key says whose system answers."""
    assert get("business/configuration")["name"] == "Sample Support Hub"
    for lacking in ("Source", "Org", "User"):
        headers = {**api.keys("hub").headers(), lacking: "another"}
        answer = requests.get(f"{api.address}clients/1", headers=headers, timeout=30)
        assert (answer.status_code, answer.json()) == (401, "Invalid credentials provided")
        assert "WWW-Authenticate" in answer.headers


def test_one_record_is_asked_for_by_its_id(get: Get) -> None:
    """`/clients/37` and `/referrals/id/510` are single records."""
    person = get("clients")[3]["id"]
    assert [row["id"] for row in get(f"clients/{person}")] == [person]
    case = get("referrals/field/id")[5]["id"]
    assert [row["id"] for row in get(f"referrals/id/{case}")] == [case]


def test_filters_are_pairs_of_at_most_ten(get: Get) -> None:
    """Values joined by `;` are alternatives, filters narrow each other; an eleventh is refused."""
    types = {row["type"] for row in get("clients/field/id;type")}
    some = sorted(types)[:2]
    assert {row["type"] for row in get(f"clients/type/{';'.join(map(str, some))}/field/type")} == set(some)
    eleven = "/".join(f"type/{number}" for number in range(11))
    assert get(f"clients/{eleven}", 400) == "Too many filters"
    assert isinstance(get("clients/of_another_kind/1", 400), str)


def test_date_is_the_first_contact_and_date_active_any(get: Get, sample: Sample) -> None:
    """A case received in April with work in November is active in November, and dated in April."""
    dated = {row["id"] for row in get("referrals/date/2022-11-01,2022-11-30/field/id")}
    active = {row["id"] for row in get("referrals/date_active/2022-11-01,2022-11-30/field/id")}
    assert dated < active
    worked = {
        number_of(row["Diary Reference Number"])
        for row in sample.table("hub", "contacts")
        if row["Contact Date"].endswith("/11/2022")
    }
    assert worked & {row["id"] for row in get("referrals/field/id")} <= active


def test_fields_are_chosen_and_told(get: Get) -> None:
    """`selectable_fields` names them, `field/a;b` chooses; extension fields stand among the others."""
    offered = get("clients/selectable_fields")
    assert {"id", "surname", "uprn", "safe_to_contact", "website_photo_consent"} <= set(offered)
    assert {tuple(row) for row in get("clients/field/surname;uprn")} == {("surname", "uprn")}
    assert "date_active" in get("referrals/filterable_fields")
    assert "project" in get("referrals/metrics")


def test_ids_are_resolved_by_dictionaries_or_on_request(get: Get) -> None:
    """The dictionary of a field, `resolveIds[]=field` and `resolveIds[]=ALL` tell the same words."""
    words = get("dictionary/organisations/gender")
    rows = get("clients/field/id;gender;ethnicity")
    resolved = get("clients/field/id;gender;ethnicity?resolveIds[]=gender")
    every = get("clients/field/id;gender;ethnicity?resolveIds[]=ALL")
    for row, one, all_of_them in zip(rows, resolved, every, strict=True):
        assert words.get(str(row["gender"])) == one["gender"] == all_of_them["gender"]
        assert one["ethnicity"] == row["ethnicity"]
        assert all_of_them["ethnicity"] is None or isinstance(all_of_them["ethnicity"], str)
    assert "organisations/gender" in get("dictionary")


def test_counts_by_a_dimension_are_those_of_the_records(get: Get) -> None:
    """A breakdown counts what the same filters would list."""
    for path in ("clients", "referrals/date/2022-05-01,2022-05-31"):
        dimension = "type" if path == "clients" else "project"
        counted = sum(row["count"] for row in get(f"{path}/dimension/{dimension}"))
        assert counted == len(get(path)) > 0


def test_an_extension_database_of_many_records_is_a_list_of_its_own(get: Get, sample: Sample) -> None:
    """Whole, with fields chosen, and by referral; its options have a dictionary each."""
    forms = get("extension_database/wellbeing/field/id;referral;total")
    assert len(forms) == len(sample.table("hub", "outcomes")) > 10
    case = forms[0]["referral"]
    mine = get(f"extension_database/wellbeing/referral/{case}/field/id;referral")
    assert {row["referral"] for row in mine} == {case}
    assert "WEMWBS" in get("dictionary/extension_database/tool").values()


def test_classification_codes_are_objects_with_a_tree(get: Get) -> None:
    """A contact's codes come as a JSON object; the tree of their group says what the ids are."""
    codes = [row["codes"] for row in get("done_contacts/field/codes") if row["codes"]]
    tree = {
        code["id"]: code["name"]
        for top in get("dictionary/classification_codes_tree/1")
        for code in top["children"]
    }
    assert codes
    assert all(tree[int(number)] == name for each in codes for number, name in each.items())
    assert get("dictionary/classification_codes_groups")


def test_empty_days_are_zero_dates(get: Get) -> None:
    """As MySQL writes them."""
    assert "0000-00-00" in {row["end_date"] for row in get("referrals/field/end_date")}
    assert "0000-00-00 00:00:00" in {
        row["withdrawn"] for row in get("extension_database/sharing_consent/field/withdrawn")
    }


EXAMPLE = Path(__file__).parents[2] / "config" / "rest_example" / "sources"


@pytest.mark.parametrize("source", ["hub", "community_support", "domestic_abuse_support"])
def test_every_list_that_the_example_reads_is_counted(api: ApiProcess, source: str) -> None:
    """No list, safety flags and answers about consent least of all, can be cut short without a word."""
    get = Get(api, source)
    requests_of = plain(read_tree(EXAMPLE / f"{source}.yaml"))["requests"]
    for export, request in requests_of.items():
        counted = get(f"{request['path']}/dimension/{request['count_by']}")
        held = get(f"{request['path']}/field/id")
        assert sum(row["count"] for row in counted) == len(held), export
    get.session.close()


def test_it_is_read_only(api: ApiProcess, get: Get) -> None:
    """Nothing can be written with these keys."""
    answer = get.session.post(f"{api.address}clients", data={"surname": "Zqsurnew"}, timeout=30)
    assert answer.status_code == 405


def test_every_column_of_the_sample_is_carried_or_known_to_be_lost(sample: Sample) -> None:
    """What the API has no field for is the merged ids of people; a day that is none is no day there.

    An id is one record's: of a reference that stands on two rows of an export the API has the first.
    """
    carried = {listed.export: {c for f in listed.fields for c in f.column.split(" + ")} for listed in LISTS}
    carried |= {export: set(EXPORTS[export]) for export in FILES}
    lost = {
        (export, column)
        for export, columns in EXPORTS.items()
        for column in columns
        if column not in carried[export]
    }
    assert lost == {("people", "Merged IDs")}
    kept = given(sample)
    assert {row["Merged IDs"] for row in kept.table("hub", "people")} == {""}
    cases = {row["Diary Reference Number"]: row for row in reversed(sample.table("hub", "referrals"))}
    differing = [
        (column, cell)
        for other in kept.table("hub", "referrals")
        for column, cell in cases.pop(other["Diary Reference Number"]).items()
        if cell.strip().upper() != other[column].upper()
    ]
    assert cases == {}
    assert {(column, word) for column, word in differing} <= {("Case Review Date", "00/00/0000")}


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("key_expired", 401), ("key_wrong", 401), ("key_not_yet_valid", 401), ("address_not_permitted", 401),
        ("throttled", 429), ("busy_absurd", 503), ("status_500", 500), ("html_200", 200),
        ("error_text_200", 200), ("json_string_200", 200), ("redirect_away", 302), ("redirect_loop", 302),
    ],
)  # fmt: skip
def test_a_fault_plays_its_status_once_where_it_is_asked_to(
    api: ApiProcess, get: Get, name: str, status: int
) -> None:
    """At its list and nowhere else, as often as it was said."""
    api.fault(name, "referrals", times=1)
    assert get.raw("clients/field/id").status_code == 200
    assert get.raw("referrals/field/id").status_code == status
    assert get.raw("referrals/field/id").status_code == 200


def test_a_key_can_be_changed_while_somebody_reads(api: ApiProcess, get: Get) -> None:
    """From then on the old key is refused for good, until the sample is healed."""
    api.fault("key_rotated", "referrals", times=1)
    assert get.raw("referrals/field/id").status_code == 401
    assert get.raw("clients/field/id").status_code == 401
    api.heal()
    assert get.raw("clients/field/id").status_code == 200


def test_faults_of_content_do_what_they_say(api: ApiProcess, get: Get) -> None:
    """Fewer records, fewer fields, other options: each for as long as it is on."""
    whole = get("clients/field/id;surname")
    api.fault("silent_cap", "clients")
    assert get("clients/field/id;surname") == whole[:50]
    api.heal()
    api.fault("field_trimmed", "clients", about="surname")
    assert {tuple(row) for row in get("clients/field/id;surname")} == {("id", "surname"), ("id",)}
    api.heal()
    api.fault("template_less", "referrals")
    assert 0 < len(get("referrals/field/id")) < sum(row["count"] for row in get("clients/dimension/type")) * 2
    assert not [row for row in get("referrals/field/id") if row["id"] % 20 == 0]
    api.heal()
    words = get("dictionary/organisations/gender")
    api.fault("options_gained", "dictionary", about="organisations/gender")
    assert set(get("dictionary/organisations/gender").values()) - set(words.values()) == {"Newly added"}
    assert get("dictionary/organisations/ethnicity")


def test_what_a_list_holds_and_what_it_counts_agree(api: ApiProcess, get: Get) -> None:
    """A drop and a growth are the system's own, so its counts are of what it then holds."""
    whole = len(get("clients/field/id"))
    for fault, fewer in (("sudden_drop", True), ("sudden_growth", False)):
        api.fault(fault, "clients")
        held = len(get("clients/field/id"))
        assert held < whole / 2 if fewer else held > whole * 1.5
        assert sum(row["count"] for row in get("clients/dimension/type")) == held
        api.heal()
    api.fault("low_count", "counts")
    assert sum(row["count"] for row in get("clients/dimension/type")) < whole


def test_answers_are_wide_or_one_page_or_broken_off(api: ApiProcess, get: Get) -> None:
    """Ten thousand fields more; ten records whatever is asked; a body that breaks off in its middle."""
    api.fault("wide", "clients")
    assert max(map(len, get("clients/field/id"))) > 10_000
    api.heal()
    api.fault("repeated_page", "clients", about="10")
    page = get("clients/field/id")
    assert (len(page), get(f"clients/id/{page[-1]['id']}/field/id")) == (10, page)
    api.heal()
    api.fault("reset_midway", "clients", times=1)
    with pytest.raises(requests.RequestException):
        get.raw("clients/field/id")
    assert get.raw("clients/field/id").status_code == 200


def test_a_fault_that_does_not_exist_is_refused(api: ApiProcess) -> None:
    """A test with a misspelt fault would prove nothing."""
    with pytest.raises(OSError, match="400"):
        api.fault("no_such_fault")
    assert len(FAULTS) > 40
