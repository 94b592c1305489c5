"""Two versions of an assessment side by side: what changed, in plain words, and whether more may leave."""

from collections.abc import Collection, Iterator
from typing import Any

from sharing.diff.change import Change, Effect, Path
from sharing.diff.leaves import Leaves, is_shown, leaves
from sharing.diff.meaning import blocks_of, comes_and_goes, judge_of
from sharing.document import DpiaFile
from sharing.vocabulary import Action

MOST_WORDS = 160
SHOWN = {
    Action.DISCLOSE.value: "is disclosed",
    Action.PSEUDONYMISE.value: "leaves as a pseudonym",
    Action.DROP.value: "stays behind",
}


def compare(before: DpiaFile, after: DpiaFile) -> list[Change]:
    """Return what changed: what widens first, then what narrows, then what does neither; by path."""
    old, new = leaves(before), leaves(after)
    told = {change.path: change for change in _blocks(old, new)}
    rest = [
        _statement(path, old.get(path), new.get(path))
        for path in sorted(old.keys() | new.keys())
        if old.get(path) != new.get(path)
        and not any(path[: len(block)] == block for block in told)
        and not _only_its_blocks(path, old, new, told)
    ]
    order = list(Effect)
    return sorted([*told.values(), *rest], key=lambda change: (order.index(change.effect), change.path))


def _blocks(old: Leaves, new: Leaves) -> Iterator[Change]:
    """Yield each block that has come or gone as a whole, the outermost only."""
    for comes, here, there in ((True, new, old), (False, old, new)):
        if not here.keys() - there.keys():
            continue
        others = {path[:length] for path in there for length in range(2, len(path) + 1)}
        alone = {block for path in here.keys() - there.keys() for block in blocks_of(path)} - others
        for block in alone:
            if not any(block[:length] in alone for length in range(2, len(block))):
                come, gone = comes_and_goes(block)
                yield Change(
                    block, come if comes else gone, f"{_place(block)}: {'is new' if comes else 'is gone'}"
                )


def _only_its_blocks(path: Path, old: Leaves, new: Leaves, told: Collection[Path]) -> bool:
    """Return whether an empty list stands where its blocks came or went, each of which is told by itself."""
    nothing = {_words(old.get(path)), _words(new.get(path))} == {_words(None)}
    return nothing and any(block[:-1] == path for block in told)


def _statement(path: Path, before: Any, after: Any) -> Change:
    judge = judge_of(path)
    effect = Effect.WIDENS if judge is None else judge(before, after)
    if is_shown(path):
        says = f"{path[1]}: {path[3]}.{path[4]} {_seen(after)}; before, it {_seen(before)}"
    else:
        says = f"{_place(path)}: {_words(after)}; before, {_words(before)}"
    return Change(path, effect, says, _json(before), _json(after))


def _seen(said: Any) -> str:
    said = said or {"action": Action.DROP.value}
    return SHOWN.get(said["action"]) or f"leaves as {said['to']}"


def _place(path: Path) -> str:
    return ", ".join(name if len(name) <= MOST_WORDS else f"{name[:MOST_WORDS]} …" for name in path)


def _words(said: Any) -> str:
    if said is None:
        return "nothing"
    if isinstance(said, frozenset):
        return ", ".join(sorted(map(str, said))) or "nothing"
    if isinstance(said, bool):
        return "yes" if said else "no"
    return str(said)


def _json(said: Any) -> Any:
    return sorted(said, key=str) if isinstance(said, frozenset) else said
