"""The published release of a period: tables, what they mean, what they promise, and who signed them."""
