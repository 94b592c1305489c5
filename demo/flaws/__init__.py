"""The known flaws of the sample: each is written down with its check, its field and what becomes of it."""

from datetime import datetime

from demo.book import Book
from demo.flaws import circumstances, episodes, forms, people, referrals, unreadable, young
from demo.flaws.beside_others import plant_beside_others
from demo.flaws.extra import Ground
from demo.flaws.held import plant_held
from demo.flaws.late import plant_late
from demo.flaws.look_alikes import LookAlike, plant_look_alikes
from demo.flaws.planting import Flaw, Planter
from demo.flaws.repeated import plant_repeated
from demo.hub import Hub

__all__ = ["Flaw", "LookAlike", "plant"]

IN_FIGURES = (
    *young.KINDS,
    *people.KINDS,
    *circumstances.KINDS,
    *referrals.KINDS,
    *episodes.KINDS,
    *forms.KINDS,
    *unreadable.KINDS,
)


def plant(hub: Hub, books: dict[str, Book], extracted_at: datetime) -> tuple[list[Flaw], list[LookAlike]]:
    """Plant every kind in the providers' books; return the truth, in order, and what only looks wrong.

    What holds a record, or would change a published figure, sits on rows of its own.
    """
    planters = {source: Planter(book, extracted_at) for source, book in books.items()}
    for plant_kind, counts in IN_FIGURES:
        for planter, count in zip(planters.values(), counts, strict=True):
            plant_kind(planter, count)
    ground = Ground(hub, planters, extracted_at)
    plant_held(ground)
    plant_late(ground)
    plant_repeated(ground)
    plant_beside_others(ground)
    alike = plant_look_alikes(ground)
    return sorted(flaw for planter in planters.values() for flaw in planter.flaws), alike
