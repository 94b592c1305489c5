"""The disclosure log: what left, provable to a third party; it holds no personal value."""
