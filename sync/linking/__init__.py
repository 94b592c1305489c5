"""Which records are one person's: by what they agree in, remembered so that the answer stays the same."""
