"""What providers.yaml calls by our names is held to the names that we have."""

import shutil
from pathlib import Path

import pytest

from commands.provider_names import misnamed
from config.documents import DocumentRefused, read_document
from config.providers import Providers

EXAMPLE = Path(__file__).parents[3] / "config" / "example"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    shutil.copy(EXAMPLE / "providers.yaml", tmp_path)
    return tmp_path


def change(folder: Path, before: str, after: str) -> Path:
    path = folder / "providers.yaml"
    text = path.read_text(encoding="utf-8")
    assert before in text
    path.write_text(text.replace(before, after, 1), encoding="utf-8")
    return folder


def test_the_example_uses_our_names(folder: Path) -> None:
    """Every field and entity in it exists, and it shows both settings."""
    assert misnamed(folder) is None
    hub = read_document(folder / "providers.yaml", Providers).providers["hub"]
    assert hub.labels["referral.received_at"] == "Referral Date (Referral > Details)"
    assert set(hub.links) == {"referral", "onward_referral"}


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        ("referral.closed_at:", "referral.closd_at:", "Did you mean referral.closed_at?"),
        ("advice.category:", "advise.category:", "advise.category is no field"),
        ("      onward_referral:", "      onwardreferral:", "Did you mean onward_referral?"),
    ],
)
def test_a_name_that_we_do_not_have_is_told_with_its_line(
    folder: Path, before: str, after: str, said: str
) -> None:
    """Else a label would stand in the file and never on a page."""
    refused = misnamed(change(folder, before, after))
    assert refused is not None
    (problem,) = refused.problems
    assert said in str(problem)
    assert "line " in str(problem)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("referral: https://", "referral: http://"),
        ("referral/{reference}", "referral/"),
        ("referral: https://hub.example", "referral: https://user:word@hub.example"),
        ("advice.category:", "category:"),
        ("Advice Category (", "Advice {Category} ("),
    ],
)
def test_a_link_or_a_label_of_the_wrong_form_is_refused(folder: Path, before: str, after: str) -> None:
    """A link is https, has a place for the reference and no password; a label names an entity's field."""
    with pytest.raises(DocumentRefused):
        read_document(change(folder, before, after) / "providers.yaml", Providers)
    assert misnamed(folder) is None
