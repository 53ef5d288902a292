"""Signing that goes wrong: a sentence, and the picture is there with its XMP field."""

import errno
import os
import signal
import stat
import subprocess
import sys

import pytest
from signing import made, state

from olhar import cli
from olhar.media import identity, provenance, xmp
from olhar.media.credentials import declared
from olhar.media.image import read
from olhar.media.mark import DEEDS, Mark
from olhar.media.process import process
from olhar.media.provenance import NotSigned

MARK = Mark(deed="colorized", model="tiny")


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    folder = tmp_path / "config" / "signing"
    monkeypatch.setenv(identity.FOLDER, str(folder))
    return folder


def damage(keys, what: str) -> None:
    identity.identity()
    key, chain = keys / identity.KEY, keys / identity.CHAIN
    if what == "lost":
        key.unlink()
    elif what == "no chain":
        chain.unlink()
    elif what == "corrupt key":
        key.write_bytes(b"-----BEGIN PRIVATE KEY-----\nrubbish\n-----END PRIVATE KEY-----\n")
    elif what == "corrupt chain":
        chain.write_bytes(b"rubbish")
    elif what == "other key":
        key.write_bytes(identity._made()[0])
    elif what == "expired":
        for path, data in zip((key, chain), identity._made(days=10, past=40), strict=True):
            path.write_bytes(data)
    elif what == "not yet":
        for path, data in zip((key, chain), identity._made(past=-40), strict=True):
            path.write_bytes(data)


SENTENCES = {
    "lost": r"holds chain\.pem and no key\.pem; put it back",
    "no chain": r"holds key\.pem and no chain\.pem; put it back",
    "corrupt key": r"key\.pem is damaged; put the right file back",
    "corrupt chain": r"chain\.pem is damaged; put the right file back",
    "other key": r"key\.pem is not the key of the first certificate in chain\.pem",
    "expired": r"chain\.pem expired on 20\d\d-\d\d-\d\d; renew it, or move the folder away",
    "not yet": r"chain\.pem is not valid yet",
}


@pytest.mark.parametrize("what", SENTENCES)
@pytest.mark.parametrize("suffix", [".png", ".mp4"])
def test_a_key_that_is_no_good_is_told_and_the_picture_is_there(tmp_path, keys, what, suffix):
    damage(keys, what)
    path = tmp_path / f"out{suffix}"
    with pytest.raises(NotSigned, match=SENTENCES[what]) as caught:
        made(path, MARK)
    assert f"{path} was written, but is not signed" in str(caught.value)
    assert "\n" not in str(caught.value)
    assert state(path) is None
    assert xmp.declared(path) == DEEDS["colorized"].kind
    assert not list(tmp_path.glob(".olhar-*"))


def test_once_the_folder_is_moved_away_a_new_key_is_made(tmp_path, keys):
    made(tmp_path / "old.png", MARK)
    damage(keys, "lost")
    keys.rename(keys.with_name("old"))
    assert state(made(tmp_path / "new.png", MARK)) == "Trusted"
    assert declared(tmp_path / "old.png").state == "intact"


def test_a_folder_that_cannot_be_written_to_is_told(tmp_path, monkeypatch):
    (tmp_path / "file").write_text("no folder")
    monkeypatch.setenv(identity.FOLDER, str(tmp_path / "file" / "signing"))
    with pytest.raises(NotSigned, match="let OLHAR_SIGNING name a folder that can be written to"):
        made(tmp_path / "out.png", MARK)
    assert read(tmp_path / "out.png").image.shape == (3, 48, 64)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may do anything")
def test_a_read_only_folder_is_told(tmp_path, keys):
    keys.parent.mkdir(mode=0o500)
    with pytest.raises(NotSigned, match=r"permission denied; mend that, or let OLHAR_SIGNING"):
        made(tmp_path / "out.png", MARK)
    keys.parent.chmod(0o700)
    assert (tmp_path / "out.png").is_file()


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


@pytest.mark.parametrize("suffix", [".png", ".mp4"])
def test_a_disk_that_fills_up_while_signing_costs_the_signature_only(tmp_path, monkeypatch, suffix):
    monkeypatch.setattr(provenance._Remembering, "write", _failing)
    path = tmp_path / f"out{suffix}"
    with pytest.raises(NotSigned, match="no space left on device; make room and run it again"):
        made(path, MARK)
    assert state(path) is None
    assert xmp.declared(path)
    assert not list(tmp_path.glob(".olhar-*"))


def _failing(self, data):
    self.failure = OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
    raise self.failure


def test_a_film_is_whole_if_not_even_the_field_fits(tmp_path, monkeypatch):
    bare = made(tmp_path / "bare.mp4")
    monkeypatch.setattr(xmp, "append_box", full)
    with pytest.raises(NotSigned, match="no space left"):
        made(tmp_path / "out.mp4", MARK)
    assert (tmp_path / "out.mp4").stat().st_size == bare.stat().st_size


def test_a_folder_goes_on_reports_it_and_signs_when_it_is_mended(tmp_path, keys):
    for name in ("a.png", "b.png"):
        made(tmp_path / "in" / name)
    damage(keys, "corrupt key")

    def run():
        return process(tmp_path / "in", tmp_path / "out", lambda x: x / 2, mark=MARK)

    report = run()
    assert report.exit_code == 1
    assert len(report.done) == len(report.unsigned) == 2
    assert "2 not signed" in str(report)
    assert "not signed: " in str(report)
    assert ".olhar-" not in str(report)
    assert len(report.as_dict()["unsigned"]) == 2
    keys.rename(keys.with_name("old"))
    again = run()
    assert again.exit_code == 0
    assert len(again.done) == 2  # made anew, since nothing can be signed later
    assert {state(path) for path in again.done} == {"Trusted"}
    assert len(run().skipped) == 2


def test_the_command_ends_with_1_and_a_sentence(tmp_path, keys, capsys):
    made(tmp_path / "in.png")
    damage(keys, "lost")
    assert cli.main(["denoise", str(tmp_path / "in.png"), "-o", str(tmp_path / "out.png")]) == 1
    assert "is not signed" in capsys.readouterr().out
    assert (tmp_path / "out.png").is_file()


# The key -------------------------------------------------------------------------------------


def test_the_key_is_private_and_names_nobody(keys):
    identity.identity()
    if os.name == "posix":
        assert stat.S_IMODE((keys / identity.KEY).stat().st_mode) == 0o600
        assert stat.S_IMODE(keys.stat().st_mode) == 0o700
    from cryptography import x509

    chain = x509.load_pem_x509_certificates((keys / identity.CHAIN).read_bytes())
    names = {each.value for certificate in chain for each in certificate.subject}
    assert names == {"olhar", "olhar on one computer", "olhar, the root of one computer"}
    chain[0].verify_directly_issued_by(chain[1])


def test_two_processes_at_first_use_agree_on_one_key(tmp_path, keys):
    script = (
        "from olhar.media.identity import identity\n"
        "import sys; sys.stdin.readline(); print(identity().chain)"
    )
    several = [
        subprocess.Popen([sys.executable, "-c", script], stdin=-1, stdout=-1, text=True)
        for _ in range(4)
    ]
    told = set()
    for one in several:  # all are started before the first may begin
        one.stdin.write("go\n")
        one.stdin.flush()
    for one in several:
        told.add(one.communicate(timeout=60)[0])
        assert one.returncode == 0
    assert len(told) == 1
    assert "BEGIN CERTIFICATE" in told.pop()
    assert sorted(each.name for each in keys.iterdir() if each.suffix == ".pem") == [
        identity.CHAIN,
        identity.KEY,
    ]


@pytest.mark.parametrize("kind", ["p384", "ed25519", "rsa"])
def test_the_users_own_key_signs(tmp_path, keys, kind):
    _own(keys, kind)
    path = made(tmp_path / "out.png", MARK)
    assert state(path) == "Trusted"
    assert declared(path).step.signer == "Ana Souza, Studio"
    assert (keys / identity.KEY).read_bytes() == _own.key


def test_a_key_with_a_passphrase_is_told(tmp_path, keys):
    _own(keys, "p384", b"secret")
    with pytest.raises(NotSigned, match=r"key\.pem has a passphrase; olhar needs a key without"):
        made(tmp_path / "out.png", MARK)


def test_a_time_stamp_that_cannot_be_had_is_told(tmp_path, monkeypatch):
    monkeypatch.setenv(identity.TIMESTAMP, "http://127.0.0.1:9/stamp")
    with pytest.raises(NotSigned, match=r"the time-stamp authority is http://127\.0\.0\.1:9/stamp"):
        made(tmp_path / "out.png", MARK)
    assert (tmp_path / "out.png").is_file()


def test_roots_in_trusted_pem_are_trusted(tmp_path, keys, monkeypatch):
    path = made(tmp_path / "out.png", MARK)
    theirs = identity.anchors()
    monkeypatch.setenv(identity.FOLDER, str(tmp_path / "other"))
    assert declared(path).state == "intact"
    (tmp_path / "other").mkdir()
    (tmp_path / "other" / identity.TRUSTED).write_text(theirs)
    assert declared(path).state == "trusted"
    assert not declared(path).step.own


def _own(keys, kind: str, secret: bytes = b"") -> None:
    """Put a key of another kind, in somebody's name, where the user would."""
    import datetime as dt

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
    from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

    key = {
        "p384": lambda: ec.generate_private_key(ec.SECP384R1()),
        "ed25519": ed25519.Ed25519PrivateKey.generate,
        "rsa": lambda: rsa.generate_private_key(65537, 2048),
    }[kind]()
    root = ec.generate_private_key(ec.SECP256R1())
    texts = {NameOID.ORGANIZATION_NAME: "Studio"}
    names = [
        x509.Name([x509.NameAttribute(oid, text) for oid, text in each.items()])
        for each in (texts | {NameOID.COMMON_NAME: "Ana Souza"}, texts)
    ]
    chain = []
    now = dt.datetime.now(dt.UTC)
    for name, public, top in ((names[0], key, False), (names[1], root, True)):
        usage = dict.fromkeys(
            ("content_commitment", "key_encipherment", "data_encipherment", "key_agreement"), False
        ) | dict.fromkeys(("crl_sign", "encipher_only", "decipher_only"), False)
        builder = (
            x509.CertificateBuilder(names[1], name, public.public_key(), 7 + top)
            .not_valid_before(now - dt.timedelta(days=1))
            .not_valid_after(now + dt.timedelta(days=9))
            .add_extension(x509.BasicConstraints(top, None), True)
            .add_extension(
                x509.KeyUsage(digital_signature=not top, key_cert_sign=top, **usage), True
            )
            .add_extension(x509.SubjectKeyIdentifier.from_public_key(public.public_key()), False)
            .add_extension(
                x509.AuthorityKeyIdentifier.from_issuer_public_key(root.public_key()), False
            )
        )
        if not top:
            purpose = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.EMAIL_PROTECTION])
            builder = builder.add_extension(purpose, False)
        chain.append(builder.sign(root, hashes.SHA256()))
    pem = serialization.Encoding.PEM
    lock = serialization.BestAvailableEncryption(secret) if secret else serialization.NoEncryption()
    _own.key = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, lock)
    keys.mkdir(parents=True)
    (keys / identity.KEY).write_bytes(_own.key)
    (keys / identity.CHAIN).write_bytes(b"".join(each.public_bytes(pem) for each in chain))


# Private by default --------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", [".jpg", ".png", ".mp4"])
def test_nothing_private_is_added(tmp_path, monkeypatch, suffix):
    for name in ("USER", "LOGNAME", "USERNAME"):
        monkeypatch.setenv(name, "annabelle")
    home = tmp_path / "home-of-annabelle"
    source = made(home / f"secret-diary{suffix}")
    painting = made(home / "lover.png")
    path = home / f"out{suffix}"
    process(source, path, lambda x: x, mark=MARK.using(painting))
    bare = home / f"bare{suffix}"
    process(source, bare, lambda x: x, mark=None)
    data, without = path.read_bytes(), bare.read_bytes()
    host = os.uname().nodename if hasattr(os, "uname") else "annabelle"
    for told in ("annabelle", "secret-diary", "lover", "home-of", tmp_path.name, host):
        assert data.count(told.encode()) == without.count(told.encode()), told
    assert b"thumbnail" not in data


def test_ctrl_c_while_signing_stops_the_run(tmp_path, monkeypatch):
    """c2pa prints and forgets what is raised where it calls back."""
    write = provenance._Remembering.write

    def interrupted(self, data):
        signal.raise_signal(signal.SIGINT)
        return write(self, data)

    monkeypatch.setattr(provenance._Remembering, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        made(tmp_path / "a.jpg", MARK)
    assert [path.name for path in tmp_path.iterdir()] == ["config"]
    assert signal.getsignal(signal.SIGINT) is signal.default_int_handler
