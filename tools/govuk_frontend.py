"""Cut the style sheet of the GOV.UK Design System to what a worklist uses.

`npm pack govuk-frontend@6.6.0 && tar xzf govuk-frontend-6.6.0.tgz`, then
`python -m tools.govuk_frontend package/dist/govuk/govuk-frontend.min.css` writes it to reports/templates.
The file of another version, or another file of that name, is refused: change SOURCE with care, then look at
the pages.

Left out on purpose: the typeface (licensed to gov.uk alone), every rule of crown, logo and header, and all
that loads anything. The pages are a council's, made for charities; none may look like one of the government.
"""

import hashlib
import re
import sys
from collections.abc import Iterator
from pathlib import Path

VERSION = "6.6.0"
SOURCE = "cda09c60ce00d90a4886f096817e237cdefcb7ff267e4cfe9816fb98a7d17b7f"
TARGET = Path(__file__).parent.parent / "reports" / "templates" / "govuk-frontend.css"
USED = {
    "body",
    "body-s",
    "button",
    "button-group",
    "caption-l",
    "checkboxes",
    "details",
    "fieldset",
    "footer",
}
USED |= {
    "form-group",
    "heading-l",
    "heading-m",
    "heading-s",
    "heading-xl",
    "hint",
    "inset-text",
    "label",
    "link",
}
USED |= {"list", "main-wrapper", "select", "skip-link", "summary-list", "table", "tag", "template"}
USED |= {"visually-hidden", "warning-text", "width-container"}
UNUSED_PART = re.compile(
    r"crown|logo|licence|copyright|inverse|link-image|__navigation|__section|conditional|card|__list|__inline"
    r"|--(start|warning|blue|turquoise|teal|purple|magenta|pink|orange|light-blue|error)\b|button__start"
    r"|summary-list__(action|row--no)|__meta|actions-list|list--(number|spaced)|js-enabled"
)
LICENCE = Path(__file__).with_name("govuk_frontend_licence.txt")
HEAD = """/*! govuk-frontend {version}, cut by tools/govuk_frontend.py from the npm package, whose
govuk-frontend.min.css has the sha256 {source}.

{licence}
sha256 of what follows: {digest} */
"""


def cut(sheet: str) -> str:
    """Return the rules that a worklist uses, one to a line, in Arial."""
    sheet = re.sub(r"/\*.*?\*/", "", sheet, flags=re.DOTALL)
    sheet = sheet.replace("GDS Transport,arial,sans-serif", "arial,sans-serif")
    return "".join(f"{rule}\n" for rule in _kept(sheet))


def written(sheet: str) -> str:
    """Return the whole file: licence, where it is from, the digest of what follows, the rules."""
    body = cut(sheet)
    digest = hashlib.sha256(body.encode()).hexdigest()
    licence = LICENCE.read_text(encoding="utf-8")
    return HEAD.format(version=VERSION, source=SOURCE, licence=licence, digest=digest) + body


def _kept(sheet: str) -> Iterator[str]:
    for head, body in _blocks(sheet):
        if head.startswith(("@media", "@supports")):
            inner = "".join(_kept(body))
            if inner:
                yield f"{head}{{{inner}}}"
        elif not head.startswith("@"):
            selectors = [each for each in head.split(",") if _wanted(each)]
            if selectors and "url(" not in body:
                yield f"{','.join(selectors)}{{{body}}}"


def _wanted(selector: str) -> bool:
    names = re.findall(r"\.([a-zA-Z][\w!\\-]*)", selector)
    ours = [re.split(r"__|--", name.removeprefix("govuk-"))[0] for name in names]
    return all(name in USED for name in ours) and not UNUSED_PART.search(selector)


def _blocks(sheet: str) -> Iterator[tuple[str, str]]:
    """Return each rule's head and body; a statement without a body is passed over."""
    start = place = 0
    while (opened := sheet.find("{", place)) >= 0:
        start = max(sheet.rfind(";", place, opened) + 1, place)
        depth, end = 1, opened + 1
        while depth:
            depth += {"{": 1, "}": -1}.get(sheet[end], 0)
            end += 1
        yield sheet[start:opened].strip(), sheet[opened + 1 : end - 1]
        place = end


def main(argument: str) -> int:
    """Write the style sheet from the file of the package, and say how long it is."""
    given = Path(argument).read_bytes()
    if hashlib.sha256(given).hexdigest() != SOURCE:
        sys.stderr.write(f"This is not govuk-frontend.min.css of {VERSION}.\n")
        return 1
    TARGET.write_text(written(given.decode()), encoding="utf-8")
    sys.stdout.write(f"{TARGET.name}: {TARGET.stat().st_size:,} bytes\n")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
