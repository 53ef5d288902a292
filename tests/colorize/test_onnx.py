"""The colorizer in ONNX says what it says in torch, to a thousandth of a unit of a* and b*."""

import warnings

import pytest
import torch
from torch import Tensor, nn

from olhar.colorize.network import ColorNet

onnxruntime = pytest.importorskip("onnxruntime", reason="onnxruntime is not installed")
pytest.importorskip("onnxscript", reason="onnxscript is not installed")


class Colors(nn.Module):
    def __init__(self, network: ColorNet, vivid: float) -> None:
        super().__init__()
        self.network, self.vivid = network, vivid

    def forward(self, light: Tensor, hints: Tensor) -> Tensor:
        return self.network.decode(self.network(light, hints), self.vivid)


def test_the_export_agrees(tmp_path):
    torch.manual_seed(0)
    network = ColorNet()
    for module in network.modules():
        if isinstance(module, nn.BatchNorm2d):
            nn.init.uniform_(module.running_mean, -0.2, 0.2)
            nn.init.uniform_(module.running_var, 0.5, 1.5)
    nn.init.normal_(network.head.weight, std=0.5)  # so that it has opinions
    nn.init.normal_(network.rarity)
    colors = Colors(network, vivid=0.7).eval()
    light, hints = torch.rand(1, 1, 64, 96) * 100, torch.zeros(1, 3, 64, 96)
    hints[:, :, 20:24, 40:48] = torch.tensor([50.0, -30.0, 1.0])[:, None, None]
    path = tmp_path / "colorizer.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of the exporter's own libraries
        torch.onnx.export(colors, (light, hints), path, dynamo=True, verbose=False)
    session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
    names = [each.name for each in session.get_inputs()]
    for known in (hints, torch.zeros_like(hints)):
        given = {name: x.numpy() for name, x in zip(names, (light, known), strict=True)}
        (found,) = session.run(None, given)
        with torch.no_grad():
            expected = colors(light, known)
        assert expected.std() > 1
        torch.testing.assert_close(torch.from_numpy(found), expected, rtol=0, atol=1e-3)
