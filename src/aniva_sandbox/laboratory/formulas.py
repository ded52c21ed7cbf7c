"""How biomarkers are related by arithmetic: which are computed from others, and which are parts of others.

Slugs represent values in the units of the catalogue. Sources: the authors named with the formulas.
"""

from collections.abc import Callable, Container
from math import log10, sqrt
from typing import Final

import msgspec

from aniva_sandbox.laboratory.measurements import Range, Sex

__all__ = ["BOUNDS", "FORMULAS", "PARTS", "Formula", "inputs_of"]


class Formula(msgspec.Struct, frozen=True):
    """How a value is computed from others, which ``compute`` gets in this order after the sex and the age in years."""

    inputs: tuple[str, ...]
    compute: Callable[..., float]
    personal: bool = False
    """Whether it depends on sex and age."""
    ratio: bool = False
    """Whether the value is missing if an input cannot be measured."""
    leeway: float = 0.02
    """The relative difference that a value may have: fixtures may round."""


def _formula(*inputs: str) -> Callable[[Callable[..., float]], Formula]:
    """A formula of values only."""
    return lambda compute: Formula(inputs, lambda _sex, _age, *values: compute(*values))


def _ratio(one: str, other: str, factor: float = 1) -> Formula:
    return Formula((one, other), lambda _sex, _age, a, b: factor * a / b, ratio=True)


def _difference(whole: str, *parts: str) -> Formula:
    return _formula(whole, *parts)(lambda a, *b: a - sum(b))


def _rest(*others: str) -> Formula:
    """The remainder to 100 %."""
    return _formula(*others)(lambda *values: 100 - sum(values))


def _fall(value: float, knee: float, below: float, above: float) -> float:
    return float(min(value / knee, 1) ** below * max(value / knee, 1) ** above)


def _egfr_creatinine(sex: Sex, age: int, creatinine: float) -> float:
    """CKD-EPI 2021, in mL/min/1.73 m², from µmol/L."""
    knee, below, factor = (0.9, -0.302, 1.0) if sex == 1 else (0.7, -0.241, 1.012)
    return 142 * _fall(creatinine / 88.42, knee, below, -1.2) * 0.9938**age * factor


def _egfr_cystatin_c(sex: Sex, age: int, cystatin_c: float) -> float:
    """CKD-EPI 2012, in mL/min/1.73 m², from mg/L."""
    return 133 * _fall(cystatin_c, 0.8, -0.499, -1.328) * 0.996**age * (1.0 if sex == 1 else 0.932)


def _free_testosterone(testosterone: float, shbg: float, albumin: float) -> float:
    """Vermeulen 1999: in pmol/L, from nmol/L, nmol/L and g/L."""
    total, binding = testosterone * 1e-9, shbg * 1e-9
    to_albumin, to_shbg = 3.6e4, 1e9  # association constants in L/mol
    loose = 1 + to_albumin * albumin / 69_000
    b = loose + to_shbg * (binding - total)
    return (sqrt(b * b + 4 * loose * to_shbg * total) - b) / (2 * loose * to_shbg) * 1e12


def _vldl(triglycerides: float) -> float:
    """Friedewald 1972 for mmol/L, where it holds (to 4.5); beyond, LDL is measured and VLDL grows more slowly."""
    return triglycerides / 2.2 if triglycerides <= 4.5 else 4.5 / 2.2 + (triglycerides - 4.5) / 5


_CELLS: Final = ("neutrophils", "lymphocytes", "monocytes", "eosinophils", "basophils")

FORMULAS: Final[dict[str, Formula]] = {
    # Haematology
    "mcv": _ratio("haematocrit", "erythrocytes", 1000),
    "mch": _ratio("haemoglobin", "erythrocytes"),
    "mchc": _ratio("haemoglobin", "haematocrit"),
    "neutrophils-percent": _rest(*(f"{cells}-percent" for cells in _CELLS[1:])),
    **{
        cells: _formula("leukocytes", f"{cells}-percent")(lambda count, percent: count * percent / 100)
        for cells in (*_CELLS, "immature-granulocytes")
    },
    "neutrophil-lymphocyte-ratio": _ratio("neutrophils", "lymphocytes"),
    "reticulocytes": _formula("erythrocytes", "reticulocytes-percent")(lambda count, percent: count * percent * 10),
    # Iron; a gram of transferrin binds 25.1 µmol
    "total-iron-binding-capacity": _formula("transferrin")(lambda transferrin: 25.1 * transferrin),
    "transferrin-saturation": _formula("iron", "transferrin")(lambda iron, transferrin: iron / transferrin / 0.251),
    "ferritin-index": _formula("soluble-transferrin-receptor", "ferritin")(
        lambda receptor, ferritin: receptor / log10(max(ferritin, 1.5))
    ),
    # Lipids
    "vldl-cholesterol": _formula("triglycerides")(_vldl),
    "total-cholesterol": _formula("ldl-cholesterol", "hdl-cholesterol", "vldl-cholesterol")(
        lambda ldl, hdl, vldl: ldl + hdl + vldl
    ),
    "non-hdl-cholesterol": _difference("total-cholesterol", "hdl-cholesterol"),
    "remnant-cholesterol": _difference("total-cholesterol", "hdl-cholesterol", "ldl-cholesterol"),
    "ldl-hdl-ratio": _ratio("ldl-cholesterol", "hdl-cholesterol"),
    "total-cholesterol-hdl-ratio": _ratio("total-cholesterol", "hdl-cholesterol"),
    "triglycerides-hdl-ratio": _ratio("triglycerides", "hdl-cholesterol"),
    "apob-apoa1-ratio": _ratio("apolipoprotein-b", "apolipoprotein-a1"),
    "omega-3-index": _formula("epa", "dha")(lambda epa, dha: epa + dha),
    "aa-epa-ratio": _ratio("arachidonic-acid", "epa"),
    "omega-6-omega-3-ratio": _formula("linoleic-acid", "arachidonic-acid", "epa", "dha", "dpa", "alpha-linolenic-acid")(
        lambda linoleic, arachidonic, *threes: (linoleic + arachidonic) / sum(threes)
    ),
    # Liver, kidney, electrolytes
    "indirect-bilirubin": _difference("total-bilirubin", "direct-bilirubin"),
    "de-ritis-ratio": _ratio("ast", "alt"),
    "egfr-creatinine": Formula(("creatinine",), _egfr_creatinine, personal=True),
    "egfr-cystatin-c": Formula(("cystatin-c",), _egfr_cystatin_c, personal=True),
    "calcium-corrected": _formula("calcium", "albumin")(lambda calcium, albumin: calcium + 0.02 * (40 - albumin)),
    # Metabolism; the master equation of NGSP and IFCC
    "hba1c-percent": _formula("hba1c")(lambda ifcc: 0.09148 * ifcc + 2.152),
    "homa-ir": _formula("insulin-fasting", "glucose-fasting")(lambda insulin, glucose: insulin * glucose / 22.5),
    "crp": _formula("hs-crp")(lambda crp: crp),
    # Coagulation: one measurement in two ways; the relation differs between reagents
    "inr": Formula(("prothrombin-time-quick",), lambda _sex, _age, quick: (100 / quick) ** 0.65, leeway=0.35),
    # Hormones, proteins, tumour markers
    "testosterone-free": Formula(
        ("testosterone-total", "shbg", "albumin"), lambda _sex, _age, *values: _free_testosterone(*values), ratio=True
    ),
    "free-androgen-index": _ratio("testosterone-total", "shbg", 100),
    "electrophoresis-gamma": _rest(
        *(f"electrophoresis-{fraction}" for fraction in ("albumin", "alpha-1", "alpha-2", "beta"))
    ),
    "psa-ratio": _ratio("psa-free", "psa-total", 100),
}
"""Every biomarker that is computed from others."""


def inputs_of(slug: str, except_for: Container[str] = ()) -> set[str]:
    """The biomarkers that a value is computed from, at any depth, except the inputs of ``except_for``."""
    formula = FORMULAS.get(slug)
    found: set[str] = set()
    for each in formula.inputs if formula else ():
        found |= {each} if each in except_for else {each} | inputs_of(each, except_for)
    return found


PARTS: Final[dict[str, str]] = {
    "immature-granulocytes-percent": "neutrophils-percent",
    "small-dense-ldl": "ldl-cholesterol",
    "direct-bilirubin": "total-bilirubin",
    "psa-free": "psa-total",
    "ck-mb": "creatine-kinase",
    "albumin": "total-protein",
    "hdl-cholesterol": "total-cholesterol",
    "ldl-cholesterol": "total-cholesterol",
}
"""Each biomarker that is part of another, and never more than it."""

_SHARES: Final = (
    *(f"{cells}-percent" for cells in (*_CELLS, "immature-granulocytes", "reticulocytes")),
    *(f"electrophoresis-{fraction}" for fraction in ("albumin", "alpha-1", "alpha-2", "beta", "gamma")),
    *("epa", "dha", "dpa", "omega-3-index", "alpha-linolenic-acid", "linoleic-acid", "arachidonic-acid"),
    *("oleic-acid", "palmitic-acid", "trans-fatty-acids", "rdw", "transferrin-saturation", "psa-ratio"),
)

BOUNDS: Final = {slug: Range(0, 100) for slug in _SHARES} | {
    "haematocrit": Range(0, 1),
    "mcv": Range(40, 160),
    "mch": Range(10, 60),
    "mchc": Range(200, 420),
}
"""Values outside these bounds are impossible: incompatible with life, or more than 100 %."""
