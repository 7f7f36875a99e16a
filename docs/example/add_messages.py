"""Put messages into the course's catalogues: ``python docs/example/add_messages.py docs/example/course.fr.json ...``."""

import json
import sys
from pathlib import Path

import xai_widgets

CATALOGUES = Path(xai_widgets.__file__).parent / "i18n" / "catalogue"

for name in sys.argv[1:]:
    language = Path(name).suffixes[0].strip(".")
    catalogue = CATALOGUES / language / "course.json"
    messages = json.loads(catalogue.read_text(encoding="utf-8")) | json.loads(Path(name).read_text(encoding="utf-8"))
    catalogue.write_text(json.dumps(messages, ensure_ascii=False, indent=2, sort_keys=True) + "\n", encoding="utf-8")
