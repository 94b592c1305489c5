"""A site is read whole, strictly, and with everything that is wrong said at once."""

from pathlib import Path

import pytest

from config.documents import DocumentRefused
from config.secrets import SecretExposed, SecretMissing, SecretReference
from config.settings import FolderSource, PortalSource
from config.site import Site, load_site

EXAMPLE = Path("config/example")


def change(path: Path, old: str, new: str) -> None:
    text = path.read_text(encoding="utf-8")
    assert old in text
    path.write_text(text.replace(old, new, 1), encoding="utf-8")


def problems(folder: Path) -> list[str]:
    with pytest.raises(DocumentRefused) as refused:
        load_site(folder)
    return [str(problem).removeprefix(f"{folder.as_posix()}/") for problem in refused.value.problems]


def test_the_example_says_what_it_declares(folder: Path) -> None:
    """Three sources of three providers, every path whole."""
    site = load_site(folder)
    assert isinstance(site, Site)
    assert list(site.sources) == ["community_support", "domestic_abuse_support", "hub"]
    assert set(site.providers) == set(site.sources)
    assert site.dpia.is_file()
    assert site.var == folder / "var"
    hub = site.sources["hub"]
    assert isinstance(hub, PortalSource)
    assert hub.name == "hub"
    assert set(hub.extracts) == set(site.mapping_files("hub"))
    assert site.brakes_of("hub").drop_percent == 20
    assert site.timetable("hub").at == ["02:30"]


def test_everything_wrong_is_said_at_once(folder: Path) -> None:
    """One reading names the faults of every file, each with its line."""
    change(folder / "site.yaml", "council_side:", "concil_side:")
    change(folder / "providers.yaml", "contact: data@hub.example", "")
    change(folder / "sources" / "hub.yaml", "connector: charitylog_portal", "connector: charitylog_portl")
    change(folder / "sources" / "community_support.yaml", "parent_source: hub", "parent_source: hubb")
    found = problems(folder)
    assert "site.yaml, line 14: concil_side: no such key. Did you mean council_side?" in found
    assert "providers.yaml, line 5: providers.hub.contact: this key is missing." in found
    assert any("Did you mean charitylog_portal?" in text for text in found)
    assert any("parent_source" in text and "Did you mean hub?" in text for text in found)
    assert len(found) == 4


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("  needs: mappings/charitylog_needs.yaml\n", "", "extracts.needs: it is pulled, but no mapping"),
        ("  needs: Viaduct needs\n", "", "mappings.needs: it is not among the extracts."),
        ("charitylog_needs.yaml", "charitylog_neds.yaml", "there is no file mappings/charitylog_neds.yaml."),
        ("provider: hub", "provider: hubb", "hubb is not in providers.yaml. Did you mean hub?"),
        ("provider: hub", "name: other\nprovider: hub", "the file's own name says hub"),
        ("user_secret: env:VIADUCT_HUB_USER", "user_secret: hunter2", "a secret itself never stands here"),
        ("http://127.0.0.1", "ftp://127.0.0.1", "address"),
    ],
)
def test_what_does_not_fit_together_is_refused(folder: Path, old: str, new: str, said: str) -> None:
    """A reference between two files that does not hold is a problem with its line."""
    change(folder / "sources" / "hub.yaml", old, new)
    (found,) = problems(folder)
    assert said in found
    assert "hunter2" not in found


@pytest.mark.parametrize("at", ["01:00", "01:59"])
def test_no_run_in_the_hour_the_clocks_change(folder: Path, at: str) -> None:
    """Between 01:00 and 02:00 a run would be skipped in March and doubled in October, so it is refused."""
    change(folder / "site.yaml", '"02:30"', f'"{at}"')
    assert "skipped in March and doubled in October" in problems(folder)[0]


def test_a_folder_can_be_a_source(folder: Path) -> None:
    """A source of another connector is configuration only."""
    (folder / "sources" / "old.yaml").write_text(
        "provider: hub\nconnector: folder\nfolder: incoming\nfiles:\n  events: events*.csv\n"
        "mappings:\n  events: mappings/charitylog_people.yaml\n",
        encoding="utf-8",
    )
    old = load_site(folder).sources["old"]
    assert isinstance(old, FolderSource)
    assert old.files == {"events": "events*.csv"}


def test_a_missing_folder_is_refused_in_words(tmp_path: Path) -> None:
    """No site at all is said as missing files, not as a traceback."""
    told = problems(tmp_path)
    (site,) = [line for line in told if line.startswith("site.yaml, line 1: The file is missing")]
    assert "is taken from the folder you stand in" in site
    assert "providers.yaml, line 1: The file is missing or may not be read." in told


def test_a_secret_is_read_where_the_reference_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the environment, from a file of the site, or from what systemd hands over."""
    monkeypatch.setenv("VIADUCT_TEST", "one")
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(tmp_path))
    secret = tmp_path / "secret"
    secret.write_bytes(b"two\n")
    secret.chmod(0o600)
    assert SecretReference("env", "VIADUCT_TEST").read() == "one"
    assert SecretReference("file", "secret").within(tmp_path).read() == "two"
    assert SecretReference("credential", "secret").read() == "two"


def test_a_secret_that_is_not_there_or_lies_open_is_refused(tmp_path: Path) -> None:
    """The error names the reference and never the secret."""
    secret = tmp_path / "secret"
    secret.write_text("hunter2", encoding="utf-8")
    secret.chmod(0o644)
    with pytest.raises(SecretExposed) as exposed:
        SecretReference("file", "secret").within(tmp_path).read()
    assert "hunter2" not in str(exposed.value)
    with pytest.raises(SecretMissing):
        SecretReference("env", "VIADUCT_NOT_SET_ANYWHERE").read()


def test_a_reference_shows_its_kind_only() -> None:
    """Printing a reference shows neither the secret nor where it is."""
    assert "PLACE" not in repr(SecretReference("env", "PLACE"))
