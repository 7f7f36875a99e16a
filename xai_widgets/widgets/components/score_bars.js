// Bars of class scores. Rows come sorted from Python; here they move to their places and are picked.

import { makeChoiceField } from "./choice_field.js";
import { hide, make, mount, send, word, write } from "./common.js";
import { isChoice, walk } from "./keys.js";
import { percentage } from "./number_format.js";

/**
 * @typedef {object} Score
 * @property {number} index
 * @property {string} label
 * @property {string} note
 * @property {string} detail
 * @property {number} value
 * @property {number | null} reference
 * @property {string} colour
 * @property {string} hatch  "", or "/", ".", "x", "\\": classes beyond six have the colours again
 */

/**
 * See score_bars.py.
 * @typedef {object} BarTraits
 * @property {Score[]} rows
 * @property {number} slots
 * @property {number | null} selected
 * @property {boolean} selectable
 * @property {string} title
 * @property {string} alt
 * @property {string} reference_label
 * @property {string} details_label
 * @property {number | null} sought
 * @property {string[]} choices
 * @property {string} empty
 */

/** @typedef {import("./common.js").CommonTraits & BarTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {import("./common.js").Stage<Traits>} Stage */

/**
 * One bar on the page.
 * @typedef {object} Row
 * @property {HTMLElement} node
 * @property {HTMLElement} label
 * @property {HTMLElement} note
 * @property {HTMLElement} fill
 * @property {HTMLElement} tick
 * @property {HTMLElement} number
 * @property {HTMLElement} detail
 */

/**
 * @param {Stage} stage
 * @param {Model} model
 */
function build({ root, signal }, model) {
  const head = make("div", "xw-bars-head", root);
  const title = make("div", "xw-title", head);
  const key = make("div", "xw-key xw-soft", head, { "aria-hidden": "true" });
  const explained = make("span", "xw-key-explained", key);
  const before = make("span", "xw-key-before", key);
  const detailed = make("span", "xw-key-detail", key);
  const frame = make("div", "xw-bars-frame", root);
  const list = make("div", "xw-rows xw-dims", frame, { role: "listbox" });
  const empty = make("div", "xw-empty", frame);
  const field = makeChoiceField(root, signal, (place) =>
    send(model, model.get("selectable") ? "selected" : "sought", place),
  );
  return { title, explained, before, detailed, frame, list, empty, field };
}

/** @typedef {ReturnType<typeof build>} Parts */

/**
 * @param {HTMLElement} list
 * @param {number} index
 * @returns {Row}
 */
function buildRow(list, index) {
  const id = `xw-${index}-${Math.random().toString(36).slice(2)}`;
  const node = make("div", "xw-row", list, { role: "option", id, "data-index": String(index) });
  const text = make("span", "xw-row-text", node);
  const label = make("span", "xw-row-label", text);
  const note = make("span", "xw-row-note xw-soft", text);
  const track = make("span", "xw-track", node);
  const fill = make("span", "xw-fill xw-hatched", track);
  const tick = make("span", "xw-tick", track);
  const number = make("span", "xw-row-number", node);
  const detail = make("span", "xw-row-detail xw-soft", node);
  return { node, label, note, fill, tick, number, detail };
}

/**
 * @param {Row} row
 * @param {Score} score
 * @param {number} rank
 * @param {Model} model
 */
function drawRow(row, { index, label, note, detail, value, reference, colour, hatch }, rank, model) {
  const language = model.get("language");
  const score = percentage(language, value);
  row.node.style.setProperty("--xw-rank", String(rank));
  write(row.label, label);
  write(row.note, note);
  hide(row.note, !note);
  write(row.number, score);
  write(row.detail, detail);
  hide(row.detail, !model.get("details_label"));
  row.fill.style.backgroundColor = colour;
  row.fill.dataset.hatch = hatch;
  row.fill.style.inlineSize = `${100 * value}%`;
  hide(row.tick, reference === null);
  if (reference !== null) row.tick.style.insetInlineStart = `${100 * reference}%`;
  const before = model.get("reference_label") || word(model, "before");
  const fields = { label: note ? `${label} (${note})` : label, score, before };
  const known =
    reference === null
      ? word(model, "score", fields)
      : word(model, "score_before", { ...fields, reference: percentage(language, reference) });
  const name = detail ? `${known}, ${model.get("details_label")} ${detail}` : known;
  row.node.title = name;
  row.node.setAttribute("aria-label", name);
  row.node.setAttribute("aria-selected", String(index === model.get("selected")));
}

/**
 * Keep one row for every visible class, and draw them all.
 * @param {Map<number, Row>} rows
 * @param {Parts} parts
 * @param {Model} model
 */
function draw(rows, parts, model) {
  const scores = model.get("rows");
  const visible = new Set(scores.map(({ index }) => index));
  const focused = [...rows].find(([, row]) => row.node === document.activeElement)?.[0];
  for (const [index, row] of rows) {
    if (visible.has(index)) continue;
    row.node.remove();
    rows.delete(index);
  }
  scores.forEach((score, rank) => {
    const row = rows.get(score.index) ?? buildRow(parts.list, score.index);
    rows.set(score.index, row);
    drawRow(row, score, rank, model);
  });
  const inOrder = scores.map(({ index }) => /** @type {Row} */ (rows.get(index)).node);
  // The order of the elements is that of their arrival, so that moves are smooth: here is the order to read them in.
  parts.list.setAttribute("aria-owns", inOrder.map((node) => node.id).join(" "));
  chooseStop(inOrder, model.get("selected"));
  if (focused !== undefined && !visible.has(focused)) inOrder[0]?.focus();
}

/**
 * Tab stops once in the list: on the focused row, else on the explained one, else on the first.
 * @param {HTMLElement[]} nodes
 * @param {number | null} selected
 */
function chooseStop(nodes, selected) {
  const stop =
    nodes.find((node) => node === document.activeElement) ??
    nodes.find((node) => node.dataset.index === String(selected)) ??
    nodes[0];
  for (const node of nodes) node.tabIndex = node === stop ? 0 : -1;
}

/**
 * @param {Parts} parts
 * @param {Model} model
 */
function dress({ title, explained, before, detailed, frame, list, empty, field }, model) {
  const rows = model.get("rows");
  write(title, model.get("title"));
  write(explained, word(model, "explained"));
  hide(explained, model.get("selected") === null);
  write(before, model.get("reference_label") || word(model, "before"));
  hide(before, !rows.some(({ reference }) => reference !== null));
  write(detailed, model.get("details_label"));
  hide(detailed, !model.get("details_label"));
  list.classList.toggle("xw-detailed", Boolean(model.get("details_label")));
  const letters = rows.map(({ label, note }) => label.length + (note ? note.length + 1 : 0));
  frame.style.setProperty("--xw-names", `${Math.max(4, ...letters)}ch`);
  frame.style.setProperty("--xw-slots", String(Math.max(model.get("slots"), rows.length)));
  hide(field.input, !model.get("choices").length);
  field.input.setAttribute("aria-label", word(model, "other_class"));
  field.set(model.get("choices"), -1, word(model, "other_class"));
  write(empty, model.get("empty") || word(model, "empty_scores"));
  hide(empty, rows.length > 0);
  list.classList.toggle("xw-selectable", model.get("selectable"));
  list.setAttribute("aria-label", model.get("alt") || model.get("title") || word(model, "scores"));
}

/**
 * Pick by click, Enter or Space; walk by arrows.
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {Model} model
 */
function connect({ signal }, { list }, model) {
  const rowOf = (/** @type {Event} */ event) =>
    event.target instanceof Element ? /** @type {HTMLElement | null} */ (event.target.closest(".xw-row")) : null;
  const pick = (/** @type {Event} */ event) => {
    const row = rowOf(event);
    if (row && model.get("selectable")) send(model, "selected", Number(row.dataset.index));
  };
  list.addEventListener("click", pick, { signal });
  list.addEventListener(
    "keydown",
    (event) => {
      if (isChoice(event)) {
        event.preventDefault();
        pick(event);
        return;
      }
      const order = (list.getAttribute("aria-owns") ?? "").split(" ");
      const target = walk(event, order.indexOf(rowOf(event)?.id ?? ""), order.length);
      if (target === null) return;
      event.preventDefault();
      const nodes = order.map((id) => /** @type {HTMLElement} */ (list.querySelector(`#${id}`)));
      nodes[target].focus();
      chooseStop(nodes, null);
    },
    { signal },
  );
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "bars");
  const parts = build(stage, model);
  /** @type {Map<number, Row>} */
  const rows = new Map();
  const update = () => {
    dress(parts, model);
    draw(rows, parts, model);
  };
  /** @type {(keyof Traits)[]} */
  const traits = [
    "rows",
    "slots",
    "selected",
    "selectable",
    "title",
    "alt",
    "reference_label",
    "details_label",
    "empty",
    "choices",
    "language",
    "words",
  ];
  stage.watch(traits, stage.perFrame(update));
  connect(stage, parts, model);
  update();
  return stage.dispose;
}

export default { render };
