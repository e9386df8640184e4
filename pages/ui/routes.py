"""HTTP beside the pages: chunked uploads to disk, downloads from disk, our fonts.

Files are named by ids this program made, never by what a browser sends. An upload needs a custom header, which a page
from another origin cannot set without a preflight that nothing here answers.
"""

from __future__ import annotations

import os
import shutil
import time
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import quote

from starlette.requests import Request
from starlette.responses import FileResponse, JSONResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Mount, Route
from starlette.staticfiles import StaticFiles

from mlcore.workspace import places
from mlcore.workspace.store import Store
from pages.ui import cache

HEADER = "x-tablesmith"
STATIC = Path(__file__).resolve().parent / "static"
LARGEST = int(os.environ.get("TABLESMITH_MAX_UPLOAD_MB", "4096")) * 1024 * 1024
SPARE = 512 * 1024 * 1024
KEEP_SECONDS = 24 * 3600.0


@dataclass
class State:
    """What this process remembers: whether it serves our routes, and which uploads it has offered."""

    serving: bool = False
    offered: set[str] = field(default_factory=set)


state = State()


def offer() -> str:
    """An id that one upload may use."""
    uid = places.new_id()
    state.offered.add(uid)
    return uid


def upload_path(home: Path, uid: str) -> Path:
    """Where the bytes of upload `uid` are."""
    return places.upload_folder(home, uid) / "file"


def sweep(store: Store) -> None:
    """Delete uploads and first looks at tables that nobody came back for."""
    long_ago = time.time() - KEEP_SECONDS
    for folder in (store.home / "uploads").glob("*"):
        if folder.stat().st_mtime < long_ago:
            shutil.rmtree(folder, ignore_errors=True)
    store.forget_looks(long_ago)


async def upload(request: Request) -> Response:
    """Append one slice of a file at `offset`; 409 tells the true offset, so an interrupted upload goes on."""
    uid = request.path_params["uid"]
    if request.headers.get(HEADER) != "upload":
        return JSONResponse({"error": "This upload did not come from the app."}, status_code=403)
    if uid not in state.offered:
        return JSONResponse({"error": "This upload is not known any more. Choose the file again."}, status_code=404)
    path = upload_path(cache.store().home, uid)
    path.parent.mkdir(parents=True, exist_ok=True)
    there = path.stat().st_size if path.exists() else 0
    offset = request.query_params.get("offset", "0")
    if not offset.isdigit() or int(offset) != there:
        return JSONResponse({"offset": there}, status_code=409)
    refusal = _no_room(path, there + int(request.headers.get("content-length") or 0))
    return refusal or await _append(request, path, there)


async def _append(request: Request, path: Path, size: int) -> Response:
    with path.open("ab") as stream:
        async for chunk in request.stream():
            size += len(chunk)
            if size > LARGEST:
                return _too_large()
            stream.write(chunk)
    return JSONResponse({"offset": size})


def _no_room(path: Path, size: int) -> Response | None:
    if size > LARGEST:
        return _too_large()
    if shutil.disk_usage(path.parent).free < SPARE + size:
        return JSONResponse({"error": "The disk of this computer is nearly full. Free some space."}, status_code=507)
    return None


def _too_large() -> Response:
    limit = LARGEST // (1024 * 1024)
    sentence = f"The file is larger than {limit:,} MB. Keep fewer columns or save it as Parquet."
    return JSONResponse({"error": sentence}, status_code=413)


async def download(request: Request) -> Response:
    """A finished file of the workspace: a proven bundle or a scored table, by id."""
    from pages.ui import files

    found = files.find(request.path_params["kind"], request.path_params["key"])
    if found is None:
        return PlainTextResponse("This file is not in the workspace.", status_code=404)
    disposition = f"attachment; filename*=UTF-8''{quote(found.name)}"
    return FileResponse(found.path, headers={"Content-Disposition": disposition, "X-Content-Type-Options": "nosniff"})


class Fonts(StaticFiles):
    """Our static files never change under a name; the browser may keep them."""

    def file_response(self, *args: object, **kwargs: object) -> Response:
        response = super().file_response(*args, **kwargs)  # type: ignore[arg-type]
        response.headers["Cache-Control"] = "public, max-age=604800"
        return response


ROUTES: list[BaseRoute] = [
    Route("/upload/{uid}", upload, methods=["PUT"]),
    Route("/files/{kind}/{key}", download),
    Mount("/app/static", app=Fonts(directory=STATIC)),
]
