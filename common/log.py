"""The log: one JSON object a line, fields from a fixed list, and no way for a value of a record to get in."""

import logging
import os
import re
import sys
from collections.abc import Callable, MutableMapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from common import clock
from common.errors import ViaductError
from common.files import PRIVATE_FILE, private_folder

NAME = re.compile(r"[A-Za-z][A-Za-z0-9_.-]{0,63}")
EVENT = re.compile(r"[a-z][a-z0-9]*(_[a-z0-9]+){0,9}")
RUN = re.compile(r"\d{8}T\d{6}Z-[0-9a-f]{6}")
BATCH = re.compile(rf"[a-z][a-z0-9_]{{0,63}}/\d{{8}}-{RUN.pattern}")
CODE = re.compile(r"[A-Z]{1,4}[0-9]{1,4}")
NUMBER = (int, float)
# What a line may carry, and the shape each field must have. Anything else is dropped and counted.
FIELDS: dict[str, re.Pattern[str] | tuple[type, ...]] = {
    "run_id": RUN,
    "batch_id": BATCH,
    "error_code": CODE,
    "room": NAME,
    "source": NAME,
    "flow": NAME,
    "entity": NAME,
    "export": NAME,
    "stage": NAME,
    "failure": NAME,
    "error_class": NAME,
    "attempt": NUMBER,
    "records": NUMBER,
    "duration_seconds": NUMBER,
    "http_status": NUMBER,
    "bytes": NUMBER,
    "exit_code": NUMBER,
}
LARGEST_BYTES = 10_000_000
REDACTED = "[redacted]"
LEVELS = {"debug": logging.DEBUG, "info": logging.INFO, "warning": logging.WARNING, "error": logging.ERROR}
_bound: dict[str, str] = {}
_write: Callable[[str, str, dict[str, Any]], None] | None = None
_close: Callable[[], None] | None = None


class Log:
    """One room's way to the log; until `configure` is called its lines go nowhere."""

    def __init__(self, room: str, fields: dict[str, Any] | None = None) -> None:
        self._fields = {"room": room, **(fields or {})}

    def bind(self, **fields: Any) -> "Log":
        """Return the same log with fields that every line of it carries."""
        return Log(self._fields["room"], {**self._fields, **fields})

    def debug(self, event: str, **fields: Any) -> None:
        """Write a line for whoever looks for a fault."""
        self._line("debug", event, fields)

    def info(self, event: str, **fields: Any) -> None:
        """Write a line that tells how the run went on."""
        self._line("info", event, fields)

    def warning(self, event: str, **fields: Any) -> None:
        """Write a line that somebody should read in the morning."""
        self._line("warning", event, fields)

    def error(self, event: str, **fields: Any) -> None:
        """Write a line about what failed; `error=` takes the exception and keeps its class and code only."""
        self._line("error", event, fields)

    def _line(self, level: str, event: str, fields: dict[str, Any]) -> None:
        if _write is not None:
            # A full disk may cost a line; it must not end what the line tells of.
            with suppress(OSError):
                _write(level, event, {**self._fields, **fields})


def get(room: str) -> Log:
    """Return the log of a room."""
    return Log(room)


def configure(path: Path, run_id: str = "", level: str = "info") -> None:
    """Send the log to the file from now on, with what libraries log reduced to where and how grave."""
    global _write, _close  # noqa: PLW0603 - one process has one log
    import structlog  # noqa: PLC0415 - a tenth of a short run would be its import

    shut()
    file = _opened(path)
    logger = structlog.wrap_logger(
        structlog.WriteLogger(file),
        wrapper_class=structlog.make_filtering_bound_logger(LEVELS[level]),
        processors=[
            structlog.processors.add_log_level,
            stamped,
            reduced,
            structlog.processors.JSONRenderer(),
        ],
    )
    if run_id:
        begin_run(run_id)
    _write = lambda grade, event, fields: getattr(logger, grade)(event, **fields)  # noqa: E731
    _close = file.close
    root = logging.getLogger()
    root.addHandler(_LIBRARIES)
    root.setLevel(min(LEVELS[level], logging.WARNING))


def begin_run(run_id: str) -> None:
    """Let every line from now on carry the run's id."""
    _bound["run_id"] = run_id


def shut() -> None:
    """Close the log's file; lines after this go nowhere."""
    global _write, _close  # noqa: PLW0603
    if _close is not None:
        with suppress(OSError):
            _close()
    _write = _close = None
    _bound.clear()
    logging.getLogger().removeHandler(_LIBRARIES)


def stamped(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return the line with its instant (RFC 3339, UTC) and the run it belongs to."""
    at = clock.now().isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return {"timestamp": at, **_bound, **line}


def reduced(_logger: Any, _name: str, line: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    """Return the line with allowed fields of the right shape only, and how many were dropped.

    Given:   whatever a caller wrote, exceptions included.
    Returns: `timestamp, level, event` and the fields of FIELDS; text of another shape becomes "[redacted]".
    """
    event = line["event"] if isinstance(line["event"], str) and EVENT.fullmatch(line["event"]) else REDACTED
    clean = {"timestamp": line["timestamp"], "level": line["level"], "event": event}
    given = {**line, **_told(line.get("error"))}
    present = {name: shape for name, shape in FIELDS.items() if given.get(name) is not None}
    clean.update({name: _shaped(given[name], shape) for name, shape in present.items()})
    dropped = len(set(line) - set(FIELDS) - {"timestamp", "level", "event", "error"})
    return {**clean, "dropped_fields": dropped} if dropped else clean


def _shaped(value: Any, shape: re.Pattern[str] | tuple[type, ...]) -> Any:
    if isinstance(shape, re.Pattern):
        return value if isinstance(value, str) and shape.fullmatch(value) else REDACTED
    if not isinstance(value, shape) or isinstance(value, bool):
        return REDACTED
    return round(value, 3) if isinstance(value, float) else value


def _told(error: Any) -> dict[str, str]:
    if not isinstance(error, BaseException):
        return {}
    told = {"error_class": type(error).__name__}
    if isinstance(error, ViaductError):
        told.update(error_code=error.code, failure=str(error.failure))
    return told


def _opened(path: Path) -> Any:
    private_folder(path.parent)
    if path.exists() and path.stat().st_size > LARGEST_BYTES:
        os.replace(path, path.with_name(f"{path.stem}.1{path.suffix}"))
    handle = os.open(path, os.O_CREAT | os.O_APPEND | os.O_WRONLY, PRIVATE_FILE)
    return os.fdopen(handle, "a", encoding="utf-8", newline="\n")


class _Libraries(logging.Handler):
    """What other people's code logs: its name and its grade, never its words."""

    def emit(self, record: logging.LogRecord) -> None:
        room = Log(record.name.split(".")[0])
        told = {logging.WARNING: room.warning, logging.INFO: room.info, logging.DEBUG: room.debug}
        told.get(record.levelno, room.error)("library_message", error=_raised(record))


def _raised(record: logging.LogRecord) -> BaseException | None:
    if isinstance(record.exc_info, tuple):
        return record.exc_info[1]
    return sys.exception() if record.exc_info else None


_LIBRARIES = _Libraries()
