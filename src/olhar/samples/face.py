"""People who do not exist: heads drawn by code, in any pose, to try a face swap with.

    face(person=1, yaw=20, mouth=0.5)     # (3, 256, 256)

A head is an ellipsoid. Each pixel's ray meets it in one place; there the relief (nose, brows, lips,
chin) tilts the surface, a paint of the same coordinates gives its colour, and a light from the
upper left shades it. So the features turn with the head as they should, but for the outline of the
nose. Detectors take it for a face, in all poses. Cost: 0.2 s of one slow core at 192 pixels.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, radians, sin

import numpy as np
import torch
from torch import Tensor

from olhar.errors import OlharError
from olhar.samples.canvas import Array, mix, rgb, smooth

_HEAD = np.array([0.70, 0.98, 0.80], np.float32)  # half the width, height and depth of a head
_LIGHT = np.array([-0.35, 0.45, 0.82], np.float32)
_SKINS = ("#f0c8ac", "#e0ac88", "#c68a62", "#8d5a3c", "#f4d4c0")
_HAIRS = ("#2a1d16", "#5a3a22", "#b08448", "#1c1a1a", "#7c2f1a")
_EYES = ("#3f6a8a", "#4a3020", "#4f6b3a", "#2b2420")
_WALLS = ("#7f93a6", "#a79a88", "#5d6b62", "#b8a9b4")
_SHIRTS = ("#31445e", "#7a3038", "#3d3d42", "#cfc8bb")


@dataclass(frozen=True)
class _Person:
    """What does not change from frame to frame."""

    skin: Array
    hair: Array
    eye: Array
    wall: Array
    shirt: Array
    apart: float
    wide: float
    nose: float
    lips: float
    brow: float
    fringe: float
    long: float


def face(
    person: int = 0,
    size: int = 256,
    *,
    yaw: float = 0.0,
    pitch: float = 0.0,
    roll: float = 0.0,
    mouth: float = 0.0,
    smile: float = 0.0,
    blink: float = 0.0,
    center: tuple[float, float] = (0.5, 0.5),
    scale: float = 1.0,
) -> Tensor:
    """Draw somebody.

    Args:
        person: at least 0; another number is another person.
        size: side in pixels, 64 to 1024.
        yaw: degrees to the right of the picture, -45 to 45.
        pitch: degrees upwards, -30 to 30.
        roll: degrees clockwise.
        mouth: how far it is open, 0 to 1.
        smile: 0 to 1.
        blink: how far the eyes are closed, 0 to 1.
        center: of the head, as shares of the side.
        scale: 1 is a head that is a little over half as high as the picture.

    Returns:
        (3, size, size) float32, sRGB in [0, 1].

    Raises:
        OlharError: if a number is out of its range.
    """
    if person < 0 or not 64 <= size <= 1024:
        raise OlharError(f"person {person}, size {size}: at least 0, and 64 to 1024")
    if not (abs(yaw) <= 45 and abs(pitch) <= 30):
        raise OlharError(f"yaw {yaw}, pitch {pitch}: -45 to 45 and -30 to 30 degrees")
    who = _person(person)
    axis = (np.arange(2 * size, dtype=np.float32) + 0.5) / (2 * size)
    unit = 3.2 / scale
    x, y = np.meshgrid((axis - center[0]) * unit, -(axis - center[1]) * unit)
    turn = _rotation(yaw, pitch, roll)
    picture = _behind(who, x, y, turn)
    half = _HEAD * np.array([who.wide, 1, 1], np.float32)
    hit, at, normal = _met(x, y, turn, half)
    color = _head(who, at, normal, half, turn, (mouth, smile, blink))
    edge = smooth(0.0, 0.02, hit)
    picture = mix(picture, color, edge)
    picture = picture.reshape(size, 2, size, 2, 3).mean((1, 3))  # smooth edges
    return torch.from_numpy(picture).permute(2, 0, 1).contiguous().clamp_(0, 1)


def _person(number: int) -> _Person:
    rng = np.random.default_rng(number + 1000)
    pick = [tones[(number + k) % len(tones)] for k, tones in enumerate((_SKINS, _HAIRS, _EYES))]
    skin, hair, eye, wall, shirt = rgb(
        *pick, _WALLS[number % len(_WALLS)], _SHIRTS[number % len(_SHIRTS)]
    )
    low = np.array([0.29, 0.93, 0.85, 0.85, 0.8, 0.55, 0.0])
    high = np.array([0.33, 1.07, 1.20, 1.25, 1.4, 0.68, 1.0])
    return _Person(skin, hair, eye, wall, shirt, *map(float, rng.uniform(low, high)))


def _rotation(yaw: float, pitch: float, roll: float) -> Array:
    """From the head to the picture: x right, y up, z to the viewer."""
    a, b, c = radians(yaw), radians(-pitch), radians(-roll)
    about_y = np.array([[cos(a), 0, sin(a)], [0, 1, 0], [-sin(a), 0, cos(a)]])
    about_x = np.array([[1, 0, 0], [0, cos(b), -sin(b)], [0, sin(b), cos(b)]])
    about_z = np.array([[cos(c), -sin(c), 0], [sin(c), cos(c), 0], [0, 0, 1]])
    return (about_z @ about_y @ about_x).astype(np.float32)


def _met(x: Array, y: Array, turn: Array, half: Array) -> tuple[Array, Array, Array]:
    """Where rays along z meet an ellipsoid: how surely, and there place and normal in the head."""
    origin = np.stack([x, y, np.zeros_like(x)], -1) @ turn / half  # the head's frame, as a sphere
    ray = (turn[2] / half).astype(np.float32)
    a, b = float(ray @ ray), origin @ ray
    inside = b * b - a * ((origin**2).sum(-1) - 1)
    t = (-b + np.sqrt(np.maximum(inside, 0))) / a
    at = (origin + t[..., None] * ray) * half
    normal = at / half**2
    return inside, at, normal / np.linalg.norm(normal, axis=-1, keepdims=True)


def _bump(x: Array, y: Array, at: tuple[float, float], wide: float, high: float) -> Array:
    return np.exp(-(((x - at[0]) / wide) ** 2) - ((y - at[1]) / high) ** 2)


def _relief(who: _Person, x: Array, y: Array, mouth: float) -> Array:
    """Height above the ellipsoid."""
    s, n = np.abs(x), who.nose
    lip = -0.43 - 0.03 * mouth
    return (
        0.16 * _bump(x, y, (0, -0.16), 0.085 * n, 0.11)
        + 0.10 * _bump(x, y, (0, 0.06), 0.07 * n, 0.20)
        + 0.06 * _bump(s, y, (0.10 * n, -0.19), 0.05, 0.05)
        + 0.06 * _bump(s, y, (who.apart, 0.28), 0.20, 0.06)
        - 0.08 * _bump(s, y, (who.apart, 0.13), 0.14, 0.07)
        + 0.05 * _bump(s, y, (0.36, -0.12), 0.16, 0.14)
        + 0.05 * _bump(x, y, (0, lip + 0.035), 0.19, 0.035)
        + 0.06 * _bump(x, y, (0, lip - 0.05), 0.17, 0.04)
        - 0.05 * _bump(x, y, (0, lip - 0.14), 0.18, 0.04)
        + 0.09 * _bump(x, y, (0, -0.72), 0.20, 0.13)
    ).astype(np.float32)


def _head(
    who: _Person,
    at: Array,
    normal: Array,
    half: Array,
    turn: Array,
    expression: tuple[float, float, float],
) -> Array:
    """The colour of each place on the head."""
    mouth, smile, blink = expression
    x, y, z = at[..., 0], at[..., 1], at[..., 2]
    front = smooth(0.0, 0.25, z)
    step = 0.01
    slope_x, slope_y = (
        (_relief(who, x + dx, y + dy, mouth) - _relief(who, x - dx, y - dy, mouth)) / (2 * step)
        for dx, dy in ((step, 0), (0, step))
    )
    tilted = normal - front[..., None] * np.stack([slope_x, slope_y, np.zeros_like(x)], -1)
    tilted /= np.linalg.norm(tilted, axis=-1, keepdims=True)
    light = tilted @ (_LIGHT / np.linalg.norm(_LIGHT) @ turn).astype(np.float32)
    shine = np.maximum(light, 0)
    s = np.abs(x)

    flush = 0.5 * _bump(s, y, (0.36, -0.16), 0.16, 0.13) + 0.4 * _bump(x, y, (0, -0.18), 0.1, 0.08)
    paint = mix(np.broadcast_to(who.skin, at.shape), who.skin * rgb("#ffb0a0")[0], 0.5 * flush)
    nostril = _bump(s, y, (0.065 * who.nose, -0.245), 0.032, 0.018)
    paint = mix(paint, who.skin * 0.25, np.clip(1.1 * nostril, 0, 1))
    socket = _bump(s, y, (who.apart, 0.14), 0.16, 0.08)
    paint = mix(paint, who.skin * 0.62, 0.5 * socket)

    # Brows: an arc that falls to the outside.
    arc = 0.30 - 0.55 * (s - who.apart) ** 2 * 4 + 0.05 * (s - who.apart)
    hairs = smooth(0.045 * who.brow, 0.015 * who.brow, np.abs(y - arc)) * smooth(
        0.19, 0.15, np.abs(s - who.apart)
    )
    paint = mix(paint, who.hair * 0.8, 0.9 * hairs)

    # Eyes: an almond between two lids, an iris behind them.
    u = (s - who.apart) / 0.135
    opened = (1 - blink) * np.maximum(1 - u * u, 0)
    upper, lower = 0.125 + 0.075 * opened, 0.125 - 0.045 * opened
    white = smooth(0.0, 0.012, upper - y) * smooth(0.0, 0.012, y - lower) * (np.abs(u) < 1)
    eye = (
        np.broadcast_to(rgb("#f2eee9"), at.shape) * (0.75 + 0.25 * smooth(0.2, 0.08, y))[..., None]
    )
    r = np.hypot(s - who.apart, y - 0.135)
    eye = mix(eye, who.eye, smooth(0.066, 0.056, r))
    eye = mix(eye, rgb("#0c0a0a")[0], smooth(0.032, 0.024, r))
    glint = np.hypot(x - np.sign(x) * who.apart + 0.022, y - 0.158)
    eye = mix(eye, np.ones(3, np.float32), smooth(0.016, 0.008, glint))
    lash = smooth(0.022, 0.006, np.abs(y - upper)) * smooth(1.08, 0.95, np.abs(u))
    fold = smooth(0.016, 0.004, np.abs(y - upper - 0.04)) * smooth(1.0, 0.8, np.abs(u))

    # Mouth: two lips, between them the dark and the teeth.
    corner = 0.235 + 0.045 * smile
    v = np.clip(s / corner, 0, 1.2)
    line = -0.43 + 0.10 * smile * (v * v - 0.35)
    gap = (0.012 + 0.16 * mouth + 0.05 * smile) * np.sqrt(np.maximum(1 - v**2, 0))
    thick = who.lips * np.sqrt(np.maximum(1 - v**2, 0))
    top = line + 0.25 * gap + (0.055 - 0.015 * np.exp(-((x / 0.04) ** 2))) * thick
    under = line - 0.75 * gap - 0.075 * thick
    lips = smooth(0, 0.015, top - y) * smooth(0, 0.015, y - under) * (v < 1)
    hole = smooth(0, 0.012, line + 0.25 * gap - y) * smooth(0, 0.012, y - line + 0.75 * gap)
    hole *= v < 1
    red = who.skin * rgb("#d8737a")[0]
    paint = mix(paint, red, 0.85 * lips)
    teeth = smooth(0.0, 0.02, y - (line + 0.25 * gap - 0.06)) * (gap > 0.03)
    inside = mix(np.broadcast_to(rgb("#3a1014"), at.shape), rgb("#e9e4da")[0], teeth * (v < 0.85))
    paint = mix(paint, inside, hole)

    shade = 0.36 + 0.64 * shine
    skin = paint * shade[..., None] + 0.10 * (shine**24)[..., None]
    skin = mix(skin, eye * (0.55 + 0.45 * shine)[..., None], white)
    skin = mix(skin, who.hair * 0.35, np.clip(0.95 * lash + 0.35 * fold, 0, 1) * front)
    bare = mix(who.skin * shade[..., None], skin, front)

    # Hair: above a line, and behind the ears.
    line = who.fringe - 0.28 * (s / half[0]) ** 2 + 0.02 * np.sin(40 * x)
    behind = smooth(0.16, 0.04, z)
    hair = np.maximum(smooth(0.0, 0.05, y - line), behind * smooth(-0.45, -0.2, y + 0.7 * who.long))
    strands = 0.8 + 0.2 * np.sin(60 * x + 9 * np.sin(5 * y))
    tone = who.hair * (strands * (0.35 + 0.8 * shine))[..., None]
    return mix(bare, tone, hair).astype(np.float32)


def _behind(who: _Person, x: Array, y: Array, turn: Array) -> Array:
    """Wall, hair behind the head, neck and shoulders."""
    glow = np.exp(-((x + 0.6) ** 2 + (y - 0.4) ** 2) / 4)
    picture = who.wall * (0.65 + 0.4 * glow)[..., None]
    shoulder = -1.25 - 0.28 * x * x
    folds = 0.75 + 0.25 * np.exp(-((x + 0.5) ** 2))
    shift = 0.12 * turn[0, 2]
    wide = 0.80 * who.wide
    hair = np.hypot((x + shift) / wide, (y - 0.12) / 1.02)
    strand = smooth(wide, wide - 0.05, np.abs(x + shift)) * (y < 0.1) * smooth(-1.5, -1.3, y)
    back = np.maximum(smooth(1.02, 0.98, hair), strand * (who.long > 0.5))
    picture = mix(picture, who.hair * 0.55, back * (y > -1.6))
    neck = smooth(0.40, 0.37, np.abs(x)) * (y < -0.4)
    dark = 0.45 + 0.25 * smooth(-0.9, -1.3, y)
    picture = mix(picture, who.skin * dark[..., None], neck)
    return mix(picture, who.shirt * folds[..., None], smooth(0.0, 0.03, shoulder - y))
