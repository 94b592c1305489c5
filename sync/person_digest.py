"""The digest of one person, as the table of secrets keeps it; `Digest` makes the same of whole columns.

Source:  XXH3-64 (xxhash 0.8), here by the `xxhash` package, there by `polars-hash`.
"""

import hmac

import xxhash


def seed_under(key: bytes) -> int:
    """Return the seed of the digests, which only the holder of the key can know."""
    return int.from_bytes(hmac.digest(key, b"viaduct index seed", "sha256")[:8], "big")


def person_digest(key: bytes, source: str, reference: str) -> bytes:
    """Return the digest of (source, person reference) as 8 bytes, without importing Polars for one person."""
    said = f"{source}\x1f{reference}".encode()
    return xxhash.xxh3_64_intdigest(said, seed_under(key)).to_bytes(8, "little")
