"""Envelopes, manifests, receipts and keys; this room sees bytes and never what is inside."""
