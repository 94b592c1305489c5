"""Council side: figures that can be quoted, with what stands behind each of them."""

from feed.model import Area

__all__ = ["Area"]
