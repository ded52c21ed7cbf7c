"""The formulas, against values that their authors and others have published."""

from typing import Any

import pytest

from aniva_sandbox.laboratory.formulas import FORMULAS


@pytest.mark.parametrize(
    ("slug", "person", "values", "expected"),
    [
        # CKD-EPI 2021 and 2012: creatinine of 1.0, 1.0 and 0.6 mg/dL
        ("egfr-creatinine", (1, 40), (88.42,), 97.6),
        ("egfr-creatinine", (2, 60), (88.42,), 64.5),
        ("egfr-creatinine", (2, 60), (53.05,), 102.7),
        ("egfr-cystatin-c", (1, 50), (1.0,), 80.9),
        ("egfr-cystatin-c", (2, 50), (0.7,), 108.4),
        ("calcium-corrected", (1, 40), (2.2, 30), 2.4),
        ("testosterone-free", (1, 40), (20, 40, 43), 381.8),
        ("free-androgen-index", (2, 40), (2, 50), 4.0),
        ("homa-ir", (1, 40), (10, 4.5), 2.0),
        ("hba1c-percent", (1, 40), (53,), 7.0),
        ("vldl-cholesterol", (1, 40), (2.2,), 1.0),
        ("vldl-cholesterol", (1, 40), (4.5,), 2.045),
        ("vldl-cholesterol", (1, 40), (10,), 3.145),
        ("total-cholesterol", (1, 40), (3, 1.5, 0.5), 5.0),
        ("remnant-cholesterol", (1, 40), (5, 1.5, 3), 0.5),
        ("ferritin-index", (1, 40), (2.5, 100), 1.25),
        ("ferritin-index", (1, 40), (2.5, 0), 14.197),
        ("transferrin-saturation", (1, 40), (20, 2.5), 31.87),
        ("total-iron-binding-capacity", (1, 40), (2.5,), 62.75),
        ("reticulocytes", (1, 40), (5, 1), 50),
        ("mcv", (1, 40), (0.45, 5), 90),
        ("mch", (1, 40), (150, 5), 30),
        ("mchc", (1, 40), (150, 0.45), 333.3),
        ("neutrophils-percent", (1, 40), (30, 6, 3, 1), 60),
        ("neutrophils", (1, 40), (6, 60), 3.6),
        ("immature-granulocytes", (1, 40), (6, 0.5), 0.03),
        ("omega-3-index", (1, 40), (1, 5), 6),
        ("omega-6-omega-3-ratio", (1, 40), (20, 10, 1, 5, 2, 2), 3.0),
        ("psa-ratio", (1, 60), (0.5, 2), 25),
        ("electrophoresis-gamma", (1, 40), (60, 4, 8, 11), 17),
        ("crp", (1, 40), (3,), 3),
    ],
)
def test_known_values(slug: str, person: tuple[Any, int], values: tuple[float, ...], expected: float) -> None:
    """Each formula gives what is known of it, in the units of the catalogue."""
    formula = FORMULAS[slug]
    assert len(formula.inputs) == len(values)
    assert formula.compute(*person, *values) == pytest.approx(expected, rel=1e-3)
