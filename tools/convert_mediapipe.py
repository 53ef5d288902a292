"""Make src/olhar/hub/weights/faces.safetensors of the graphs in the mediapipe 0.10.21 wheel.

    pip install ai-edge-litert
    python tools/convert_mediapipe.py FOLDER        # with the three .tflite files

The weights of all convolutions and activations are read in the order in which the graphs compute,
which is that of the modules here. Then both are run on the same pictures, at every output, and the
largest difference is printed in pixels.
"""

import argparse
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter, OpResolverType
from torch import Tensor, nn

from olhar import hub
from olhar.faceswap.blazeface import FullRange, ShortRange
from olhar.faceswap.facemesh import FaceMesh
from olhar.faceswap.faces import Faces, from_tensors, packed

GRAPHS = {
    "short": "face_detection_short_range.tflite",
    "full": "face_detection_full_range_sparse.tflite",
    "mesh": "face_landmark.tflite",
}
SPARSE = 0.4
"""The share of zeros from which a weight is stored without them."""


def interpreter(path: Path) -> Any:
    """The original graph, every tensor of which can be looked at."""
    made = Interpreter(
        str(path),
        experimental_op_resolver_type=OpResolverType.BUILTIN_WITHOUT_DEFAULT_DELEGATES,
        experimental_preserve_all_tensors=True,
    )
    made.allocate_tensors()
    return made


def run(graph: Any, image: Tensor) -> list[Tensor]:
    """All outputs for an image (3, H, W) in the range of the graph."""
    graph.set_tensor(graph.get_input_details()[0]["index"], image.permute(1, 2, 0)[None].numpy())
    graph.invoke()
    return [torch.from_numpy(graph.get_tensor(o["index"])) for o in graph.get_output_details()]


def weights(graph: Any) -> list[tuple[Tensor, ...]]:
    """Weight and bias of every convolution, slopes of every PReLU, in order of computation."""
    run(graph, torch.zeros(*graph.get_input_details()[0]["shape"][[3, 1, 2]]))
    found: list[tuple[Tensor, ...]] = []
    for op in graph._get_ops_details():
        values = (
            [
                torch.from_numpy(graph.get_tensor(int(i)).astype(np.float32))
                for i in op["inputs"][1:]
            ]
            if op["op_name"] in ("CONV_2D", "DEPTHWISE_CONV_2D", "PRELU")
            else []
        )
        if op["op_name"] == "CONV_2D":
            found.append((values[0].permute(0, 3, 1, 2), values[1]))
        elif op["op_name"] == "DEPTHWISE_CONV_2D":
            found.append((values[0].permute(3, 0, 1, 2), values[1]))
        elif values:
            found.append((values[0].flatten(),))
    return found


def ordered(network: nn.Module) -> list[nn.Module]:
    """The modules with weights in the order in which the graph computes them."""

    def leaves(module: nn.Module) -> list[nn.Module]:
        return [m for m in module.modules() if isinstance(m, nn.Conv2d | nn.PReLU)]

    if isinstance(network, ShortRange):
        body = [network.stem, *leaves(network.fine_blocks), *leaves(network.coarse_blocks)]
        return [*body, *network.scores, *network.boxes]
    if isinstance(network, FullRange):
        found = [network.stem, *leaves(network.first)]
        for number, level in enumerate(network.down):
            found += leaves(level)
            found += [network.across[2 - number]] if number < 3 else []
        for lift, up in zip(network.lift, network.up, strict=True):
            found += [lift, *leaves(up)]
        return [*found, *network.scores, *network.boxes]
    assert isinstance(network, FaceMesh)
    head = [leaves(network.presence), leaves(network.points)]
    both = [module for pair in zip(*head, strict=True) for module in pair]
    return [network.stem, network.stem_active, *leaves(network.body), *leaves(network.fork), *both]


def shuffled(network: FullRange) -> None:
    """TensorFlow's depth-to-space has the place before the channel, `pixel_shuffle` behind it."""
    for head in (network.scores, network.boxes):
        for layer in head:
            assert isinstance(layer, nn.Conv2d)
            assert layer.bias is not None
            for value in (layer.weight, layer.bias):
                value.copy_(value.unflatten(0, (4, -1)).transpose(0, 1).flatten(0, 1).clone())


def convert(folder: Path) -> Faces:
    """The networks with the weights of the graphs."""
    faces = Faces().eval()
    for name, file in GRAPHS.items():
        network = faces.get_submodule(name)
        found = weights(interpreter(folder / file))
        for module, values in zip(ordered(network), found, strict=True):
            for parameter, value in zip(module.parameters(), values, strict=True):
                if parameter.shape != value.shape:
                    raise SystemExit(f"{name}: {tuple(parameter.shape)}, {tuple(value.shape)}")
                parameter.copy_(value)
        if isinstance(network, FullRange):
            shuffled(network)
    return faces


def differences(faces: Faces, folder: Path) -> dict[str, float]:
    """The largest difference to the original graphs, in pixels or logits, on random pictures."""
    generator = torch.Generator().manual_seed(0)
    found: dict[str, float] = {}
    for name, file in GRAPHS.items():
        graph = interpreter(folder / file)
        size = int(graph.get_input_details()[0]["shape"][1])
        for _ in range(3):
            small = torch.rand(1, 3, 12, 12, generator=generator)
            image = nn.functional.interpolate(small, (size, size), mode="bicubic").clamp(0, 1)[0]
            theirs = run(graph, image if name == "mesh" else 2 * image - 1)
            ours = faces.get_submodule(name)(image[None])
            if name == "mesh":
                pairs = {
                    "points": (ours[0], theirs[0].view(1, -1, 3)),
                    "presence": (ours[1], theirs[1].flatten()),
                }
            else:
                rows = next(t for t in theirs if t.shape[2] == 16)
                sizes = ours[0][..., 2:] - ours[0][..., :2]
                middles = (ours[0][..., 2:] + ours[0][..., :2]) / 2
                relative = ours[1] - middles[..., None, :]
                there = rows[..., 4:].unflatten(-1, (6, 2)) - rows[..., None, :2]
                scores = next(t for t in theirs if t.shape[2] == 1)[..., 0]
                pairs = {
                    "sizes": (sizes, rows[..., 2:4]),
                    "points": (relative, there),
                    "scores": (ours[2], scores),
                }
            for key, (a, b) in pairs.items():
                gap = float((a - b).abs().max())
                found[f"{name} {key}"] = max(found.get(f"{name} {key}", 0.0), gap)
    return found


@torch.no_grad()
def main() -> None:
    """Convert, save, compare."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "-o", "--output", type=Path, default=Path("src/olhar/hub/weights/faces.safetensors")
    )
    given = parser.parse_args()
    tensors: dict[str, Tensor] = {}
    for key, value in convert(given.folder).state_dict().items():
        half = value.half()
        if not torch.equal(half.float(), value):
            raise SystemExit(f"{key} is no float16")  # the graphs hold nothing else
        if (half == 0).float().mean() > SPARSE:
            tensors[f"{key}.values"], tensors[f"{key}.there"] = packed(half)
        else:
            tensors[key] = half
    card = hub.Card(
        name="faces",
        kind="faces",
        summary="Finds faces and 468 points on each: BlazeFace short and full range, FaceMesh",
        licence="Apache-2.0",
        authors=("The MediaPipe authors, Google",),
        origin="face_detection_short_range, face_detection_full_range_sparse and face_landmark in "
        "the Python package mediapipe 0.10.21, converted from TensorFlow Lite",
        trained_on="photographs of people taken with phones, as the model cards of MediaPipe say",
    )
    hub.save(given.output, tensors, card)
    print(f"{given.output}: {given.output.stat().st_size / 1e6:.2f} MB")
    for name, gap in differences(from_tensors(hub.load(given.output)[1]), given.folder).items():
        print(f"{name:<14} within {gap:.1e}")


if __name__ == "__main__":
    main()
