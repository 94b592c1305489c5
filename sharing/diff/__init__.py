"""What a new version of the assessment would change, worked out from the two files."""

from sharing.diff.change import Change, Effect
from sharing.diff.comparing import compare
from sharing.diff.version import refused_versions

__all__ = ["Change", "Effect", "compare", "refused_versions"]
