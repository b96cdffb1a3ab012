"""Static files as browsers get them: hashed names, compressed, and the style in one sheet instead of forty requests."""

import re
from collections.abc import Iterator
from typing import Any

from django.core.files.base import ContentFile
from whitenoise.storage import CompressedManifestStaticFilesStorage  # type: ignore[import-untyped]

SHEET = "css/app.css"
IMPORT = re.compile(r'@import url\("(?P<name>[^"]+)"\)(?: layer\((?P<layer>\w+)\))?;')


class OneSheetStorage(CompressedManifestStaticFilesStorage):  # type: ignore[misc]
    """Puts what css/app.css imports into it, each file in its layer; the sources stay one file for each component."""

    def post_process(self, paths: dict[str, Any], *args: Any, **options: Any) -> Iterator[Any]:  # noqa: ANN401
        """Bundle the style, then hash and compress as always; the sheet is written anew at each collectstatic."""

        def text(name: str) -> str:
            storage, path = paths[name]
            with storage.open(path) as file:
                return str(file.read().decode())

        def inline(found: re.Match[str]) -> str:
            rules = text(f"css/{found['name']}")
            return f"@layer {found['layer']} {{\n{rules}}}" if found["layer"] else rules

        bundle = IMPORT.sub(inline, text(SHEET))
        self.delete(SHEET)
        self.save(SHEET, ContentFile(bundle.encode()))
        yield from super().post_process({**paths, SHEET: (self, SHEET)}, *args, **options)
