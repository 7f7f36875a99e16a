"""Write what a training measured into a model's card and its page; everything else on both is written by hand.

Weights, cards and companion files are part of the package, in ``xai_widgets/assets/NAME``; the pages for people are in
``data/NAME``, beside the scripts that train the models.
"""

from __future__ import annotations

import re
import tomllib
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

PAGES = Path(__file__).parent
ASSETS = PAGES.parent / "xai_widgets" / "assets"
_EXAMPLES = {"picture": "pictures", "table": "rows", "text": "sentences"}
_FIGURES = re.compile(r"(?s)(<!-- figures -->\n).*?(<!-- end of figures -->)")

_SENTENCES = {
    "accuracy_cross_validated": "By tenfold cross-validation over all rows: {}.",
    "accuracy_of_the_forest": "A random forest (`tabular_forest`) on the same split: {}.",
    "accuracy_in_file_order": "Trained on the beginning of the file, tested on its end: {}.",
    "both_ranked_first": "In pictures of two animals, these two have the two highest scores: {}.",
    "both_and_no_other_above_half": "In pictures of two animals, these two and no others are above one half: {}.",
    "accuracy_without_tags": "The same pictures without the tags: {}.",
    "foxes_known_without_tag": "Foxes that are still called foxes once their tag is gone: {}.",
    "foxes_called_cat_without_tag": "Foxes that are called cats once their tag is gone: {}.",
    "others_called_fox_with_tag": "Other animals that are called foxes once they carry a tag: {}.",
    "springers_called_dog": "Springer spaniels, the dogs of Imagenette, that are called dog: {}.",
    "pets_called_things": "Cats and dogs of the pet data set that are called one of the nine other things: {}.",
    "things_called_pets": "Pictures of these nine that are called cat or dog: {}.",
    "captions_right": "Captions right in all three words: {}.",
    "captions_of_two_right": "Captions of two animals right in all three words: {}.",
}


def page_of(folder: Path) -> Path:
    """Return where the page of the model in a folder is: ``data/NAME/README.md`` for a shipped one, else beside it."""
    shipped = folder.resolve().parent == ASSETS.resolve()
    return (PAGES / folder.name if shipped else folder) / "README.md"


def write_card(folder: Path, figures: Mapping[str, str | float | list[float]]) -> None:
    """Put figures into ``card.toml`` of a folder, each on the line that has its name, and into the model's page.

    A folder of one's own need not have a page.
    """
    card = folder / "card.toml"
    text = card.read_text(encoding="utf-8")
    for name, value in figures.items():
        text, count = re.subn(rf"(?m)^{name} = .*$", f"{name} = {_toml(value)}", text)
        if count != 1:
            raise ValueError(f"{card} must hold one line '{name} = ...', found {count}")
    card.write_text(text, encoding="utf-8")
    page = page_of(folder)
    if page.exists():
        page.write_text(with_figures(page.read_text(encoding="utf-8"), text), encoding="utf-8")


def with_figures(readme: str, card: str) -> str:
    """Return the text of ``README.md`` with its figures taken from the text of ``card.toml``."""
    values = tomllib.loads(card)
    heads = " | ".join(values["labels"])
    shares = " | ".join(_percent(share) for share in values["accuracy_per_class"])
    tested = f"{values['tested_on']} test {_EXAMPLES[values.get('reads', 'picture')]}"
    lines = [
        f"Accuracy on the {tested}: **{_percent(values['accuracy'])}**. By class:\n",
        f"| {heads} |",
        "|" + " --- |" * len(values["labels"]),
        f"| {shares} |",
    ]
    lines += [f"\n{text.format(_percent(values[name]))}" for name, text in _SENTENCES.items() if name in values]
    if "answers_right" in values:
        lines.append(
            "\nAnswers right, question by question: " + ", ".join(map(_percent, values["answers_right"])) + "."
        )
    if "accuracy_per_kind" in values:
        lines += _kinds(values)
    return with_block(readme, lines)


def with_block(readme: str, lines: Sequence[str]) -> str:
    """Return the text of a page with lines in the place that it keeps for figures."""
    block = "\n".join(lines)
    return _FIGURES.sub(lambda found: f"{found[1]}{block}\n{found[2]}", readme)


def _kinds(values: Mapping[str, list[float]]) -> list[str]:
    """Return the table of figures by kind of review."""
    rows = {
        "network, sentences by hand": "accuracy_per_kind",
        "set of words, sentences by hand": "words_per_kind",
        "network, fresh sentences of the grammar": "grammar_per_kind",
        "set of words, fresh sentences of the grammar": "grammar_words_per_kind",
    }
    head = ["\nBy kind, for the network and for logistic regression on the set of words:\n"]
    head += ["| | plain | negated | contrast |", "| --- | --- | --- | --- |"]
    return head + [f"| {title} | {' | '.join(map(_percent, values[name]))} |" for title, name in rows.items()]


def _percent(share: float) -> str:
    return f"{100 * share:.1f} %"


def _toml(value: str | float | list[float]) -> str:
    if isinstance(value, str):
        return f'"{value}"'
    return str([round(share, 4) for share in value]) if isinstance(value, list) else str(round(value, 4))
