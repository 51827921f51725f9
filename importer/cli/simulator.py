"""importer simulator: the five providers on this machine, with faults on demand."""

import asyncio
import sys
from typing import Annotated

import typer

from importer.cli.options import Verbose
from importer.errors import SettingsError


def register(app: typer.Typer) -> None:
    """Add the command to the program."""
    app.command("simulator")(simulator)


def simulator(
    port: Annotated[
        int, typer.Option("--port", envvar="IMPORTER_PORT", min=0, max=65535, help="0 takes a free one.")
    ] = 8700,
    latency: Annotated[
        float, typer.Option("--latency", min=0, metavar="SECONDS", help="Before every answer.")
    ] = 0.0,
    jitter: Annotated[
        float, typer.Option("--jitter", min=0, metavar="SECONDS", help="At most, on top of the latency.")
    ] = 0.0,
    seed: Annotated[int, typer.Option("--seed", help="Of ids and faults.")] = 0,
    no_limits: Annotated[bool, typer.Option("--no-limits", help="Enforce no rate limits.")] = False,
    fault: Annotated[
        list[str] | None,
        typer.Option(
            "--fault",
            metavar="KIND=PROBABILITY[:PROVIDER]",
            help="Repeatable, for example cut_after=0.1 or rate_limited=0.2:rapyd.",
            show_default=False,
        ),
    ] = None,
    rate: Annotated[
        list[str] | None,
        typer.Option(
            "--rate",
            metavar="PROVIDER=25/s",
            help="Instead of the provider's own limit; PROVIDER may be all.",
            show_default=False,
        ),
    ] = None,
    as_json: Annotated[
        bool, typer.Option("--json", help="Say where it listens as one line of JSON.")
    ] = False,
    verbose: Verbose = False,
) -> int:
    """Run the providers' stand-ins until interrupted. Customers live in memory only."""
    from importer.simulator.arguments import read_faults, read_rates
    from importer.simulator.serve import serve
    from importer.simulator.settings import Settings

    try:
        settings = Settings(
            port=port,
            latency=latency,
            jitter=jitter,
            seed=seed,
            limits=not no_limits,
            faults=read_faults(fault or ()),
            rates=read_rates(rate or ()),
        )
        asyncio.run(serve(settings, announce=_print if as_json else _explain))
    except ValueError as error:
        raise SettingsError(f"{error}") from error
    except OSError as error:
        raise SettingsError(
            f"The simulator cannot listen on port {port}: {error.strerror}. Choose another --port."
        ) from error
    return 0


def _print(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _explain(line: str) -> None:
    """What to type in another terminal."""
    import json

    said = json.loads(line)
    _print(f"Five providers listen at {said['url']} until Ctrl-C. In another terminal:\n")
    for name, value in said["environment"].items():
        _print(f"  export {name}={value}")
    _print("")
    for provider, url in said["base_urls"].items():
        _print(f"  importer run SOURCE -p {provider} --base-url {url}")
