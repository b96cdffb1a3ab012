"""A small certificate authority for one certificate, so that clients verify the SMTP endpoint for real."""

import ipaddress
import os
import ssl
from datetime import UTC, datetime, timedelta
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

CA_FILE = "sandbox-ca.pem"
SERVER_FILE = "sandbox-smtp.pem"
_LIFE = timedelta(days=365)
_RENEW_BEFORE = timedelta(days=30)


def server_context(var_dir: Path) -> ssl.SSLContext:
    """TLS for the SMTP ports; makes the authority and the certificate where they are missing or nearly over."""
    if not _good(var_dir):
        _make(var_dir)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # SES takes 1.2 and 1.3
    context.load_cert_chain(var_dir / SERVER_FILE)
    return context


def _good(var_dir: Path) -> bool:
    try:
        authority = x509.load_pem_x509_certificate((var_dir / CA_FILE).read_bytes())
        server = x509.load_pem_x509_certificate((var_dir / SERVER_FILE).read_bytes())
        server.verify_directly_issued_by(authority)
    except Exception:  # noqa: BLE001 - whatever is wrong with the files, new ones replace them
        return False
    return server.not_valid_after_utc - datetime.now(UTC) > _RENEW_BEFORE


def _make(var_dir: Path) -> None:
    """The authority's own key is thrown away, so that nobody can make a second certificate with it."""
    authority_key, server_key = ec.generate_private_key(ec.SECP256R1()), ec.generate_private_key(ec.SECP256R1())
    name = _name("sescreds sandbox CA")
    authority = _certificate(name, name, authority_key, authority_key.public_key(), is_authority=True)
    server = _certificate(_name("localhost"), name, authority_key, server_key.public_key(), is_authority=False)
    private = server_key.private_bytes(
        serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    write_private(var_dir / SERVER_FILE, private + server.public_bytes(serialization.Encoding.PEM))
    write_private(var_dir / CA_FILE, authority.public_bytes(serialization.Encoding.PEM), mode=0o644)


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _certificate(
    subject: x509.Name,
    issuer: x509.Name,
    signer: ec.EllipticCurvePrivateKey,
    public: ec.EllipticCurvePublicKey,
    *,
    is_authority: bool,
) -> x509.Certificate:
    now = datetime.now(UTC)
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(issuer)
        .public_key(public)
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + _LIFE)
        .add_extension(x509.BasicConstraints(is_authority, 0 if is_authority else None), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(public), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(signer.public_key()), critical=False)
        .add_extension(_usage(is_authority=is_authority), critical=True)
    )
    if not is_authority:
        names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
        builder = builder.add_extension(x509.SubjectAlternativeName(names), critical=False)
        builder = builder.add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
    return builder.sign(signer, hashes.SHA256())


def _usage(*, is_authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_authority,
        key_cert_sign=is_authority,
        crl_sign=is_authority,
        content_commitment=False,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def write_private(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Write a file whole or not at all; nobody else can read it at any moment (unless `mode` says so)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}")
    temporary.unlink(missing_ok=True)
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)
