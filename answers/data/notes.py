"""Notes that several kinds of data share: facts a report must say beside its numbers."""

from __future__ import annotations

from answers.data.split import Note


def graded_on_train(split: str) -> tuple[Note, ...]:
    """A note where the split is the training set, by its name; else nothing."""
    if not split.lower().startswith("train"):
        return ()
    message = (
        f"The split '{split}' is the training set: a score on it says how well the model "
        "remembers, not how well it does on new pictures."
    )
    return (Note(code="graded-on-train", message=message),)


def split_ignored(asked: str | None, given: str) -> tuple[Note, ...]:
    """A note where the asked split is not looked for, because the data has one split only."""
    if asked is None or asked == given:
        return ()
    message = f"The data has no splits, so all of it is used; the asked split '{asked}' is ignored."
    return (Note(code="split-ignored", message=message),)


def counted(number: int, noun: str) -> str:
    """The number with its noun: '1 picture', '2,000 pictures'."""
    return f"{number:,} {noun}" if number == 1 else f"{number:,} {noun}s"


def listed(values: list[int], most: int = 8) -> str:
    """The first values as text, and how many more there are: '0, 1, 2 and 5 more'."""
    text = ", ".join(map(str, values[:most]))
    return text if len(values) <= most else f"{text} and {len(values) - most} more"
