"""How messages name what is long or many."""

import pytest

from aniva_sandbox.engine.texts import counted, listed, shorten, suggest


@pytest.mark.parametrize(
    ("count", "ending"),
    [(0, ""), (1, "0"), (20, "18, 19"), (21, "19, and 1 more"), (2000, "19, and 1,980 more")],
)
def test_twenty_items_are_named_and_the_rest_is_counted(count: int, ending: str) -> None:
    """Up to twenty items stand in a message; of more the first twenty do, with how many more there are."""
    text = listed(range(count))
    assert text.endswith(ending)
    assert text.count(",") == max(min(count, 21) - 1, 0) + (count > 1020)


def test_items_of_a_dictionary_and_another_separator() -> None:
    """Anything of a known length can be listed, with any separator."""
    assert listed(dict.fromkeys("ab"), "; ") == "a; b"
    assert listed({str(number): None for number in range(22)}, "; ").endswith("; 19; and 2 more")


def test_a_long_item_is_cut() -> None:
    """An item is never longer than 1,000 characters."""
    assert listed(["a" * 1000, "b" * 1001]) == f"{'a' * 1000}, {'b' * 999}…"
    assert shorten("abc", 3) == "abc"
    assert shorten("abcd", 3) == "ab…"


def test_the_name_that_is_most_alike_is_suggested() -> None:
    """One known name at most is suggested, and none for a name that is like none; a long one is cut."""
    known = ("limit", "offset", "a" * 64)
    assert suggest("limt", known) == "; did you mean limit?"
    assert suggest("colour", known) == ""
    assert suggest("a" * 64 + "b" * 100_000, known) == f"; did you mean {'a' * 64}?"
    assert suggest("limt", iter(known)) == "; did you mean limit?"


@pytest.mark.parametrize(("items", "said"), [(["a"], "1 task"), ([], "0 tasks"), (1, "1 task"), (1200, "1,200 tasks")])
def test_items_are_counted_with_their_noun(items: list[str] | int, said: str) -> None:
    """Items, or their number, stand with a noun in the right number."""
    assert counted(items, "task") == said
