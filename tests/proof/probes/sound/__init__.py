"""Small clients without a defect, whose suites assert what they rely on."""
