"""What passes between the services: from the hub, step up and step down, and who comes back."""

from collections.abc import Iterator

from reports.release.draws import drawn, split, tiles, unrecorded
from reports.release.flow import flow
from reports.release.pictures import Picture
from reports.release.told import Section, Told


def services(told: Told) -> Section:
    """Return the part about the services."""
    return Section(
        "services",
        "Between the services",
        tiles=tiles(told.tile(kpi) for kpi in ("K22", "K23", "K25", "K24.open")),
        pictures=(
            *_passed_on(told),
            *drawn(
                told,
                split("K23.step", "step", "Steps up and down"),
                split("K23.moves", "move", "Steps from one service to another", largest_first=True),
                split("K24.bands", "length_band", "Open work, by days since it began"),
            ),
        ),
        missing=(
            *told.missing("K12b", "K22", "K23", "K23.step", "K25"),
            *unrecorded(told, "K23.step", "step", "Steps up and down"),
        ),
    )


def _passed_on(told: Told) -> Iterator[Picture]:
    passed = told.readings.split("K12b", "to_lot")
    if passed:
        picture = flow("flow", "Onward referrals from the hub to the services", "Hub", passed)
        yield told.explained(picture, "K12b")
