"""Every architecture leaves torch by `olhar export`, and says the same elsewhere."""

import importlib.util
import json

import pytest
import torch

from olhar import cli, hub, load
from olhar.classify.network import ARCHITECTURES, Predictor
from olhar.nets.engine import opened

SMALL = {
    "cnn": {"widths": (4, 6)},
    "fast": {"widths": (4, 6, 8)},
    "gru": {"widths": (5,)},
    "lite0": {"pretrained": True},
    "lstm": {"widths": (5,), "bidirectional": True},
    "mlp": {"widths": (6,)},
    "resnet": {"widths": (4, 6)},
    "timm:test_vit": {},
}
FREE = {"fast", "resnet"}
"""Those that take pictures of any size."""


def engines():
    found = [("onnxruntime", "onnxruntime"), ("openvino", "openvino")]
    return [name for name, package in found if importlib.util.find_spec(package)]


def test_every_architecture_is_tried():
    assert {name for name in SMALL if ":" not in name} == ARCHITECTURES.keys()


@pytest.mark.parametrize("architecture", sorted(SMALL))
def test_an_architecture_is_exported(architecture, tmp_path, capsys):
    pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
    pytest.importorskip("onnxscript", reason="onnxscript is not installed")
    if ":" in architecture:
        pytest.importorskip("timm", reason="timm is not installed")
    torch.manual_seed(0)
    side = 160 if ":" in architecture else 16
    network = Predictor(
        architecture,
        task="labels" if architecture == "cnn" else "class",
        outputs=3,
        size=(side, side),
        temperature=1.5,
        **SMALL[architecture],
    ).eval()
    card = hub.Card(
        name="small",
        kind="classifier",
        summary="x",
        licence="x",
        origin="x",
        arguments=network.arguments,
    )
    model = hub.save(tmp_path / "small.safetensors", network.state_dict(), card)
    path = tmp_path / "small.onnx"
    assert cli.main(["export", str(model), "-o", str(path), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    sides = "height, width" if architecture in FREE else f"{side}, {side}"
    assert told["inputs"] == {"images": f"(batch, 3, {sides})"}
    sizes = [(1, side, side), (5, side, side)]
    sizes += [(2, side + 8, side + 3)] if architecture in FREE else []
    kept = load(model)
    content = path.read_bytes()
    for engine in engines():
        run = opened(engine, content, 1)
        for size in sizes:
            images = torch.rand(size[0], 3, *size[1:])
            (found,) = run([images])
            with torch.inference_mode():
                wanted = kept.predict(images)
            assert len(images) == 1 or wanted.std(0).max() > 1e-6, "all pictures are one to it"
            torch.testing.assert_close(found, wanted, atol=1e-5, rtol=1e-4, msg=engine)
