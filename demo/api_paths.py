"""Reading the address of a request: a list, then pairs of a filter and its value, at most ten."""

from dataclasses import dataclass, field
from urllib.parse import parse_qs, unquote, urlsplit

MOST_PAIRS = 10
OWN = frozenset({"field", "dimension", "metric"})


class NotUnderstood(Exception):
    """The address asks for something that the API does not have."""


@dataclass(frozen=True)
class Asked:
    """One address in parts.

    path:    the list, or what else is asked for, below /v2.
    filters: pairs that choose records. chosen, dimension, metric: what is to be said of them.
    """

    path: str
    filters: tuple[tuple[str, str], ...] = ()
    chosen: tuple[str, ...] = ()
    dimension: str = ""
    metric: str = ""
    resolved: frozenset[str] = field(default_factory=frozenset)


def read_address(address: str, lists: frozenset[str]) -> Asked:
    """Return the parts of an address below /v2. Errors: NotUnderstood."""
    parts = urlsplit(address)
    words = [unquote(word) for word in parts.path.strip("/").split("/")]
    if words[:1] != ["v2"]:
        raise NotUnderstood("Not found")
    words = words[1:]
    size = 2 if words[:1] == ["extension_database"] else 1
    path, rest = "/".join(words[:size]), words[size:]
    if path not in lists:
        return Asked("/".join(words))
    if len(rest) == 1:
        return Asked(f"{path}/{rest[0]}") if not rest[0].isdigit() else Asked(path, (("id", rest[0]),))
    if len(rest) % 2:
        raise NotUnderstood("A filter has no value")
    pairs = list(zip(rest[::2], rest[1::2], strict=True))
    told = {name: value for name, value in pairs if name in OWN}
    filters = tuple(pair for pair in pairs if pair[0] not in OWN)
    if len(filters) > MOST_PAIRS:
        raise NotUnderstood("Too many filters")
    resolved = frozenset(parse_qs(parts.query).get("resolveIds[]", []))
    chosen = tuple(name for name in told.get("field", "").split(";") if name)
    return Asked(path, filters, chosen, told.get("dimension", ""), told.get("metric", ""), resolved)
