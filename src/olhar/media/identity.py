"""Whose signature it is: a key and its certificates, made at first use or the user's own.

They are two files in one folder, `signing` in olhar's configuration folder, or the folder that the
environment variable OLHAR_SIGNING names:

- `key.pem`: the private key (PKCS #8, no passphrase), which only its owner can read;
- `chain.pem`: its certificate first, then those that vouch for it, the root last.

If neither is there, both are made: P-256, a root that signs one certificate and whose key is then
thrown away, so nothing else can ever be signed by it. They name olhar and nobody, and hold for 30
years, since without a time stamp a signature counts no longer than its certificate. To sign in
your own name, put your own files there (a certificate for C2PA or for documents; EC, Ed25519 or
RSA). `trusted.pem` beside them may hold roots whose signatures `olhar inspect` is to trust.
OLHAR_TIMESTAMP may name a time-stamp authority (RFC 3161), which is asked for each file and needs
the network.
"""

import datetime as dt
import os
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING

from olhar.errors import OlharError
from olhar.media.files import atomic, reason, shown

if TYPE_CHECKING:
    from cryptography import x509
    from cryptography.hazmat.primitives.asymmetric.types import PrivateKeyTypes

FOLDER, TIMESTAMP = "OLHAR_SIGNING", "OLHAR_TIMESTAMP"
"""The environment variables."""
KEY, CHAIN, TRUSTED = "key.pem", "chain.pem", "trusted.pem"
"""The files."""
_YEARS = 30


@dataclass(frozen=True)
class Identity:
    """What signing needs."""

    chain: str
    """Certificates as PEM, the signer's own first."""
    key: str
    """The private key as PEM."""
    algorithm: str
    """As C2PA names it: "es256"."""
    until: dt.datetime
    """When the first of the certificates ends."""
    since: dt.datetime
    """When the last of them begins."""


def folder() -> Path:
    """Where key and certificates are."""
    if os.environ.get(FOLDER):
        return Path(os.environ[FOLDER]).expanduser()
    import platformdirs

    return platformdirs.user_config_path("olhar", appauthor=False) / "signing"


def identity() -> Identity:
    """The key and certificates to sign with; they are made if there are none.

    Raises:
        OlharError: if one of the files is missing, damaged, does not fit the other, has run out, or
            the folder cannot be written to; the sentence says what to do.
    """
    where = folder()
    try:
        if not (_has(where, KEY) and _has(where, CHAIN)):
            _complete(where)
        stamps = [(where / name).stat().st_mtime_ns for name in (KEY, CHAIN)]
        found = _loaded(where, *stamps)
    except OSError as error:
        raise OlharError(
            f"the signing key in {shown(where)} cannot be used: {reason(error)}; mend that, or "
            f"let {FOLDER} name a folder that can be written to"
        ) from error
    now = dt.datetime.now(dt.UTC)
    if not found.since <= now <= found.until:
        told = f"expired on {found.until:%Y-%m-%d}" if now > found.until else "is not valid yet"
        raise OlharError(
            f"the certificate in {shown(where / CHAIN)} {told}; renew it, or move the folder away "
            "and olhar makes a new one"
        )
    return found


def anchors() -> str:
    """The roots that are trusted as PEM: this computer's own, and those of `trusted.pem`."""
    trusted = ""
    for name in (CHAIN, TRUSTED):
        try:
            text = (folder() / name).read_text("utf-8")
        except (OSError, ValueError):  # what is not there or no text is trusted in nothing
            continue
        parts = text.split("-----BEGIN CERTIFICATE-----")[1:]
        chosen = parts[-1:] if name == CHAIN else parts
        trusted += "".join("-----BEGIN CERTIFICATE-----" + part for part in chosen)
    return trusted


def _has(where: Path, name: str) -> bool:
    return (where / name).is_file()


def _complete(where: Path) -> None:
    """Make both files, unless another process does so first; one alone is refused."""
    import filelock

    where.mkdir(mode=0o700, parents=True, exist_ok=True)
    with filelock.FileLock(where / ".lock", mode=0o600):
        there = [name for name in (KEY, CHAIN) if _has(where, name)]
        if len(there) == 1:
            (missing,) = {KEY, CHAIN} - {*there}
            raise OlharError(
                f"{shown(where)} holds {there[0]} and no {missing}; put it back, or move the "
                "folder away and olhar makes a new key"
            )
        if not there:
            key, chain = _made()
            for name, text in ((KEY, key), (CHAIN, chain)):
                with atomic(where / name) as file:
                    file.chmod(0o600)
                    file.write_bytes(text)


@lru_cache(maxsize=4)
def _loaded(where: Path, *stamps: int) -> Identity:  # noqa: ARG001
    """Read and check both files; again when one of them changes."""
    from cryptography import x509
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives import serialization

    advice = "put the right file back, or move the folder away and olhar makes a new key"
    key, chain = (where / KEY).read_bytes(), (where / CHAIN).read_bytes()
    name = KEY
    try:
        private = serialization.load_pem_private_key(key, None)
        name = CHAIN
        certificates = x509.load_pem_x509_certificates(chain)
    except TypeError:
        raise OlharError(
            f"{shown(where / KEY)} has a passphrase; olhar needs a key without one"
        ) from None
    except (ValueError, UnsupportedAlgorithm) as error:
        raise OlharError(f"{shown(where / name)} is damaged; {advice}") from error
    encoding, form = serialization.Encoding.PEM, serialization.PublicFormat.SubjectPublicKeyInfo
    public = private.public_key().public_bytes(encoding, form)
    if public != certificates[0].public_key().public_bytes(encoding, form):
        raise OlharError(
            f"{shown(where / KEY)} is not the key of the first certificate in {CHAIN}; {advice}"
        )
    plain = private.private_bytes(
        encoding, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    root = len(certificates) > 1 and certificates[-1].issuer == certificates[-1].subject
    sent = certificates[: -1 if root else None]  # who trusts a root has it already
    return Identity(
        chain="".join(each.public_bytes(encoding).decode() for each in sent),
        key=plain.decode(),
        algorithm=_algorithm(private, where),
        until=min(each.not_valid_after_utc for each in certificates),
        since=max(each.not_valid_before_utc for each in certificates),
    )


def _algorithm(key: "PrivateKeyTypes", where: Path) -> str:
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa

    curves = {"secp256r1": "es256", "secp384r1": "es384", "secp521r1": "es512"}
    if isinstance(key, ec.EllipticCurvePrivateKey) and key.curve.name in curves:
        return curves[key.curve.name]
    if isinstance(key, ed25519.Ed25519PrivateKey):
        return "ed25519"
    if isinstance(key, rsa.RSAPrivateKey):
        return "ps256"
    raise OlharError(
        f"{shown(where / KEY)} is a key that C2PA does not sign with; use P-256, P-384, P-521, "
        "Ed25519 or RSA"
    )


def _made(days: int = 365 * _YEARS, past: int = 1) -> tuple[bytes, bytes]:
    """A new key and its chain as PEM, valid from `past` days ago on."""
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    start = dt.datetime.now(dt.UTC) - dt.timedelta(days=past)
    root_key, key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root_name, name = (
        x509.Name(
            [
                x509.NameAttribute(NameOID.ORGANIZATION_NAME, "olhar"),
                x509.NameAttribute(NameOID.COMMON_NAME, common),
            ]
        )
        for common in ("olhar, the root of one computer", "olhar on one computer")
    )

    def certificate(
        subject: x509.Name, of: ec.EllipticCurvePrivateKey, *, root: bool
    ) -> "x509.Certificate":
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
        )
        usage |= dict.fromkeys(("crl_sign", "encipher_only", "decipher_only"), False)
        builder = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(root_name)
            .public_key(of.public_key())
            .serial_number(x509.random_serial_number())
            .not_valid_before(start)
            .not_valid_after(start + dt.timedelta(days=days))
            .add_extension(x509.BasicConstraints(root, 0 if root else None), critical=True)
            .add_extension(
                x509.KeyUsage(digital_signature=not root, key_cert_sign=root, **usage),
                critical=True,
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(of.public_key()), False)
        )
        if not root:
            builder = builder.add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root_key.public_key()), False
            ).add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION]), False)
        return builder.sign(root_key, hashes.SHA256())

    pem = serialization.Encoding.PEM
    chain = [certificate(name, key, root=False), certificate(root_name, root_key, root=True)]
    return (
        key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()),
        b"".join(each.public_bytes(pem) for each in chain),
    )
