"""The release form: whose word it is, and until when it holds."""

from datetime import timedelta
from pathlib import Path

import pytest

from audit.release_form import read_release
from common import clock
from config.characters import is_placeholder
from config.documents import DocumentRefused
from tests.asked_of_the_log import written

PAGE = Path(__file__).parents[3] / "docs" / "how_to" / "subject_access.md"


def refused(path: Path) -> str:
    """Return what is said of a form that is refused."""
    with pytest.raises(DocumentRefused) as error:
        read_release(path)
    return " ".join(str(error.value).split())


def test_a_form_of_today_is_read_and_the_words_of_the_page_are_nobody_s_name(tmp_path: Path) -> None:
    """What our own page prints for `approver` is refused as it stands; a name is not."""
    path = written(tmp_path / "release.yaml")
    read_release(path)
    (line,) = [line for line in PAGE.read_text("utf-8").splitlines() if line.startswith("approver:")]
    path.write_text(
        path.read_text("utf-8").replace("approver: A. Approver, data protection officer", line), "utf-8"
    )
    assert "approver: write who approved it" in refused(path)


def test_a_form_of_the_wrong_day_is_told_which_way_it_is_wrong(tmp_path: Path) -> None:
    """One that is too old, and one that is still to come, are two mistakes."""
    today = clock.today()
    read_release(written(tmp_path / "a.yaml", str(today - timedelta(days=30))))
    assert "31 days old, and holds for 30" in refused(
        written(tmp_path / "b.yaml", str(today - timedelta(days=31)))
    )
    assert "still to come" in refused(written(tmp_path / "c.yaml", str(today + timedelta(days=1))))


@pytest.mark.parametrize(
    "name", ["NAME", "NAME, ROLE", "name and role", "Your name", "Name and post of who approved it"]
)
def test_the_words_printed_in_a_name_s_place_name_nobody(name: str) -> None:
    """Each of them stands in a page or a help text of ours."""
    assert is_placeholder(name)


@pytest.mark.parametrize("name", ["Jane Example, Caldicott guardian", "Rolene Post", "A. Postlethwaite"])
def test_a_name_is_a_name(name: str) -> None:
    """Whoever is called like one of our words is somebody all the same."""
    assert not is_placeholder(name)
