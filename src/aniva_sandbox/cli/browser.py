"""The console in a browser."""

import logging
import os
import threading
import webbrowser
from typing import Final

__all__ = ["open_console"]

_TEXT_BROWSERS: Final = ("www-browser", "links", "elinks", "lynx", "w3m")
"""Those that Python finds on a machine without a display. They run no scripts, and would fill the terminal."""


def open_console(address: str) -> None:
    """Open the console at an address in the browser, and warn if that is not possible. Does not wait: some browsers
    return only when they are closed."""
    threading.Thread(target=_open, args=(address,), name="aniva-sandbox browser", daemon=True).start()


def _open(address: str) -> None:
    try:
        browser = webbrowser.get()
        name = getattr(browser, "name", "")
        opened = (name not in _TEXT_BROWSERS or os.environ.get("BROWSER")) and browser.open(address)
    except (webbrowser.Error, OSError):
        opened = False
    if not opened:
        logging.getLogger("aniva_sandbox").warning("no browser could be opened; the console is at %s", address)
