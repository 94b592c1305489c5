"""What revoking a key means, by its role, and when it must wait."""

from config.site import Site

MEANINGS = {
    "signing": "No batch is signed with it, and none that bears it is loaded, one on its way included.",
    "council": "No batch is sealed to it, and one that is sealed to it is refused unopened.",
    "receipt": "No receipt and no certificate that bears it is believed, one on its way included.",
    "feed": "No release that it signed verifies; sign each period anew: python run_sync.py feed",
    "controller": "Its signature counts under no assessment in force: what needs it stops (E705).",
    "dpia": "What it attested counts under no assessment in force: what needs it stops (E705).",
    "approver": "No approval that it signed is accepted.",
}


def meaning_of(role: str) -> str:
    """Return in one sentence what becomes of what the key of the role was for."""
    return MEANINGS[role.partition("-")[0]]


def refuse_on_its_way(site: Site, role: str) -> None:
    """Errors: KeyStillCarries, while this site has a batch on its way that needs a key of the role."""
    from commands.status import waiting_batches
    from sealing.errors import KeyStillCarries

    if waiting := waiting_batches(site):
        raise KeyStillCarries(f"Role {role}: {', '.join(waiting)}.")
