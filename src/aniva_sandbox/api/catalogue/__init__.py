"""The catalogue: panels, biomarkers and units."""
