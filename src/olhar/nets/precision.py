"""Which number format and device a network should compute in on this machine.

bfloat16 halves the time of convolutions where the processor multiplies it in hardware (avx512_bf16,
amx, recent GPUs) and multiplies it elsewhere, where it is emulated: so the hardware is asked.
Losses stay in float32 everywhere; a Gram matrix of a million positions overflows float16.
"""

import torch


def default_device() -> str:
    """The fastest device of this machine: "cuda", "mps" or "cpu"."""
    if torch.cuda.is_available():
        return "cuda"
    return "mps" if torch.backends.mps.is_available() else "cpu"


def fast_dtype(device: str) -> torch.dtype:
    """The dtype in which frozen convolutions are fastest on a device without hurting a picture.

    Args:
        device: "cpu", "cuda", "mps", with or without an index.

    Returns:
        torch.bfloat16 where the hardware multiplies it, otherwise torch.float32.
    """
    kind = torch.device(device).type
    if kind == "cuda":
        return (
            torch.bfloat16 if torch.cuda.get_device_capability(device) >= (8, 0) else torch.float32
        )
    if kind == "cpu" and _cpu_has_bfloat16():
        return torch.bfloat16
    return torch.float32


def _cpu_has_bfloat16() -> bool:
    # Underscored in torch, so a version without them counts as a processor without bfloat16.
    probes = ("_is_avx512_bf16_supported", "_is_amx_tile_supported")
    return any(bool(getattr(torch.cpu, probe, bool)()) for probe in probes)
