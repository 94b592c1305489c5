"""The signed disclosure statement of one run as a page; every number is the statement's own."""

import hashlib
from collections.abc import Mapping
from functools import partial
from typing import Any

from reports.exit_codes import meaning
from reports.governance import reason_words, treatment_words
from reports.pages import render
from reports.state_words import answer_words, brake_words


def signed_statement_page(
    said: Mapping[str, Any], note: bytes, checks: Mapping[str, str] | None = None
) -> bytes:
    """Return the page of a statement.

    Given: the statement as it was signed, the signed note itself, and what each check says, by its id.
    """
    batches = {leaf["flow"]: leaf for leaf in said["leaves"] if leaf["kind"] == "batch"}
    code = said["outcome"]["exit_code"]
    return render(
        "statement.html",
        site=said["site"],
        sample=said["sample"],
        said=said,
        figures=said["figures"],
        batches=batches,
        counted={leaf["flow"]: leaf["counts"] for leaf in said["leaves"] if "counts" in leaf},
        assessments=said["assessments"],
        exit=None if code is None else meaning(code),
        note_sha256=hashlib.sha256(note).hexdigest(),
        answer_words=answer_words,
        brake_words=brake_words,
        reason_words=partial(reason_words, checks=checks),
        treatment_words=treatment_words,
    )
