"""`olhar export` and `olhar models show`, as their user meets them."""

import json

import pytest
import torch

from olhar import cli, hub
from olhar.autoencode.network import Autoencoder


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    torch.manual_seed(0)
    network = Autoencoder("dense", size=4, latent=3, widths=(5,))
    card = hub.Card(
        name="letters",
        kind="autoencoder",
        summary="Letters in three numbers.",
        licence="MIT",
        origin="a test",
        arguments=network.arguments,
        metrics={"test": {"psnr": 21.5, "examples": 7, "protocol": "none"}},
        trained_on="7 letters",
    )
    return hub.save(tmp_path / "letters.safetensors", network.state_dict(), card)


def test_a_model_is_exported_and_read_back(model, capsys):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    line = ["export", str(model), "-o", "new/decoder.onnx", "--part", "decoder"]
    assert cli.main([*line, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told.pop("bytes") > 500
    assert told.pop("difference") < 1e-5 < told.pop("largest")
    assert told == {
        "file": "new/decoder.onnx",
        "model": "letters",
        "part": "decoder",
        "other_parts": ["autoencoder", "encoder"],
        "inputs": {"codes": "(batch, 3)"},
        "outputs": ["images"],
    }
    assert cli.main(["models", "show", "new/decoder.onnx", "--json"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert shown.pop("path") == "new/decoder.onnx"
    assert hub.Card.from_json(json.dumps(shown)) == hub.read_card(model)


def test_a_card_is_shown(model, capsys):
    assert cli.main(["models", "show", "letters.safetensors"]) == 0
    text = capsys.readouterr().out
    assert "Letters in three numbers." in text
    assert "7 letters" in text
    assert "test      examples 7, psnr 21.5\n" in text


@pytest.mark.parametrize(
    ("line", "says"),
    [
        ("export letters.safetensors -o x.pb", "x.pb is no name of an ONNX file; end it in .onnx"),
        (
            "export letters.safetensors -o x.onnx --part tail",
            "it has autoencoder, encoder, decoder",
        ),
        ("export nothing.safetensors -o x.onnx", "no model or file 'nothing.safetensors'"),
        ("models show", "olhar models show needs the NAME"),
    ],
)
def test_a_mistake_is_a_sentence(model, capsys, line, says):
    assert cli.main(line.split()) == 2
    said = capsys.readouterr()
    assert says in said.err
    assert (said.out, said.err.count("\n")) == ("", 1)
    assert [each.name for each in model.parent.iterdir()] == ["letters.safetensors"]
