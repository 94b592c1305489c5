"""A bug to plant into the product's own source, with the test that must catch it."""

from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]


@dataclass(frozen=True)
class Bug:
    """A bug, where it is planted, and the test that fails with it and passes without.

    daily: whether the test is quick enough to be asked on an ordinary day.
    """

    name: str
    path: str
    right: str
    wrong: str
    test: str
    daily: bool = True

    def planted(self) -> str:
        """Return the file's text with the bug in it. Errors: AssertionError, where it has no place."""
        text = (ROOT / self.path).read_text(encoding="utf-8")
        assert text.count(self.right) == 1, f"{self.name}: {text.count(self.right)} places in {self.path}"
        return text.replace(self.right, self.wrong)

    @property
    def test_file(self) -> str:
        """Return the file of the test."""
        return self.test.partition("::")[0]

    @property
    def test_name(self) -> str:
        """Return the name of the test, without what it is asked with."""
        return self.test.partition("::")[2].partition("[")[0]
