"""How a face swap is learned: both people rebuilt, each by its own decoder, from bent faces.

Two face sets, a record that both people agreed, and some hours of a CPU or one of a GPU. The swap
itself is never asked for and cannot be measured in the training; the pictures of `show` are what a
person judges by.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable  # noqa: TC003  the hints are read
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path  # noqa: TC003
from typing import TYPE_CHECKING, Annotated, Any, ClassVar, Literal

import torch
import tyro
from torch import Tensor

from olhar.data.dataset import Datasets
from olhar.errors import OlharError
from olhar.faceswap import losses
from olhar.faceswap.advice import compared
from olhar.faceswap.bank import person
from olhar.faceswap.network import PRESETS, SIDES, Swapper
from olhar.faceswap.pairs import Pairs, Variety
from olhar.fields import Advanced, Place, Within, as_dict
from olhar.media import consent
from olhar.media.files import shown
from olhar.media.ssim import ssim
from olhar.training.recipe import Group, Losses, Metrics, Recipe

if TYPE_CHECKING:
    from collections.abc import Sequence
    from typing import Self

    from olhar.data.dataset import Batch

_COLUMNS = 6
_RICHER = 4 / 3  # side of the faces that are held, over that of those that are learned
_PEOPLE = 2
_LARGE = 0.2  # of the learning rate


@dataclass(frozen=True, kw_only=True)
class FaceSwap(Recipe):
    """Learns the faces of two people who agreed, to put one in the other's place."""

    kind: ClassVar[str] = "faceswap"

    a: Annotated[Path, Place(), tyro.conf.arg(metavar="SET")]
    """faces of one person: a folder that olhar faces made"""
    b: Annotated[Path, Place(), tyro.conf.arg(metavar="SET")]
    """faces of the other"""
    consent: Annotated[Path | None, Place(), tyro.conf.arg(metavar="FILE")] = None
    """the record that both agreed, made by olhar consent; nothing is learned without it"""
    preset: Literal["auto", "light", "classic", "quality"] = "auto"
    """light for a CPU, quality for a GPU, classic as published in 2017; auto goes by the device"""
    size: Annotated[int, Within(0, 1024)] = 0
    """side of the faces; 0 is the preset's: 112, 64 or 192"""
    down: Annotated[tuple[int, ...], Within(1, 8192), Advanced()] = ()
    """channels after each halving; the preset has its own"""
    code: Annotated[int, Within(0, 65_536), Advanced()] = 0
    """numbers that a face is said in; 0 is the preset's"""
    up: Annotated[tuple[int, ...], Within(1, 8192), Advanced()] = ()
    """channels after each doubling; the preset has its own"""
    validation: Annotated[float, Within(0.01, 0.5), Advanced()] = 0.1
    """share of each film, in one piece, that is held out to measure with"""
    bend: Annotated[float, Within(0, 0.2, search=(0.01, 0.06))] = 0.03
    """how far faces are bent, as a share of the side; more is more alike, less is sharper"""
    mirror: Annotated[bool, Advanced()] = False
    """mirror half of the faces: more poses, but a parting or a scar on both sides"""
    color: Annotated[float, Within(0, 1), Advanced()] = 0.1
    """change the light by up to this"""
    palette: Annotated[float, Within(0, 1), Advanced()] = 0.5
    """how often a face is shown in the colours of the other person"""
    poses: Annotated[float, Within(0, 1), Advanced()] = 0.5
    """0 shows poses as often as they were filmed, 1 all alike"""
    focus: Annotated[float, Within(1, 20), Advanced()] = 3.0
    """how many times as much as the rest of the face the eyes and the mouth count"""

    epochs: int = 300
    """times each face is seen; quality: 1,000"""
    batch_size: int = 16
    learning_rate: float = 5e-4
    """the highest rate of the schedule; classic and quality take a fifth of it"""
    weight_decay: float = 0.0
    ema: float = 0.999
    evaluate_every: int = 10

    def resolve(self, device: str) -> Self:
        """Also choose the preset."""
        chosen = "quality" if device == "cuda" else "light"
        resolved = super().resolve(device)
        return resolved.replace(preset=chosen) if self.preset == "auto" else resolved

    # Steps 2 and 3: data.

    def datasets(self) -> Datasets:
        """Ask for consent, read both face sets, hold a stretch of each film out."""
        self._agreed()
        if self.a.resolve() == self.b.resolve():
            raise OlharError(
                f"a and b are both {shown(self.a)}, and a face swap learns two people; give a face "
                "set of each"
            )
        size = self._arguments()["size"]
        rich = 2 * round(size * _RICHER / 2)
        a, b = (
            person(folder, side, rich, self.validation, self.seed)
            for folder, side in zip((self.a, self.b), SIDES, strict=True)
        )
        how = self.variety()
        return Datasets(
            train=Pairs(a.train, b.train, size, how, self.seed),
            validation=Pairs(a.held_out, b.held_out, size, how, self.seed),
            notes=(*a.notes, *b.notes, *compared(a.tally, b.tally)),
            described=f"{a.tally.faces:,} faces of a, {b.tally.faces:,} of b",
            fingerprint=blake2b((a.hash + b.hash).encode(), digest_size=16).hexdigest(),
        )

    def variety(self) -> Variety:
        """How the faces that are shown are varied."""
        return Variety(
            bend=self.bend,
            mirror=self.mirror,
            color=self.color,
            palette=self.palette,
            evenly=self.poses,
        )

    def _agreed(self) -> consent.Consent:
        if self.consent is None:
            raise OlharError(
                "a face swap is learned of people who agreed to it; record that with "
                "olhar consent, and give the record with --consent"
            )
        record = consent.read(self.consent)
        record.check("train")
        if len(record.people) < _PEOPLE:
            raise OlharError(
                f"the consent is {record.people[0].name}'s alone, and a face swap learns two "
                "people; make a record with olhar consent that names both"
            )
        return record

    # Step 4: the architecture.

    def _arguments(self) -> dict[str, Any]:
        chosen = {name: getattr(self, name) for name in ("size", "down", "code", "up")}
        preset = PRESETS["light" if self.preset == "auto" else self.preset]
        return preset | {name: value for name, value in chosen.items() if value}

    def network(self, datasets: Datasets) -> Swapper:  # noqa: ARG002
        """The preset, with what was asked for instead."""
        return Swapper(**self._arguments())

    # Step 1: the objective.

    def loss(self, network: Any, batch: Batch) -> Losses:
        """Unlike structure, twice the differences of colour, a tenth of those of the mask."""
        common = network.encode(torch.cat([batch[side] for side in SIDES]))
        found: Losses = {}
        for side, code in zip(SIDES, common.chunk(2), strict=True):
            face, mask = network.decode(code, side)
            found[side] = self._cost(face, mask, batch, side).mean()
        return {"loss": found["a"] + found["b"], **found}

    def _cost(self, face: Tensor, mask: Tensor, batch: Batch, side: str) -> Tensor:
        """(N,) of one side."""
        with torch.autocast(face.device.type, enabled=False):
            face, true = face.contiguous(), batch[f"{side}_face"].contiguous()  # one order of sums
            where, parts = batch[f"{side}_mask"], batch[f"{side}_parts"]
            weight = losses.weights(where, parts, self.focus)
            return (
                losses.unlike(face, true, weight)
                + 2 * losses.apart(face, true, weight)
                + 0.1 * (mask - where).abs().mean((1, 2, 3))
            )

    def parameter_groups(self, network: Any) -> Sequence[Group]:
        """All parameters; those of large networks take smaller steps."""
        rate = 1.0 if self.preset == "light" else _LARGE
        return [dataclasses.replace(each, rate=rate) for each in super().parameter_groups(network)]

    # Step 6: evaluation.

    def evaluate(
        self,
        network: Any,
        batches: Iterable[Batch],
        *,
        thorough: bool = False,  # noqa: ARG002
    ) -> Metrics:
        """How well faces that were held out are rebuilt, within the face.

        SSIM over the face, PSNR in dB, the mean difference of its pixels, and the share of the mask
        that is right (intersection over union).
        """
        rows: dict[str, list[Tensor]] = {}
        for batch in batches:
            for side in SIDES:
                face, mask = network(batch[side], side)
                true, where = batch[f"{side}_face"], batch[f"{side}_mask"]
                measured = {"loss": self._cost(face, mask, batch, side)}
                measured |= _measured(face.float(), mask.float(), true, where)
                for name, values in measured.items():
                    rows.setdefault(f"{name}_{side}", []).append(values)
        means = {name: float(torch.cat(parts).double().mean()) for name, parts in rows.items()}
        return {"loss": means.pop("loss_a") + means.pop("loss_b"), **means}

    def show(self, network: Any, batch: Batch) -> Tensor:
        """Rows: a, a rebuilt, a as b; b, b rebuilt, b as a."""
        rows: list[Tensor] = []
        for side, other in zip(SIDES, SIDES[::-1], strict=True):
            faces = batch[side]
            few = torch.linspace(0, len(faces) - 1, min(_COLUMNS, len(faces))).long()
            faces = faces[few.to(faces.device)]
            common = network.encode(faces)
            rows += [faces, network.decode(common, side)[0], network.decode(common, other)[0]]
        return torch.cat([torch.cat([*row.float().clamp(0, 1)], 2) for row in rows], 1)

    def card(self, datasets: Datasets) -> dict[str, Any]:  # noqa: ARG002
        """That there is consent, by its hash; no names, not even those of folders."""
        arguments = self._arguments()
        hidden = {"a": "a", "b": "b", "consent": None}
        return {
            "classes": SIDES,
            "recipe": as_dict(self) | hidden,
            "preprocessing": {"size": arguments["size"], "crop": "olhar.faceswap.align.aligned"},
            "consent": self._agreed().as_card(),
        }


def _measured(face: Tensor, mask: Tensor, true: Tensor, where: Tensor) -> dict[str, Tensor]:
    """(N,) each; what is no face is made the same in both first."""
    with torch.autocast(face.device.type, enabled=False):
        area = where.mean((1, 2, 3)).clamp_min(1e-6)
        made = true.lerp(face, where)
        square = ((made - true).square().mean((1, 2, 3)) / area).clamp_min(1e-10)
        both, either = torch.minimum(mask, where), torch.maximum(mask, where)
        return {
            "ssim": 1 - (1 - ssim(made, true)) / area,
            "psnr": -10 * square.log10(),
            "l1": (made - true).abs().mean((1, 2, 3)) / area,
            "mask": both.sum((1, 2, 3)) / either.sum((1, 2, 3)).clamp_min(1e-6),
        }
