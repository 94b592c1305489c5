"""The one door for every count that leaves: what is hidden, what is rounded, and the attack it must stand."""
