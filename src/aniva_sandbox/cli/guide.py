"""The command that prints the guide."""

import click

from aniva_sandbox.cli.streams import write_document

__all__ = ["guide"]


@click.command()
@click.argument("topic", required=False)
def guide(topic: str | None) -> None:
    """Print a topic of the guide, or the list of topics.

    A running sandbox serves the same pages at /guide.
    """
    # Lazy: the other commands do without it.
    from aniva_sandbox import guide as manual
    from aniva_sandbox.engine.texts import suggest

    if topic is None:
        width = max(map(len, manual.NAMES))
        for each in manual.topics():
            click.echo(f"{click.style(each.name.ljust(width), bold=True)}  {each.summary}")
        return
    if topic not in manual.NAMES:
        raise click.BadParameter(
            f"unknown topic {topic!r}{suggest(topic, manual.NAMES)}; `aniva-sandbox guide` lists the topics",
            param_hint="TOPIC",
        )
    write_document(manual.read(topic))
