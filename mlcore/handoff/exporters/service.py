"""The folder that answers over HTTP, to be run where it lies or built into an image."""

from __future__ import annotations

import shutil
from pathlib import Path

from mlcore.errors import BundleError
from mlcore.handoff import manifest
from mlcore.handoff.exporters.exporter import Form, Written
from mlcore.handoff.manifest import PathProof

NOTES = (
    "Run it with `pip install -r service/requirements.txt`, then `python -m service`; or `docker compose up --build`.",
    "Others than this machine need an API key: docs/service.md tells how it is given.",
)


class Service:
    """The bundle as a folder, with what runs it as a service."""

    key = "service"
    title = "Service"
    whom = "whoever runs it for other programs"
    about = (
        "A folder that answers POST /predict over HTTP, with keys, limits and metrics. A Dockerfile, a compose file "
        "and a Kubernetes manifest are with it. It needs Python and its requirements, or a container engine."
    )
    form: Form = "folder"
    name = "service"

    def barred(self, bundle: Path) -> str:
        """A bundle of an earlier version has no service in it."""
        if (bundle / "service" / "app.py").is_file():
            return ""
        return "This bundle was made before services were part of it; `tablesmith serve` answers with it all the same."

    def write(self, bundle: Path, out: Path) -> Written:
        """Copy it, and replay the golden rows as requests, by this project's copy of the service."""
        from mlcore.handoff.shipped.service.model import Served

        for name in (*manifest.read(bundle).files, manifest.NAME):
            (out / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(bundle / name, out / name)
        told = Served(out).replay()
        if not told.ok:
            raise BundleError(f"The service does not score as the model does: {told.note or told.difference}")
        proof = PathProof(
            key="service",
            title="the service, asked in JSON",
            rows=told.rows,
            difference=told.difference,
            ok=told.ok,
            seconds=told.seconds,
            tolerance=told.tolerance,
        )
        return Written(proof=(proof,), notes=NOTES)


SERVICE = Service()
