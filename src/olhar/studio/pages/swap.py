"""Swap: two people who agreed trade faces, in four steps.

Each step is a file of its own: `swap_faces`, `swap_consent`, `swap_train`, `swap_film`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from olhar.studio import parts, swap_consent, swap_faces, swap_film, swap_train
from olhar.studio.quick import gr

if TYPE_CHECKING:
    from olhar.studio.studio import Studio


def build(studio: Studio) -> None:
    """Put the page together."""
    onward: dict[str, Any] = {}
    with gr.Tabs(elem_classes="steps") as tabs:
        with _step("faces"):
            a, b = swap_faces.build(studio)
            onward["consent"] = _onward("consent")
        with _step("consent"):
            consent = swap_consent.build(studio)
            onward["train"] = _onward("train")
        with _step("train") as tab:
            swap_train.build(studio, tab, a, b, consent)
            onward["swap"] = _onward("swap")
        with _step("swap") as tab:
            swap_film.build(studio, tab, consent)
    for step, button in onward.items():
        button.click(_to(step), None, tabs, api_visibility="private", show_progress="hidden")


def _step(name: str) -> Any:
    return gr.Tab(parts.label(f"studio.swap.step.{name}"), id=name)


def _onward(step: str) -> Any:
    return gr.Button(parts.label(f"studio.swap.to.{step}"), elem_classes="onward")


def _to(step: str) -> Any:
    def go() -> Any:
        """Open the next step."""
        return gr.Tabs(selected=step)

    return go
