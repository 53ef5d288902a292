"""From a checkpoint of others to `olhar.load`, in Python and on the command line."""

import hashlib
import json
import shutil

import pytest
import torch
from published_weights import ddcolor, draw, eccv16, siggraph17

import olhar
from olhar import catalogue, hub
from olhar.cli import main
from olhar.colorize.bins import grid
from olhar.colorize.siggraph17 import SIGGRAPH17
from olhar.errors import OlharError
from olhar.media.image import read, write

LAYOUTS = {"eccv16": eccv16(), "siggraph17": siggraph17(), "ddcolor": ddcolor("tiny")}
LIGHT = torch.rand(1, 1, 32, 32, generator=torch.Generator().manual_seed(1)) * 100
HINTS = torch.zeros(1, 3, 32, 32)


@pytest.fixture(scope="module")
def states():
    return {name: draw(layout) for name, layout in LAYOUTS.items()}


@pytest.fixture
def folder(tmp_path):
    yield tmp_path
    shutil.rmtree(tmp_path)  # pytest would keep hundreds of megabytes


def test_every_kind_of_others_is_a_kind():
    assert catalogue.FOREIGN.keys() <= catalogue.KINDS.keys()
    for entry in catalogue.FOREIGN.values():
        assert callable(entry.resolve())
        assert entry.resolve()({"weight": torch.zeros(1)}) is None
    for remote in hub.REMOTE.values():
        assert not remote.foreign or remote.kind in catalogue.FOREIGN


def test_bins_are_numbers_even_if_a_network_is_first_built_without_memory():
    grid.cache_clear()
    with torch.device("meta"):
        assert grid().device.type == "cpu"


def test_get_converts_what_is_at_its_place_and_load_builds_it(states, folder, monkeypatch, capsys):
    monkeypatch.setenv("OLHAR_HOME", str(folder))
    torch.save(states["siggraph17"], folder / "siggraph17.pth")
    content = (folder / "siggraph17.pth").read_bytes()
    published = hub.REMOTE["siggraph17"]
    ours = hub.Remote(
        **{**vars(published), "sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    )
    monkeypatch.setitem(hub.REMOTE, "siggraph17", ours)
    with pytest.raises(OlharError, match=r"siggraph17-df00044c\.pth .* models get siggraph17$"):
        olhar.load("siggraph17")
    ours.source.parent.mkdir()
    ours.source.write_bytes(content)
    write(folder / "photo.png", torch.full((3, 40, 48), 0.5))
    command = ["colorize", str(folder / "photo.png"), "-o", str(folder / "out.png")]
    assert main([*command, "--model", "siggraph17", "--size", "32"]) == 0  # its first use
    assert read(folder / "out.png").image.shape == (3, 40, 48)
    capsys.readouterr()
    assert main(["models", "get", "siggraph17", "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["path"] == str(ours.path)
    assert catalogue.get("siggraph17") == ours.path

    network = olhar.load("siggraph17")
    assert isinstance(network, SIGGRAPH17)
    direct = SIGGRAPH17().eval()
    direct.load_state_dict(states["siggraph17"])
    with torch.no_grad():
        assert torch.equal(network(LIGHT, HINTS).ab, direct(LIGHT, HINTS).ab)
    card = hub.read_card(ours.path)
    assert (card.name, card.kind, card.origin) == ("siggraph17", "siggraph17", ours.url)
    assert card.licence.startswith("BSD-2-Clause")


def test_get_knows_what_there_is():
    with pytest.raises(OlharError, match=r"no model 'nix' to download; there are: .*siggraph17"):
        catalogue.get("nix")
    with pytest.raises(OlharError, match="vgg16 came with olhar"):
        catalogue.get("vgg16")


@pytest.mark.parametrize("name", ["eccv16", "ddcolor"])
def test_a_file_is_converted_by_what_is_in_it(name, states, folder):
    path = folder / "found somewhere.pth"
    torch.save({"params": states[name]}, path)
    model = catalogue.convert(path)
    assert model == folder / "found somewhere.safetensors"
    card = hub.read_card(model)
    assert card.kind == name
    assert card.name == "found somewhere"
    assert f"sha256 {hashlib.sha256(path.read_bytes()).hexdigest()}" in card.origin
    with torch.no_grad():
        said = olhar.load(model)(LIGHT, HINTS)
    assert all(part.isfinite().all() for part in said if part is not None)
    with pytest.raises(OlharError, match="is there already"):
        catalogue.convert(path)


def test_the_command_says_what_it_made(states, folder, capsys):
    path = folder / "weights.pth"
    torch.save(states["eccv16"], path)
    assert main(["models", "convert", str(path)]) == 0
    assert f"{folder / 'weights.safetensors'} is a model of kind eccv16" in capsys.readouterr().out


def test_what_is_not_known_is_refused_and_nothing_is_written(states, folder, capsys):
    class Bomb:
        def __reduce__(self):
            return (exec, (f"open({str(folder / 'boom')!r}, 'w')",))

    path = folder / "weights.pth"
    lacking = {key: value for key, value in states["eccv16"].items() if key != "model8.6.bias"}
    for content, says in (
        ({"weight": torch.zeros(2)}, "does not know; it knows eccv16, siggraph17, ddcolor"),
        (lacking, "weights.pth: these are not the weights of eccv16: model8.6.bias is missing"),
        ({"model_out.weight": Bomb()}, "could run code"),
    ):
        torch.save(content, path)
        assert main(["models", "convert", str(path)]) == 2
        assert says in capsys.readouterr().err
    assert main(["models", "convert"]) == 2
    assert "needs a FILE" in capsys.readouterr().err
    assert list(folder.iterdir()) == [path]
