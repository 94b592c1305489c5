"""A sample to try Viaduct against: a Charitylog-style portal, invented people, and faults to switch on."""
