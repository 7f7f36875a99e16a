// A grid of small pictures with names. Which there are and which are out comes from Python, a page at a time; here one is
// picked, pages are turned, and a tile is searched.

import { bytes, opaque } from "./buffers.js";
import { clamp, make, mount, send, word } from "./common.js";
import { directionOf, endOf, isChoice, isConfirmation, isPlain, pageOf, walk } from "./keys.js";

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
 * @property {number} per_page
 * @property {number} page
 * @property {number} pages
 * @property {number} total
 * @property {number} count
 * @property {string} query
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

/** @typedef {import("./keys.js").End} End */

const PAUSE = 250; // milliseconds after which what is typed is searched

/** @param {Stage} stage */
function build({ root }) {
  const tools = make("div", "xw-tile-tools", root, { role: "group" });
  const before = make("button", "xw-button", tools, { type: "button" });
  const place = make("span", "xw-tile-place", tools, { role: "status" });
  const after = make("button", "xw-button", tools, { type: "button" });
  const search = make("input", "xw-field", tools, { type: "search", autocomplete: "off" });
  before.textContent = "‹";
  after.textContent = "›";
  const list = make("div", "xw-tile-list", root, { role: "listbox" });
  return { tools, before, place, after, search, list };
}

/** @typedef {ReturnType<typeof build>} Parts */

/**
 * Say which page is shown; a grid of one page has no tools.
 * @param {Parts} parts
 * @param {Model} model
 */
function drawTools({ tools, before, place, after, search }, model) {
  const [page, pages] = [model.get("page"), model.get("pages")];
  tools.hidden = model.get("total") <= model.get("per_page");
  tools.setAttribute("aria-label", word(model, "tiles_tools"));
  const named = /** @type {const} */ ([
    [before, word(model, "tiles_before")],
    [after, word(model, "tiles_after")],
    [search, word(model, "tiles_search")],
  ]);
  for (const [node, name] of named) {
    node.title = name;
    node.setAttribute("aria-label", name);
  }
  search.placeholder = word(model, "tiles_search_by");
  if (search !== document.activeElement) search.value = model.get("query");
  // A button that has the focus is not disabled: the focus would be lost.
  before.setAttribute("aria-disabled", String(page === 0));
  after.setAttribute("aria-disabled", String(page >= pages - 1));
  const found = model.get("count") > 0;
  place.textContent = found ? word(model, "tiles_page", { page: page + 1, pages }) : word(model, "tiles_none");
}

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
  const first = model.get("page") * model.get("per_page");
  tiles.forEach(({ key, label, out, known }, place) => {
    const { node, canvas, label: text } = cells[place];
    const name = out ? `${label} (${out})` : label;
    node.dataset.key = key;
    node.title = name;
    node.setAttribute("aria-label", name);
    node.setAttribute("aria-posinset", String(first + place + 1));
    node.setAttribute("aria-setsize", String(model.get("count")));
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
 * Where a key leads beyond the page: to another page, and the tile of it that gets the focus.
 * @param {KeyboardEvent} event
 * @param {number} at  of the focused tile
 * @param {number} count  of tiles on the page
 * @param {Model} model
 * @returns {{page: number, end: End} | null}
 */
function turnOf(event, at, count, model) {
  if (!isPlain(event)) return null;
  const [page, last] = [model.get("page"), model.get("pages") - 1];
  const end = endOf(event);
  const right = directionOf(event)?.right ?? 0;
  const leaves = (right > 0 && at === count - 1) || (right < 0 && at === 0);
  const steps = -(pageOf(event) ?? 0) || (leaves ? right : 0);
  const extreme = end === "first" ? 0 : last;
  const target = end ? extreme : clamp(page + steps, 0, last);
  return target === page ? null : { page: target, end: end ?? (right < 0 ? "last" : "first") };
}

/**
 * Pick by click, Enter or Space; walk by arrows, on to other pages.
 * @param {Stage} stage
 * @param {HTMLElement} list
 * @param {Cell[]} cells
 * @param {Model} model
 * @param {(page: number, end: End) => void} turn
 */
function connectTiles({ signal }, list, cells, model, turn) {
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
      const beyond = turnOf(event, at, cells.length, model);
      const target = walk(event, at, cells.length, perRow(cells));
      if (isChoice(event)) pick(at);
      else if (beyond) turn(beyond.page, beyond.end);
      else if (target === null) return;
      else focusTile(cells, target);
      event.preventDefault();
    },
    { signal },
  );
}

/**
 * @param {Cell[]} cells
 * @param {number} place
 */
function focusTile(cells, place) {
  cells[place]?.node.focus();
  chooseTile(cells, "");
}

/**
 * Turn pages by buttons; search what is typed, and go to the first tile by Enter.
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {Model} model
 * @param {(page: number) => void} turn
 * @param {(asked: boolean) => void} enter  asked: whether other tiles are to come first
 */
function connectTools({ signal }, { before, after, search }, model, turn, enter) {
  let waiting = 0;
  const seek = () => {
    clearTimeout(waiting);
    const asked = search.value !== model.get("query");
    if (asked) send(model, "query", search.value);
    return asked;
  };
  const step = (/** @type {number} */ steps) =>
    turn(clamp(model.get("page") + steps, 0, Math.max(model.get("pages") - 1, 0)));
  before.addEventListener("click", () => step(-1), { signal });
  after.addEventListener("click", () => step(1), { signal });
  search.addEventListener(
    "input",
    () => {
      clearTimeout(waiting);
      waiting = setTimeout(seek, PAUSE);
    },
    { signal },
  );
  search.addEventListener(
    "keydown",
    (event) => {
      if (!isConfirmation(event)) return;
      event.preventDefault();
      enter(seek());
    },
    { signal },
  );
  search.addEventListener("change", seek, { signal });
  signal.addEventListener("abort", () => clearTimeout(waiting), { once: true });
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "tiles");
  const parts = build(stage);
  const { list } = parts;
  /** @type {Cell[]} */
  const cells = [];
  /** @type {End | null} */
  let wanted = null; // the tile of the next page that gets the focus
  let room = 0; // the last page is as high as the others

  const update = () => {
    drawTools(parts, model);
    drawTiles(cells, list, model);
    room = model.get("total") > model.get("per_page") ? Math.max(room, list.offsetHeight) : 0;
    list.style.minBlockSize = room ? `${room}px` : "";
  };
  // The tiles of a page come after its number.
  const arrive = () => {
    if (wanted) focusTile(cells, wanted === "first" ? 0 : cells.length - 1);
    wanted = null;
  };
  const renew = stage.perFrame(() => {
    update();
    arrive();
  });
  const turn = (/** @type {number} */ page, /** @type {End | null} */ end = null) => {
    if (page === model.get("page")) return;
    wanted = end;
    send(model, "page", page);
  };
  stage.watch(["tiles", "pixels"], renew);
  stage.watch(
    ["selected", "side", "lines", "alt", "page", "pages", "total", "count", "query", "words"],
    stage.perFrame(update),
  );
  stage.whenResized(stage.root, () => {
    room = 0;
    list.style.minBlockSize = "";
    update();
  });
  connectTiles(stage, list, cells, model, turn);
  connectTools(stage, parts, model, turn, (asked) => {
    if (asked) wanted = "first";
    else focusTile(cells, 0);
  });
  update();
  return stage.dispose;
}

export default { render };
