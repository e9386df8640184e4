"""`python -m service.probe`: 0 when the service on this machine is ready, for the health check of a container."""

from __future__ import annotations

import os
import sys
from http.client import HTTPConnection


def main() -> int:
    """Ask /ready of the port in SERVICE_PORT."""
    connection = HTTPConnection("127.0.0.1", int(os.environ.get("SERVICE_PORT", "8000")), timeout=4)
    try:
        connection.request("GET", "/ready")
        return 0 if connection.getresponse().status == 200 else 1
    except OSError:
        return 1
    finally:
        connection.close()


if __name__ == "__main__":
    sys.exit(main())
