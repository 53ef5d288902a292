"""Checkpoints of other programs: read as data, compared before they are opened, converted once."""

import hashlib
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch

from olhar import hub
from olhar.errors import OlharError

WEIGHTS = {"a.weight": torch.arange(6.0).reshape(2, 3), "a.bias": torch.tensor([1.0, -2.0])}
CARD = hub.Card(name="tiny", kind="vgg16", summary="x", licence="x", origin="made by a test")


class Bomb:
    def __init__(self, path):
        self.path = path

    def __reduce__(self):
        return (exec, (f"open({str(self.path)!r}, 'w')",))


def same(found, expected=WEIGHTS):
    return found.keys() == expected.keys() and all(
        torch.equal(found[key], value) for key, value in expected.items()
    )


# Reading -------------------------------------------------------------------------------------


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize(
    "wrap",
    [
        dict,
        lambda w: {"params": w, "epoch": 3},
        lambda w: {"state_dict": w},
        lambda w: {f"module.{key}": value for key, value in w.items()},
        lambda w: {"state_dict": {f"module.{key}": value for key, value in w.items()}},
    ],
    ids=["bare", "params", "state_dict", "module", "both"],
)
def test_weights_are_read_however_they_are_wrapped(tmp_path, wrap, zipped):
    path = tmp_path / "weights.pth"
    torch.save(wrap(WEIGHTS), path, _use_new_zipfile_serialization=zipped)
    assert same(hub.read_foreign(path))


def test_a_prefix_that_not_every_name_has_is_part_of_a_name(tmp_path):
    path = tmp_path / "weights.pth"
    weights = {"module.a": torch.ones(1), "b": torch.ones(1)}
    torch.save(weights, path)
    assert same(hub.read_foreign(path), weights)


@pytest.mark.parametrize("zipped", [True, False])
@pytest.mark.parametrize("beside_weights", [True, False])
def test_what_would_run_is_refused_and_does_not_run(tmp_path, zipped, beside_weights):
    path, boom = tmp_path / "bomb.pth", tmp_path / "boom"
    content = {**WEIGHTS, "extra": Bomb(boom)} if beside_weights else Bomb(boom)
    torch.save(content, path, _use_new_zipfile_serialization=zipped)
    with pytest.raises(OlharError, match=r"bomb\.pth .*could run code") as error:
        hub.read_foreign(path)
    assert "\n" not in str(error.value)
    assert not boom.exists()


def _cut(path):
    torch.save(WEIGHTS, path)
    path.write_bytes(path.read_bytes()[:-400])


@pytest.mark.parametrize(
    ("write", "says"),
    [
        (lambda path: None, "there is no file"),
        (lambda path: path.write_bytes(b""), "is empty"),
        (lambda path: path.mkdir(), "is a folder"),
        (lambda path: path.write_bytes(b"<html>not found</html>"), "no checkpoint"),
        (lambda path: path.write_bytes(b"PK\x05\x06" + bytes(18)), "no checkpoint of PyTorch"),
        (_cut, "no checkpoint"),
        (lambda path: torch.save({"epoch": 3}, path), "holds no weights by name"),
        (lambda path: torch.save(torch.ones(2), path), "holds no weights by name"),
        (lambda path: torch.save({3: torch.ones(2)}, path), "holds no weights by name"),
        (lambda path: torch.save({}, path), "holds no weights by name"),
        (lambda path: torch.save({**WEIGHTS, "epoch": 3}, path), "holds no weights by name"),
    ],
)
def test_what_is_no_checkpoint_is_refused_in_a_sentence(tmp_path, write, says):
    path = tmp_path / "weights.pth"
    write(path)
    with pytest.raises(OlharError, match=says) as error:
        hub.read_foreign(path)
    assert "\n" not in str(error.value)
    assert "weights.pth" in str(error.value)


# Fetching ------------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Serves one file, and counts how often."""

    content = b""
    asked = 0

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            self.server.asked += 1
            self.send_response(200)
            self.send_header("Content-Length", str(len(self.server.content)))
            self.end_headers()
            self.wfile.write(self.server.content)

        def log_message(self, *_):
            pass


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("OLHAR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "*")
    torch.save(WEIGHTS, tmp_path / "published.pth")
    with Server(("127.0.0.1", 0), Server.Handler) as server:
        server.content = (tmp_path / "published.pth").read_bytes()
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server
        server.shutdown()


@pytest.fixture
def remote(server, monkeypatch):
    entry = hub.Remote(
        name="tiny-foreign",
        kind="vgg16",
        summary="x",
        licence="x",
        origin="made by a test",
        url=f"http://127.0.0.1:{server.server_port}/v2/published-1a2b.pth",
        sha256=hashlib.sha256(server.content).hexdigest(),
        size=len(server.content),
    )
    monkeypatch.setitem(hub.REMOTE, entry.name, entry)
    return entry


def convert(source, target):
    hub.save(target, hub.read_foreign(source), CARD)


def refuse(source, target):
    pytest.fail("a file that was not compared was opened")


def test_a_foreign_file_is_fetched_compared_and_converted(server, remote):
    with pytest.raises(OlharError, match="olhar models get tiny-foreign"):
        hub.load("tiny-foreign")
    assert hub.download(remote, convert) == remote.path
    card, tensors = hub.load("tiny-foreign")
    assert card == CARD
    assert same(tensors)
    assert {path.name for path in remote.path.parent.iterdir()} == {
        "tiny-foreign.safetensors",
        "tiny-foreign.safetensors.sha256",
    }
    assert hub.download(remote, refuse) == remote.path  # nothing is asked for or made twice
    assert server.asked == 1


def test_the_seal_is_what_sha256sum_writes(remote):
    hub.download(remote, convert)
    lines = [line.split("  ") for line in remote.seal.read_text().splitlines()]
    assert lines == [
        [remote.sha256, "published-1a2b.pth"],
        [hashlib.sha256(remote.path.read_bytes()).hexdigest(), "tiny-foreign.safetensors"],
    ]


def test_another_file_than_the_published_one_is_never_opened(server, remote):
    server.content = server.content[:-1] + b"!"
    with pytest.raises(OlharError, match="did not send what was published"):
        hub.download(remote, refuse)
    assert list(remote.path.parent.iterdir()) == []


def test_offline_the_sentence_says_what_to_put_where_and_it_works(server, remote):
    content = server.content
    server.shutdown()
    server.server_close()
    with pytest.raises(OlharError) as error:
        hub.download(remote, refuse)
    text = str(error.value)
    assert "\n" not in text
    for part in (remote.sha256, "published-1a2b.pth", str(remote.source), "olhar models get"):
        assert part in text

    remote.source.write_bytes(content[:-1] + b"!")
    with pytest.raises(OlharError, match=r"published-1a2b\.pth is not what was published"):
        hub.download(remote, refuse)
    remote.source.write_bytes(content)
    hub.download(remote, convert)
    assert same(hub.load("tiny-foreign")[1])
    assert remote.source.read_bytes() == content  # a person put it there


@pytest.mark.parametrize("damage", ["model", "seal", "no seal"])
def test_a_converted_file_that_changes_is_refused_at_each_load_and_made_anew(remote, damage):
    hub.download(remote, convert)
    if damage == "model":
        hub.save(remote.path, {"a.weight": torch.zeros(2, 3)}, CARD)
    elif damage == "seal":
        remote.seal.write_bytes(b"\xff" + remote.seal.read_bytes()[1:])
    else:
        remote.seal.unlink()
    with pytest.raises(OlharError, match=r"not what published-1a2b\.pth was converted to"):
        hub.load("tiny-foreign")
    hub.download(remote, convert)
    assert same(hub.load("tiny-foreign")[1])


def test_a_conversion_that_fails_leaves_nothing_that_would_load(remote):
    def fail(source, target):
        raise OlharError("no such network")

    with pytest.raises(OlharError, match="no such network"):
        hub.download(remote, fail)
    with pytest.raises(OlharError, match="not on this machine"):
        hub.load("tiny-foreign")
    with pytest.raises(ValueError, match="before it is converted"):
        hub.download(remote)


def test_what_is_published_is_named_in_full():
    for name, entry in hub.REMOTE.items():
        assert entry.name == name
        assert entry.url.startswith("https://")
        assert len(entry.sha256) == 64
        assert set(entry.sha256) <= set("0123456789abcdef")
        if entry.foreign:  # torch's habit: the file's name ends in the first digits
            assert entry.filename.endswith(f"{entry.sha256[:8]}.pth")
