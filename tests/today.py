"""What a push draws its samples from: another number every day, VIADUCT_SEED to play a day again."""

import os
from datetime import UTC, datetime

# Kept in the environment by the process that starts the others: they must agree, at midnight too.
_DAY = "VIADUCT_DAY"
_said = os.environ.get("VIADUCT_SEED") or os.environ.get(_DAY) or datetime.now(UTC).date().toordinal()
os.environ[_DAY] = str(_said)
SEED = int(_said)
