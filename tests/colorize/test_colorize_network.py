"""The colorizer's network: shapes, hints, what vividness does, its encoder."""

import pytest
import torch
import torch.nn.functional as F

from olhar import OlharError
from olhar.colorize.network import ColorNet, from_tensors
from olhar.colorize.painter import Said
from olhar.nets.efficientnet import STAGES, Lite0, published


@pytest.fixture(scope="module")
def network() -> ColorNet:
    torch.manual_seed(0)
    network = ColorNet(widths=(16, 16, 12, 8)).eval()
    torch.nn.init.normal_(network.rarity)
    return network


def light(height: int = 64, width: int = 96) -> torch.Tensor:
    return 100 * torch.rand(2, 1, height, width, generator=torch.Generator().manual_seed(1))


@torch.inference_mode()
def test_a_quarter_of_the_size_comes_out(network: ColorNet) -> None:
    said = network(light(), torch.zeros(2, 3, 64, 96))
    assert said.logits is not None
    assert said.logits.shape == (2, 261, 16, 24)
    assert network.decode(said, 0.3).shape == (2, 2, 16, 24)
    assert network.log_probabilities(said, 0.3).exp().sum(1).sub(1).abs().max() < 1e-4


@torch.inference_mode()
def test_sizes_that_do_not_fit_are_refused(network: ColorNet) -> None:
    with pytest.raises(OlharError, match="100 x 64 pixels; both sides must be multiples of 32"):
        network(light(64, 100), torch.zeros(2, 3, 64, 100))


@torch.inference_mode()
def test_a_hint_changes_its_surroundings_and_no_other_image(network: ColorNet) -> None:
    hints = torch.zeros(2, 3, 64, 96)
    before = network(light(), hints).logits
    hints[1, :, 30:33, 40:43] = torch.tensor([50.0, 20.0, 1.0]).view(3, 1, 1)
    after = network(light(), hints).logits
    assert torch.equal(before[0], after[0])
    assert not torch.allclose(before[1, :, 7:9, 10:12], after[1, :, 7:9, 10:12])


@torch.inference_mode()
def test_colors_where_nothing_is_known_do_not_count(network: ColorNet) -> None:
    hints = torch.zeros(2, 3, 64, 96)
    hints[:, :2] = 40.0  # without a mask
    assert torch.equal(
        network(light(), hints).logits, network(light(), torch.zeros(2, 3, 64, 96)).logits
    )


def test_vivid_moves_along_the_weights_of_rarity(network: ColorNet) -> None:
    logits = torch.randn(1, 261, 2, 2, generator=torch.Generator().manual_seed(2))
    plain = network.log_probabilities(Said(logits=logits), network.trained_at)
    assert torch.allclose(plain, logits.log_softmax(1))
    vivid = network.log_probabilities(Said(logits=logits), 1.0)
    safe = network.log_probabilities(Said(logits=logits), 0.0)
    shift = (vivid - safe)[0, :, 0, 0]
    assert torch.allclose(shift - shift.mean(), network.rarity - network.rarity.mean(), atol=1e-4)


def test_it_is_built_from_what_was_saved(network: ColorNet) -> None:
    again = from_tensors(network.state_dict(), **network.arguments)
    hints = torch.zeros(2, 3, 64, 96)
    with torch.inference_mode():
        assert torch.allclose(
            again(light(), hints).logits, network(light(), hints).logits, atol=1e-5
        )
    half = {k: v.half() if v.is_floating_point() else v for k, v in network.state_dict().items()}
    assert from_tensors(half, **network.arguments).head.weight.dtype == torch.float32
    with pytest.raises(RuntimeError, match="not those of the network"):
        from_tensors(network.state_dict(), **network.arguments | {"widths": [16, 16, 16, 8]})


def test_the_encoder_has_the_published_layers() -> None:
    state = {"_conv_stem.weight": (32, 3, 3, 3)}
    norms = {"_bn0": 32}
    inputs, number = 32, 0
    for expand, outputs, blocks, _, kernel in STAGES:
        for _ in range(blocks):
            name, wide = f"_blocks.{number}", inputs * expand
            if expand > 1:
                state[f"{name}._expand_conv.weight"] = (wide, inputs, 1, 1)
                norms[f"{name}._bn0"] = wide
            state[f"{name}._depthwise_conv.weight"] = (wide, 1, kernel, kernel)
            state[f"{name}._project_conv.weight"] = (outputs, wide, 1, 1)
            norms |= {f"{name}._bn1": wide, f"{name}._bn2": outputs}
            inputs, number = outputs, number + 1
    tensors = {name: torch.rand(shape) for name, shape in state.items()}
    for name, channels in norms.items():
        parts = ("weight", "bias", "running_mean", "running_var")
        tensors |= {f"{name}.{part}": torch.rand(channels) for part in parts}
        tensors[f"{name}.num_batches_tracked"] = torch.tensor(0)
    assert len(tensors) == 296 - 8  # less those of the classifier
    encoder = Lite0()
    encoder.load_state_dict(published(tensors))
    assert sum(p.numel() for p in encoder.parameters()) == 2_958_848
    with pytest.raises(KeyError):
        published({name: t for name, t in tensors.items() if name != "_conv_stem.weight"})


def test_strided_layers_pad_as_tensorflow_does() -> None:
    """An even size at stride 2: one pixel more at the right and the bottom than at the left."""
    encoder = Lite0()
    batch = torch.rand(1, 3, 8, 8)
    stem = encoder.stem.conv
    expected = F.conv2d(F.pad(batch, (0, 1, 0, 1)), stem.weight, stride=2)
    got: list[torch.Tensor] = []
    stem.register_forward_hook(lambda *args: got.append(args[2]))
    encoder.stem(batch)
    assert torch.allclose(got[0], expected, atol=1e-6)
    five = encoder.stages[2][0].look  # kernel 5
    assert five.around == (1, 2, 1, 2)
