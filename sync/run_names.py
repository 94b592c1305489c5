"""What runs are called."""

import secrets

from common import clock


def new_run_id() -> str:
    """Return a name for a run: the instant, and six hexadecimal digits."""
    return f"{clock.now():%Y%m%dT%H%M%SZ}-{secrets.token_hex(3)}"
