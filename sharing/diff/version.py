"""What a version number promises: only a MAJOR version may let more out, and a number never goes back."""

from collections.abc import Iterator, Sequence

from sharing.diff.change import Change, Effect

MOST_TOLD = 5


def refused_versions(before: str, after: str, changes: Sequence[Change]) -> Iterator[str]:
    """Yield why the new number is not right for these changes; nothing when it is.

    Given: version numbers MAJOR.MINOR.PATCH, and what `compare` found between the two.
    """
    was, now = _numbers(before), _numbers(after)
    if changes and now <= was:
        yield f"version {after} does not come after {before}, and the two differ"
    wider = [change.says for change in changes if change.effect is Effect.WIDENS]
    if wider and now[0] <= was[0]:
        more = f"; and {len(wider) - MOST_TOLD} more" if len(wider) > MOST_TOLD else ""
        yield (
            f"version {after} widens {before} and must be {was[0] + 1}.0.0, signed by all whom it touches: "
            f"{'; '.join(wider[:MOST_TOLD])}{more}"
        )


def _numbers(version: str) -> tuple[int, ...]:
    return tuple(int(part) for part in version.split("."))
