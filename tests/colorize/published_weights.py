"""Synthetic weights in the published layouts, written down as layouts and not as networks.

The numbers are random, about as large as keeps what passes through a network about as large.
"""

import math

import torch
from torch import Tensor

Layout = dict[str, tuple[int, ...]]


def conv(name: str, out: int, into: int, kernel: int = 3, bias: bool = True) -> Layout:
    return {f"{name}.weight": (out, into, kernel, kernel)} | (
        {f"{name}.bias": (out,)} if bias else {}
    )


def dense(name: str, out: int, into: int) -> Layout:
    return {f"{name}.weight": (out, into), f"{name}.bias": (out,)}


def layer_norm(name: str, width: int) -> Layout:
    return {f"{name}.weight": (width,), f"{name}.bias": (width,)}


def batch_norm(name: str, width: int) -> Layout:
    names = ("weight", "bias", "running_mean", "running_var")
    return {f"{name}.{each}": (width,) for each in names} | {f"{name}.num_batches_tracked": ()}


def spectral(name: str, out: int, into: int, kernel: int, bias: bool) -> Layout:
    return {
        f"{name}.weight_orig": (out, into, kernel, kernel),
        f"{name}.weight_u": (out,),
        f"{name}.weight_v": (into * kernel**2,),
    } | ({f"{name}.bias": (out,)} if bias else {})


def _block(name: str, *widths: int, first: int = 0) -> Layout:
    layout: Layout = {}
    for i, width in enumerate(widths[1:]):
        layout |= conv(f"{name}.{first + 2 * i}", width, widths[i])
    return layout | batch_norm(f"{name}.{first + 2 * len(widths) - 2}", widths[-1])


def _trunk(channels: int) -> Layout:
    layout = _block("model1", channels, 64, 64) | _block("model2", 64, 128, 128)
    layout |= _block("model3", 128, 256, 256, 256) | _block("model4", 256, 512, 512, 512)
    for name in ("model5", "model6", "model7"):
        layout |= _block(name, 512, 512, 512, 512)
    return layout


def eccv16() -> Layout:
    layout = _trunk(1)
    layout |= {"model8.0.weight": (512, 256, 4, 4), "model8.0.bias": (256,)}
    layout |= conv("model8.2", 256, 256) | conv("model8.4", 256, 256)
    return layout | conv("model8.6", 313, 256, 1) | conv("model_out", 2, 313, 1, bias=False)


def siggraph17() -> Layout:
    layout = _trunk(4)
    for up, across, below, beside, after in (
        ("model8up.0", "model3short8.0", 512, 256, 256),
        ("model9up.0", "model2short9.0", 256, 128, 128),
        ("model10up.0", "model1short10.0", 128, 64, 128),
    ):
        layout |= {f"{up}.weight": (below, after, 4, 4), f"{up}.bias": (after,)}
        layout |= conv(across, after, beside)
    layout |= _block("model8", 256, 256, 256, first=1) | _block("model9", 128, 128, first=1)
    layout |= conv("model10.1", 128, 128)
    return layout | conv("model_class.0", 529, 256, 1) | conv("model_out.0", 2, 128, 1)


def ddcolor(size: str) -> Layout:
    depths = {"tiny": (3, 3, 9, 3), "large": (3, 3, 27, 3)}[size]
    widths = [(96 if size == "tiny" else 192) << i for i in range(4)]
    layout = conv("encoder.arch.downsample_layers.0.0", widths[0], 3, 4)
    layout |= layer_norm("encoder.arch.downsample_layers.0.1", widths[0])
    for i in (1, 2, 3):
        layout |= layer_norm(f"encoder.arch.downsample_layers.{i}.0", widths[i - 1])
        layout |= conv(f"encoder.arch.downsample_layers.{i}.1", widths[i], widths[i - 1], 2)
    for i, (depth, w) in enumerate(zip(depths, widths, strict=True)):
        layout |= layer_norm(f"encoder.arch.norm{i}", w)
        for j in range(depth):
            name = f"encoder.arch.stages.{i}.{j}"
            layout |= {f"{name}.gamma": (w,), **layer_norm(f"{name}.norm", w)}
            layout |= {f"{name}.dwconv.weight": (w, 1, 7, 7), f"{name}.dwconv.bias": (w,)}
            layout |= dense(f"{name}.pwconv1", 4 * w, w) | dense(f"{name}.pwconv2", w, 4 * w)
    layout |= layer_norm("encoder.arch.norm", widths[3])
    for i, (below, skip, after) in enumerate(
        ((widths[3], widths[2], 512), (512, widths[1], 512), (512, widths[0], 256))
    ):
        name = f"decoder.layers.{i}"
        layout |= spectral(f"{name}.shuf.conv.0", 4 * after, below, 1, bias=False)
        layout |= batch_norm(f"{name}.shuf.conv.1", 4 * after) | batch_norm(f"{name}.bn", skip)
        layout |= spectral(f"{name}.conv.0", after, after + skip, 3, bias=False)
        layout |= batch_norm(f"{name}.conv.2", after)
    layout |= spectral("decoder.last_shuf.conv.0", 4096, 256, 1, bias=True)
    name = "decoder.color_decoder"
    layout |= {f"{name}.{each}.weight": (100, 256) for each in ("query_feat", "query_embed")}
    layout |= {f"{name}.level_embed.weight": (3, 256)}
    for i, width in enumerate((512, 512, 256)):
        layout |= conv(f"{name}.input_proj.{i}", 256, width, 1)
    for i in range(9):
        for kind, attention in (("self", "self_attn"), ("cross", "multihead_attn")):
            layer = f"{name}.transformer_{kind}_attention_layers.{i}"
            layout |= {
                f"{layer}.{attention}.in_proj_weight": (768, 256),
                f"{layer}.{attention}.in_proj_bias": (768,),
                **dense(f"{layer}.{attention}.out_proj", 256, 256),
                **layer_norm(f"{layer}.norm", 256),
            }
        layer = f"{name}.transformer_ffn_layers.{i}"
        layout |= dense(f"{layer}.linear1", 2048, 256) | dense(f"{layer}.linear2", 256, 2048)
        layout |= layer_norm(f"{layer}.norm", 256)
    layout |= layer_norm(f"{name}.decoder_norm", 256)
    for i in range(3):
        layout |= dense(f"{name}.color_embed.layers.{i}", 256, 256)
    layout |= spectral("refine_net.0.0", 2, 103, 1, bias=True)
    return layout | {"mean": (1, 3, 1, 1), "std": (1, 3, 1, 1)}


def draw(layout: Layout, seed: int = 0) -> dict[str, Tensor]:
    """Weights of a layout, by name."""
    generator = torch.Generator().manual_seed(seed)
    state: dict[str, Tensor] = {}
    for key, shape in layout.items():
        kind = key.rpartition(".")[2]
        noise = torch.randn(shape, generator=generator)
        if kind == "num_batches_tracked":
            state[key] = torch.tensor(7)
        elif kind in ("weight_u", "weight_v"):
            state[key] = noise / noise.norm()
        elif kind in ("running_var", "std"):
            state[key] = noise.abs() + 0.5
        elif kind == "gamma" or (kind == "weight" and len(shape) == 1):
            state[key] = 1 + 0.2 * noise
        elif len(shape) > 1 and kind != "mean":
            state[key] = noise * math.sqrt(2 / math.prod(shape[1:]))
        else:
            state[key] = 0.1 * noise
    for key in [key for key in state if key.endswith("weight_v")]:
        name = key.removesuffix("weight_v")  # u and v that have converged, as after a training
        weight = state[f"{name}weight_orig"].flatten(1)
        for _ in range(3):
            v = state[f"{name}weight_u"] @ weight
            state[key] = v / v.norm()
            u = weight @ state[key]
            state[f"{name}weight_u"] = u / u.norm()
    return state
