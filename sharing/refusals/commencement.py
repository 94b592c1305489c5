"""Whether what the law pack holds was law on the first day; what nobody has read to be law counts as not."""

from datetime import date

from sharing.lawpacks.pack import InForce


def why_not_in_force(name: str, said: InForce, day: date, pack: str) -> str | None:
    """Return in words why it is no ground on that day; None where it is in force.

    Given: what it is called, what the law pack says of it, the file's first day, and the law pack's name.
    """
    if said.in_force_from is None:
        expected = said.commencement.expected_from
        told = f" (expected from {expected}, which opens nothing)" if expected else ""
        return (
            f"{name} counts as not in force: no commencement of it has been read for {pack}{told}. "
            "What makes it pass is a new dated law pack, in which somebody has read the regulations and "
            "gives their source, never a change of this assessment."
        )
    if day < said.in_force_from:
        return f"{name} is not in force on {day}: it begins {said.in_force_from}."
    if said.in_force_until is not None and day > said.in_force_until:
        return f"{name} is no longer in force on {day}."
    return None
