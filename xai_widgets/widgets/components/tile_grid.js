// A grid of small pictures with names. Which there are and which are out comes from Python; here one is picked.

import { bytes, opaque } from "./buffers.js";
import { make, mount, send } from "./common.js";
import { isChoice, walk } from "./keys.js";

/**
 * @typedef {object} Tile
 * @property {string} key
 * @property {string} label
 * @property {string} out
 * @property {boolean} known
 */

/**
 * See tile_grid.py.
 * @typedef {object} TileTraits
 * @property {Tile[]} tiles
 * @property {import("./buffers.js").KernelBuffer} pixels
 * @property {number} side
 * @property {number} lines
 * @property {string} selected
 * @property {string} alt
 */

/** @typedef {import("./common.js").CommonTraits & TileTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {import("./common.js").Stage<Traits>} Stage */

/**
 * One tile on the page.
 * @typedef {object} Cell
 * @property {HTMLElement} node
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} label
 */

/**
 * @param {HTMLElement} list
 * @returns {Cell}
 */
function buildCell(list) {
  const node = make("div", "xw-tile", list, { role: "option" });
  const canvas = make("canvas", "xw-tile-picture", node, { "aria-hidden": "true" });
  const label = make("span", "xw-tile-label", node);
  return { node, canvas, label };
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} pixels  of one picture
 * @param {number} side
 */
function paintTile(canvas, pixels, side) {
  canvas.width = canvas.height = side;
  const image = new ImageData(opaque(pixels, side * side), side, side);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/**
 * @param {Cell[]} cells
 * @param {HTMLElement} list
 * @param {Model} model
 */
function drawTiles(cells, list, model) {
  const tiles = model.get("tiles");
  const side = model.get("side");
  const pixels = bytes(model.get("pixels"));
  const each = 3 * side * side;
  while (cells.length > tiles.length) cells.pop()?.node.remove();
  while (cells.length < tiles.length) cells.push(buildCell(list));
  tiles.forEach(({ key, label, out, known }, place) => {
    const { node, canvas, label: text } = cells[place];
    const name = out ? `${label} (${out})` : label;
    node.dataset.key = key;
    node.title = name;
    node.setAttribute("aria-label", name);
    node.setAttribute("aria-selected", String(key === model.get("selected")));
    node.classList.toggle("xw-tile-out", Boolean(out));
    node.classList.toggle("xw-tile-known", known);
    text.textContent = label;
    if (known) paintTile(canvas, pixels.subarray(place * each, (place + 1) * each), side);
    else canvas.width = canvas.height = side;
  });
  list.style.setProperty("--xw-side", `${side}px`);
  list.style.setProperty("--xw-lines", String(model.get("lines")));
  list.setAttribute("aria-label", model.get("alt"));
  chooseTile(cells, model.get("selected"));
}

/**
 * Tab stops once in the grid: on the focused tile, else on the chosen one, else on the first.
 * @param {Cell[]} cells
 * @param {string} selected
 */
function chooseTile(cells, selected) {
  const nodes = cells.map(({ node }) => node);
  const stop =
    nodes.find((node) => node === document.activeElement) ??
    nodes.find((node) => node.dataset.key === selected) ??
    nodes[0];
  for (const node of nodes) node.tabIndex = node === stop ? 0 : -1;
}

/**
 * How many tiles stand in the first row.
 * @param {Cell[]} cells
 */
function perRow(cells) {
  const end = cells.findIndex(({ node }) => node.offsetTop !== cells[0].node.offsetTop);
  return end < 1 ? Math.max(cells.length, 1) : end;
}

/**
 * Pick by click, Enter or Space; walk by arrows.
 * @param {Stage} stage
 * @param {HTMLElement} list
 * @param {Cell[]} cells
 * @param {Model} model
 */
function connectTiles({ signal }, list, cells, model) {
  const placeOf = (/** @type {Event} */ event) =>
    cells.findIndex(({ node }) => event.target instanceof Node && node.contains(event.target));
  const pick = (/** @type {number} */ place) => {
    if (place >= 0) send(model, "selected", model.get("tiles")[place].key);
  };
  list.addEventListener("click", (event) => pick(placeOf(event)), { signal });
  list.addEventListener(
    "keydown",
    (event) => {
      const at = placeOf(event);
      if (isChoice(event)) {
        event.preventDefault();
        pick(at);
        return;
      }
      const target = walk(event, at, cells.length, perRow(cells));
      if (target === null) return;
      event.preventDefault();
      cells[target].node.focus();
      chooseTile(cells, "");
    },
    { signal },
  );
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "tiles");
  const list = make("div", "xw-tile-list", stage.root, { role: "listbox" });
  /** @type {Cell[]} */
  const cells = [];
  const update = () => drawTiles(cells, list, model);
  stage.watch(["tiles", "pixels", "selected", "side", "lines", "alt"], stage.perFrame(update));
  connectTiles(stage, list, cells, model);
  update();
  return stage.dispose;
}

export default { render };
