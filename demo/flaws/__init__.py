"""The known flaws of the sample: each is written down with its check, its field and what becomes of it."""

from datetime import datetime

from demo.flaws import forms, people, referrals
from demo.flaws.held import plant_held
from demo.flaws.planting import Flaw, Planter
from demo.hub import Hub

__all__ = ["Flaw", "Planter", "plant"]

IN_FIGURES = (*people.KINDS, *referrals.KINDS, *forms.KINDS)


def plant(hub: Hub, planters: dict[str, Planter], extracted_at: datetime) -> list[Flaw]:
    """Plant every kind at the three providers; return the truth, in order.

    What holds a record, or would change a published figure, sits on rows of its own.
    """
    for plant_kind, counts in IN_FIGURES:
        for planter, count in zip(planters.values(), counts, strict=True):
            plant_kind(planter, count)
    plant_held(planters, hub, extracted_at)
    return sorted(flaw for planter in planters.values() for flaw in planter.flaws)
