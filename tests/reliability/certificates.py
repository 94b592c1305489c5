"""Certificates made for one test: an authority of our own, and what it signs, rightly or wrongly."""

import ipaddress
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

YEAR = timedelta(days=365)


class Authority:
    """An authority that nobody but the test trusts."""

    def __init__(self, folder: Path, name: str = "authority") -> None:
        self._folder, self._key = folder, ec.generate_private_key(ec.SECP256R1())
        self._name = _named(f"Sample {name}")
        made = _certificate(self._name, self._name, self._key.public_key(), datetime.now(UTC))
        signed = made.add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        identifier = x509.SubjectKeyIdentifier.from_public_key(self._key.public_key())
        certificate = signed.add_extension(identifier, critical=False).sign(self._key, hashes.SHA256())
        self.file = folder / f"{name}.pem"
        self.file.write_bytes(certificate.public_bytes(serialization.Encoding.PEM))

    def certificate(self, name: str, *, host: str = "127.0.0.1", age: timedelta = timedelta(0)) -> Path:
        """Return a file with a certificate for the host and its key, valid for a year from `age` ago on."""
        key = ec.generate_private_key(ec.SECP256R1())
        since = datetime.now(UTC) - age
        made = _certificate(_named("Sample portal"), self._name, key.public_key(), since)
        certificate = made.add_extension(_for(host), critical=False).sign(self._key, hashes.SHA256())
        path = self._folder / f"{name}.pem"
        secret = key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        path.write_bytes(certificate.public_bytes(serialization.Encoding.PEM) + secret)
        return path


def _certificate(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePublicKey, since: datetime
) -> x509.CertificateBuilder:
    return (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(key)
        .serial_number(x509.random_serial_number())
        .not_valid_before(since - timedelta(minutes=5))
        .not_valid_after(since + YEAR)
    )


def _named(name: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])


def _for(host: str) -> x509.SubjectAlternativeName:
    try:
        return x509.SubjectAlternativeName([x509.IPAddress(ipaddress.ip_address(host))])
    except ValueError:
        return x509.SubjectAlternativeName([x509.DNSName(host)])
