"""Who is on the data team's page: the assessment says so, and where it cannot be read, nobody is."""

from datetime import date, timedelta
from pathlib import Path

from commands.data_quality import build_data_quality, kept_apart, tables_of
from commands.sample_site import write_sample_site
from common import clock
from config.site import Site, load_site
from quality import Cause, CountStore
from quality.asked import AskedStore, Wish


def test_a_provider_that_is_in_some_flows_only_is_kept_apart(tmp_path: Path) -> None:
    """Domestic abuse support is in one of the example's two flows; the others are in both."""
    write_sample_site(tmp_path / "site", {})
    assert kept_apart(load_site(tmp_path / "site")) == {"domestic_abuse_support"}


def test_where_the_assessment_cannot_be_read_everybody_is_kept_apart(tmp_path: Path) -> None:
    """The page then holds totals alone, and every table stands without a row of a provider."""
    write_sample_site(tmp_path / "site", {})
    site = load_site(tmp_path / "site")
    site.dpia.write_text("dpiaSpec: none\n", encoding="utf-8")
    assert kept_apart(site) == set(site.providers)
    files = {path.name: path for path in build_data_quality(site, tables_of(site))}
    lines = files["completeness.csv"].read_text(encoding="utf-8-sig").splitlines()
    assert len(lines) == 1
    page = files["index.html"].read_text(encoding="utf-8")
    assert "Nothing has been counted yet" in page
    assert "0 open findings" in page
    assert {path.stat().st_mode & 0o077 for path in files.values()} == {0}


def page(site: Site) -> str:
    files = {path.name: path for path in build_data_quality(site, tables_of(site))}
    return files["index.html"].read_text(encoding="utf-8")


def test_what_findings_share_by_service_is_not_on_the_page(tmp_path: Path) -> None:
    """A service of the hub may stand under lot 8: no count of it, while other causes are told."""
    write_sample_site(tmp_path / "site", {})
    site = load_site(tmp_path / "site")
    shared = ("hub", "referral", "REF-04", "referrer_type")
    by_service = Cause(*shared, "service", "8001", 83, 91, 120, 400)
    by_method = Cause("hub", "address", "ADR-01", "postcode", "referral_method", "web form", 40, 50, 90, 400)
    CountStore.of(site).keep_causes("hub", [by_service, by_method])
    told = page(site)
    assert by_method.sentence in told
    assert "8001" not in told
    assert by_service.is_by_service
    assert not by_method.is_by_service


def test_what_is_tuned_and_what_was_asked_stand_on_the_page(tmp_path: Path) -> None:
    """Why, until when, and how many minutes; not what is over, and nothing of who is kept apart."""
    write_sample_site(tmp_path / "site", {})
    settings, today = tmp_path / "site" / "providers.yaml", clock.today()
    text = settings.read_text(encoding="utf-8")
    for name, why, last in (
        ("hub", "Forms are filled in with a worker", today),
        ("community_support", "Was over yesterday", today - timedelta(days=1)),
        ("domestic_abuse_support", "Kept apart from here", today),
    ):
        tuned = f"{{check: OUT-08, severity: 'off', reason: {why}, until: {last}}}"
        assert f"  {name}:\n" in text
        text = text.replace(f"  {name}:\n", f"  {name}:\n    checks:\n      - {tuned}\n", 1)
    settings.write_text(text, encoding="utf-8")
    site = load_site(tmp_path / "site")
    for name, minutes in (("hub", 4.0), ("domestic_abuse_support", 31.0)):
        wishes = [Wish(code, minutes) for code in ("Fa", "Fb")]
        AskedStore.of(site).ask(name, date(2022, 11, 28), wishes, clock.now(), joined=False)
    told = page(site)
    assert "switched off" in told
    assert "Forms are filled in with a worker" in told
    assert "Was over yesterday" not in told
    assert "2, about 8 minutes" in told
    assert "Kept apart from here" not in told
    assert "about an hour" not in told


def test_lists_that_cannot_be_read_leave_the_page_standing(tmp_path: Path) -> None:
    """Whoever asks providers tells of it; the rest of the page is made."""
    write_sample_site(tmp_path / "site", {})
    site = load_site(tmp_path / "site")
    lists = site.var / "state" / "asked.sqlite"
    lists.parent.mkdir(parents=True, exist_ok=True)
    lists.write_bytes(b"no database at all, and long enough to be looked at" * 9)
    assert "What providers were asked" not in page(site)
