"""The map's base layers as browsers fetch them: once, by an address that changes with the content."""

from collections.abc import Mapping
from typing import Any

import orjson

from dashboard.bodies import Body, pack
from dashboard.i18n import LANGUAGES, Language


class Basemap:
    """Named GeoJSON layers, some of them per language."""

    def __init__(
        self, common: Mapping[str, Any], by_language: Mapping[Language, Mapping[str, Any]]
    ) -> None:
        self._bodies: dict[str, Body] = {}
        self._urls: dict[Language, tuple[tuple[str, str], ...]] = {}
        shared = [(name, self._keep(name, layer)) for name, layer in common.items()]
        for lang in LANGUAGES:
            own = by_language.get(lang, {})
            named = [(name, self._keep(f"{name}-{lang}", layer)) for name, layer in own.items()]
            self._urls[lang] = (*shared, *named)

    def urls(self, lang: Language) -> tuple[tuple[str, str], ...]:
        """Layer names with the addresses of their data."""
        return self._urls[lang]

    def body(self, name: str) -> Body | None:
        """One layer, `None` if there is none of that name."""
        return self._bodies.get(name)

    def _keep(self, name: str, layer: Any) -> str:
        body = pack(orjson.dumps(layer), "application/geo+json")
        self._bodies[name] = body
        return f"/assets/map/{name}.json?v={body.etag.strip(chr(34))}"
