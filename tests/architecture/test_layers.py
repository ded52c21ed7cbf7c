"""The direction of imports, where time and chance come from, and what may be imported lazily."""

import ast
import io
import tokenize
from collections.abc import Iterator
from pathlib import Path

import pytest

import aniva_sandbox

SOURCE = Path(aniva_sandbox.__file__).parent
PACKAGE = "aniva_sandbox"

LAYERS = (
    *("", "guide"),
    *("engine", "engine.contract", "engine.world", "engine.faults", "engine.evidence", "engine.store"),
    *("engine.control", "engine.serving", "engine.pages", "engine.double"),
    *("laboratory", "api", "conformance", "testing", "cli", "__main__"),
)
"""A module may import from its own layer and from those before it; the modules beside the packages come first, those
beside the engine's packages before these."""

WEB = frozenset({"starlette", "uvicorn", "httpx", "httpx2", "requests", "aiohttp"})
WEB_LAYERS = frozenset({"engine.serving", "engine.pages", "engine.double", "conformance", "testing", "cli"})
WIRING = "api.app"
"""The module that puts the app together."""
OFFERED = "testing"
"""The layer from which the package itself offers a name, which it loads when it is asked for."""
STORE = "valkey"
"""The library of the store, which is only there where worlds are shared."""
STORE_MODULE = "engine.store.line"
LAZY = frozenset(
    {
        *(f"cli.{name}" for name in ("check", "coverage", "document", "guide", "operations", "probe", "remote")),
        "cli.own_valkey",
        *("cli.serve", "cli.worlds", "", "api.app", "api.domain", "testing.plugin", "laboratory.report"),
        *(
            "engine.texts",
            "engine.pages.console",
            "engine.yaml_file",
            "engine.contract.document",
            "engine.control.journal",
            "engine.control.metrics",
            "engine.control.store_metrics",
        ),
        *("engine.pages.guide", "engine.pages.reference", "engine.serving.app", "engine.serving.documents"),
        *("engine.serving.cors", "engine.faults.delivery"),
    }
)
"""Modules in which a function may import, and say that it is lazy."""

MACHINE = frozenset({"engine.world.clock", "engine.world.ids", "engine.store.log"})
"""Modules that may read the machine's time and make up ids; those of the log are no world's."""
SECRETIVE = frozenset({"engine.serving.guard"})
"""Modules that may make up a secret: it must not be foreseeable, so it is no world's."""
BANNED_MODULES = frozenset({"random", "secrets"})
BANNED_NAMES = frozenset(
    {
        *(f"datetime.datetime.{name}" for name in ("now", "utcnow", "today")),
        "datetime.date.today",
        *(
            f"time.{name}"
            for name in ("time", "time_ns", "monotonic", "monotonic_ns", "perf_counter", "perf_counter_ns")
        ),
        *("uuid.uuid1", "uuid.uuid4", "os.urandom"),
    }
)


def modules() -> Iterator[tuple[str, str]]:
    """Every module of the package as its name without the package's, and its source."""
    for path in sorted(SOURCE.rglob("*.py")):
        name = ".".join(path.relative_to(SOURCE).with_suffix("").parts).removesuffix("__init__").rstrip(".")
        yield name, path.read_text(encoding="utf-8")


def layer(module: str) -> str:
    """The layer of a module: the longest one that it is in."""
    parts = module.split(".")
    names = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((name for name in names if name in LAYERS), "")


def imports(tree: ast.AST) -> Iterator[tuple[ast.stmt, str]]:
    """Every import, also inside functions and conditions, with the absolute name of what is imported."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from ((node, alias.name) for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield from ((node, f"{'.' * node.level}{node.module or ''}.{alias.name}") for alias in node.names)


def faults(module: str, source: str) -> list[str]:
    """What a module does that its place forbids."""
    tree = ast.parse(source)
    found = [*_wrong_imports(module, tree), *_hidden_imports(module, tree, source)]
    if module not in MACHINE:
        found += [read for read in _machine_reads(tree) if module not in SECRETIVE or " secrets" not in read]
    return [f"{module}:{fault}" for fault in found]


def _wrong_imports(module: str, tree: ast.AST) -> Iterator[str]:
    own = LAYERS.index(layer(module))
    for node, name in imports(tree):
        top, _, inside = name.partition(".")
        if name.startswith("."):
            yield f"{node.lineno}: {name} is a relative import"
        elif top == PACKAGE and LAYERS.index(layer(inside)) > own and (module, layer(inside)) != ("", OFFERED):
            yield f"{node.lineno}: the import of {name} runs backwards"
        elif top in WEB and layer(module) not in WEB_LAYERS and module != WIRING:
            yield f"{node.lineno}: {top} is not for this layer"
        elif top == STORE and module != STORE_MODULE:
            yield f"{node.lineno}: {top} is only for {STORE_MODULE}"


def _hidden_imports(module: str, tree: ast.AST, source: str) -> Iterator[str]:
    comments = {
        token.start[0]: token.string.lower()
        for token in tokenize.generate_tokens(io.StringIO(source).readline)
        if token.type == tokenize.COMMENT
    }
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda):
            continue
        hidden = [node for node in ast.walk(function) if isinstance(node, ast.Import | ast.ImportFrom)]
        lines = range(function.lineno, (function.end_lineno or function.lineno) + 1)
        said = any("lazy" in comments.get(line, "") for line in lines)
        if hidden and module not in LAZY:
            yield f"{hidden[0].lineno}: an import inside a function"
        elif hidden and not said:
            yield f"{hidden[0].lineno}: an import inside a function that does not say that it is lazy"


def _machine_reads(tree: ast.AST) -> Iterator[str]:
    known: dict[str, str] = {}
    for node, name in imports(tree):
        assert isinstance(node, ast.Import | ast.ImportFrom)
        top = name.partition(".")[0]
        if top in BANNED_MODULES or name in BANNED_NAMES:
            yield f"{node.lineno}: {name} is read"
        for alias in node.names:
            if isinstance(node, ast.ImportFrom):
                known[alias.asname or alias.name] = f"{node.module}.{alias.name}"
            else:
                known[alias.asname or top] = alias.name if alias.asname else top
    for node in ast.walk(tree):
        if isinstance(node, ast.Attribute) and _dotted(node, known) in BANNED_NAMES:
            yield f"{node.lineno}: {_dotted(node, known)} is read"


def _dotted(node: ast.expr, known: dict[str, str]) -> str:
    """The full name that an attribute leads to through the imports of its module."""
    if isinstance(node, ast.Attribute):
        return f"{_dotted(node.value, known)}.{node.attr}"
    return known.get(node.id, node.id) if isinstance(node, ast.Name) else ""


# The package


@pytest.mark.parametrize(("module", "source"), [pytest.param(*entry, id=entry[0] or PACKAGE) for entry in modules()])
def test_modules_keep_to_their_layer(module: str, source: str) -> None:
    """No import runs backwards or hides in a function, and neither the web nor the machine is used out of place."""
    assert faults(module, source) == []


def test_every_package_has_a_layer() -> None:
    """Every package is in the order, so that none escapes it; and every layer is there."""
    packages = {path.parent.name for path in SOURCE.glob("*/__init__.py")}
    packages |= {f"engine.{path.parent.name}" for path in SOURCE.glob("engine/*/__init__.py")}
    assert packages == set(LAYERS) - {"", "__main__", "engine.double"}


def test_no_import_leads_back() -> None:
    """No module imports itself through others, in whatever order modules are loaded."""
    sources = dict(modules())
    graph = {
        module: {name for name in _imported(source, set(sources)) if name != module}
        for module, source in sources.items()
    }
    done: set[str] = set()

    def visit(module: str, way: tuple[str, ...]) -> None:
        assert module not in way, " -> ".join([*way[way.index(module) :], module])
        if module not in done:
            for name in sorted(graph[module]):
                visit(name, (*way, module))
            done.add(module)

    for module in graph:
        visit(module, ())


def _imported(source: str, known: set[str]) -> Iterator[str]:
    """The modules of the package that a module imports when it is loaded."""
    tree = ast.parse(source)
    for node, name in imports(tree):
        if node in tree.body and name.startswith(f"{PACKAGE}."):
            inside = name.removeprefix(f"{PACKAGE}.")
            yield inside if inside in known else inside.rpartition(".")[0]


LONGEST = 450


def test_no_file_is_long() -> None:
    """No file of the package has more lines than one can keep in mind."""
    assert [name for name, source in modules() if source.count("\n") > LONGEST] == []


# The checks themselves


@pytest.mark.parametrize(
    ("module", "source", "told"),
    [
        ("engine.world.ids", "from aniva_sandbox.api.rules import RULES", "runs backwards"),
        ("engine.world.ids", "import aniva_sandbox.api.rules", "runs backwards"),
        ("engine.contract.rules", "from aniva_sandbox import api", "runs backwards"),
        ("engine.contract.rules", "from aniva_sandbox.engine.world import ids", "runs backwards"),
        ("resources.profiles", "from aniva_sandbox.engine.world.events import happen", "runs backwards"),
        ("engine.world.events", "from aniva_sandbox.engine.control import plane", "runs backwards"),
        ("engine.control.plane", "from aniva_sandbox.engine.serving.app import build_app", "runs backwards"),
        ("api.app", "from aniva_sandbox.testing import live", "runs backwards"),
        ("conformance.run", "from aniva_sandbox.testing.live import LiveServer", "runs backwards"),
        ("testing.live", "from aniva_sandbox import cli", "runs backwards"),
        ("cli", "import aniva_sandbox.__main__", "runs backwards"),
        ("files", "from aniva_sandbox.engine.world import state", "runs backwards"),
        ("", "from aniva_sandbox.engine.world import state", "runs backwards"),
        ("", "def f():\n    from aniva_sandbox.testing import Sandbox", "2: an import inside a function that does not"),
        ("engine.world.ids", "if True:\n    from aniva_sandbox.cli import main", "2: the import"),
        ("engine.world.ids", "from ..contract import rules", "relative import"),
        ("engine.control.plane", "from starlette.routing import Route", "starlette is not for this layer"),
        ("engine.world.state", "import uvicorn", "uvicorn is not for this layer"),
        ("api.access", "import httpx2 as client", "httpx2 is not for this layer"),
        ("engine.yaml_file", "import httpx", "httpx is not for this layer"),
        ("engine.store.log", "from valkey.asyncio import Valkey", "valkey is only for engine.store.line"),
        ("engine.world.ids", "def f():\n    import json", "2: an import inside a function"),
        ("engine.serving.server", "async def f():\n    import json  # lazy", "2: an import inside a function"),
        ("cli.serve", "def f():\n    import json", "2: an import inside a function that does not say"),
        (
            "cli.serve",
            "def f():\n    import json\ndef g():\n    import json  # lazy",
            "2: an import inside a function that",
        ),
        ("testing.plugin", "def f():\n    '''lazy'''\n    import json", "3: an import inside a function that does not"),
        ("engine.world.state", "from datetime import datetime\nx = datetime.now()", "2: datetime.datetime.now is read"),
        (
            "engine.world.state",
            "from datetime import datetime as d\nx = d.utcnow",
            "2: datetime.datetime.utcnow is read",
        ),
        ("engine.world.state", "import datetime\nx = datetime.datetime.today()", "2: datetime.datetime.today is read"),
        ("engine.world.state", "import datetime as d\nx = d.date.today()", "2: datetime.date.today is read"),
        ("engine.world.state", "from datetime import date\nx = date.today()", "2: datetime.date.today is read"),
        ("testing.live", "import time\nx = time.time()", "2: time.time is read"),
        ("cli", "import time as t\nx = t.monotonic()", "2: time.monotonic is read"),
        ("cli", "from time import perf_counter", "1: time.perf_counter is read"),
        ("cli", "from time import time as now", "1: time.time is read"),
        ("engine.world.tables", "import uuid\nx = uuid.uuid4()", "2: uuid.uuid4 is read"),
        ("engine.world.tables", "from uuid import uuid1", "1: uuid.uuid1 is read"),
        ("engine.world.tables", "import random", "1: random is read"),
        ("engine.world.tables", "from random import choice", "1: random.choice is read"),
        ("engine.world.tables", "import secrets as s", "1: secrets is read"),
        ("engine.serving.app", "import secrets", "1: secrets is read"),
        ("engine.serving.guard", "import random", "1: random is read"),
    ],
)
def test_checks_can_fail(module: str, source: str, told: str) -> None:
    """Each thing that is forbidden is found, at its line."""
    (fault,) = faults(module, source)
    assert told in fault


@pytest.mark.parametrize(
    ("module", "source"),
    [
        ("engine.world.tables", "from aniva_sandbox.engine.contract.access import Access"),
        ("engine.contract.rules", "from aniva_sandbox import VERSION"),
        ("engine.world.ids", "from aniva_sandbox.engine.yaml_file import YamlFile"),
        ("", "def f():\n    from aniva_sandbox.testing import Sandbox  # lazy"),
        ("engine.serving.app", "import uvicorn\nfrom aniva_sandbox.engine.control import plane"),
        ("conformance.server", "import requests"),
        ("testing.live", "import httpx2"),
        ("__main__", "from aniva_sandbox.cli import main"),
        ("cli.serve", "def f():\n    # Lazy: slow.\n    import json"),
        ("testing.plugin", "def f():\n    import json  # lazy: slow"),
        ("engine.world.clock", "import time\nx = time.time()"),
        ("engine.serving.guard", "import secrets"),
        ("engine.store.line", "from valkey.exceptions import ValkeyError"),
        ("engine.world.ids", "from uuid import uuid4"),
        (
            "engine.world.tables",
            "from datetime import datetime, date\nfrom uuid import UUID\nx = datetime.combine, date.min",
        ),
        ("engine.world.tables", "x = world.clock.now()\ny = self.now\nz = clock.today()"),
        ("engine.serving.app", "import time\nx = time.strftime('%Y')"),
    ],
)
def test_checks_can_pass(module: str, source: str) -> None:
    """What stands beside the forbidden is taken."""
    assert faults(module, source) == []
