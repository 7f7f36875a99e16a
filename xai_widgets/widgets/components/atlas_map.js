// A map of icons: zoom, move, point, filter. Python brings the icons and what each says; the rest happens here.

import { bestOf, bound, bringIn, cellAt, MOST, neighbour, zoomAt } from "./atlas_view.js";
import { bytes, opaque } from "./buffers.js";
import { followDrag, make, mount, send, word } from "./common.js";
import { directionOf, zoomOf } from "./keys.js";
import { fixed } from "./number_format.js";

/** @typedef {import("./atlas_view.js").Cell} Cell */
/** @typedef {import("./atlas_view.js").Window} Window */

/**
 * See atlas_map.py.
 * @typedef {object} AtlasTraits
 * @property {import("./buffers.js").KernelBuffer} pixels
 * @property {number} side
 * @property {number} grid
 * @property {Cell[]} cells
 * @property {string[]} labels
 * @property {[colour: string, hatch: string][]} looks
 * @property {string} chosen
 * @property {number} selected
 * @property {number} size
 * @property {string} alt
 * @property {number | null} progress
 */

/** @typedef {import("./common.js").CommonTraits & AtlasTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {import("./common.js").Stage<Traits>} Stage */

const PIXELS = 960; // of the canvas: two for each of the page
const FADED = 0.16;
const BARS = 5;
const STEP = 1.5; // of a zoom by key or button
const FACTORS = { in: STEP, out: 1 / STEP, whole: 1 / MOST };

/**
 * The icons as canvases.
 * @param {Model} model
 * @returns {HTMLCanvasElement[]}
 */
function readIcons(model) {
  const side = model.get("side");
  const pixels = bytes(model.get("pixels"));
  const each = 3 * side * side;
  return model.get("cells").map((_cell, place) => {
    const canvas = document.createElement("canvas");
    canvas.width = canvas.height = Math.max(side, 1);
    if (!side) return canvas;
    const image = new ImageData(opaque(pixels.subarray(place * each, (place + 1) * each), side * side), side, side);
    canvas.getContext("2d")?.putImageData(image, 0, 0);
    return canvas;
  });
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Model} model
 * @param {HTMLCanvasElement[]} icons
 * @param {Window} view
 * @param {number} pointed
 */
function paint(canvas, model, icons, view, pointed) {
  const context = canvas.getContext("2d");
  if (!context) return;
  const each = (PIXELS * view.zoom) / model.get("grid");
  const chosen = model.get("labels").indexOf(model.get("chosen"));
  const placeOf = (/** @type {Cell} */ cell) => [
    cell.column * each - view.x * PIXELS * view.zoom,
    cell.row * each - view.y * PIXELS * view.zoom,
  ];
  context.clearRect(0, 0, PIXELS, PIXELS);
  context.imageSmoothingEnabled = true;
  model.get("cells").forEach((cell, number) => {
    const [left, top] = placeOf(cell);
    context.globalAlpha = chosen < 0 || bestOf(cell) === chosen ? 1 : FADED;
    context.drawImage(icons[number], left, top, each, each);
  });
  context.globalAlpha = 1;
  for (const [number, width] of [
    [model.get("selected"), 6],
    [pointed, 4],
  ]) {
    const cell = model.get("cells")[number];
    if (!cell) continue;
    const [left, top] = placeOf(cell);
    for (const { ink, line } of [
      { ink: "white", line: width + 4 },
      { ink: "#D55E00", line: width },
    ]) {
      context.strokeStyle = ink;
      context.lineWidth = line;
      context.strokeRect(left + 3, top + 3, each - 6, each - 6);
    }
  }
}

/**
 * Read a cell beside the map.
 * @param {{icon: HTMLCanvasElement, reading: HTMLElement}} panel
 * @param {Model} model
 * @param {HTMLCanvasElement[]} icons
 * @param {number} number
 */
function read({ icon, reading }, model, icons, number) {
  const cell = model.get("cells")[number];
  const context = icon.getContext("2d");
  context?.clearRect(0, 0, icon.width, icon.height);
  reading.replaceChildren();
  if (!cell) return;
  icon.width = icon.height = icons[number].width;
  context?.drawImage(icons[number], 0, 0);
  const language = model.get("language");
  make("div", "xw-title", reading).textContent = word(model, "atlas_cell", { count: cell.count });
  const order = cell.said
    .map((_, place) => place)
    .sort((a, b) => cell.said[b] - cell.said[a])
    .slice(0, BARS);
  const shown = order.map((place) => cell.said[place]);
  const low = Math.min(0, ...shown);
  const width = Math.max(0, ...shown) - low || 1;
  const share = (/** @type {number} */ value) => `${(100 * (value - low)) / width}%`;
  for (const place of order) {
    const row = make("div", "xw-atlas-row", reading);
    make("span", "", row).textContent = model.get("labels")[place];
    const track = make("div", "xw-atlas-track", row);
    const fill = make("div", "xw-atlas-fill xw-hatched", track);
    const value = cell.said[place];
    [fill.style.backgroundColor, fill.dataset.hatch] = model.get("looks")[place];
    fill.style.insetInlineStart = share(Math.min(value, 0));
    fill.style.inlineSize = `${(100 * Math.abs(value)) / width}%`;
    make("div", "xw-atlas-zero", track).style.insetInlineStart = share(0);
    make("span", "", row).textContent = fixed(language, value, 2);
  }
}

/**
 * @param {Stage} stage
 * @param {Model} model
 */
function build(stage, model) {
  const box = make("div", "xw-atlas-view xw-dims", stage.root);
  const canvas = make("canvas", "", box, { role: "application", tabindex: "0" });
  canvas.width = canvas.height = PIXELS;
  const bar = make("div", "xw-atlas-bar", box);
  const side = make("div", "xw-atlas-side", stage.root);
  const tools = make("div", "xw-atlas-tools", side);
  const filter = make("select", "xw-menu", tools);
  const named = [
    [word(model, "atlas_in"), "+"],
    [word(model, "atlas_out"), "−"],
    [word(model, "atlas_whole"), "⤢"],
  ];
  const buttons = named.map(([name, sign]) => {
    const button = make("button", "xw-button", tools, { type: "button" });
    button.textContent = sign;
    button.title = name;
    button.setAttribute("aria-label", name);
    return button;
  });
  const icon = make("canvas", "xw-atlas-icon", side, { "aria-hidden": "true" });
  const reading = make("div", "xw-atlas-reading", side, { "aria-live": "polite" });
  const help = make("div", "xw-soft", side);
  filter.setAttribute("aria-label", word(model, "atlas_filter"));
  return { box, canvas, bar, filter, buttons, icon, reading, help };
}

/**
 * @param {HTMLSelectElement} filter
 * @param {Model} model
 */
function fillFilter(filter, model) {
  filter.replaceChildren();
  for (const label of ["", ...model.get("labels")]) {
    const option = make("option", "", filter);
    option.value = label;
    option.textContent = label || word(model, "atlas_all");
  }
  filter.value = model.get("chosen");
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "atlas");
  const { signal } = stage;
  const parts = build(stage, model);
  const { canvas, filter } = parts;
  /** @type {Window} */
  const view = { zoom: 1, x: 0, y: 0 };
  let icons = readIcons(model);
  let pointed = -1;

  const draw = stage.perFrame(() => {
    if (icons.length !== model.get("cells").length) return; // new cells: their icons come with `renew`
    paint(canvas, model, icons, view, pointed);
    read(parts, model, icons, pointed >= 0 ? pointed : model.get("selected"));
  });
  const renew = stage.perFrame(() => {
    icons = readIcons(model);
    pointed = -1;
    Object.assign(view, { zoom: 1, x: 0, y: 0 });
    fillFilter(filter, model);
    draw();
  });
  const describe = () => {
    stage.root.style.setProperty("--xw-size", `${model.get("size")}px`);
    canvas.setAttribute("aria-label", `${model.get("alt")} ${word(model, "atlas_keys")}`.trim());
    parts.help.textContent = model.get("cells").length ? word(model, "atlas_help") : word(model, "empty_picture");
    parts.bar.style.inlineSize = `${100 * (model.get("progress") ?? 0)}%`;
  };
  const shares = (/** @type {MouseEvent} */ event) => {
    const { left, top, width, height } = canvas.getBoundingClientRect();
    return [(event.clientX - left) / width, (event.clientY - top) / height];
  };
  const zoom = (/** @type {number} */ factor, across = 0.5, down = 0.5) => {
    zoomAt(view, factor, across, down);
    draw();
  };

  stage.watch(["pixels", "cells", "labels", "grid", "language"], renew);
  stage.watch(["chosen", "selected"], () => {
    filter.value = model.get("chosen");
    draw();
  });
  stage.watch(["alt", "size", "progress", "cells", "language"], describe);
  filter.addEventListener("change", () => send(model, "chosen", filter.value), { signal });
  parts.buttons[0].addEventListener("click", () => zoom(FACTORS.in), { signal });
  parts.buttons[1].addEventListener("click", () => zoom(FACTORS.out), { signal });
  parts.buttons[2].addEventListener("click", () => zoom(FACTORS.whole), { signal });
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (document.activeElement !== canvas && !event.ctrlKey) return; // the page scrolls
      event.preventDefault();
      const [across, down] = shares(event);
      zoom(Math.exp(-event.deltaY / 300), across, down);
    },
    { signal, passive: false },
  );
  canvas.addEventListener(
    "pointermove",
    (event) => {
      const [across, down] = shares(event);
      pointed = cellAt(model.get("cells"), model.get("grid"), view, across, down);
      draw();
    },
    { signal },
  );
  canvas.addEventListener(
    "pointerleave",
    () => {
      pointed = -1;
      draw();
    },
    { signal },
  );
  let [startX, startY, moved] = [0, 0, false];
  followDrag(canvas, signal, (event, phase) => {
    const [across, down] = shares(event);
    if (phase === "press") [startX, startY, moved] = [across, down, false];
    if (phase === "drag" && (moved || Math.hypot(across - startX, down - startY) > 0.01)) {
      moved = true;
      view.x -= (across - startX) / view.zoom;
      view.y -= (down - startY) / view.zoom;
      [startX, startY] = [across, down];
      bound(view);
      draw();
    }
    if (phase === "release" && !moved) {
      send(model, "selected", cellAt(model.get("cells"), model.get("grid"), view, across, down));
    }
  });
  canvas.addEventListener(
    "keydown",
    (event) => {
      const [way, zooms] = [directionOf(event), zoomOf(event)];
      if (!way && !zooms) return;
      event.preventDefault();
      if (zooms) zoom(FACTORS[zooms]);
      if (way) {
        pointed = -1;
        send(model, "selected", neighbour(model.get("cells"), model.get("selected"), way));
        const cell = model.get("cells")[model.get("selected")];
        if (cell) bringIn(view, cell, model.get("grid"));
        draw();
      }
    },
    { signal },
  );
  describe();
  renew();
  return stage.dispose;
}

export default { render };
