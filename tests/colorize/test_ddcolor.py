"""DDColor: the published layouts, spectral normalisation done once, values by plain functions."""

import math
import warnings

import pytest
import torch
import torch.nn.functional as F
from published_weights import ddcolor, draw
from torch import Tensor, nn

from olhar.colorize.ddcolor import DDColor, fold, from_published, from_tensors
from olhar.colorize.ddcolor_decoder import positions
from olhar.errors import OlharError
from olhar.media.color import lab_to_srgb


@pytest.fixture(scope="module")
def state():
    return draw(ddcolor("tiny"))


@pytest.fixture(scope="module")
def painter(state):
    card, tensors = from_published(state)
    assert (card.kind, card.name, card.arguments) == ("ddcolor", "ddcolor-tiny", {"size": "tiny"})
    return from_tensors(tensors, **card.arguments)


@pytest.mark.parametrize(
    ("size", "keys", "parameters"), [("tiny", 440, 55_006_640), ("large", 602, 227_869_328)]
)
def test_names_and_shapes_are_the_published_ones(size, keys, parameters):
    layout = ddcolor(size)
    assert len(layout) == keys
    with torch.device("meta"):
        network = DDColor(size)
    folded = {
        key.replace("weight_orig", "weight"): shape
        for key, shape in layout.items()
        if not key.endswith(("weight_u", "weight_v"))
    }
    assert {key: tuple(value.shape) for key, value in network.state_dict().items()} == folded
    assert len(folded) == keys - 2 * 8
    assert sum(value.numel() for value in network.parameters()) == parameters


def test_the_size_is_told_by_the_names():
    with torch.device("meta"):
        large = {key: torch.empty(shape) for key, shape in ddcolor("large").items()}
    with pytest.raises(OlharError, match=r"ddcolor \(large\): mean is missing"):
        from_published({key: value for key, value in large.items() if key != "mean"})
    with pytest.raises(OlharError, match="size is 'huge'; it can be tiny or large"):
        DDColor("huge")


def test_strict(state):
    assert from_published({"model_out.weight": torch.zeros(1)}) is None
    for key, says in (
        ("encoder.arch.norm2.bias", r"encoder\.arch\.norm2\.bias is missing"),
        ("decoder.last_shuf.conv.0.weight_v", r"last_shuf\.conv\.0\.weight lacks what its spect"),
    ):
        with pytest.raises(OlharError, match=says):
            from_published({k: v for k, v in state.items() if k != key})
    with pytest.raises(OlharError, match="extra is no part of it"):
        from_published({**state, "extra": torch.zeros(1)})
    short = {**state, "refine_net.0.0.weight_u": torch.zeros(3)}
    with pytest.raises(OlharError, match=r"refine_net\.0\.0\.weight lacks"):
        from_published(short)


@pytest.mark.parametrize("kernel", [1, 3])
def test_folding_gives_the_same_convolution(kernel):
    torch.manual_seed(0)
    conv = nn.Conv2d(5, 7, kernel, padding=kernel // 2)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # its names are what is being tested
        normed = nn.utils.spectral_norm(conv, n_power_iterations=3)
    x = torch.randn(2, 5, 6, 6)
    normed.train()(x)  # finds u and v
    expected = normed.eval()(x)
    folded = fold(normed.state_dict())
    assert folded.keys() == {"weight", "bias"}
    plain = nn.Conv2d(5, 7, kernel, padding=kernel // 2)
    plain.load_state_dict(folded)
    torch.testing.assert_close(plain(x), expected)
    assert not torch.allclose(folded["weight"], normed.state_dict()["weight_orig"])


def test_positions_by_hand():
    found = positions(torch.zeros(1, 8, 2, 3))
    assert found.shape == (6, 256)
    row, column, pair = 2, 1, 5  # of 2 and of 3, counted from 1
    place = (row - 1) * 3 + column - 1
    rate = 10_000 ** (-2 * pair / 128)
    for first, angle in ((0, 2 * math.pi * row / 2), (128, 2 * math.pi * column / 3)):
        assert found[place, first + 2 * pair].item() == pytest.approx(
            math.sin(angle * rate), abs=1e-5
        )
        assert found[place, first + 2 * pair + 1].item() == pytest.approx(
            math.cos(angle * rate), abs=1e-5
        )


class Plain:
    """The same arithmetic, function by function, from the published state dict alone."""

    def __init__(self, state: dict[str, Tensor]) -> None:
        self.state = state

    def conv(self, x: Tensor, name: str, **how: int) -> Tensor:
        return F.conv2d(x, self.state[f"{name}.weight"], self.state[f"{name}.bias"], **how)

    def spectral(self, x: Tensor, name: str, padding: int = 0) -> Tensor:
        weight, u, v = (self.state[f"{name}.weight_{each}"] for each in ("orig", "u", "v"))
        sigma = torch.dot(u, torch.mv(weight.reshape(len(weight), -1), v))
        return F.conv2d(x, weight / sigma, self.state.get(f"{name}.bias"), padding=padding)

    def dense(self, x: Tensor, name: str) -> Tensor:
        return x @ self.state[f"{name}.weight"].T + self.state[f"{name}.bias"]

    def norm(self, x: Tensor, name: str, eps: float = 1e-5) -> Tensor:
        """Of the last axis."""
        x = (x - x.mean(-1, keepdim=True)) / (x.var(-1, keepdim=True, correction=0) + eps).sqrt()
        return x * self.state[f"{name}.weight"] + self.state[f"{name}.bias"]

    def norm_channels(self, x: Tensor, name: str) -> Tensor:
        return self.norm(x.permute(0, 2, 3, 1), name, 1e-6).permute(0, 3, 1, 2)

    def batch_norm(self, x: Tensor, name: str) -> Tensor:
        mean, variance, weight, bias = (
            self.state[f"{name}.{each}"][:, None, None]
            for each in ("running_mean", "running_var", "weight", "bias")
        )
        return (x - mean) / (variance + 1e-5).sqrt() * weight + bias

    def encoder(self, x: Tensor) -> list[Tensor]:
        features = []
        for i, depth in enumerate((3, 3, 9, 3)):
            down = f"encoder.arch.downsample_layers.{i}"
            if i == 0:
                x = self.norm_channels(self.conv(x, f"{down}.0", stride=4), f"{down}.1")
            else:
                x = self.conv(self.norm_channels(x, f"{down}.0"), f"{down}.1", stride=2)
            for j in range(depth):
                name = f"encoder.arch.stages.{i}.{j}"
                y = self.conv(x, f"{name}.dwconv", padding=3, groups=x.shape[1])
                y = self.norm(y.permute(0, 2, 3, 1), f"{name}.norm", 1e-6)
                y = self.dense(F.gelu(self.dense(y, f"{name}.pwconv1")), f"{name}.pwconv2")
                x = x + (y * self.state[f"{name}.gamma"]).permute(0, 3, 1, 2)
            features.append(self.norm_channels(x, f"encoder.arch.norm{i}"))
        return features

    def enlarge(self, x: Tensor, scale: int) -> Tensor:
        n, c, h, w = x.shape
        x = x.relu().reshape(n, c // scale**2, scale, scale, h, w).permute(0, 1, 4, 2, 5, 3)
        x = x.reshape(n, c // scale**2, h * scale, w * scale)
        up = torch.cat([x[:, :, :1], x[:, :, :-1]], 2)  # what is above, and the first row twice
        both = x + up
        return (both + torch.cat([both[..., :1], both[..., :-1]], 3)) / 4

    def attend(self, name: str, query: Tensor, key: Tensor, value: Tensor) -> Tensor:
        weight, bias = self.state[f"{name}.in_proj_weight"], self.state[f"{name}.in_proj_bias"]
        query, key, value = (
            x @ weight[i : i + 256].T + bias[i : i + 256]
            for i, x in ((0, query), (256, key), (512, value))
        )
        heads = []
        for i in range(0, 256, 32):
            score = query[..., i : i + 32] @ key[..., i : i + 32].mT / math.sqrt(32)
            heads.append(score.softmax(-1) @ value[..., i : i + 32])
        return self.dense(torch.cat(heads, -1), f"{name}.out_proj")

    def colors(self, scales: list[Tensor]) -> Tensor:
        name = "decoder.color_decoder"
        seen = [
            self.conv(x, f"{name}.input_proj.{i}").flatten(2).mT
            + self.state[f"{name}.level_embed.weight"][i]
            for i, x in enumerate(scales)
        ]
        names = self.state[f"{name}.query_embed.weight"]
        x = self.state[f"{name}.query_feat.weight"].repeat(len(seen[0]), 1, 1)
        for i in range(9):
            layer = f"{name}.transformer_cross_attention_layers.{i}"
            keys = seen[i % 3] + positions(scales[i % 3])
            found = self.attend(f"{layer}.multihead_attn", x + names, keys, seen[i % 3])
            x = self.norm(x + found, f"{layer}.norm")
            layer = f"{name}.transformer_self_attention_layers.{i}"
            x = self.norm(
                x + self.attend(f"{layer}.self_attn", x + names, x + names, x), f"{layer}.norm"
            )
            layer = f"{name}.transformer_ffn_layers.{i}"
            y = self.dense(self.dense(x, f"{layer}.linear1").relu(), f"{layer}.linear2")
            x = self.norm(x + y, f"{layer}.norm")
        x = self.norm(x, f"{name}.decoder_norm")
        for i in range(3):
            x = self.dense(x, f"{name}.color_embed.layers.{i}")
            x = x.relu() if i < 2 else x
        return x

    def __call__(self, light: Tensor) -> Tensor:
        grey = lab_to_srgb(torch.cat([light, 0 * light, 0 * light], 1))
        grey = (grey - self.state["mean"]) / self.state["std"]
        *skips, x = self.encoder(grey)
        scales = []
        for i, skip in enumerate(reversed(skips)):
            name = f"decoder.layers.{i}"
            x = self.spectral(x, f"{name}.shuf.conv.0")
            x = self.enlarge(self.batch_norm(x, f"{name}.shuf.conv.1"), 2)
            x = torch.cat([x, self.batch_norm(skip, f"{name}.bn")], 1).relu()
            x = self.spectral(x, f"{name}.conv.0", padding=1).relu()
            x = self.batch_norm(x, f"{name}.conv.2")
            scales.append(x)
        picture = self.enlarge(self.spectral(x, "decoder.last_shuf.conv.0"), 4)
        mixture = (self.colors(scales) @ picture.flatten(2)).unflatten(2, picture.shape[2:])
        return self.spectral(torch.cat([mixture, grey], 1), "refine_net.0.0")


@torch.no_grad()
def test_it_says_what_plain_functions_say(state, painter):
    light = torch.rand(2, 1, 32, 64, generator=torch.Generator().manual_seed(1)) * 100
    expected = Plain(state)(light)
    said = painter(light, torch.zeros(2, 3, 32, 64))
    assert said.logits is None
    assert said.ab.shape == (2, 2, 32, 64)
    assert expected.std() > 0.1
    torch.testing.assert_close(said.ab, expected, rtol=1e-3, atol=1e-3 * float(expected.std()))
    assert torch.equal(painter.decode(said, 0.0), said.ab)


def test_what_it_does_not_do_is_said(painter):
    light, hints = torch.zeros(1, 1, 32, 40), torch.zeros(1, 3, 32, 40)
    with pytest.raises(OlharError, match=r"ddcolor was given 40 x 32 pixels.* multiples of 32"):
        painter(light, hints)
    assert painter.bins is None
    with torch.no_grad(), pytest.raises(OlharError, match="no probabilities"):
        painter.log_probabilities(painter(light[..., :32], hints[..., :32]), 0.5)
