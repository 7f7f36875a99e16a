"""The still of a lab: what its output in a notebook holds beside the live widget, for wherever there is no kernel.

Who shows which of the MIME types:

- JupyterLab and Notebook 7 with the extension of this package (``widgets/labextensions``): `LAB`, which is the live
  widget where the kernel answers, and else the still, with a line that says so;
- nbconvert and GitHub: HTML, or else PNG; nbconvert the widget, if the notebook holds the state of widgets;
- VS Code: types that begin with ``application/vnd.`` first, so the widget; where no kernel knows the widget, the
  next that it can draw, HTML. `LAB` does not begin so, in order not to come before the widget there;
- Colab: the widget, or else HTML.
"""

from __future__ import annotations

import base64
import html
from typing import TYPE_CHECKING, Any, Final

from xai_widgets.common.warning import without_doubts
from xai_widgets.i18n import message
from xai_widgets.widgets.base.alert import alert
from xai_widgets.widgets.base.still_picture import still_picture

if TYPE_CHECKING:
    from xai_widgets.widgets.base.lab import Lab

LAB: Final = "application/x-xai-widgets-lab+json"
_WORDS = ("waiting", "still", "lost", "run")


def still_bundle(lab: Lab, version: int = 0) -> dict[str, Any]:
    """Return the still of a lab's present state by MIME types, without the live widget.

    Parameters
    ----------
    lab : Lab
    version : int
        How often the lab has changed; the page tells by it whether a still is out of date.

    Returns
    -------
    dict of str to str or dict
        ``text/plain``, ``text/html``, ``image/png`` in base64 unless the lab has nothing to draw, and `LAB`.
    """
    words = {name: message(f"lab.still_{name}", lab.language) for name in _WORDS}
    told: dict[str, Any] = {"model_id": lab.model_id, "version": version, "words": words}
    bundle: dict[str, Any] = {"text/plain": repr(lab), LAB: told}
    try:
        with without_doubts():
            picture = base64.b64encode(still_picture(lab)).decode()
            told["alt"] = lab.describe()
    except ValueError as refusal:  # what the lab shows in its error panel: there is no picture of it
        told |= {"alt": "", "refusal": str(refusal)}
        return bundle | {"text/html": alert(message("lab.error", lab.language), str(refusal))}
    alt, note = (html.escape(text, quote=True) for text in (told["alt"], message("lab.static", lab.language)))
    shown = (
        f'<figure style="margin:0"><img alt="{alt}" style="max-width:100%" src="data:image/png;base64,{picture}">'
        f"<figcaption><small>{note}</small></figcaption></figure>"
    )
    return bundle | {"text/html": shown, "image/png": picture}
