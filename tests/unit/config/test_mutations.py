"""Hundreds of slips in every declared file: each is refused where it stands, or says another thing."""

import random
import shutil
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from config.documents import DocumentRefused, Problem, plain, read_tree
from config.site import load_site
from mappings import load_mapping
from sharing import load_dpia
from tests.unit.config.mutations import Slip, chosen

EXAMPLE = Path("config/example")
SOURCES = sorted(path.stem for path in (EXAMPLE / "sources").glob("*.yaml"))
SITE = ["site.yaml", "providers.yaml", *(f"sources/{name}.yaml" for name in SOURCES)]
MAPPINGS = sorted(path.relative_to(EXAMPLE).as_posix() for path in (EXAMPLE / "mappings").glob("*.yaml"))
DPIA = ["dpia/charity-crm-to-warehouse.yaml"]
SEED = 20_221_201
Load = Callable[[Path, Path], object]
LOADERS: dict[str, Load] = {
    **dict.fromkeys(SITE, lambda folder, _: load_site(folder)),
    **dict.fromkeys(MAPPINGS, lambda _, path: load_mapping(path)),
    **dict.fromkeys(DPIA, lambda _, path: load_dpia(path, sources=SOURCES)),
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a copy of the example."""
    site = tmp_path / "site"
    shutil.copytree(EXAMPLE, site, ignore=shutil.ignore_patterns("var"))
    return site


def tried(folder: Path, name: str, whole: str, slip: Slip) -> str:
    """Return what became of the file with the slip in it, having seen that it is what it may be."""
    path, text = folder / name, slip.text(whole)
    path.write_bytes(text.encode())
    told = f"{name}, {slip.kind}, line {slip.line}: {slip.word!r}"
    problems = refusal(LOADERS[name], folder, path)
    if problems:
        own = {problem.line for problem in problems if problem.file == path}
        assert slip.line in own or not slip.exact, (told, problems)
        assert all(1 <= at <= text.count("\n") + 2 for at in own), (told, problems)
        return "refused"
    assert slip.may_load, told
    assert plain(read_tree(path)) != plain(read_tree(EXAMPLE / name)), told
    return "loaded as something else"


def refusal(load: Load, folder: Path, path: Path) -> list[Problem]:
    """Return why the file is refused, if it is."""
    try:
        load(folder, path)
    except DocumentRefused as refused:
        return refused.problems
    return []


@pytest.mark.parametrize("names", [SITE, MAPPINGS, DPIA], ids=["site", "mappings", "dpia"])
def test_a_slip_is_refused_where_it_stands_or_says_something_else(
    names: list[str], folder: Path, say: Callable[[str], None]
) -> None:
    """A line lost or doubled, a key mistyped, a value of another type, an odd character: none is passed over.

    Each file is refused with its line, exactly for keys and characters, or loads as another declaration.
    """
    say(_counted(folder, names, 24 // len(names) + 4, SEED))


@pytest.mark.soak
@pytest.mark.parametrize("names", [SITE, MAPPINGS, DPIA], ids=["site", "mappings", "dpia"])
def test_thousands_of_slips(names: list[str], folder: Path, say: Callable[[str], None]) -> None:
    """As above, with some thousands of slips, others each time."""
    say(_counted(folder, names, 800 // len(names), random.SystemRandom().randrange(1 << 32)))


def _counted(folder: Path, names: list[str], of_each: int, seed: int) -> str:
    counts: Counter[tuple[str, str]] = Counter()
    for name in names:
        whole = (EXAMPLE / name).read_text(encoding="utf-8")
        for slip in chosen(whole, of_each, seed):
            counts[slip.kind, tried(folder, name, whole, slip)] += 1
        (folder / name).write_text(whole, encoding="utf-8")
    kinds = dict.fromkeys(kind for kind, _ in counts)
    assert len(kinds) == 6
    told = [
        f"{kind} {counts[kind, 'refused']} of {sum(n for (k, _), n in counts.items() if k == kind)}"
        for kind in kinds
    ]
    return f"seed {seed}, {counts.total()} slips in {len(names)} files; refused: {', '.join(told)}"
