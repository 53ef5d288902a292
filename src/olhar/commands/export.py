"""`olhar export`."""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import tyro

from olhar import catalogue
from olhar.commands.shared import Output
from olhar.errors import OlharError
from olhar.media.files import shown
from olhar.nets.portable import Agreement, write


@dataclass(frozen=True)
class Exported:
    """A model that has left torch."""

    path: Path
    model: str
    part: str
    others: tuple[str, ...]
    """The parts that it has besides."""
    inputs: dict[str, str]
    outputs: tuple[str, ...]
    agreement: Agreement
    exit_code: int = 0

    def as_dict(self) -> dict[str, Any]:
        """The same as JSON values."""
        return {
            "file": str(self.path),
            "bytes": self.path.stat().st_size,
            "model": self.model,
            "part": self.part,
            "other_parts": list(self.others),
            "inputs": self.inputs,
            "outputs": list(self.outputs),
            **self.agreement._asdict(),
        }

    def __str__(self) -> str:
        size = self.path.stat().st_size / 1e6
        lines = [f"{shown(self.path)}: {self.model}, its {self.part} ({size:.1f} MB)", ""]
        lines += [f"  in   {name} {shape}" for name, shape in self.inputs.items()]
        lines += [f"  out  {name}" for name in self.outputs]
        lines += ["", f"ONNX Runtime and torch {self.agreement}"]
        if self.others:
            lines.append(f"other parts: {', '.join(f'--part {part}' for part in self.others)}")
        return "\n".join(lines)


def export(
    model: Annotated[str, tyro.conf.arg(metavar="MODEL")],
    /,
    *,
    output: Output,
    part: str = "",
) -> Exported:
    """Write a model as ONNX, for other programs.

    One file that ONNX Runtime, OpenVINO and browsers run without torch. It
    takes any number of pictures at once, of any size if the network does, with
    values from 0 to 1: normalisation is inside. Before it is kept, ONNX Runtime
    runs it beside torch. The model's card is in it: olhar models show FILE.

    Args:
        model: a run folder, a .safetensors file or the name of a model
        output: the file to make, as model.onnx
        part: which, of models with several: as encoder or decoder; the one
            that most want if left out
    """
    path = Path(output)
    if path.suffix.lower() != ".onnx":
        raise OlharError(f"{shown(path)} is no name of an ONNX file; end it in .onnx")
    card, graphs = catalogue.graphs(model)
    if part and part not in graphs:
        raise OlharError(f"{card.name} has no part {part!r}; it has {', '.join(graphs)}")
    part = part or next(iter(graphs))
    graph = graphs[part]
    found = write(path, graph, card, part)
    others = tuple(name for name in graphs if name != part)
    return Exported(path, card.name, part, others, graph.shapes(), graph.outputs, found)
