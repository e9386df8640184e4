"""`python -m service`, in the folder of the bundle: answers until it is told to stop, then ends what it has begun."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from mlcore.handoff.shipped.service.run import serve
from mlcore.handoff.shipped.service.settings import SettingError, options, settings


def main(words: list[str] | None = None) -> int:
    """0 when it was stopped, 2 with one sentence when it cannot start."""
    parser = argparse.ArgumentParser(prog="python -m service", description="Score rows over HTTP.")
    options(parser)
    try:
        serve(Path(__file__).resolve().parent.parent, settings(parser.parse_args(words)))
    except SettingError as error:
        print(error, file=sys.stderr)
        return 2
    return 0


if __name__ == "__main__":
    sys.exit(main())
