"""What is said of a published table, question by question, as the council asked in its discovery.

The words stand beside the declarations; how complete a table is, what was kept out of it and where to write
are filled in where a page is made.
"""

from typing import Annotated

from pydantic import BaseModel, ConfigDict, StringConstraints

Sentence = Annotated[str, StringConstraints(min_length=12, max_length=600, pattern=r"[.?!]$")]


class About(BaseModel):
    """The answers to the seven questions, each a sentence or two; those alike for all may be left out.

    who:      who is it for?
    used_for: what is it used for?
    useful:   how useful is it, and how complete?
    sharing:  are people confident in sharing it, and which choices were applied?
    form:     is the format right?
    missing:  what is missing?
    wanted:   how would readers like it?
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    who: Sentence
    used_for: Sentence
    useful: Sentence
    sharing: Sentence | None = None
    form: Sentence | None = None
    missing: Sentence
    wanted: Sentence | None = None
