"""The log carries what operators need and nothing that a record held."""

import json
import logging
from collections.abc import Iterator
from pathlib import Path

import pytest

from common import log
from common.errors import ViaductError

CANARY = "Zebulon Canaryname"


@pytest.fixture
def lines(tmp_path: Path) -> Iterator[Path]:
    path = tmp_path / "logs" / "viaduct.jsonl"
    log.configure(path, "20221201T020000Z-0a1b2c", "debug")
    yield path
    log.shut()


def read(path: Path) -> list[dict[str, object]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def test_a_line_carries_the_agreed_fields(lines: Path) -> None:
    """One call is one JSON object with instant, level, event, run and the fields given."""
    log.get("sync").info("export_read", source="hub", export="people", records=12, duration_seconds=0.12345)
    (line,) = read(lines)
    assert line.pop("timestamp", "").endswith("Z")  # type: ignore[attr-defined]
    assert line == {
        "level": "info",
        "event": "export_read",
        "run_id": "20221201T020000Z-0a1b2c",
        "room": "sync",
        "source": "hub",
        "export": "people",
        "records": 12,
        "duration_seconds": 0.123,
    }


def test_a_field_nobody_agreed_is_dropped_and_counted(lines: Path) -> None:
    """A field outside the list never reaches the file, and the line says that one was dropped."""
    log.get("sync").info("export_read", forename=CANARY, records=1)
    assert read(lines)[0]["dropped_fields"] == 1
    assert CANARY not in lines.read_text(encoding="utf-8")


@pytest.mark.parametrize("fields", [{"source": CANARY}, {"records": CANARY}, {"error_code": CANARY}])
def test_an_allowed_field_of_the_wrong_shape_is_redacted(lines: Path, fields: dict[str, str]) -> None:
    """A value that does not look like what the field holds is replaced, not written."""
    log.get("sync").info("export_read", **fields)
    text = lines.read_text(encoding="utf-8")
    assert log.REDACTED in text
    assert "Canaryname" not in text


def test_an_event_made_from_a_value_is_redacted(lines: Path) -> None:
    """Events are fixed snake_case names; a sentence is not one."""
    log.get("sync").info(f"read {CANARY}")
    assert read(lines)[0]["event"] == log.REDACTED


def test_an_exception_leaves_its_class_and_code_only(lines: Path) -> None:
    """Neither the words of an exception nor those of its cause are written."""
    try:
        try:
            int(CANARY)
        except ValueError as cause:
            raise ViaductError(CANARY) from cause
    except ViaductError as error:
        log.get("sync").error("run_failed", error=error)
    (line,) = read(lines)
    assert (line["error_class"], line["error_code"], line["failure"]) == ("ViaductError", "E900", "system")
    assert "Canaryname" not in lines.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", ["urllib3.connectionpool", "apscheduler.scheduler", "somebody"])
def test_what_libraries_log_is_reduced(lines: Path, name: str) -> None:
    """A library's message, arguments and traceback stay out; its name and grade are kept."""
    try:
        raise KeyError(CANARY)
    except KeyError:
        logging.getLogger(name).exception("GET /people?name=%s", CANARY)
    (line,) = read(lines)
    assert (line["event"], line["level"]) == ("library_message", "error")
    assert line["room"] == name.split(".", maxsplit=1)[0]
    assert line["error_class"] == "KeyError"
    assert "Canaryname" not in lines.read_text(encoding="utf-8")


def test_debug_lines_wait_for_debug_level(tmp_path: Path) -> None:
    """At the ordinary level debug lines are not written."""
    path = tmp_path / "viaduct.jsonl"
    log.configure(path)
    log.get("sync").debug("export_read")
    log.get("sync").info("export_read")
    log.shut()
    assert len(read(path)) == 1


def test_without_a_file_nothing_is_written_and_nothing_fails(capsys: pytest.CaptureFixture[str]) -> None:
    """A room may log before anyone has said where to."""
    log.get("sync").error("run_failed")
    assert capsys.readouterr() == ("", "")


def test_a_full_log_is_turned_over(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A log above its ceiling becomes the older one of two."""
    monkeypatch.setattr(log, "LARGEST_BYTES", 10)
    path = tmp_path / "viaduct.jsonl"
    for _ in range(2):
        log.configure(path)
        log.get("sync").info("run_started")
        log.shut()
    assert [len(read(tmp_path / name)) for name in ("viaduct.jsonl", "viaduct.1.jsonl")] == [1, 1]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="There is no device that is always full.")
def test_a_full_disk_costs_lines_and_nothing_else(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A line that cannot be written is lost; whoever wrote it goes on, and so does the end of the process."""
    monkeypatch.setattr(log, "_opened", lambda _: Path("/dev/full").open("a", encoding="utf-8"))  # noqa: SIM115
    log.configure(tmp_path / "viaduct.jsonl")
    log.get("sync").error("run_stopped", error_code="E902")
    log.shut()
