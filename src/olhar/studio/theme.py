"""Gradio's theme in olhar's colours: paper, ink, one indigo; fonts of the system."""

from __future__ import annotations

from typing import Any

from olhar.studio.quick import gr

_PAPER, _INK, _MUTED, _LINE, _ACCENT = "#FAF8F4", "#1E1B18", "#6F675E", "#E4DED5", "#3B4CCA"
_DARK: tuple[str, ...] = ("#141311", "#EFEAE2", "#A79E93", "#33302B", "#8FA0FF")
_NIGHT: dict[str, str] = dict(zip((_PAPER, _INK, _MUTED, _LINE, _ACCENT), _DARK, strict=True))
_SANS = ["system-ui", "-apple-system", "Segoe UI", "Roboto", "Noto Sans", "sans-serif"]
_MONO = ["ui-monospace", "SF Mono", "Cascadia Mono", "DejaVu Sans Mono", "monospace"]

_COLORS = {
    _PAPER: """background_fill_primary background_fill_secondary block_background_fill
        block_label_background_fill body_background_fill button_primary_text_color
        button_primary_text_color_hover button_secondary_background_fill checkbox_background_color
        checkbox_label_background_fill checkbox_label_background_fill_hover code_background_fill
        error_background_fill input_background_fill input_background_fill_focus
        panel_background_fill stat_background_fill table_even_background_fill
        table_odd_background_fill""",
    _INK: """body_text_color block_title_text_color button_secondary_text_color
        button_secondary_text_color_hover button_secondary_border_color_hover
        checkbox_label_text_color checkbox_label_text_color_selected""",
    _MUTED: """body_text_color_subdued block_info_text_color block_label_text_color
        input_placeholder_color""",
    _LINE: """block_border_color block_label_border_color border_color_primary
        button_secondary_background_fill_hover button_secondary_border_color
        checkbox_border_color checkbox_label_border_color input_border_color panel_border_color
        table_border_color""",
    _ACCENT: """accordion_text_color border_color_accent button_primary_background_fill
        button_primary_background_fill_hover button_primary_border_color
        button_primary_border_color_hover checkbox_background_color_selected
        checkbox_border_color_focus checkbox_border_color_selected input_border_color_focus
        link_text_color link_text_color_hover loader_color slider_color""",
}
_SHAPES = {
    "block_border_width": "1px",
    "block_info_text_size": "14px",
    "block_label_text_weight": "500",
    "block_padding": "0",
    "block_radius": "12px",
    "block_shadow": "none",
    "block_title_text_weight": "600",
    "button_large_radius": "8px",
    "button_primary_shadow": "none",
    "button_secondary_shadow": "none",
    "button_transition": "none",
    "checkbox_label_shadow": "none",
    "input_border_width": "1px",
    "input_radius": "8px",
    "input_shadow": "none",
    "input_shadow_focus": "none",
    "shadow_drop": "none",
    "shadow_drop_lg": "none",
}


def theme() -> Any:
    """The theme, light and dark."""
    made = gr.themes.Base(font=_SANS, font_mono=_MONO, text_size="md", radius_size="md")
    chosen: dict[str, str] = {}
    for color, names in _COLORS.items():
        for name in names.split():
            chosen |= {name: color, f"{name}_dark": _NIGHT[color]}
    chosen |= _SHAPES
    return made.set(**{name: value for name, value in chosen.items() if hasattr(made, name)})
