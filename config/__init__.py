"""The site: its settings, and the strict reading of every declared file."""
