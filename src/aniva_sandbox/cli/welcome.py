"""What a server prints when it starts."""

import json
from typing import Any, Final

import click

from aniva_sandbox import VERSION
from aniva_sandbox.cli.common import KEY

__all__ = ["announce", "console_url"]

_TITLES: Final = {"docs": "reference"}
"""What the banner calls a fact, if not by its name."""
_ONLY_IN_JSON: Final = ("control",)


def console_url(url: str) -> str:
    """The address of the console of a server."""
    return f"{url}/_sandbox/"


def announce(world: Any, url: str, token: str | None, store: str | None, *, as_json: bool) -> None:
    """Print what a user needs to get started. ``store`` is where the worlds are, if they are in a store."""
    access = world.personas["full"]
    group = next((g.slug for g in world.profile_groups.values() if g.id in access.profile_groups), None)
    location = next(
        (place.id for place in world.locations if place.active and place.group in access.location_groups), None
    )
    panel = next((p.id for p in world.catalogue.panels.values() if not p.is_custom and p.id in access.panels), None)
    facts = {
        "url": url,
        "api_key": KEY,
        "profile_group": group,
        "location_id": location,
        "panel_id": panel,
        "console": console_url(url),
        "docs": f"{url}/docs",
        "guide": f"{url}/guide",
        "control": f"{url}/_sandbox",
        "token": token,
        **({} if store is None else {"store": store}),
    }
    if as_json:
        click.echo(json.dumps(facts))
    else:
        lines = [f"Aniva sandbox {VERSION}\n"]
        for name, value in facts.items():
            if name == "token" and token is not None:
                value = f"{token}  (the console asks for it; scripts send Authorization: Bearer <token>)"
            if name not in _ONLY_IN_JSON and (name != "token" or token is not None):
                lines.append(f"  {_TITLES.get(name, name).replace('_', ' '):<14}{value}")
        lines.append(f"\nTry:\n  curl -H 'x-api-key: {KEY}' {url}/api/v1/locations\n\nCtrl-C stops it.")
        click.echo("\n".join(lines))
