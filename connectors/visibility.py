"""What an account can see of its source, as the source itself says: not what the records say.

Missing records may mean that nobody may see them any more. So a source that lists its projects, branches,
fields and options hands these lists on; the sync side keeps them as keyed digests and compares.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

ASPECTS = ("projects", "branches", "fields", "dictionary")


@dataclass(frozen=True)
class Visibility:
    """What the account can see.

    seen: per aspect (of ASPECTS) and list name (an export, an option list), the words of that list.
    """

    seen: Mapping[str, Mapping[str, tuple[str, ...]]] = field(repr=False)

    def __post_init__(self) -> None:
        unknown = sorted(set(self.seen) - set(ASPECTS))
        if unknown:
            raise ValueError(f"no aspect of what an account sees: {', '.join(unknown)}")
