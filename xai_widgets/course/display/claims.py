"""Claims of the course: numbered sentences, each with the figure that carries it and the bounds of its truth."""

from __future__ import annotations

import html
import string
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
from IPython import get_ipython
from IPython.display import display
from scipy.stats import binomtest, bootstrap

from xai_widgets.course.display.sentences import LocalizedNumber, as_html, filled
from xai_widgets.i18n import message

if TYPE_CHECKING:
    from collections.abc import Mapping

    from numpy.typing import ArrayLike

METADATA = "xai_widgets_claim"  # of an output: what `course claims` reads
_CONFIDENCE = 0.95
_ROUNDING = 1e-9  # values that differ by less, as a share of their mean, are equal


@dataclass(frozen=True)
class Interval:
    """A mean of samples and the interval in which the mean of all such samples lies with 95% confidence.

    Attributes
    ----------
    mean, low, high : float
    count : int
        Number of samples.
    """

    mean: float
    low: float
    high: float
    count: int


def interval_of(samples: ArrayLike, *, seed: int = 0) -> Interval:
    """Return the mean of samples and its 95% confidence interval.

    Parameters
    ----------
    samples : (n,) array of bool or float
        One value for each independent case, such as a picture. Of true and false the interval is Wilson's, which does
        not shrink to nothing where all cases agree; of numbers it is the BCa bootstrap over 4,000 resamples.
    seed : int
        Of the resamples.

    Returns
    -------
    Interval

    Raises
    ------
    ValueError
        If there are fewer than two samples, or one is not finite.

    References
    ----------
    Wilson, E. B. (1927). Probable inference, the law of succession, and statistical inference. doi:10.2307/2276774
    Efron, B. (1987). Better bootstrap confidence intervals. doi:10.2307/2289144

    Examples
    --------
    >>> found = interval_of([True] * 9 + [False])
    >>> found.mean, round(found.low, 2), round(found.high, 2), found.count
    (0.9, 0.6, 0.98, 10)
    """
    values = np.asarray(samples)
    if values.ndim != 1 or len(values) < 2 or not np.isfinite(values).all():
        raise ValueError(f"at least two finite samples in one row are expected, got an array of shape {values.shape}")
    mean = float(values.mean())
    if values.dtype == bool:
        found = binomtest(int(values.sum()), len(values)).proportion_ci(_CONFIDENCE, method="wilson")
        return Interval(mean, float(found.low), float(found.high), len(values))
    if np.ptp(values) <= _ROUNDING * abs(mean):  # no resample differs
        return Interval(mean, mean, mean, len(values))
    drawn = bootstrap(
        (values,), np.mean, n_resamples=4000, confidence_level=_CONFIDENCE, random_state=np.random.default_rng(seed)
    )
    low, high = drawn.confidence_interval
    return Interval(mean, float(low), float(high), len(values))


@dataclass(frozen=True)
class Claim:
    """What a notebook claims, and whether its figure bears it out.

    Attributes
    ----------
    number : str
        Of the claim, such as ``"07.3"``.
    text : str
        The sentence with its figures.
    value : float
    low, high : float
        Ends of the 95% interval; the value itself where it comes from no samples.
    count : int or None
        Number of samples.
    at_least, at_most, chance : float or None
        The bounds within which the claim is true, and what chance alone would give.
    """

    number: str
    text: str
    value: float
    low: float
    high: float
    count: int | None
    at_least: float | None
    at_most: float | None
    chance: float | None

    @property
    def holds(self) -> bool:
        """Whether the whole interval lies within the bounds."""
        above = self.at_least is None or self.low >= self.at_least
        return bool(above and (self.at_most is None or self.high <= self.at_most))

    def to_dict(self) -> dict[str, Any]:
        """Return the claim as it stands beside its output in a notebook."""
        return asdict(self) | {"holds": self.holds}


def claim(
    number: str,
    sentence: str,
    value: float | ArrayLike,
    *,
    at_least: float | None = None,
    at_most: float | None = None,
    chance: float | None = None,
    **fields: object,
) -> None:
    """Show a claim with the figure that carries it; say so where the figure does not bear it out.

    `python -m xai_widgets.course claims` lists the claims of the solved notebooks, and the build fails if one is false.

    Parameters
    ----------
    number : str
        Of the claim: notebook and place in it, such as ``"07.3"``.
    sentence : str
        A text with fields in braces, as `say` takes it; ``{value}`` is the value, in a format such as ``{value:.0%}``,
        in which the interval and chance are written too.
    value : float or (n,) array
        A figure, or one value for each independent case (a picture, a seed): the claim is then about their mean, and
        is true if its 95% interval lies within the bounds (see `interval_of`).
    at_least, at_most : float, optional
        The bounds within which the claim is true; one of them at least.
    chance : float, optional
        What chance alone would give.
    **fields
        Other figures of the sentence.

    Raises
    ------
    ValueError
        If there is no bound, or the value is not finite.

    Examples
    --------
    >>> claim("07.1", "{value:.0%} of the maps peak on the cat.", [True] * 57 + [False] * 3, at_least=0.5, chance=0.2)
    07.1 95% of the maps peak on the cat. [95% interval 86% to 98%, 60 cases, chance 20%]
    """
    if at_least is None and at_most is None:
        raise ValueError("a claim has a bound at which it would be false: give at_least= or at_most=")
    samples = np.asarray(value, dtype=None if np.ndim(value) else float)
    if samples.ndim > 0:
        found = interval_of(samples)
    elif np.isfinite(samples):
        found = Interval(float(samples), float(samples), float(samples), 0)
    else:
        raise ValueError(f"the value of a claim is a finite number or an array of them, got {samples}")
    text = filled(sentence, {"value": found.mean, **fields})
    one = Claim(number, text, found.mean, found.low, found.high, found.count or None, at_least, at_most, chance)
    _show(one, _about(one, _format_of(sentence)))


def _format_of(sentence: str) -> str:
    """Return the format in which a sentence writes its value."""
    formats = [spec for _, name, spec, _ in string.Formatter().parse(sentence) if name == "value" and spec]
    return formats[0] if formats else ".3g"


def _about(one: Claim, spec: str) -> str:
    """Return what stands after the sentence: the interval, the number of cases, and chance."""
    numbers = {key: f"{LocalizedNumber(getattr(one, key)):{spec}}" for key in ("low", "high")}
    parts = [message("course.claim.interval", **numbers, count=one.count)] if one.count else []
    if one.chance is not None:
        parts.append(message("course.claim.chance", chance=f"{LocalizedNumber(one.chance):{spec}}"))
    return ", ".join(parts)


def _show(one: Claim, about: str) -> None:
    head = one.number if one.holds else message("course.claim.fails", number=one.number)
    text = f"{head} {one.text}" + (f" [{about}]" if about else "")
    if get_ipython() is None:
        print(text)  # noqa: T201
        return
    colour = "#009E73" if one.holds else "#D55E00"
    style = f"border-left:4px solid {colour};padding:0.2em 0.9em;margin:0.3em 0;max-width:60em"
    note = f"<br><small>{html.escape(about)}</small>" if about else ""
    shown = f'<div style="{style}"><strong>{html.escape(head)}</strong> {as_html(one.text)}{note}</div>'
    display(  # type: ignore[no-untyped-call]
        {"text/plain": text, "text/html": shown}, metadata={METADATA: _rounded(one.to_dict())}, raw=True
    )


def _rounded(values: Mapping[str, Any]) -> dict[str, Any]:
    """Write floats with six digits, so that a notebook does not change with the processor's last bits."""
    return {
        key: float(f"{value:.6g}") if isinstance(value, float | np.floating) else value for key, value in values.items()
    }
