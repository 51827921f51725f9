"""The command line: ``python -m importer.simulator``."""

import argparse
import asyncio
import sys
from collections.abc import Sequence

from importer.simulator.arguments import read_faults, read_rates
from importer.simulator.faults import Fault
from importer.simulator.serve import serve
from importer.simulator.settings import Settings


def main(arguments: Sequence[str] | None = None) -> int:
    """Serve until interrupted; 2 if the port is taken."""
    parser = _parser()
    options = parser.parse_args(arguments)
    try:
        settings = Settings(
            port=options.port,
            seed=options.seed,
            latency=options.latency,
            jitter=options.jitter,
            limits=not options.no_limits,
            rates=read_rates(options.rate),
            faults=read_faults(options.fault),
        )
    except ValueError as error:
        parser.error(str(error))
    try:
        asyncio.run(serve(settings, announce=_silent if options.quiet else _print))
    except OSError as error:
        sys.stderr.write(f"The simulator cannot listen: {error.strerror}. Choose another --port.\n")
        return 2
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m importer.simulator",
        description="Five payment providers on this machine. Prints one line of JSON when it is ready.",
        epilog=f"Kinds of fault: {', '.join(Fault)}.",
    )
    add = parser.add_argument
    add("--port", type=int, default=0, help="0, the default, takes a free one")
    add("--latency", type=float, default=0.0, metavar="SECONDS", help="before every answer")
    add("--jitter", type=float, default=0.0, metavar="SECONDS", help="at most, on top of the latency")
    add("--seed", type=int, default=0, help="of ids and faults")
    add("--no-limits", action="store_true", help="enforce no rate limits")
    add("--fault", action="append", default=[], metavar="KIND=PROBABILITY[:PROVIDER]", help="repeatable")
    add(
        "--rate",
        action="append",
        default=[],
        metavar="PROVIDER=25/s",
        help="instead of the provider's own limit; repeatable, for several windows; PROVIDER may be all",
    )
    add("--quiet", action="store_true", help="print nothing")
    return parser


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _silent(line: str) -> None:
    """Print nothing."""


if __name__ == "__main__":
    sys.exit(main())
