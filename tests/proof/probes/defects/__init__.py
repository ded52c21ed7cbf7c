"""Small clients with one defect each, which their own suites do not notice."""
