"""The proof of coverage: a suite of a small client, labelled by hand, met from pytest and from Node."""
