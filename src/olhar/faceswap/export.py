"""What of the networks that find faces another engine can run, inside olhar (`olhar.nets.prepare`).

They are not exported for other programs, since crops and turned squares are made between them; nor
is the network that swaps, whose file would work without consent, label and mark.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import torch

from olhar.faceswap.facemesh import SIZE
from olhar.nets.portable import Free, Graph, Input
from olhar.nets.prepare import Part

if TYPE_CHECKING:
    from torch import Tensor

    from olhar.faceswap.blazeface import FullRange, ShortRange
    from olhar.faceswap.faces import Faces

_GUESSES = ("boxes", "points", "scores")


def parts(faces: Faces) -> dict[str, Part]:
    """The three networks: of frames of 16:9, one and several, of large pictures, of faces."""
    faces.to(memory_format=torch.channels_last)  # as `olhar.faceswap.faces.load`
    short, full = _detector(faces.short), _detector(faces.full)
    mesh = Graph(faces.mesh, faces.mesh, {"faces": Input((3, SIZE, SIZE))}, ("points", "presence"))
    small, large = (256, 416), (640, 640)
    return {
        "short": _part(short, (1, 80, 128), (8, 80, 128)),
        "full": _part(full, (1, *small), (1, *large), (8, *small)),
        "mesh": _part(mesh, (1, SIZE, SIZE), (16, SIZE, SIZE)),
    }


def _detector(network: ShortRange | FullRange) -> Graph:
    sides = (Free("rows", network.multiple), Free("columns", network.multiple))
    return Graph(network, network, {"images": Input((3, *sides))}, _GUESSES)


def _part(graph: Graph, *sizes: tuple[int, int, int]) -> Part:
    def usual(batch: Tensor) -> Any:
        return graph.function(batch.contiguous(memory_format=torch.channels_last))

    return Part(graph, tuple(((count, 3, *sides),) for count, *sides in sizes), usual)
