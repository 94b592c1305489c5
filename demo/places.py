"""Where the invented people live: addresses in an invented postcode area."""

import csv
from dataclasses import dataclass, replace
from pathlib import Path
from random import Random

from demo.words import canary

POSTCODES = Path(__file__).parent / "lookups" / "postcodes.csv"
DISTRICT = "E08000007"
_ROADS = ("Road", "Street", "Avenue", "Close", "Lane")


@dataclass(frozen=True)
class Home:
    """One address as the CRM holds it."""

    line1: str = ""
    line2: str = ""
    town: str = ""
    postcode: str = ""
    uprn: str = ""

    def typed_carelessly(self) -> "Home":
        """Return the address as another clerk typed it: capitals, two spaces, none in the postcode."""
        return replace(
            self, line1=self.line1.upper().replace(" ", "  ", 1), postcode=self.postcode.replace(" ", "")
        )


NO_HOME = Home()


def postcodes() -> list[str]:
    """Return the postcodes of the invented look-up that lie in the district the services are for."""
    return [postcode for postcode, district in _places() if district == DISTRICT]


def postcodes_elsewhere() -> list[str]:
    """Return the postcodes of the look-up that lie in another district."""
    return [postcode for postcode, district in _places() if district != DISTRICT]


def _places() -> list[tuple[str, str]]:
    with POSTCODES.open(encoding="utf-8", newline="") as file:
        return [(row["pcds"], row["oslaua"]) for row in csv.DictReader(file)]


class Town:
    """The invented area: hands out addresses, each once."""

    def __init__(self, draw: Random) -> None:
        self._draw = draw
        self._postcodes = postcodes()
        self._roads = [f"{canary(draw, 'Address Line 1')} {draw.choice(_ROADS)}" for _ in range(400)]
        self._towns = [canary(draw, "Town") for _ in range(6)]
        self._taken: set[tuple[str, str]] = set()
        self._homes = 0

    def home(self) -> Home:
        """Return an address nobody has yet; two in three with a UPRN."""
        draw = self._draw
        while True:
            road = draw.randrange(len(self._roads))
            line1 = f"{draw.randint(1, 120)} {self._roads[road]}"
            postcode = self._postcodes[road % len(self._postcodes)]
            if (line1, postcode) not in self._taken:
                break
        self._taken.add((line1, postcode))
        self._homes += 1
        line2 = canary(draw, "Address Line 2") if draw.random() < 0.3 else ""
        uprn = f"99900{self._homes:07d}" if draw.random() < 0.66 else ""
        return Home(line1, line2, draw.choice(self._towns), postcode, uprn)
