"""What each connector may see of the site: its own settings, secrets already resolved and never shown."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path, PurePath

from connectors.budget import RunBudget

MIB = 1 << 20


@dataclass(frozen=True)
class WorkbookLayout:
    """How a workbook (.xlsx) of a source is read, and how much it may unpack to.

    sheet: the name of the sheet; without one, the only sheet that can be seen and holds anything.
    otherwise_first: whether, where no sheet has that name, the first that can be seen is taken.
    hidden_rows: whether rows that are hidden are read like any other, or refuse the file.
    """

    sheet: str | None = None
    otherwise_first: bool = False
    hidden_rows: bool = False
    largest_bytes: int = 64 * MIB
    largest_unpacked_bytes: int = 1024 * MIB
    largest_words_bytes: int = 256 * MIB


@dataclass(frozen=True)
class Layout:
    """How a source writes its files: what is declared, or a list of what may be found out.

    encodings:     of utf-8, cp1252, utf-16-le and utf-16-be, in the order in which they are tried.
    delimiters:    the marks that may stand between cells; the header says which of them does.
    preamble_rows: at most so many rows stand before the header.
    total_rows:    patterns of what the first filled cell of a closing row says, beside those everybody knows;
                   a group named `rows` holds a count of rows.
    workbook:      how workbooks are read; None refuses them.
    may_shift:     whether a cell may stand in a wrong column; where cells come by name it may not.
    """

    encodings: tuple[str, ...] = ("utf-8", "cp1252")
    delimiters: tuple[str, ...] = (",",)
    preamble_rows: int = 0
    total_rows: tuple[str, ...] = ()
    workbook: WorkbookLayout | None = None
    may_shift: bool = True


@dataclass(frozen=True)
class Ceilings:
    """How much one export may hold: more of anything, and it is refused as soon as that shows."""

    largest_bytes: int = 2048 * MIB
    longest_line_bytes: int = MIB
    most_columns: int = 1000


@dataclass(frozen=True)
class Limits:
    """How long and how often we wait for a web address, and how much it may answer.

    read_seconds:   the longest silence within one answer.
    answer_seconds: one answer from asking to its last byte, however steadily it drips.
    pull_seconds:   everything that is asked of one source in one run, waits included.
    """

    connect_seconds: float = 10.0
    read_seconds: float = 60.0
    answer_seconds: float = 900.0
    pull_seconds: float = 3600.0
    first_wait_seconds: float = 1.0
    longest_wait_seconds: float = 120.0
    attempts: int = 5
    retries_per_run: int = 20
    sign_ins_per_run: int = 2
    most_redirects: int = 5
    largest_page_bytes: int = 4 * MIB
    largest_headers_bytes: int = 64 << 10
    ceilings: Ceilings = Ceilings()
    budget: RunBudget = field(default_factory=RunBudget, repr=False, compare=False)


@dataclass(frozen=True)
class PortalSettings:
    """A Charitylog-style portal: where it is, who we are there, what we take, on which lawful basis.

    ca_file: the certificates that its own must come from; None trusts those that the machine trusts.
    """

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
    ca_file: Path | None = None


@dataclass(frozen=True)
class FolderSettings:
    """A folder into which exports are dropped: a file name pattern for each export.

    folder:         where it is, on this machine or on the server that the source reads from.
    settle_seconds: a file younger than this is looked at again after as long, in case it still grows.
    complete_with:  of rows, sha256 and done: without FILE.rows (or the others) beside it a file is not ready.
    extracted_at:   when the exports were taken, where the files' own times do not say.
    greatest_age_days: a set whose oldest file is older is not taken; None takes a set of any age.
    """

    name: str
    folder: PurePath
    patterns: Mapping[str, str]
    layout: Layout = Layout()
    settle_seconds: float = 2.0
    complete_with: tuple[str, ...] = ()
    extracted_at: datetime | None = None
    ceilings: Ceilings = Ceilings()
    greatest_age_days: int | None = None
