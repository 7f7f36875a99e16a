"""A framed message as HTML."""

from __future__ import annotations

import html

_STYLE = (
    "border-left:4px solid #D55E00;padding:6px 10px;margin:4px 0;line-height:1.4;"
    "background:var(--jp-layout-color2,#f3f3f3);color:var(--jp-ui-font-color1,#1f1f1f);overflow-wrap:anywhere"
)


def alert(title: str, *lines: str) -> str:
    """Return a framed message as HTML.

    Parameters
    ----------
    title : str
        Its first line, in bold; plain text, as are the others.
    *lines : str
        What follows.

    Returns
    -------
    str
        An element with the role of an alert.

    Examples
    --------
    >>> "<b>Too large</b><br>a &lt; b</div>" in alert("Too large", "a < b")
    True
    """
    told = "<br>".join([f"<b>{html.escape(title)}</b>", *map(html.escape, lines)])
    return f'<div role="alert" style="{_STYLE}">{told}</div>'
