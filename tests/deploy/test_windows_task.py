"""The tasks for Windows' Task Scheduler are those that their page describes.

Microsoft's schema may not be shipped with us, so the elements themselves are compared.
"""

import xml.etree.ElementTree as ET
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
TASKS = ROOT / "deploy" / "windows"
LONGEST = {"viaduct.xml": "PT5H", "viaduct-load.xml": "PT5H", "viaduct-health.xml": "PT5M"}
VERBS = {"viaduct.xml": "run --due", "viaduct-load.xml": "load", "viaduct-health.xml": "health --alert"}
every_task = pytest.mark.parametrize("task", sorted(VERBS))
NAMESPACE = "http://schemas.microsoft.com/windows/2004/02/mit/task"
IN_ORDER = ["RegistrationInfo", "Triggers", "Principals", "Settings", "Actions"]


def parsed(task: str) -> ET.Element:
    """Return the task as a parser reads it; the file is our own."""
    return ET.fromstring((TASKS / task).read_text(encoding="utf-8"))  # noqa: S314


def told(task: str) -> dict[str, str]:
    """Return the text of every element without children, by its path."""
    found: dict[str, str] = {}

    def walk(node: ET.Element, path: str) -> None:
        assert node.tag.startswith(f"{{{NAMESPACE}}}")
        here = f"{path}/{node.tag.partition('}')[2]}"
        assert here not in found
        if not len(node):
            found[here.removeprefix("/Task/")] = (node.text or "").strip()
        for child in node:
            walk(child, here)

    walk(parsed(task), "")
    return found


@every_task
def test_the_task_looks_every_quarter_of_an_hour_and_never_twice_at_once(task: str) -> None:
    """All day and every day; a start that was missed is made good, and a second one is not begun."""
    said = told(task)
    trigger = "Triggers/CalendarTrigger/"
    assert said[f"{trigger}Repetition/Interval"] == "PT15M"
    assert said[f"{trigger}Repetition/Duration"] == "P1D"
    assert said[f"{trigger}ScheduleByDay/DaysInterval"] == "1"
    assert said["Settings/MultipleInstancesPolicy"] == "IgnoreNew"
    assert said["Settings/StartWhenAvailable"] == "true"
    assert said["Settings/ExecutionTimeLimit"] == LONGEST[task]


@every_task
def test_the_task_runs_what_is_due_with_the_least_rights(task: str) -> None:
    """The verb, the folder, no rights beyond the account's own, and no password in the file."""
    said = told(task)
    assert said["Principals/Principal/RunLevel"] == "LeastPrivilege"
    assert said["Actions/Exec/Arguments"].startswith(f"run_sync.py {VERBS[task]} --site ")
    assert said["Actions/Exec/Command"].startswith(said["Actions/Exec/WorkingDirectory"])
    assert not [path for path in said if path.endswith(("UserId", "Password", "LogonPassword"))]
    page = (ROOT / "docs/how_to/install_on_windows.md").read_text(encoding="utf-8")
    assert f"deploy\\windows\\{task}" in page
    for folder in (said["Actions/Exec/WorkingDirectory"], said["Actions/Exec/Arguments"].split()[-1]):
        assert folder in page


@every_task
def test_the_parts_of_the_task_stand_as_windows_writes_them(task: str) -> None:
    """Five parts in their order; the file declares no encoding, for PowerShell hands it over as text."""
    text = (TASKS / task).read_text(encoding="utf-8")
    root = parsed(task)
    assert [part.tag.partition("}")[2] for part in root] == IN_ORDER
    assert root.get("version") == "1.4"
    assert root[2][0].get("id") == root[4].get("Context")
    assert "<?xml" not in text


def test_every_task_that_is_shipped_is_looked_at() -> None:
    """One more file in the folder is one more to read here."""
    assert {path.name for path in TASKS.iterdir()} == set(VERBS) == set(LONGEST)
