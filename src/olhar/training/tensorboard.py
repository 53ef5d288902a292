"""TensorBoard as one more reader of the events (extra `tensorboard`)."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from olhar.errors import OlharError
from olhar.training.events import AnyEvent, Evaluated, Shown, Started, Stepped

if TYPE_CHECKING:
    import os
    from collections.abc import Generator


def recorded(events: Generator[AnyEvent], folder: str | os.PathLike[str]) -> Generator[AnyEvent]:
    """Pass events on, and write them where TensorBoard reads.

    Args:
        events: of `fit`.
        folder: of the run; `tensorboard --logdir FOLDER` shows it.

    Raises:
        OlharError: if TensorBoard is not installed.
    """
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError as error:
        raise OlharError(
            'TensorBoard is not installed; install it with: pip install "olhar[tensorboard]"'
        ) from error
    return _pass_on(events, Path(folder, "tensorboard"), SummaryWriter)


def _pass_on(events: Generator[AnyEvent], folder: Path, make: Any) -> Generator[AnyEvent]:
    writer: Any = None
    try:
        for event in events:
            if isinstance(event, Started):
                writer = make(folder, purge_step=event.step + 1)
            elif isinstance(event, Stepped):
                for name, value in event.losses.items():
                    writer.add_scalar(f"train/{name}", value, event.step)
                writer.add_scalar("train/learning rate", event.rate, event.step)
            elif isinstance(event, Evaluated):
                for name, value in event.metrics.items():
                    if isinstance(value, (int, float)):
                        writer.add_scalar(f"{event.split}/{name}", value, event.step)
            elif isinstance(event, Shown):
                writer.add_image("shown", event.picture.clamp(0, 1), event.step)
            yield event
    finally:
        events.close()
        if writer:
            writer.close()
