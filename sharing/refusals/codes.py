"""Codes: the law pack is known, every prefix is declared, every coded value resolves."""

from collections.abc import Collection, Iterator

from config.documents import Problem
from sharing.lawpacks import LawPack, known_packs
from sharing.refusals.look import Look, Path
from sharing.vocabulary import VOCABULARIES

Coded = tuple[str, str, Collection[str], Path]
"""What it is, the code, those known, and where it stands."""


def unknown_pack(look: Look) -> Iterator[Problem]:
    """Yield a problem if there is no such law pack; nothing that the file cites can then be looked up."""
    yield from look.unknown("law pack", look.file.law_pack, known_packs(), "lawPack")


def refusals(look: Look, pack: LawPack) -> Iterator[Problem]:
    """Yield the coded values that resolve to nothing."""
    dated = pack.law_pack.partition("/")[2]
    said = look.file.vocabularies.get("uk")
    if said is not None and said.version != dated:
        words = f"uk is version {said.version} here, and lawPack is {pack.law_pack}."
        yield look.problem(words, "vocabularies", "uk", "version")
    yield from _defined(look)
    for what, code, known, path in [*_of_purposes(look, pack), *_of_bases(look, pack), *_of_data(look, pack)]:
        prefix = code.partition(":")[0]
        if prefix not in look.file.vocabularies:
            yield look.problem(f"{code}: vocabularies does not say what {prefix} is.", *path)
        yield from look.unknown(what, code, known, *path)
    for at, notice in enumerate(look.file.transparency.privacy_notices):
        for number, code in enumerate(notice.names_interests):
            named = ("transparency", "privacyNotices", at, "namesInterests", number)
            yield from look.unknown("Article 6 basis", code, pack.article6, *named)
    for at, code in enumerate(look.file.rights.erasure.except_where):
        yield from look.unknown(
            "Article 6 basis", code, pack.article6, "rights", "erasure", "exceptWhere", at
        )


def _defined(look: Look) -> Iterator[Problem]:
    """Yield each prefix that nothing uses, or that is said to be defined elsewhere than it is."""
    for prefix, said in look.file.vocabularies.items():
        yield from look.unknown("vocabulary", prefix, VOCABULARIES, "vocabularies", prefix)
        known = VOCABULARIES.get(prefix, said.iri)
        if said.iri != known:
            yield look.problem(f"{prefix} is defined at {known}.", "vocabularies", prefix, "iri")


def _of_purposes(look: Look, pack: LawPack) -> Iterator[Coded]:
    for at, purpose in enumerate(look.file.purposes):
        yield "purpose term", purpose.term, pack.purpose_terms, ("purposes", at, "term")
        if purpose.broader is not None:
            yield "purpose term", purpose.broader, pack.purpose_terms, ("purposes", at, "broader")


def _of_bases(look: Look, pack: LawPack) -> Iterator[Coded]:
    for at, basis in enumerate(look.file.legal_bases):
        path: Path = ("legalBases", at)
        yield "Article 6 basis", basis.article6, pack.article6, (*path, "article6")
        for number, code in enumerate(basis.law):
            yield "provision", code, pack.provisions, (*path, "law", number)
        for number, code in enumerate(basis.confidentiality.law):
            yield "provision", code, pack.provisions, (*path, "confidentiality", "law", number)
        if basis.article9 is not None:
            own = (*path, "article9")
            yield "Article 9 condition", basis.article9.condition, pack.article9, (*own, "condition")
            if basis.article9.schedule1 is not None:
                yield "Schedule 1 paragraph", basis.article9.schedule1, pack.schedule1, (*own, "schedule1")
        if basis.criminal_offence is not None and basis.criminal_offence.authority is not None:
            own = (*path, "criminalOffence", "authority")
            yield "Article 10 authority", basis.criminal_offence.authority, pack.article10, own
        if basis.compatibility is not None and basis.compatibility.annex2 is not None:
            own = (*path, "compatibility", "annex2")
            yield "paragraph of Annex 2", basis.compatibility.annex2, pack.annex2, own


def _of_data(look: Look, pack: LawPack) -> Iterator[Coded]:
    for at, data_set in enumerate(look.file.data_sets):
        for name, said in data_set.fields.items():
            path: Path = ("dataSets", at, "fields", name)
            yield "category", said.category, pack.categories, (*path, "category")
            for number, code in enumerate(said.special_category):
                known = pack.special_categories.terms
                yield "special category", code, known, (*path, "specialCategory", number)
