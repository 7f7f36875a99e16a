// A field in which one of many names is chosen: typed, or taken from the browser's own list.

import { make } from "./common.js";

/**
 * What stands for each choice in the field: its name, with its number where another choice has the same name.
 * @param {string[]} labels
 */
export function fieldTexts(labels) {
  /** @type {Map<string, number>} */
  const seen = new Map();
  for (const label of labels) seen.set(label, (seen.get(label) ?? 0) + 1);
  return labels.map((label, place) => (seen.get(label) === 1 ? label : `${label} (${place})`));
}

/**
 * Which choice is meant: the one of this name, of this number, or the only one in whose name this is.
 * @param {string} typed
 * @param {string[]} texts  see `fieldTexts`
 * @returns {number} -1: none, or several
 */
export function choiceOf(typed, texts) {
  const wanted = typed.trim().toLowerCase();
  if (!wanted) return -1;
  const names = texts.map((text) => text.toLowerCase());
  const exact = names.indexOf(wanted);
  if (exact >= 0) return exact;
  if (/^\d+$/u.test(wanted)) return Number(wanted) < texts.length ? Number(wanted) : -1;
  const fits = names.flatMap((name, place) => (name.includes(wanted) ? [place] : []));
  return fits.length === 1 ? fits[0] : -1;
}

/**
 * Make a field. What it holds is taken away while it has the focus, so that the browser lists all choices.
 * @param {Element | null} parent
 * @param {AbortSignal} signal
 * @param {(place: number) => void} choose
 */
export function makeChoiceField(parent, signal, choose) {
  const id = `xw-choices-${Math.random().toString(36).slice(2)}`;
  const input = make("input", "xw-field xw-choice-field", parent, { type: "text", list: id, autocomplete: "off" });
  const list = make("datalist", "", parent, { id });
  /** @type {string[]} */
  let texts = [];
  let [held, hint] = ["", ""];
  const show = () => {
    const typing = input === document.activeElement;
    if (!typing) input.value = held;
    input.placeholder = held || hint;
    input.setAttribute("aria-invalid", "false");
  };
  const take = () => {
    if (!input.value) return;
    const place = choiceOf(input.value, texts);
    input.setAttribute("aria-invalid", String(place < 0));
    if (place < 0) return;
    held = texts[place];
    input.value = "";
    show();
    choose(place);
  };
  input.addEventListener(
    "focus",
    () => {
      input.value = "";
    },
    { signal },
  );
  input.addEventListener("blur", show, { signal });
  input.addEventListener("change", take, { signal });
  input.addEventListener(
    "input",
    (event) => {
      const typed = event instanceof InputEvent && event.inputType !== "insertReplacementText";
      if (!typed) take(); // taken from the list
    },
    { signal },
  );
  return {
    input,
    list,
    /**
     * @param {string[]} labels
     * @param {number} place  -1: none is held
     * @param {string} asked  stands in the empty field
     */
    set(labels, place, asked) {
      const now = fieldTexts(labels);
      if (now.length !== texts.length || now.some((text, at) => text !== texts[at])) {
        texts = now;
        list.replaceChildren(...texts.map((text) => new Option(text, text)));
      }
      [held, hint] = [texts[place] ?? "", asked];
      show();
    },
  };
}
