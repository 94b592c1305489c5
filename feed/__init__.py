"""Council side: figures that can be quoted, with what stands behind each of them."""

from feed.figures import build_figures
from feed.model import Area, Figure, Figures, Period
from feed.publication import read_feed, write_feed

__all__ = ["Area", "Figure", "Figures", "Period", "build_figures", "read_feed", "write_feed"]
