"""`olhar doctor`: what this machine has, and what is missing for what.

Every line is asked of the machine, encoders by encoding and bfloat16 by multiplying; and since it
is run where something is broken, a question that fails is a line like any other.
"""

import importlib.util
import os
import platform
import shutil
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from olhar import __version__
from olhar.commands.outcome import Said, labelled
from olhar.errors import OlharError
from olhar.look.machine import processor

EXTRAS = {
    "heic": ("pillow_heif", "pillow-heif", "reading the .heic photographs of telephones"),
    "demo": ("skimage", "scikit-image", "the sample photographs of olhar demo"),
    "timm": ("timm", "timm", "training on published backbones"),
    "sets": ("datasets", "torchvision datasets", "data sets by name, as torchvision:CIFAR10"),
    "tensorboard": ("tensorboard", "tensorboard", "watching a training in TensorBoard"),
    "fast": (
        "onnxruntime",
        "onnx onnxruntime onnxscript openvino",
        "models in ONNX; olhar models prepare",
    ),
    "tune": ("optuna", "optuna", "searching for better settings"),
    "hub": ("huggingface_hub", "huggingface-hub", "models on the Hugging Face hub"),
    "studio": ("gradio", "gradio fastapi uvicorn", "olhar studio: all of it in the browser"),
}
"""Optional part of olhar: the module it is, what pip calls it, what it is for."""


@dataclass(frozen=True)
class Finding:
    """One line of the report."""

    what: str
    says: str
    fix: str = ""
    """What to do about it, if it is a lack."""


def doctor() -> Said:
    """Say what this machine has and what is missing."""
    findings = [finding for probe in _PROBES for finding in _ask(probe)]
    lines = [line for finding in findings for line in labelled(finding.what, finding.says)]
    missing = [finding for finding in findings if finding.fix]
    lines += ["", "Missing" if missing else "Nothing is missing."]
    lines += [line for f in missing for line in labelled(f"  {f.what}", f.fix)]
    return Said(
        "\n".join([f"olhar {__version__}", "", *lines]),
        {
            "olhar": __version__,
            "findings": {finding.what: finding.says for finding in findings},
            "missing": {finding.what: finding.fix for finding in missing},
        },
    )


def _ask(probe: Callable[[], list[Finding]]) -> list[Finding]:
    try:
        return probe()
    except Exception as error:  # noqa: BLE001  a broken installation is what we are here for
        what = probe.__name__.removeprefix("_")
        why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
        return [
            Finding(what, f"cannot be asked ({why})", "install olhar again, in a new environment")
        ]


def _python() -> list[Finding]:
    return [Finding("python", f"{platform.python_version()} ({sys.executable})")]


def _system() -> list[Finding]:
    return [Finding("system", f"{platform.platform()}")]


def _torch() -> list[Finding]:
    import torch

    from olhar.nets.precision import DEVICE, default_device, fast_dtype

    device, fix = "cpu", ""
    try:
        device = default_device()
    except OlharError as error:
        fix = f"{error}; set {DEVICE} to one of them, or to nothing"
    threads = torch.get_num_threads()
    cpu = f"{processor()}, {os.cpu_count()} cores, {threads} thread{'s' * (threads > 1)}"
    gpu = "none"
    if torch.cuda.is_available():
        _, total = torch.cuda.mem_get_info(0)
        gpu = f"{torch.cuda.get_device_name(0)}, {total / 2**30:.0f} GiB"
    elif torch.backends.mps.is_available():
        gpu = "Apple GPU (MPS)"
    if device == "cpu" and gpu != "none":
        gpu += f", left out: {DEVICE} is {os.environ[DEVICE]}"
    fast = fast_dtype(device) is torch.bfloat16
    return [
        Finding("torch", torch.__version__),
        Finding("processor", f"{cpu}, {torch.backends.cpu.get_cpu_capability()}"),
        Finding("GPU", gpu, fix),
        Finding(
            "bfloat16",
            f"{'multiplied' if fast else 'not multiplied'} by the hardware ({device}); a "
            f"convolution takes {_bfloat16_ratio(device):.2g} times as long as in float32",
        ),
    ]


def _bfloat16_ratio(device: str) -> float:
    """Time of a small bfloat16 convolution over that of the same in float32; best of five each."""
    import torch

    seconds: list[float] = []
    for dtype in (torch.bfloat16, torch.float32):
        image = torch.zeros(1, 32, 64, 64, device=device, dtype=dtype)
        kernel = torch.zeros(32, 32, 3, 3, device=device, dtype=dtype)
        best = float("inf")
        for _ in range(5):
            started = time.perf_counter()
            torch.nn.functional.conv2d(image, kernel).sum().item()  # item() waits for the device
            best = min(best, time.perf_counter() - started)
        seconds.append(best)
    return seconds[0] / seconds[1]


def _memory() -> list[Finding]:
    meminfo = Path("/proc/meminfo")
    if meminfo.exists():
        rows = dict(line.split(":", 1) for line in meminfo.read_text("utf-8").splitlines())
        free, total = (int(rows[key].split()[0]) / 2**20 for key in ("MemAvailable", "MemTotal"))
        return [Finding("memory", f"{free:.1f} of {total:.1f} GiB free")]
    if hasattr(os, "sysconf"):
        total = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
        return [Finding("memory", f"{total:.1f} GiB")]
    return [Finding("memory", "not known on this system")]


def _storage() -> list[Finding]:
    from olhar.hub import home

    folder = home()
    there = next(path for path in (folder, *folder.parents) if path.exists())
    free = shutil.disk_usage(there).free / 2**30
    if os.access(there, os.W_OK):
        return [Finding("downloads", f"{folder}, {free:.0f} GiB free")]
    fix = "set OLHAR_HOME to a folder that may be written to"
    return [Finding("downloads", f"{folder} may not be written to", fix)]


def _images() -> list[Finding]:
    from olhar.media.image import READABLE, WRITABLE

    return [
        Finding("reads", " ".join(sorted(READABLE))),
        Finding("writes", " ".join(sorted(WRITABLE))),
    ]


def _video() -> list[Finding]:
    import av

    from olhar.media.video import WRITABLE_VIDEO_SUFFIXES, encoder

    encoders: list[str] = []
    fixes: list[str] = []
    for codec in ("h264", "vp9"):
        try:
            encoders.append(f"{codec} by {encoder(codec)[0]}")
        except OlharError as error:
            fixes.append(str(error))
    says = f"PyAV {av.__version__} encodes {', '.join(encoders) or 'nothing'}"
    suffixes = " ".join(sorted(WRITABLE_VIDEO_SUFFIXES))
    return [Finding("video", f"{says} into {suffixes}", "; ".join(fixes))]


def _models() -> list[Finding]:
    from olhar.hub import bundled

    return [Finding("models", ", ".join(card.name for card in bundled()) or "none")]


def _extras() -> list[Finding]:
    findings: list[Finding] = []
    for name, (module, package, purpose) in EXTRAS.items():
        there = importlib.util.find_spec(module) is not None
        fix = "" if there else f"for {purpose}: pip install {package}"
        findings.append(Finding(name, f"{'installed' if there else 'missing'}: {purpose}", fix))
    return findings


_PROBES = [
    _python,
    _system,
    _torch,
    _memory,
    _storage,
    _images,
    _video,
    _models,
    _extras,
]
