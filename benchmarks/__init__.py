"""Viaduct's whole job, measured side by side with three other ways of doing it."""
