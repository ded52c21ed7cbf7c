"""The texts of a laboratory report, and how it writes numbers, in each of its languages."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Final

import msgspec

from aniva_sandbox.laboratory.measurements import Sex

__all__ = ["TEXTS", "ReportTexts"]


class ReportTexts(msgspec.Struct, frozen=True):
    """The texts of one language. Those with braces are filled in."""

    decimal_sign: str
    notice: str
    """Says on every page that the report belongs to no real person."""
    titles: Mapping[bool, str]
    """By whether the report is corrected."""

    patient: str
    date_of_birth: str
    sex: str
    sexes: Mapping[Sex, str]
    profile: str
    appointment: str
    report: str
    drawn_on: str
    location: str
    home_kit: str
    barcode: str
    issued_at: str

    test: str
    flag: str
    result: str
    unit: str
    lab_range: str
    aniva_range: str
    aniva_optimum: str
    tested_on: str
    continued: str
    statuses: Mapping[str, str]
    lab_optimum: str
    legend: str

    genetic: str
    gene: str
    genotype: str
    significance: str
    significances: Mapping[str, str]
    variant: str
    alleles: str
    """With the allele and the reference allele."""
    condition: str

    nothing: str
    page: str

    def number(self, number: float, digits: int) -> str:
        """A number with this many digits after the decimal sign."""
        return f"{number:z.{digits}f}".replace(".", self.decimal_sign)

    def range(self, low: float | None, high: float | None, digits: int) -> str:
        """A range with at least this many digits, because rounded ends would change the range. Empty if both ends are
        open."""
        first, last = (None if end is None else self.number(end, max(digits, _digits(end))) for end in (low, high))
        if first is None:
            return "" if last is None else f"< {last}"
        return f"> {first}" if last is None else f"{first} – {last}"


def _digits(number: float) -> int:
    """The number of digits after the decimal sign that a number needs to be written in full."""
    return -int(Decimal(repr(number)).normalize().as_tuple().exponent)


TEXTS: Final[dict[str, ReportTexts]] = {
    "en": ReportTexts(
        decimal_sign=".",
        notice="SYNTHETIC REPORT · made by a test sandbox · of no real person · not for medical use",
        titles={False: "Laboratory report", True: "Corrected report"},
        patient="Patient",
        date_of_birth="Date of birth",
        sex="Sex",
        sexes={1: "male", 2: "female"},
        profile="Profile",
        appointment="Appointment",
        report="Report",
        drawn_on="Sample drawn on",
        location="Location",
        home_kit="Home kit",
        barcode="Barcode",
        issued_at="Issued at",
        test="Test",
        flag="Flag",
        result="Result",
        unit="Unit",
        lab_range="Laboratory range",
        aniva_range="Aniva range",
        aniva_optimum="Aniva optimum",
        tested_on="Tested on",
        continued="{category} (continued)",
        statuses={"received": "", "corrected": "Corrected result"},
        lab_optimum="Optimum of the laboratory: {range}",
        legend="L ↓ below, H ↑ above the laboratory range. "
        "A ↓ below, A ↑ above the Aniva range, but within that of the laboratory.",
        genetic="Genetic results",
        gene="Gene",
        genotype="Genotype",
        significance="Clinical significance",
        significances={
            "pathogenic": "Pathogenic",
            "likely_pathogenic": "Likely pathogenic",
            "uncertain_significance": "Uncertain significance",
            "likely_benign": "Likely benign",
            "benign": "Benign",
            "high_risk": "High risk",
            "moderate_risk": "Moderate risk",
            "low_risk": "Low risk",
            "protective": "Protective",
            "neutral": "Neutral",
        },
        variant="Variant",
        alleles="allele {}, reference {}",
        condition="Related to",
        nothing="This report has no results.",
        page="Page {number} of {total}",
    ),
    "de": ReportTexts(
        decimal_sign=",",
        notice="SYNTHETISCHER BEFUND · von einer Testumgebung erzeugt · betrifft keine reale Person · "
        "nicht für medizinische Zwecke",
        titles={False: "Laborbefund", True: "Korrigierter Befund"},
        patient="Patient/in",
        date_of_birth="Geburtsdatum",
        sex="Geschlecht",
        sexes={1: "männlich", 2: "weiblich"},
        profile="Profil",
        appointment="Termin",
        report="Befund",
        drawn_on="Probenentnahme",
        location="Entnahmeort",
        home_kit="Heimtest",
        barcode="Barcode",
        issued_at="Ausgestellt",
        test="Untersuchung",
        flag="Abw.",
        result="Ergebnis",
        unit="Einheit",
        lab_range="Referenz Labor",
        aniva_range="Referenz Aniva",
        aniva_optimum="Optimum Aniva",
        tested_on="Untersucht am",
        continued="{category} (Fortsetzung)",
        statuses={"received": "", "corrected": "Korrigiertes Ergebnis"},
        lab_optimum="Optimum des Labors: {range}",
        legend="L ↓ unter, H ↑ über dem Referenzbereich des Labors. "
        "A ↓ unter, A ↑ über dem Referenzbereich von Aniva, aber in dem des Labors.",
        genetic="Genetische Ergebnisse",
        gene="Gen",
        genotype="Genotyp",
        significance="Klinische Bedeutung",
        significances={
            "pathogenic": "Pathogen",
            "likely_pathogenic": "Wahrscheinlich pathogen",
            "uncertain_significance": "Unklare Signifikanz",
            "likely_benign": "Wahrscheinlich benigne",
            "benign": "Benigne",
            "high_risk": "Hohes Risiko",
            "moderate_risk": "Mittleres Risiko",
            "low_risk": "Geringes Risiko",
            "protective": "Schützend",
            "neutral": "Neutral",
        },
        variant="Variante",
        alleles="Allel {}, Referenz {}",
        condition="Betrifft",
        nothing="Dieser Befund enthält keine Ergebnisse.",
        page="Seite {number} von {total}",
    ),
    "fi": ReportTexts(
        decimal_sign=",",
        notice="SYNTEETTINEN RAPORTTI · testiympäristön tuottama · ei koske todellista henkilöä · "
        "ei lääketieteelliseen käyttöön",
        titles={False: "Laboratoriotutkimusten tulokset", True: "Korjatut laboratoriotulokset"},
        patient="Potilas",
        date_of_birth="Syntymäaika",
        sex="Sukupuoli",
        sexes={1: "mies", 2: "nainen"},
        profile="Profiili",
        appointment="Ajanvaraus",
        report="Raportti",
        drawn_on="Näyte otettu",
        location="Näytteenottopaikka",
        home_kit="Kotinäytepakkaus",
        barcode="Viivakoodi",
        issued_at="Laadittu",
        test="Tutkimus",
        flag="Poikk.",
        result="Tulos",
        unit="Yksikkö",
        lab_range="Viitealue, laboratorio",
        aniva_range="Viitealue, Aniva",
        aniva_optimum="Tavoitealue, Aniva",
        tested_on="Tutkittu",
        continued="{category} (jatkuu)",
        statuses={"received": "", "corrected": "Korjattu tulos"},
        lab_optimum="Laboratorion tavoitealue: {range}",
        legend="L ↓ alle, H ↑ yli laboratorion viitealueen. "
        "A ↓ alle, A ↑ yli Anivan viitealueen, mutta laboratorion viitealueella.",
        genetic="Geenitutkimusten tulokset",
        gene="Geeni",
        genotype="Genotyyppi",
        significance="Kliininen merkitys",
        significances={
            "pathogenic": "Patogeeninen",
            "likely_pathogenic": "Todennäköisesti patogeeninen",
            "uncertain_significance": "Merkitys epäselvä",
            "likely_benign": "Todennäköisesti hyvänlaatuinen",
            "benign": "Hyvänlaatuinen",
            "high_risk": "Suuri riski",
            "moderate_risk": "Kohtalainen riski",
            "low_risk": "Pieni riski",
            "protective": "Suojaava",
            "neutral": "Neutraali",
        },
        variant="Variantti",
        alleles="alleeli {}, vertailualleeli {}",
        condition="Liittyy",
        nothing="Raportissa ei ole tuloksia.",
        page="Sivu {number} / {total}",
    ),
}
