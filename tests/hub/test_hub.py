"""Models on disk and over a loopback network: whatever is wrong with a file ends in a sentence."""

import dataclasses
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import torch

from olhar import hub
from olhar.errors import OlharError
from olhar.hub import registry
from olhar.hub.card import MAX_HEADER

CARD = hub.Card(
    name="tiny",
    kind="vgg16",
    summary="two numbers",
    licence="Apache-2.0",
    origin="made by a test",
    authors=("Ana", "João"),
    arguments={"width": 3},
    metrics={"validation": {"accuracy": 0.5}},
)
TENSORS = {"a": torch.arange(6.0).reshape(2, 3), "b": torch.tensor([1, -2], dtype=torch.int8)}


def sentence(error: pytest.ExceptionInfo[OlharError]) -> str:
    text = str(error.value)
    assert "\n" not in text
    return text


@pytest.fixture
def model(tmp_path):
    return hub.save(tmp_path / "tiny.safetensors", TENSORS, CARD)


def safetensors(header: object, body: bytes = b"") -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


# Files ---------------------------------------------------------------------------------------


def test_what_is_saved_is_loaded(model):
    card, tensors = hub.load(model)
    assert card == CARD
    assert {name: t.dtype for name, t in tensors.items()} == {"a": torch.float32, "b": torch.int8}
    assert all(torch.equal(tensors[name], TENSORS[name]) for name in TENSORS)
    assert hub.read_card(model) == CARD


def test_the_card_of_a_run_folder_is_found_by_the_folder(model, tmp_path):
    run = tmp_path / "run"
    run.mkdir()
    with pytest.raises(OlharError, match="no finished run"):
        hub.load(run)
    model.rename(run / "model.safetensors")
    assert hub.load(run)[0] == CARD


def test_a_failed_save_leaves_the_old_file(model):
    before = model.read_bytes()
    shared = torch.zeros(4)
    with pytest.raises(OlharError, match="share memory"):
        hub.save(model, {"a": shared, "b": shared}, CARD)
    assert model.read_bytes() == before
    assert list(model.parent.iterdir()) == [model]


def test_a_model_has_one_suffix(tmp_path):
    with pytest.raises(OlharError, match=r"\.safetensors"):
        hub.save(tmp_path / "tiny.bin", TENSORS, CARD)


def test_a_newer_card_is_read_for_what_is_known():
    text = json.dumps({**json.loads(CARD.to_json()), "from_the_future": [1]})
    assert hub.Card.from_json(text) == CARD


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"licence": None}, "'licence' must be text"),
        ({"arguments": [1]}, "'arguments' must be an object"),
        ({"authors": ["Ana", 3]}, "'authors' must be a list of texts"),
        ({"kind": ...}, "lacks 'kind'"),
        ({"recipe": json.loads('{"a":' * 99 + "1" + "}" * 99)}, "'recipe' is nested too deeply"),
    ],
)
def test_a_malformed_card_says_which_field(change, says):
    values = {**json.loads(CARD.to_json()), **change}
    text = json.dumps({key: value for key, value in values.items() if value is not ...})
    with pytest.raises(OlharError, match=says) as error:
        hub.Card.from_json(text, "the card of x.safetensors")
    assert "x.safetensors" in sentence(error)


GOOD = safetensors(
    {
        "__metadata__": {"olhar": CARD.to_json()},
        "a": {"dtype": "F32", "shape": [1], "data_offsets": [0, 4]},
    },
    bytes(4),
)


def test_a_card_does_nothing_to_a_screen():
    odd = dataclasses.replace(CARD, name="a\x1b[31m\n\x9bé")
    assert hub.Card.from_json(odd.to_json()).name == "a[31m\né"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "no safetensors file"),
        (b"PK\x03\x04 a zip, not tensors", "no safetensors file"),
        (GOOD[:7], "no safetensors file"),
        (GOOD[:40], "no safetensors file"),
        (GOOD[:-2], "damaged"),
        (GOOD + b"more", "damaged"),
        (safetensors(b"[1, 2]"), "not a JSON object"),
        (safetensors(b"{" * 10), "not JSON"),
        (safetensors(b"[" * 100_000), "not JSON"),
        (safetensors(b'{"a": ' + b"9" * 10_000 + b"}"), "not JSON"),
        ((1 << 62).to_bytes(8, "little") + b"{}", "no safetensors file"),
        (safetensors({"a": 3}), "no olhar card"),
        (safetensors({"__metadata__": {"olhar": "{}"}}), "lacks 'name'"),
        (safetensors({"__metadata__": ["olhar"]}), "no olhar card"),
        (
            GOOD.replace(b'"shape": [1]', b'"shape": [9]'),  # disagrees with its bytes
            "damaged",
        ),
    ],
)
def test_a_damaged_file_is_refused_in_a_sentence(tmp_path, content, says):
    path = tmp_path / "bad.safetensors"
    path.write_bytes(content)
    with pytest.raises(OlharError, match=says) as error:
        hub.load(path)
    assert "bad.safetensors" in sentence(error)


def test_a_header_may_not_be_endless(tmp_path):
    path = tmp_path / "long.safetensors"
    with path.open("wb") as file:
        file.write((MAX_HEADER + 1).to_bytes(8, "little"))
        file.truncate(MAX_HEADER + 100)  # sparse: costs no disk
    with pytest.raises(OlharError, match="no safetensors file"):
        hub.load(path)


# Names ---------------------------------------------------------------------------------------


def test_a_pickle_is_never_opened(tmp_path):
    class Bomb:
        def __reduce__(self):
            return (exec, (f"open({str(tmp_path / 'boom')!r}, 'w')",))

    for suffix in (".pt", ".pth", ".ckpt", ".PKL"):
        path = tmp_path / f"model{suffix}"
        torch.save(Bomb(), path)
        with pytest.raises(OlharError, match="may run code"):
            hub.load(path)
    path = tmp_path / "model.safetensors"  # nor under another name
    torch.save(Bomb(), path)
    with pytest.raises(OlharError, match="no safetensors file"):
        hub.load(path)
    assert not (tmp_path / "boom").exists()


@pytest.mark.parametrize("name", ["../tiny", "..", "/etc/..", "weights/../../tiny", "nix", ""])
def test_a_name_is_no_path_into_the_package(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with pytest.raises(OlharError) as error:
        hub.load(name)
    sentence(error)


def test_bundled_models_say_what_they_are():
    for card in hub.bundled():
        assert hub.find(card.name).stem == card.name
        assert card.licence
        assert card.origin


# Downloads -----------------------------------------------------------------------------------


class Server(ThreadingHTTPServer):
    """Serves one file in the ways in which servers do."""

    content = GOOD

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            content = self.server.content
            if self.path == "/missing.safetensors":
                self.send_error(404)
                return
            if self.path == "/other.safetensors":
                content = content[:-1] + b"!"
            self.send_response(200)
            if self.path == "/endless.safetensors":
                self.end_headers()
                for _ in range(100):
                    self.wfile.write(bytes(1 << 16))
                return
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content[:-2] if self.path == "/short.safetensors" else content)

        def log_message(self, *_):
            pass

    def handle_error(self, *_):
        """A client that hangs up on an endless file is right."""


@pytest.fixture
def server(tmp_path, monkeypatch):
    monkeypatch.setenv("OLHAR_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("NO_PROXY", "*")
    with Server(("127.0.0.1", 0), Server.Handler) as server:
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}).start()
        yield server
        server.shutdown()


def remote(server, file: str, monkeypatch, **changes) -> hub.Remote:
    import hashlib

    entry = hub.Remote(
        name="tiny-large",
        kind="vgg16",
        summary="two numbers",
        licence="Apache-2.0",
        origin="made by a test",
        url=f"http://127.0.0.1:{server.server_port}/{file}.safetensors",
        sha256=hashlib.sha256(GOOD).hexdigest(),
        size=len(GOOD),
    )
    monkeypatch.setitem(hub.REMOTE, entry.name, entry)
    return entry


def test_a_download_is_checked_named_and_loaded(server, monkeypatch):
    entry = remote(server, "good", monkeypatch)
    with pytest.raises(OlharError, match="olhar models get tiny-large"):
        hub.load("tiny-large")
    assert hub.download(entry) == entry.path
    assert hub.load("tiny-large")[0] == CARD
    assert list(entry.path.parent.iterdir()) == [entry.path]
    server.content = b""  # nothing is asked for twice
    assert hub.download(entry) == entry.path


def test_a_leftover_of_a_killed_download_does_no_harm(server, monkeypatch):
    entry = remote(server, "good", monkeypatch)
    entry.path.parent.mkdir(parents=True)
    part = entry.path.with_name(entry.path.name + ".part")
    part.write_bytes(b"half")
    with pytest.raises(OlharError, match="not on this machine"):
        hub.load("tiny-large")
    hub.download(entry)
    assert hub.load("tiny-large")[0] == CARD
    assert not part.exists()


@pytest.mark.parametrize(
    ("file", "says"),
    [
        ("missing", "404"),
        ("other", "did not send what was published"),
        ("short", "could not be downloaded"),
        ("endless", "did not send what was published"),
    ],
)
def test_a_download_that_goes_wrong_leaves_nothing(server, monkeypatch, file, says):
    entry = remote(server, file, monkeypatch)
    with pytest.raises(OlharError, match=says) as error:
        hub.download(entry)
    sentence(error)
    assert list(entry.path.parent.iterdir()) == []


def test_offline_the_sentence_says_what_to_put_where(server, monkeypatch):
    entry = remote(server, "good", monkeypatch)
    server.shutdown()
    server.server_close()
    with pytest.raises(OlharError) as error:
        hub.download(entry)
    text = sentence(error)
    for part in (entry.sha256, str(entry.path), "good.safetensors", "olhar models get tiny-large"):
        assert part in text


def test_a_downloaded_file_that_changes_is_refused_at_each_load(server, monkeypatch):
    entry = remote(server, "good", monkeypatch)
    hub.download(entry)
    entry.path.write_bytes(GOOD[:-1] + b"!")
    with pytest.raises(OlharError, match="not what it should be"):
        hub.load("tiny-large")
    hub.download(entry)  # mends it
    assert hub.load("tiny-large")[0] == CARD


def test_home_is_a_setting_of_the_user(monkeypatch, tmp_path):
    monkeypatch.setenv("OLHAR_HOME", str(tmp_path))
    assert registry.home() == tmp_path
    monkeypatch.delenv("OLHAR_HOME")
    assert registry.home().name == "olhar"
