"""Faults of the sample API that can be switched on. None is claimed to be the vendor's own behaviour.

A place is a list (`clients`, `extension_database/wellbeing`), or `configuration`, `dictionary`, `fields` or
`counts`; nothing said means every list of records.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from threading import Lock

REFUSALS = {
    "key_expired": "Invalid credentials provided: Authentication key has expired",
    "key_wrong": "Invalid credentials provided",
    "key_not_yet_valid": "Invalid credentials provided: Authentication key is not yet valid",
    "address_not_permitted": "Invalid credentials provided: IP address not permitted",
}
RETRY_AFTER = {"seconds": "1", "absurd": "31536000000", "negative": "-5", "no_number": "soon"}
BUSY = {
    f"{kind}_{how}": (status, how)
    for kind, status in (("throttled", 429), ("busy", 503))
    for how in ("", "date", *RETRY_AFTER)
}
BUSY = {name.removesuffix("_"): said for name, said in BUSY.items()}
ANSWERS = {
    *REFUSALS,
    *BUSY,
    "key_rotated",
    "status_500",
    "status_500_plain",
    "html_200",
    "error_text_200",
    "json_string_200",
    "json_object_200",
    "redirect_loop",
    "redirect_within",
    "redirect_away",
}
BODIES = {
    "truncated_json",
    "short_body",
    "endless_body",
    "gzip_bomb",
    "huge_line",
    "deep_json",
    "reset",
    "reset_midway",
    "stall",
    "drip",
}
CONTENT = {
    "field_trimmed",
    "silent_cap",
    "page_size_changes",
    "repeated_page",
    "template_less",
    "sudden_drop",
    "sudden_growth",
    "wide",
    "unknown_option",
    "nested_value",
    "stale_answer",
}
# What a list holds then; the counts of it say the same.
HOLDS = ("template_less", "sudden_drop", "sudden_growth")
LISTS = {
    "options_gained",
    "options_lost",
    "options_relabelled",
    "field_hidden",
    "wrong_count",
    "low_count",
    "no_counts",
}
FAULTS: frozenset[str] = frozenset({*ANSWERS, *BODIES, *CONTENT, *LISTS})
OTHER_PLACES = ("configuration", "dictionary", "fields", "counts")


@dataclass
class ApiFault:
    """One fault: where it strikes, in which system, what it is about, and how often yet; None is for ever.

    about: the field of `field_trimmed` and `field_hidden`; the dictionary of the faults of options; how many
           records an answer of `silent_cap` and `repeated_page` holds.
    """

    name: str
    place: str = ""
    source: str = ""
    times: int | None = None
    about: str = ""

    def __post_init__(self) -> None:
        if self.name not in FAULTS:
            raise ValueError(f"{self.name} is no fault; there are {', '.join(sorted(FAULTS))}")

    def strikes(self, source: str, place: str, dictionary: str = "") -> bool:
        """Return whether the fault is for this place of this system, and for this dictionary."""
        here = place not in OTHER_PLACES if not self.place else self.place == place
        about = not dictionary or self.about in {"", dictionary}
        return here and about and self.source in {"", source} and self.times != 0


def read_fault(words: str) -> ApiFault:
    """Return the fault that the command line names as NAME or NAME:PLACE."""
    name, _, place = words.partition(":")
    return ApiFault(name, place)


@dataclass
class Switchboard:
    """The faults that are switched on."""

    faults: list[ApiFault] = field(default_factory=list)
    _lock: Lock = field(default_factory=Lock, repr=False)

    def switch_on(self, fault: ApiFault) -> None:
        """Let the fault strike from now on."""
        with self._lock:
            self.faults.append(fault)

    def heal(self) -> None:
        """Switch every fault off."""
        with self._lock:
            self.faults.clear()

    def take(self, source: str, place: str, kinds: Iterable[str], dictionary: str = "") -> list[ApiFault]:
        """Return the faults of these kinds that strike now, each counted as one stroke."""
        wanted = frozenset(kinds)
        with self._lock:
            mine = [fault for fault in self.faults if fault.name in wanted]
            struck = [fault for fault in mine if fault.strikes(source, place, dictionary)]
            for fault in struck:
                if fault.times is not None:
                    fault.times -= 1
        return struck
