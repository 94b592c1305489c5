"""sdcTable's two linked tables (test-linked-tables.r): eight regions, by county and by size."""

import numpy as np
from scipy import sparse

from feed.disclosure.system import System

REGIONS = "ABIJKLMN"
TRUTH = dict(zip(REGIONS, (2, 2, 8, 8, 3, 3, 3, 7), strict=True))
COUNTIES = ("ABIJ", "KLMN")
SIZES = ("LM", "ABIJKN")
SMALL = "ABKLM"
EACH = sparse.csr_array(np.eye(len(REGIONS)))


def tables(*groups: str, hidden: str = SMALL) -> System:
    """Return what is known where the totals of these groups are shown, and every region but the hidden."""
    counts = np.array([TRUTH[region] for region in REGIONS], dtype=float)
    shown = np.array([region not in hidden for region in REGIONS])
    rows = np.array([[float(region in group) for region in REGIONS] for group in groups])
    totals = rows @ counts
    lower, upper = np.where(shown, counts, 0.0), np.where(shown, counts, np.inf)
    return System(lower, upper, sparse.csr_array(rows), totals, totals)
