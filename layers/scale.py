"""A map for those who stand further away: every symbol, line and word larger, nothing moved."""

from typing import Final

import pydeck

_SCALES: Final = {
    "get_point_radius": "point_radius_scale",
    "get_line_width": "line_width_scale",
    "get_text_size": "text_size_scale",
    "get_icon_size": "icon_size_scale",
}
"""deck.gl multiplies what an accessor says, a number or a property, by these."""
_PIXELS: Final = ("icon_size_min_pixels", "icon_size_max_pixels", "get_text_border_width")


def enlarge(layer: pydeck.Layer, by: float) -> pydeck.Layer:
    """Draw the layer `by` times as large. Places, and sizes in metres, stay as they are."""
    said = vars(layer)
    for accessor, scale in _SCALES.items():
        if accessor in said and said.get("icon_size_units") != "meters":
            setattr(layer, scale, by)
    for name in _PIXELS:
        if name in said:
            setattr(layer, name, by * said[name])
    if "get_text_pixel_offset" in said:
        layer.get_text_pixel_offset = _offset(said["get_text_pixel_offset"], by)
    if "text_background_padding" in said:
        layer.text_background_padding = [by * each for each in said["text_background_padding"]]
    if "text_font_settings" in said:
        settings = said["text_font_settings"]
        layer.text_font_settings = {**settings, "fontSize": round(by * settings["fontSize"])}
    return layer


def _offset(offset: str | list[float], by: float) -> str | list[float]:
    """Numbers, or an expression that the browser reads from each feature."""
    if isinstance(offset, str):
        each = offset.removeprefix("@@=")
        return f"@@=[{each}[0] * {by}, {each}[1] * {by}]"
    return [by * each for each in offset]
