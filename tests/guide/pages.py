"""The pages that users read, and what their tests share: fenced blocks, transcripts, a shell that has the commands."""

import os
import re
import shutil
import sys
from pathlib import Path
from typing import NamedTuple

from aniva_sandbox import guide

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")
PAGES = {"README": README} | {name: guide.read(name) for name in guide.NAMES}
"""The README and every topic, by name."""

CURL = r"""
import sys, time, urllib.error, urllib.request
words = sys.argv[1:]
headers, method, data, url = {}, None, None, ""
show, fail, quiet, tries, end = False, False, False, 1, ""
while words:
    word = words.pop(0)
    if word == "-H":
        name, _, value = words.pop(0).partition(": ")
        headers[name] = value
    elif word == "-X":
        method = words.pop(0)
    elif word == "-d":
        data = words.pop(0).encode()
        data = sys.stdin.buffer.read() if data == b"@-" else data
    elif word == "-i":
        show = True
    elif word == "-o":
        quiet = words.pop(0) == "/dev/null"
    elif word == "-fsS":
        fail = True
    elif word == "--retry":
        tries += int(words.pop(0))
    elif word == "-w":
        end = words.pop(0).replace(r"\n", "\n")
    elif word not in ("-s", "--retry-connrefused"):
        url = word
while True:
    try:
        reply = urllib.request.urlopen(urllib.request.Request(url, data, headers, method=method))
    except urllib.error.HTTPError as error:
        if fail:
            sys.exit(f"curl: (22) The response is {error.status}")
        reply = error
    except urllib.error.URLError as error:
        tries -= 1
        if not tries:
            sys.exit(f"curl: (7) {error}")
        time.sleep(1)
        continue
    break
if show:
    del reply.headers["connection"]  # curl would have kept it open
    print(f"HTTP/1.1 {reply.status} {reply.reason}")
    print(reply.headers, end="", flush=True)
body = reply.read()
sys.stdout.buffer.write((b"" if quiet else body) + end.replace("%{http_code}", str(reply.status)).encode())
"""
"""Enough of curl for the pages, for machines that have none."""


class Step(NamedTuple):
    """A command of a transcript, and what it prints."""

    command: str
    printed: str


def blocks(language: str, page: str | None = None) -> list[str]:
    """The fenced blocks in a language, of one page or of all."""
    pages = PAGES.values() if page is None else [PAGES[page]]
    return [
        block for text in pages for block in re.findall(rf"^```{language}\n(.*?)^```$", text, re.MULTILINE | re.DOTALL)
    ]


def marked(mark: str, page: str) -> str:
    """The lines of a page between ``<!-- mark -->`` and ``<!-- /mark -->``."""
    (found,) = re.findall(rf"^<!-- {mark} -->\n(.*?)^<!-- /{mark} -->$", PAGES[page], re.MULTILINE | re.DOTALL)
    return str(found)


def steps(page: str) -> list[Step]:
    """Every command of a page's transcripts, in order."""
    found = []
    for block in blocks("console", page):
        for part in re.split(r"^\$ ", block, flags=re.MULTILINE)[1:]:
            lines = part.splitlines()
            length = next(index for index, line in enumerate(lines) if not line.endswith("\\")) + 1
            found.append(Step("\n".join(lines[:length]), "\n".join(lines[length:])))
    return found


def environment_in(tmp_path: Path) -> dict[str, str]:
    """An environment that has the commands of the pages; where curl is missing, the directory gets the stand-in."""
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"
    if shutil.which("curl") is None:
        stand_in = tmp_path / "curl"
        stand_in.write_text(f"#!{sys.executable}\n{CURL}", encoding="utf-8")
        stand_in.chmod(0o755)
        path = f"{tmp_path}{os.pathsep}{path}"
    return os.environ | {"PATH": path}
