"""Run the application under uvicorn."""

from __future__ import annotations

import gc
import logging
import signal
import socket
from pathlib import Path

import uvicorn

from mlcore.handoff.shipped.service.app import create
from mlcore.handoff.shipped.service.desk import Explain
from mlcore.handoff.shipped.service.guard import log_to_stderr
from mlcore.handoff.shipped.service.settings import SettingError, Settings
from mlcore.handoff.shipped.versions import advice

STOPPING_SECONDS = 30
"""How long requests that are being answered may go on when the service is told to stop."""

SELDOM = (50_000, 50, 100)
"""When the garbage collector looks: the many objects of a batch have no cycles, and going through them takes time."""

_WAITING = 2048


def serve(folder: Path, settings: Settings, explain: Explain | None = None) -> None:
    """Answer until SIGTERM or SIGINT; `SettingError`, as one sentence, when it cannot start."""
    log_to_stderr()
    with _listening(settings) as listener:
        try:
            app = create(folder, settings, explain)
        except Exception as error:  # whatever is wrong with the files or the libraries: it cannot start
            why = " ".join(f"{type(error).__name__}: {error}".split())[:300]
            raise SettingError(f"The model cannot be loaded ({why}). {advice(folder) or 'Run verify.py.'}") from error
        address = "http://{}:{}".format(*listener.getsockname()[:2])
        desk = app.state.desk
        told = {"address": address, "ready": desk.replayed.ok, "keys": len(settings.keys), **desk.model.card}
        if not desk.replayed.ok:
            told["advice"] = advice(folder) or "The model does not score as it did. Export the bundle again."
        logging.getLogger("service").info("started", extra={"told": told})
        config = uvicorn.Config(
            app,
            log_config=None,
            access_log=False,
            server_header=False,
            proxy_headers=False,
            timeout_graceful_shutdown=STOPPING_SECONDS,
        )
        gc.collect()
        gc.freeze()
        gc.set_threshold(*SELDOM)
        signal.signal(
            signal.SIGTERM, lambda *_: None
        )  # uvicorn repeats the signal when it has ended: that is no failure
        uvicorn.Server(config).run(sockets=[listener])


def _listening(settings: Settings) -> socket.socket:
    family = socket.AF_INET6 if ":" in settings.host else socket.AF_INET
    try:
        return socket.create_server((settings.host, settings.port), family=family, backlog=_WAITING)
    except OSError as error:
        raise SettingError(
            f"The service cannot listen on {settings.host}, port {settings.port}: {error.strerror or error}. "
            "Give another with --port."
        ) from error
