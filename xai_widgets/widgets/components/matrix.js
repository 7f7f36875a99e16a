// A small matrix of numbers: cells coloured by sign, read or typed over, walked through by arrows.

import { clamp, make, mount, send, word } from "./common.js";
import { directionOf, endOf, isConfirmation, isEscape, isPlain, leap, pageOf } from "./keys.js";
import { compact, parse } from "./number_format.js";

/** @typedef {[row: number, column: number]} Place */

/**
 * See matrix.py.
 * @typedef {object} MatrixTraits
 * @property {number[][]} values
 * @property {string} title
 * @property {string} alt
 * @property {boolean} editable
 * @property {number | null} limit
 * @property {boolean} shown
 * @property {Place[]} crossed
 * @property {Place[]} outlined
 * @property {Place | null} selected
 */

/** @typedef {import("./common.js").CommonTraits & MatrixTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {import("./common.js").Stage<Traits>} Stage */

/**
 * @typedef {object} Cell
 * @property {HTMLElement} node
 * @property {HTMLInputElement | null} box  what is typed into, in a matrix that can be changed
 * @property {HTMLElement} text
 */

const DEEPEST = 45; // per cent of the hue at the largest value: more would make the number hard to read

/** @param {Stage} stage */
function build({ root }) {
  const title = make("div", "xw-title", root);
  const frame = make("div", "xw-matrix-frame", root);
  const grid = make("div", "xw-grid xw-dims", frame, { role: "grid" });
  return { title, grid };
}

/** @typedef {ReturnType<typeof build>} Parts */

/**
 * Make the cells anew where their number or their kind changed.
 * @param {Parts} parts
 * @param {Model} model
 * @param {Cell[][]} cells
 */
function layOut({ grid }, model, cells) {
  const values = model.get("values");
  const editable = model.get("editable");
  const shape = `${values.length} ${values[0]?.length ?? 0} ${editable}`;
  if (grid.dataset.shape === shape) return;
  grid.dataset.shape = shape;
  grid.replaceChildren();
  cells.length = 0;
  values.forEach((numbers, row) => {
    const line = make("div", "xw-grid-row", grid, { role: "row" });
    cells.push(numbers.map((_, column) => makeCell(line, row, column, editable)));
  });
}

/**
 * @param {HTMLElement} line
 * @param {number} row
 * @param {number} column
 * @param {boolean} editable
 * @returns {Cell}
 */
function makeCell(line, row, column, editable) {
  const place = { "data-row": String(row), "data-column": String(column) };
  const node = make("div", "xw-cell", line, { role: "gridcell", ...place });
  const text = make("span", "xw-cell-text", node);
  const typing = { type: "text", inputmode: "text", autocomplete: "off", spellcheck: "false" };
  return { node, box: editable ? make("input", "xw-cell-box", node, typing) : null, text };
}

/**
 * Write the numbers, and colour the cells.
 * @param {Parts} parts
 * @param {Model} model
 * @param {Cell[][]} cells
 */
function draw(parts, model, cells) {
  layOut(parts, model, cells);
  const { title, grid } = parts;
  title.textContent = model.get("title");
  title.hidden = !model.get("title");
  grid.setAttribute("aria-label", model.get("alt") || model.get("title") || word(model, "matrix"));
  grid.setAttribute("aria-readonly", String(!model.get("editable")));
  const values = model.get("values");
  const limit = model.get("limit") ?? Math.max(...values.flat().map(Math.abs), 0);
  const crossed = new Set(model.get("crossed").map(String));
  const outlined = new Set(model.get("outlined").map(String));
  for (const [row, numbers] of values.entries()) {
    for (const [column, value] of numbers.entries()) {
      const place = `${row},${column}`;
      const marks = { crossed: crossed.has(place), outlined: outlined.has(place) };
      drawCell(cells[row][column], value, limit, marks, model);
    }
  }
  chooseStop(cells, model);
}

/**
 * @param {Cell} cell
 * @param {number} value
 * @param {number} limit
 * @param {{crossed: boolean, outlined: boolean}} marks
 * @param {Model} model
 */
function drawCell({ node, box, text }, value, limit, { crossed, outlined }, model) {
  const shown = model.get("shown");
  const written = compact(model.get("language"), value);
  const share = shown && limit > 0 ? clamp(Math.abs(value) / limit, 0, 1) * DEEPEST : 0;
  node.style.setProperty("--xw-share", `${share.toFixed(1)}%`);
  node.dataset.sign = value < 0 ? "negative" : "positive";
  node.classList.toggle("xw-crossed", crossed && shown);
  node.classList.toggle("xw-outlined", outlined && shown);
  text.textContent = shown ? written : "";
  const fields = { row: Number(node.dataset.row) + 1, column: Number(node.dataset.column) + 1, value: written };
  const read = crossed ? word(model, "cell_crossed", fields) : word(model, "cell", fields);
  const name = shown ? read : word(model, "cell_empty", fields);
  (box ?? node).setAttribute("aria-label", name);
  node.title = crossed && shown ? name : "";
  if (box && box.dataset.typing !== "yes") box.value = shown ? written : "";
}

/**
 * Tab stops once in the matrix: at the cell last visited, else at the first.
 * @param {Cell[][]} cells
 * @param {Model} model
 */
function chooseStop(cells, model) {
  const all = cells.flat();
  const [row, column] = model.get("selected") ?? [0, 0];
  const stop = cells[row]?.[column] ?? all[0];
  for (const cell of all) {
    cell.node.classList.toggle("xw-selected", model.get("selected") !== null && cell === stop);
    (cell.box ?? cell.node).tabIndex = cell === stop ? 0 : -1;
  }
}

/**
 * @param {Event} event
 * @param {Cell[][]} cells
 * @returns {{row: number, column: number, cell: Cell} | null}
 */
function cellAt(event, cells) {
  const node = event.target instanceof Element ? event.target.closest(".xw-cell") : null;
  if (!(node instanceof HTMLElement)) return null;
  const [row, column] = [Number(node.dataset.row), Number(node.dataset.column)];
  return { row, column, cell: cells[row][column] };
}

/**
 * Where a key leads from a cell; the column may lie beyond the last one.
 * @param {import("./keys.js").Press} press
 * @param {number} row
 * @param {number} column
 * @returns {[number, number] | null} null for a key that does not move
 */
export function destination(press, row, column) {
  if (!isPlain(press)) return null;
  const [way, end] = [directionOf(press), endOf(press)];
  if (way) return [row + way.down, column + way.right];
  if (end) return [row, end === "first" ? 0 : Infinity];
  return isConfirmation(press) ? [row + 1, column] : null;
}

/**
 * Put a number into a cell, and tell the kernel.
 * @param {Model} model
 * @param {number} row
 * @param {number} column
 * @param {number} value
 */
function change(model, row, column, value) {
  const values = model.get("values").map((numbers) => [...numbers]);
  if (values[row][column] === value) return;
  values[row][column] = value;
  send(model, "values", values);
}

/**
 * The number that somebody typed; null where it is none.
 * @param {string} text
 */
function typed(text) {
  const value = parse(text, "");
  return value !== null && Number.isFinite(value) ? value : null;
}

/**
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {Model} model
 * @param {Cell[][]} cells
 */
function connect({ signal }, { grid }, model, cells) {
  grid.addEventListener(
    "focusin",
    (event) => {
      const at = cellAt(event, cells);
      if (!at) return;
      send(model, "selected", [at.row, at.column]);
      chooseStop(cells, model);
      if (!at.cell.box) return;
      at.cell.box.dataset.before = String(model.get("values")[at.row][at.column]);
      at.cell.box.select();
    },
    { signal },
  );
  grid.addEventListener(
    "click",
    (event) => {
      const at = cellAt(event, cells);
      if (at) (at.cell.box ?? at.cell.node).focus();
    },
    { signal },
  );
  grid.addEventListener("keydown", (event) => takeKey(event, model, cells), { signal });
  connectBoxes(signal, grid, model, cells);
}

/**
 * Take what is typed at every stroke that leaves a number; put the cell in order when it is left.
 * @param {AbortSignal} signal
 * @param {HTMLElement} grid
 * @param {Model} model
 * @param {Cell[][]} cells
 */
function connectBoxes(signal, grid, model, cells) {
  grid.addEventListener(
    "input",
    (event) => {
      const at = cellAt(event, cells);
      if (!at?.cell.box) return;
      const value = typed(at.cell.box.value);
      at.cell.box.dataset.typing = "yes";
      at.cell.box.setAttribute("aria-invalid", String(value === null));
      if (value !== null) change(model, at.row, at.column, value);
    },
    { signal },
  );
  grid.addEventListener(
    "focusout",
    (event) => {
      const at = cellAt(event, cells);
      if (at?.cell.box) settle(at.cell.box, model, at.row, at.column);
    },
    { signal },
  );
}

/**
 * Write a cell as its value is.
 * @param {HTMLInputElement} box
 * @param {Model} model
 * @param {number} row
 * @param {number} column
 */
function settle(box, model, row, column) {
  box.dataset.typing = "no";
  box.removeAttribute("aria-invalid");
  box.value = model.get("shown") ? compact(model.get("language"), model.get("values")[row][column]) : "";
}

/**
 * @param {KeyboardEvent} event
 * @param {Model} model
 * @param {Cell[][]} cells
 */
function takeKey(event, model, cells) {
  const at = cellAt(event, cells);
  if (!at) return;
  const { row, column, cell } = at;
  const sideways = directionOf(event)?.right || endOf(event);
  if (cell.box && sideways && cell.box.dataset.typing === "yes") return; // they move within what is being typed
  if (cell.box && isEscape(event)) {
    change(model, row, column, Number(cell.box.dataset.before));
    settle(cell.box, model, row, column);
    return;
  }
  const sign = pageOf(event);
  if (cell.box && sign) {
    event.preventDefault();
    const step = sign * leap(event);
    change(model, row, column, Number((model.get("values")[row][column] + step).toPrecision(12)));
    settle(cell.box, model, row, column);
    return;
  }
  const place = destination(event, row, column);
  if (!place) return;
  event.preventDefault();
  const down = clamp(place[0], 0, cells.length - 1);
  const next = cells[down][clamp(place[1], 0, cells[down].length - 1)];
  (next.box ?? next.node).focus();
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "matrix");
  const parts = build(stage);
  /** @type {Cell[][]} */
  const cells = [];
  /** @type {(keyof Traits)[]} */
  const traits = [
    "values",
    "title",
    "alt",
    "editable",
    "limit",
    "shown",
    "crossed",
    "outlined",
    "selected",
    "language",
    "words",
  ];
  stage.watch(
    traits,
    stage.perFrame(() => draw(parts, model, cells)),
  );
  connect(stage, parts, model, cells);
  draw(parts, model, cells);
  return stage.dispose;
}

export default { render };
