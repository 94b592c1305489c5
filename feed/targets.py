"""What providers.yaml agrees with a provider, held against what is published of a figure by provider."""

from collections.abc import Iterator

from config.documents import DocumentRefused, Place, Problem, read_with_place, suggest
from config.providers import Providers
from config.site import Site
from config.targets import Target
from feed.declared import Declarations, Kpi, declarations
from feed.release.defined import numbers_of

FILE = "providers.yaml"
PROVIDER = "provider"


def require_targets(site: Site) -> None:
    """Do nothing where every target is on a number that is published by provider.

    Errors: DocumentRefused, with the line of each that is not, and what may have been meant.
    """
    if not any(provider.targets for provider in site.providers.values()):
        return
    declared, place = read_with_place(site.folder / FILE, Providers)
    problems = list(_problems(declared, place, declarations()))
    if problems:
        raise DocumentRefused(problems)


def _problems(providers: Providers, place: Place, declared: Declarations) -> Iterator[Problem]:
    for name, provider in providers.providers.items():
        for figure, target in provider.targets.items():
            said = _wrong(figure, target, declared)
            if said:
                yield place.problem(said, "providers", name, "targets", figure)


def _wrong(figure: str, target: Target, declared: Declarations) -> str:
    """Return what is wrong with a target; nothing where it can be judged."""
    kpi = declared.kpis.get(figure)
    if kpi is None:
        known = sorted(each.id for each in declared.kpis.values() if _is_by_provider(each))
        return f"{figure}: there is no such figure.{suggest(figure, known)}"
    if not _is_by_provider(kpi):
        return f"{figure}: nothing of it is published by provider."
    there = numbers_of(kpi)
    if target.statistic is None and len(there) > 1:
        return f"{figure} has several numbers: name the statistic, {' or '.join(there)}."
    if target.statistic is not None and target.statistic not in there:
        return f"{figure} has no {target.statistic}: it has {' and '.join(there)}."
    return ""


def _is_by_provider(kpi: Kpi) -> bool:
    return kpi.kind not in {"none", "received", "distribution"} and PROVIDER in kpi.all_breakdowns
