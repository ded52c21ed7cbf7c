"""A catalogue's files: what is sold, by whom and where, and how each problem in them is told."""

import shutil
from pathlib import Path
from typing import Any

import pytest
import yaml

from aniva_sandbox.api.domain import DOMAIN
from aniva_sandbox.api.world import World
from aniva_sandbox.engine.world.fixtures import load_fixture
from aniva_sandbox.engine.yaml_file import FixtureError, YamlFile
from aniva_sandbox.laboratory.catalogue import load_catalogue
from tests.sandbox.world.fixture_files import (
    BOXES,
    CATALOGUE,
    archived_slug,
    broken_catalogue,
    changed,
    changed_catalogue,
    faults,
)

ADDRESS = {"street": "Any", "house_number": "1", "postal_code": "10115", "city": "Berlin", "country": "DE"}


@pytest.mark.parametrize(
    ("name", "change", "told"),
    [
        ("units", {"unit_type": "vague"}, '[1].unit_type: must be one of "physical", "discrete"'),
        ("units", {"colour": "red"}, "[1].colour: is not known"),
        ("units", {"id": 1}, "[1].id: another entry has the id 1"),
        ("biomarkers", {"type": "magical"}, '[1].type: must be one of "clinical", "genetic"'),
        ("biomarkers", {"unit": 9999}, "[1].unit: there is no unit 9999"),
        ("biomarkers", {"id": 1}, "[1].id: another entry has the id 1"),
        ("biomarkers", {"slug": "leukocytes"}, "[1].slug: another entry has the slug leukocytes"),
        ("panels", {"biomarkers": ["nothing"]}, "[1].biomarkers: there is no biomarker nothing"),
        ("panels", {"biomarkers": [archived_slug()]}, f"[1].biomarkers: biomarker {archived_slug()} is archived"),
        ("panels", {"laboratory": None}, "[1].laboratory: is required for a custom container"),
        ("panels", {"biomarkers": ["tsh"]}, "[1].biomarkers: must be empty for a custom container"),
        ("panels", {"laboratory": "garage"}, "[1].laboratory: there is no laboratory garage"),
        ("panels", {"name": "Aniva Custom ZotzKlimas"}, "[1].name: another entry has the name Aniva Custom ZotzKlimas"),
    ],
)
def test_faults_of_a_catalogue(tmp_path: Path, name: str, change: dict[str, Any], told: str) -> None:
    """Whatever is wrong with a file of the catalogue is told with its file, line and field."""
    (fault,) = broken_catalogue(tmp_path, name, lambda entries: entries[1].update(change))
    file, line, rest = fault.split(":", 2)
    assert file == f"{name}.yaml"
    assert int(line) > 1
    assert rest.strip().startswith(told)


CONTAINER = "00000000-0000-0000-0000-000000000aff"


def test_single_biomarkers_of_a_world(tmp_path: Path) -> None:
    """An appointment of a world file may hold single biomarkers, in a container among its panels."""
    link = f'{{panel_id: {CONTAINER}, added_at: "-80m", biomarkers: [vitamin-d-25-oh, tsh]}}'
    path = changed(tmp_path, ('added_at: "-90m"}', f'added_at: "-90m"}}\n      - {link}'))
    fixture = load_fixture(YamlFile(path), DOMAIN)
    (appointment,) = World("small", fixture, DOMAIN, mode="frozen").appointments
    assert appointment.snapshot == {CONTAINER: (42, 87)}
    assert list(appointment.panels)[1] == CONTAINER


@pytest.mark.parametrize(
    ("panel", "biomarkers", "told"),
    [
        (
            CONTAINER,
            "",
            "appointments[0].panels: 00000000-0000-0000-0000-000000000aff: a custom container must hold at least one",
        ),
        (CONTAINER, ", biomarkers: []", "must hold at least one biomarker, other panels none"),
        (None, ", biomarkers: [tsh]", "must hold at least one biomarker, other panels none"),
        (
            CONTAINER,
            ", biomarkers: [tsh, nothing]",
            "appointments[0].panels[0].biomarkers: there is no biomarker nothing",
        ),
    ],
)
def test_faults_of_single_biomarkers(tmp_path: Path, panel: str | None, biomarkers: str, told: str) -> None:
    """A container holds at least one biomarker that there is, and no other panel holds any."""
    known = "f1c2d4a3-7b8e-4f2a-9c1d-2e3f4a5b6c7d"
    old = f'panel_id: {known}, added_at: "-90m"'
    new = f'panel_id: {panel or known}, added_at: "-90m"{biomarkers}'
    (fault,) = faults(changed(tmp_path, (old, new)))
    assert told in fault


@pytest.mark.parametrize(
    ("name", "section", "change", "told"),
    [
        (
            "people",
            "conditions",
            {"passing": True},
            "conditions: either all conditions of the group glucose are passing, or none",
        ),
        ("people", "conditions", {"chance": 2}, "conditions[1].chance: must be a number from 0 to 1"),
        ("people", "conditions", {"shifts": {"nothing": 1}}, "conditions[1].shifts: there is no biomarker nothing"),
        ("people", "factors", {"name": "iron-stores"}, "factors[1].name: another entry has the name iron-stores"),
        ("genes", "genes", {"biomarker": "nothing"}, "genes[1].biomarker: there is no biomarker nothing"),
        ("genes", "genes", {"genotypes": []}, "genes[1].genotypes: must be C/C, C/T, T/T, each once"),
        ("genes", "haplotypes", {"of": []}, "haplotypes[1].of: the frequencies must add up to 1"),
        (
            "genes",
            "haplotypes",
            {"biomarkers": ["nothing"]},
            "haplotypes[1].biomarkers: there is no gene of the biomarker",
        ),
        (
            "genes",
            "haplotypes",
            {"of": [{"alleles": ["X", "Y"], "frequency": 1}]},
            "haplotypes[1].of[0].alleles: must name an allele of each",
        ),
        (
            "laboratories/labclinic",
            "bundles",
            {"biomarkers": ["nothing"]},
            "bundles[1].biomarkers: there is no biomarker",
        ),
        (
            "laboratories/labclinic",
            "bundles",
            {"biomarkers": [archived_slug()]},
            f"bundles[1].biomarkers: there is no biomarker {archived_slug()}",
        ),
        ("laboratories/labclinic", "bundles", {"name": "TSH"}, "bundles: two orderables are called TSH"),
        (
            "laboratories/labclinic",
            "bundles",
            {"biomarkers": []},
            "bundles[1].biomarkers: must have at least 1 entry",
        ),
        ("laboratories/labclinic", "tubes", {"cap_color": "red"}, "tubes[1].cap_color: must match"),
        ("laboratories/labclinic", "tubes", {"type": "citrate"}, "tubes: two tubes have the same type"),
        ("laboratories/labclinic", "tubes", {"fill": 0}, "tubes[1].fill: must be above 0"),
    ],
)
def test_faults_of_sections(tmp_path: Path, name: str, section: str, change: dict[str, Any], told: str) -> None:
    """What is wrong with people, genes and laboratories is told with its place, first of all faults or among them."""
    found = broken_catalogue(tmp_path, name, lambda data: data[section][1].update(change))
    assert any(fault.split(":", 2)[2].strip().startswith(told) for fault in found), found


@pytest.mark.parametrize(
    ("change", "told"),
    [
        ({"address": "here"}, "address: must be a mapping"),
        ({"address": ADDRESS | {"floor": 1}}, "address.floor: is not known"),
        ({"singles": ["tsh", "nothing"]}, "singles: there is no biomarker nothing"),
        ({"singles": ["tsh", "tsh"]}, "bundles: two orderables are called TSH"),
        ({"methods": {"nothing": {}}}, "methods: there is no biomarker nothing"),
        ({"methods": {"tsh": {"tube": "jar"}}}, "methods.tsh: there is no tube for serum"),
        ({"methods": {"tsh": {"tube": "edta"}}}, "methods.tsh: there is no tube for serum"),
        ({"methods": {"tsh": {"lab": [2, 1]}}}, "methods.tsh.lab: low must not be above high"),
        ({"methods": {"tsh": {"limits": 1}}}, "methods.tsh.limits: must be [low, high]"),
        ({"volumes": {}}, "volumes lacks serum"),
        ({"tubes": []}, "there is no tube for serum"),
    ],
)
def test_faults_of_a_laboratory(tmp_path: Path, change: dict[str, Any], told: str) -> None:
    """A laboratory that sells what there is not, or has no tube for what it sells, is refused."""
    found = broken_catalogue(tmp_path, "laboratories/labclinic", lambda data: data.update(change))
    assert any(told in fault for fault in found), found


def test_a_panel_of_what_nobody_sells(tmp_path: Path) -> None:
    """A panel can hold only what some laboratory sells."""
    folder = tmp_path / "catalogue"
    shutil.copytree(CATALOGUE, folder)
    for path in (folder / "laboratories").glob("*.yaml"):
        data = yaml.safe_load(path.read_text(encoding="utf-8"))
        data["singles"] = [slug for slug in data["singles"] if slug != "trab"]
        data["bundles"] = [bundle for bundle in data["bundles"] if "trab" not in bundle["biomarkers"]]
        path.write_text(yaml.safe_dump(data, allow_unicode=True), encoding="utf-8")
    with pytest.raises(FixtureError, match="no laboratory sells biomarker trab"):
        load_catalogue(folder)


def test_catalogue_file_must_be_there(tmp_path: Path) -> None:
    """A folder without one of the files is told with the path of what is missing."""
    with pytest.raises(FixtureError, match=r"units\.yaml: cannot be read"):
        load_catalogue(tmp_path)


def test_entries_of_a_catalogue_keep_their_place(tmp_path: Path) -> None:
    """Behind an entry that does not fit its type, the faults of the next are still told at their own place."""

    def spoil(entries: list[dict[str, Any]]) -> None:
        entries[1]["type"] = "magical"
        entries[3]["unit"] = 9999

    told = broken_catalogue(tmp_path, "biomarkers", spoil)
    assert [fault.split(": ")[1] for fault in told] == ["[1].type", "[3].unit"]


@pytest.mark.parametrize(("till", "sound"), [("'09:00'", False), ("'10:00'", False), ("'10:01'", True)])
def test_a_pickup_ends_after_it_begins(tmp_path: Path, till: str, sound: bool) -> None:
    """A pickup window that does not end after it begins is a fault."""
    boxes = BOXES.replace('pickup_time_from: "10:00"', "pickup_time_from: '10:00'").replace(
        'pickup_time_till: "13:00"', f"pickup_time_till: {till}"
    )
    if sound:
        assert load_fixture(YamlFile(changed(tmp_path, shipments=boxes)), DOMAIN).name == "small"
    else:
        (fault,) = faults(changed(tmp_path, shipments=boxes))
        assert "shipments[0].pickup_time_till: must be later than pickup_time_from" in fault


def test_order_of_a_catalogue(tmp_path: Path) -> None:
    """Units and biomarkers come by id, panels by name, what a panel holds by id, laboratories by file, whatever the
    order in the files."""
    catalogue = changed_catalogue(tmp_path, "panels", lambda data: [panel["biomarkers"].reverse() for panel in data])
    for ids in (catalogue.units, catalogue.biomarkers, *(panel.biomarker_ids for panel in catalogue.panels.values())):
        assert list(ids) == sorted(ids)
    names = [panel.name for panel in catalogue.panels.values()]
    assert names == sorted(names)
    assert list(catalogue.laboratories) == ["labclinic", "zotzklimas"]


def test_methods_of_a_laboratory(tmp_path: Path) -> None:
    """A method says its own tube and volume, or has the first tube of its material and the volume of that; blood is as
    much as holds that volume of the material; ranges and limits are the laboratory's own or those of the biomarker."""

    def change(data: dict[str, Any]) -> None:
        data["methods"] = {"tsh": {"volume": 100, "lab": [1, 2], "limits": [0, 9]}, "esr": {"tube": "esr"}}

    catalogue = changed_catalogue(tmp_path, "laboratories/zotzklimas", change)
    laboratory = catalogue.laboratories["zotzklimas"]
    tsh, trab, esr, cells = (
        laboratory.methods[catalogue.slugs[slug].id] for slug in ("tsh", "trab", "esr", "haemoglobin")
    )
    assert (tsh.tube.type, tsh.blood, trab.blood) == ("serum", 100 / 0.4, 60 / 0.4)
    assert [(method.tube.type, method.blood) for method in (esr, cells)] == [("esr", 20), ("edta", 20)]
    assert tsh.lab is not None
    assert (tsh.lab.of(1, 40).low, tsh.limits.high) == (1, 9)
    assert (trab.lab, trab.limits) == (catalogue.measurements["trab"].lab, catalogue.measurements["trab"].limits)


@pytest.mark.parametrize("what", ["singles", "bundles"])
def test_unknown_biomarkers_are_the_only_fault(tmp_path: Path, what: str) -> None:
    """What a laboratory cannot sell is told by itself."""

    def spoil(data: dict[str, Any]) -> None:
        (data["singles"] if what == "singles" else data["bundles"][0]["biomarkers"]).append("nothing")

    (fault,) = broken_catalogue(tmp_path, "laboratories/labclinic", spoil)
    assert fault.endswith(
        f"{'singles' if what == 'singles' else 'bundles[0].biomarkers'}: there is no biomarker nothing"
    )
