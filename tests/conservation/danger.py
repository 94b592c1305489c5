"""Who is in danger among the people of one provider, read from the rows that were served."""

import re
from collections.abc import Iterator

from tests.conservation.served import Served, cell

NAMELESS_FLAG = ("referrals", "contacts", "needs", "risks", "outcomes")
KNOWN_TO_ABUSE_SUPPORT = "D"
NUMBER = re.compile(r"\d{10}")


def in_danger(exports: dict[str, Served]) -> set[str]:
    """Return the references of people under the safety flag: by their own rows, and their households."""
    people = {name: exports["people"].read[line] for line, name in exports["people"].references.items()}
    flagged = {name for name, row in people.items() if _marked(name, row)}
    for export in NAMELESS_FLAG:
        flagged |= {row["Org Person ID"].strip().upper() for row in exports[export].nameless.values()}
    groups = Groups()
    for name, row in people.items():
        for mark in _marks(row):
            groups.join(name, mark)
    for row in exports["relationships"].read.values():
        groups.join(row["Org Person ID"], row["Related Org Person ID"])
    roots = {groups.root(name) for name in flagged}
    return {name for name in {*people, *flagged} if groups.root(name) in roots}


def _marked(name: str, row: dict[str, str]) -> bool:
    if name.startswith(KNOWN_TO_ABUSE_SUPPORT):
        return True
    sensitive = (cell(row["Sensitive Location"]) or "").casefold() != "no"
    return sensitive or (cell(row["Safe to Contact"]) or "yes").casefold() != "yes"


def _marks(row: dict[str, str]) -> Iterator[str]:
    street, postcode = (
        re.sub(r"[^A-Z0-9]", "", row[name].upper()) for name in ("Address Line 1", "Postcode")
    )
    if street and postcode:
        yield f"address {street} {postcode}"
    if cell(row["UPRN"]):
        yield f"property {row['UPRN'].lstrip('0')}"
    number = row["NHS Number"].replace(" ", "")
    if NUMBER.fullmatch(number) and len(set(number)) > 1:
        yield f"number {number}"


class Groups:
    """Names that belong together, whatever chain joins them."""

    def __init__(self) -> None:
        self._above: dict[str, str] = {}

    def root(self, name: str) -> str:
        """Return the name that stands for the whole group."""
        path = []
        while (above := self._above.get(name, name)) != name:
            path.append(name)
            name = above
        self._above.update(dict.fromkeys(path, name))
        return name

    def join(self, one: str, other: str) -> None:
        """Put two groups together."""
        self._above[self.root(one)] = self.root(other)
