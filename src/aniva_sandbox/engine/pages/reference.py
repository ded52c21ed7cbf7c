"""The API reference: Swagger UI, offline, for the documents of both APIs."""

from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Final

from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route

from aniva_sandbox.engine.world.keys import KEY_PREFIX

__all__ = ["reference_routes"]

_BASE: Final = "/docs"
_ASSETS: Final = f"{_BASE}/assets/"
_ASSET_NAMES: Final = ("swagger_bundle.js", "swagger_preset.js", "swagger_style.css")
_PAGE: Final = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>@TITLE@</title>
<link rel="stylesheet" href="/docs/assets/swagger_style.css">
<link rel="icon" href="data:,">
</head>
<body>
<div id="reference"></div>
<script src="/docs/assets/swagger_bundle.js"></script>
<script src="/docs/assets/swagger_preset.js"></script>
<script>
const reference = SwaggerUIBundle({
  urls: [
    {name: "@API@", url: "/openapi.json"},
    {name: "Control plane", url: "/_sandbox/openapi.json"},
  ],
  dom_id: "#reference",
  presets: [SwaggerUIBundle.presets.apis, SwaggerUIStandalonePreset],
  layout: "StandaloneLayout",
  deepLinking: true,
  displayRequestDuration: true,
  validatorUrl: null,
  onComplete: () => reference.preauthorizeApiKey("apiKey", "@KEY@"),
});
</script>
</body>
</html>
"""


def reference_routes(title: str, api: str) -> list[Route]:
    """The routes of the reference: the page, with a title and the API's name, and its assets."""
    page = _PAGE.replace("@TITLE@", escape(title)).replace("@API@", api).replace("@KEY@", f"{KEY_PREFIX}default")
    folder = _folder()

    async def docs(_request: Request) -> Response:
        return HTMLResponse(page)

    async def asset(request: Request) -> Response:
        return FileResponse(folder / request.url.path.removeprefix(_ASSETS))

    return [Route(_BASE, docs), *(Route(f"{_ASSETS}{name}", asset) for name in _ASSET_NAMES)]


def _folder() -> Path:
    """The folder of Swagger UI's files, located without importing their package."""
    spec = find_spec("offapi")
    if spec is None or spec.origin is None:
        raise RuntimeError("the package offapi, which contains the API reference, is not installed")
    return Path(spec.origin).parent
