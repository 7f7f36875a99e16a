// A menu: the browser's own for a few choices, a field with a search for many.

import { makeChoiceField } from "./choice_field.js";
import { make, mount, send, word } from "./common.js";

/**
 * See choice_menu.py.
 * @typedef {object} ChoiceTraits
 * @property {string[]} labels
 * @property {number} index
 * @property {string} description
 */

/** @typedef {import("./common.js").CommonTraits & ChoiceTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */

const FEW = 40; // choices of a menu without a search

/**
 * @param {HTMLSelectElement} menu
 * @param {Model} model
 */
function fillMenu(menu, model) {
  const labels = model.get("labels");
  if (labels.length !== menu.options.length || labels.some((label, at) => label !== menu.options[at].text)) {
    menu.replaceChildren(...labels.map((label) => new Option(label)));
  }
  menu.selectedIndex = model.get("index");
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "choice");
  const { signal } = stage;
  const named = make("label", "xw-choice", stage.root);
  const name = make("span", "xw-choice-name", named);
  const choose = (/** @type {number} */ place) => send(model, "index", place);
  const menu = make("select", "xw-menu");
  const field = makeChoiceField(null, signal, choose);
  menu.addEventListener("change", () => choose(menu.selectedIndex), { signal });
  const update = () => {
    const labels = model.get("labels");
    const few = labels.length <= FEW;
    name.textContent = model.get("description");
    const control = few ? menu : field.input;
    if (!control.isConnected) named.replaceChildren(name, ...(few ? [menu] : [field.input, field.list]));
    if (few) fillMenu(menu, model);
    else field.set(labels, model.get("index"), word(model, "choice_by"));
  };
  stage.watch(["labels", "index", "description", "words"], stage.perFrame(update));
  update();
  return stage.dispose;
}

export default { render };
