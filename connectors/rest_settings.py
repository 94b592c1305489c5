"""What the REST connector may see of the site: keys already read and never shown, and what to ask for."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from connectors.settings import FolderSettings, Limits


@dataclass(frozen=True)
class Request:
    """One list of the API, and what of it is taken.

    path:         the list, below the address: "clients", "extension_database/wellbeing".
    fields:       the fields asked for, by name; they are the columns of the export.
    dictionaries: per field, the dictionary that says what its ids mean.
    objects:      fields whose value may be an object, of which the keys are ids.
    id:           the field that tells records apart.
    count_by:     a field by which the source counts the records; None takes no count.
    date_filter:  the filter by which the list can be divided into windows of window_days.
    owner_filter: the filter that chooses the records of given clients, for nights that read a part.
    active_fields: days of which a late one says that tonight the client is read anew.
    """

    path: str
    fields: tuple[str, ...]
    dictionaries: Mapping[str, str] = field(default_factory=dict)
    objects: frozenset[str] = frozenset()
    id: str = "id"
    count_by: str | None = None
    date_filter: str | None = None
    window_days: int = 92
    owner_filter: str | None = None
    active_fields: tuple[str, ...] = ()


@dataclass(frozen=True)
class Parts:
    """Nights that read a part: how long until the next that reads all, and how far back they look.

    active_list, active_filter, active_owner: the list that knows what was done when, and whose it is.
    """

    full_every_days: int = 1
    overlap_days: int = 7
    active_list: str = "referrals"
    active_filter: str = "date_active"
    active_owner: str = "client"


@dataclass(frozen=True)
class RestSettings:
    """A Charitylog-style API: where it is, the three keys, what we ask for.

    files:    exports that the API does not give, from a folder; owners: their columns that name clients.
    projects: the dictionary of projects; branches: that of branches; both tell what the account can see.
    """

    name: str
    address: str
    source_key: str = field(repr=False)
    org_key: str = field(repr=False)
    user_key: str = field(repr=False)
    requests: Mapping[str, Request]
    files: FolderSettings | None = None
    owners: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    projects: str | None = None
    branches: str | None = None
    parts: Parts = field(default_factory=Parts)
    limits: Limits = field(default_factory=Limits)
    ca_file: Path | None = None
