"""A second sample with a truth of its own: what the first has no exports for, and what takes two nights.

Eight invented sources of another layout: reviews of children, early help, a directory, cases that come
through the portal, months that are missing, people who are erased, rows that are lost. Beside each flaw stand
records that look like it and are right. The first sample, and what is published of it, know nothing of it.
"""
