"""What each connector may see of the site: its own settings, secrets already resolved and never shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

MIB = 1 << 20


@dataclass(frozen=True)
class Layout:
    """How a source writes its CSV files; `auto` is UTF-8 where every byte of the export is, else cp1252."""

    encoding: str = "auto"
    delimiter: str = ","


@dataclass(frozen=True)
class Limits:
    """How long and how often we wait for a source, and how much we take from it."""

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    pull_seconds: float = 3600.0
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 120.0
    attempts: int = 5
    retries_per_run: int = 20
    sign_ins_per_run: int = 2
    largest_bytes: int = 2048 * MIB


@dataclass(frozen=True)
class PortalSettings:
    """A Charitylog-style portal: where it is, who we are there, what we take, on which lawful basis."""

    name: str
    address: str
    organisation: str = field(repr=False)
    organisation_password: str = field(repr=False)
    user: str = field(repr=False)
    user_password: str = field(repr=False)
    extracts: Mapping[str, str]
    lawful_basis: str
    layout: Layout = Layout()
    limits: Limits = Limits()


@dataclass(frozen=True)
class FolderSettings:
    """A folder into which exports are dropped: a file name pattern for each export.

    settle_seconds: a file younger than this is looked at again after as long, in case it still grows.
    extracted_at:   when the exports were taken, where the files' own times do not say.
    """

    name: str
    folder: Path
    patterns: Mapping[str, str]
    layout: Layout = Layout()
    settle_seconds: float = 2.0
    extracted_at: datetime | None = None
    largest_bytes: int = 2048 * MIB
