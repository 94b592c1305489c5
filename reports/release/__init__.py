"""Pages of a release, from its published figures alone."""

from reports.release.page import NAME, release_page

__all__ = ["NAME", "release_page"]
