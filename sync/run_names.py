"""What runs are called: names that sort in the order in which the runs began.

Health, status and statements take the last run to be the one whose name sorts last. Two runs of one second
are told apart by the fraction of it, so a good run is never passed over for the bad one just before it.
"""

import secrets
from threading import Lock

from common import clock

SPARE = 4  # bits below a microsecond: a millionth of a second has twenty, six hexadecimal digits twenty-four

_taken = Lock()
_last = ("", -1)


def new_run_id() -> str:
    """Return a name for a run: the second, and six hexadecimal digits that grow within it.

    The digits are the microsecond and four random bits; where the clock has not moved on since the last name
    of this process, one more than that name's.
    """
    global _last  # noqa: PLW0603 - the one thing that this process remembers of its names
    with _taken:
        at = clock.now()
        second = f"{at:%Y%m%dT%H%M%SZ}"
        digits = (at.microsecond << SPARE) + secrets.randbelow(1 << SPARE)
        before, last = _last
        if second == before:
            digits = max(digits, last + 1)
        _last = (second, digits)
    return f"{second}-{digits:06x}"
