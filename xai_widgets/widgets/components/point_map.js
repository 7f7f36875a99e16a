// A map of points. The kernel lays them out; hovering, walking by keys, zooming, moving and drawing around points happen here.

import { bound, zoomAt } from "./atlas_view.js";
import { bytes, floats, opaque } from "./buffers.js";
import { followDrag, make, mount, send, word } from "./common.js";
import { directionOf, isBack, isChoice, isCorner, isEscape, isLasso, leap, zoomOf } from "./keys.js";
import { bringPlaceIn, destination, enclosed, groupMiddles, nameGroups, nearest, placePoints } from "./point_layout.js";
import { drawPoints, radiusOf, trace } from "./point_marks.js";

/** @typedef {import("./buffers.js").KernelBuffer} KernelBuffer */
/** @typedef {import("./point_layout.js").Place} Place */
/** @typedef {import("./atlas_view.js").Window} Window */

/**
 * See point_map.py.
 * @typedef {object} PointTraits
 * @property {KernelBuffer} points
 * @property {string[]} names
 * @property {[colour: string, mark: string, name: string][]} looks
 * @property {KernelBuffer} groups
 * @property {KernelBuffer} rings
 * @property {KernelBuffer} pictures
 * @property {number} side
 * @property {number} size
 * @property {number[]} chosen
 * @property {number} pointed
 * @property {string} title
 * @property {string} caption
 * @property {string} alt
 * @property {string} empty
 * @property {number | null} progress
 */

/** @typedef {import("./common.js").CommonTraits & PointTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */

/** @typedef {import("./common.js").Stage<Traits>} Stage */

const TYPE = { letter: 8, line: 16 }; // of names on the map
const MOST = 64; // times as large as the whole map
const STEP = 1.5; // of a zoom by key or button
const FACTORS = { in: STEP, out: 1 / STEP, whole: 1 / MOST };
const CLICK = 3; // pixels beyond which a click is a drag
const STRIDE = 4; // pixels that an arrow moves the cross
const SHARE = 0.1; // of what is seen: how far an arrow with Shift moves the map

/**
 * What the map shows at the moment, and what is being drawn on it.
 * @typedef {object} State
 * @property {number} size  in pixels of the page
 * @property {Window} view
 * @property {Float32Array} places  of the points, as they are seen
 * @property {import("./point_layout.js").Middle[]} middles
 * @property {Place[]} line  drawn around points by the pointer
 * @property {Place | null} cross  where the keys draw; null: they do not
 * @property {boolean} moves  whether a drag moves the map
 * @property {boolean} stale  whether the points are to be drawn anew
 */

/** @param {HTMLElement} root */
function buildMap(root) {
  const head = make("div", "xw-map-head", root);
  const title = make("div", "xw-title", head);
  const tools = make("div", "xw-map-tools", head, { role: "group" });
  const [lasso, move, nearer, farther, whole] = ["✎", "✥", "+", "−", "⤢"].map((sign) => {
    const button = make("button", "xw-button", tools, { type: "button" });
    button.textContent = sign;
    return button;
  });
  const frame = make("div", "xw-map-frame", root);
  const canvas = make("canvas", "xw-map-canvas", frame, { role: "application", tabindex: "0" });
  const empty = make("div", "xw-empty", frame);
  const bar = make("div", "xw-map-bar", frame, { "aria-hidden": "true" });
  const hint = make("div", "xw-map-hint", frame, { "aria-hidden": "true" });
  const tip = make("div", "xw-map-tip", frame, { "aria-hidden": "true" });
  const picture = make("canvas", "", tip);
  const name = make("span", "", tip);
  const key = make("div", "xw-map-key xw-soft", root);
  const caption = make("div", "xw-map-caption xw-soft", root);
  const live = make("div", "xw-unseen", root, { "aria-live": "polite" });
  const layer = document.createElement("canvas"); // the points, which are drawn anew when they or the window change
  const buttons = { lasso, move, nearer, farther, whole };
  return { title, tools, buttons, frame, canvas, layer, empty, bar, hint, tip, picture, name, caption, key, live };
}

/** @typedef {ReturnType<typeof buildMap>} Parts */

/**
 * 1 for each chosen point; null where none is.
 * @param {Model} model
 * @param {number} count
 */
function chosenMask(model, count) {
  const chosen = model.get("chosen");
  if (!chosen.length) return null;
  const mask = new Uint8Array(count);
  for (const number of chosen) mask[number] = 1;
  return mask;
}

/**
 * @param {Parts} parts
 * @param {Model} model
 * @param {State} state
 */
function drawMap(parts, model, state) {
  const { canvas, layer } = parts;
  const { size, places, view } = state;
  const density = window.devicePixelRatio || 1;
  const side = Math.round(size * density);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  const count = places.length / 2;
  const radius = radiusOf(count, view.zoom);
  if (state.stale) {
    layer.width = layer.height = side;
    const [groups, looks] = [bytes(model.get("groups")), model.get("looks")];
    if (count) drawPoints(layer, { places, groups, looks, chosen: chosenMask(model, count), radius }, density);
    state.stale = false;
  }
  canvas.width = canvas.height = side;
  if (count) pen.drawImage(layer, 0, 0);
  pen.scale(density, density);
  const ink = getComputedStyle(canvas).color;
  const placeOf = (/** @type {number} */ number) => ({ x: places[2 * number], y: places[2 * number + 1] });
  bytes(model.get("rings")).forEach((ring, number) => {
    if (ring) outline(pen, placeOf(number), radius + 3, ink, 1.3);
  });
  writeNames(pen, canvas, nameGroups(state.middles, size, TYPE, view));
  const pointed = model.get("pointed");
  if (pointed >= 0 && pointed < count) outline(pen, placeOf(pointed), radius + 5, ink, 2);
  drawLine(pen, state, ink);
}

/**
 * The line that is being drawn, and the cross with which the keys draw it.
 * @param {CanvasRenderingContext2D} pen
 * @param {State} state
 * @param {string} ink
 */
function drawLine(pen, { line, cross }, ink) {
  pen.strokeStyle = ink;
  pen.lineWidth = 2;
  if (line.length + Number(cross !== null) > 1) {
    pen.beginPath();
    for (const { x, y } of cross ? [...line, cross] : line) pen.lineTo(x, y);
    pen.closePath();
    pen.setLineDash([4, 3]);
    pen.stroke();
    pen.setLineDash([]);
  }
  if (!cross) return;
  pen.beginPath();
  for (const [across, down] of [
    [9, 0],
    [0, 9],
  ]) {
    pen.moveTo(cross.x - across, cross.y - down);
    pen.lineTo(cross.x + across, cross.y + down);
  }
  pen.stroke();
}

/**
 * The names of groups, legible on any points.
 * @param {CanvasRenderingContext2D} pen
 * @param {HTMLElement} canvas
 * @param {{x: number, y: number, name: string}[]} labels
 */
function writeNames(pen, canvas, labels) {
  const style = getComputedStyle(canvas);
  pen.font = `600 12px ${style.fontFamily}`;
  pen.textAlign = "center";
  pen.textBaseline = "middle";
  pen.lineJoin = "round";
  pen.lineWidth = 4;
  pen.strokeStyle = style.getPropertyValue("--xw-paper");
  pen.fillStyle = style.color;
  for (const { x, y, name } of labels) {
    pen.strokeText(name, x, y);
    pen.fillText(name, x, y);
  }
}

/**
 * @param {CanvasRenderingContext2D} pen
 * @param {Place} place
 * @param {number} radius
 * @param {string} colour
 * @param {number} width
 */
function outline(pen, { x, y }, radius, colour, width) {
  pen.beginPath();
  pen.arc(x, y, radius, 0, 2 * Math.PI);
  pen.strokeStyle = colour;
  pen.lineWidth = width;
  pen.stroke();
}

/**
 * Show whose point it is, beside it.
 * @param {Parts} parts
 * @param {Model} model
 * @param {State} state
 */
function showTip({ tip, picture, name, live }, model, { places, size, cross }) {
  const number = model.get("pointed");
  const place = { x: places[2 * number], y: places[2 * number + 1] };
  const isSeen = Math.min(place.x, place.y) >= 0 && Math.max(place.x, place.y) <= size;
  tip.hidden = number < 0 || !isSeen || cross !== null; // it would hide the cross
  if (tip.hidden) return;
  const [, , group] = model.get("looks")[bytes(model.get("groups"))[number]];
  const own = model.get("names")[number];
  name.textContent = group && group !== own ? `${own} · ${group}` : own;
  if (live.dataset.point !== String(number)) live.textContent = name.textContent;
  live.dataset.point = String(number);
  const side = model.get("side");
  const each = 3 * side * side;
  const pixels = bytes(model.get("pictures")).subarray(number * each, (number + 1) * each);
  picture.hidden = !pixels.length;
  if (pixels.length) paint(picture, pixels, side);
  const [right, below] = [place.x > size / 2, place.y > size / 2];
  tip.style.left = right ? "" : `${place.x + 12}px`;
  tip.style.right = right ? `${size - place.x + 12}px` : "";
  tip.style.top = below ? "" : `${place.y + 8}px`;
  tip.style.bottom = below ? `${size - place.y + 8}px` : "";
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Uint8Array} pixels
 * @param {number} side
 */
function paint(canvas, pixels, side) {
  canvas.width = canvas.height = side;
  const image = new ImageData(opaque(pixels, side * side), side, side);
  canvas.getContext("2d")?.putImageData(image, 0, 0);
}

/**
 * Colours and marks with the names of their groups.
 * @param {HTMLElement} key
 * @param {Model} model
 */
function drawKey(key, model) {
  key.replaceChildren();
  for (const [colour, mark, name] of model.get("looks")) {
    if (!name) continue;
    const entry = make("span", "", key);
    const sample = make("canvas", "", entry, { width: "12", height: "12", "aria-hidden": "true" });
    const pen = sample.getContext("2d");
    if (pen) {
      pen.fillStyle = colour;
      trace(pen, mark, { x: 6, y: 6 }, 4);
      pen.fill();
    }
    make("span", "", entry).textContent = name;
  }
}

/**
 * Say what the tools are and which are at work.
 * @param {Parts} parts
 * @param {Model} model
 * @param {State} state
 */
function drawTools({ tools, buttons, canvas, hint }, model, { moves, cross }) {
  const named = /** @type {const} */ ([
    [buttons.lasso, word(model, "map_draw")],
    [buttons.move, word(model, "map_move")],
    [buttons.nearer, word(model, "atlas_in")],
    [buttons.farther, word(model, "atlas_out")],
    [buttons.whole, word(model, "atlas_whole")],
  ]);
  for (const [button, name] of named) {
    button.title = name;
    button.setAttribute("aria-label", name);
  }
  tools.setAttribute("aria-label", word(model, "map_tools"));
  buttons.lasso.setAttribute("aria-pressed", String(cross !== null));
  buttons.move.setAttribute("aria-pressed", String(moves));
  canvas.classList.toggle("xw-map-moves", moves);
  hint.hidden = cross === null;
  hint.textContent = word(model, "map_drawing");
}

/**
 * What the pointer, the keys and the buttons do to the state.
 * @param {Parts} parts
 * @param {Model} model
 * @param {State} state
 * @param {() => void} draw  once a frame
 * @param {() => void} place  the points anew, for another window
 */
function makeActions(parts, model, state, draw, place) {
  const tell = (/** @type {string} */ text) => {
    parts.live.textContent = text;
  };
  const choose = (/** @type {number[]} */ chosen) => {
    send(model, "chosen", chosen);
    tell(word(model, "map_chosen", { count: chosen.length }));
  };
  const actions = {
    choose,
    point(/** @type {number} */ number) {
      if (number !== model.get("pointed")) model.set("pointed", number); // the kernel does not need to know
    },
    toggle(/** @type {number} */ number) {
      const chosen = model.get("chosen");
      const others = chosen.filter((one) => one !== number);
      choose(others.length < chosen.length ? others : [...chosen, number].sort((a, b) => a - b));
    },
    zoom(/** @type {number} */ factor, across = 0.5, down = 0.5) {
      zoomAt(state.view, factor, across, down, MOST);
      place();
    },
    /** Move the window, in shares of what is seen. */
    shift(/** @type {number} */ across, /** @type {number} */ down) {
      state.view.x += across / state.view.zoom;
      state.view.y += down / state.view.zoom;
      bound(state.view, MOST);
      place();
    },
    /** Go to a point by the keys, and bring it into the window. */
    walk(/** @type {number} */ number) {
      actions.point(number);
      bringPlaceIn(state.view, { x: state.places[2 * number], y: state.places[2 * number + 1] }, state.size);
      bound(state.view, MOST);
      place();
    },
    /** Begin to draw with the keys, at the point that they are at; or give up. */
    lasso(begins = state.cross === null) {
      const at = 2 * model.get("pointed");
      const middle = { x: state.size / 2, y: state.size / 2 };
      const start = at >= 0 ? { x: state.places[at], y: state.places[at + 1] } : middle;
      state.cross = begins ? start : null;
      state.line = [];
      drawTools(parts, model, state);
      tell(begins ? word(model, "map_drawing") : "");
      if (begins) parts.canvas.focus();
      draw();
    },
    corner(/** @type {Place} */ cross) {
      state.line.push({ ...cross });
      tell(word(model, "map_corners", { count: state.line.length }));
      draw();
    },
    close() {
      const around = state.line.length > 2 ? enclosed(state.line, state.places) : [];
      actions.lasso(false);
      choose(around);
    },
  };
  return actions;
}

/** @typedef {ReturnType<typeof makeActions>} Actions */

/**
 * What a key does while the keys draw a line.
 * @param {KeyboardEvent} event
 * @param {State} state
 * @param {Actions} actions
 * @param {Place} cross
 */
function drawByKey(event, state, actions, cross) {
  const way = directionOf(event);
  if (way) {
    const stride = STRIDE * leap(event);
    const kept = (/** @type {number} */ at) => Math.min(Math.max(at, 0), state.size);
    state.cross = { x: kept(cross.x + stride * way.right), y: kept(cross.y + stride * way.down) };
    return true;
  }
  if (isCorner(event)) actions.corner(cross);
  else if (isChoice(event)) actions.close();
  else if (isBack(event)) state.line.pop();
  else if (isEscape(event) || isLasso(event)) actions.lasso(false);
  else return false;
  if (isEscape(event)) event.stopPropagation(); // gives up the line, not the computation
  return true;
}

/**
 * What a key does otherwise.
 * @param {KeyboardEvent} event
 * @param {Model} model
 * @param {State} state
 * @param {Actions} actions
 */
function walkByKey(event, model, state, actions) {
  const [zooms, way] = [zoomOf(event), directionOf(event)];
  const leads = destination(event, state.places, model.get("pointed"));
  if (isEscape(event)) {
    if (model.get("chosen").length) actions.choose([]);
    return false;
  }
  if (zooms) actions.zoom(FACTORS[zooms]);
  else if (way && leap(event) > 1) actions.shift(SHARE * way.right, SHARE * way.down);
  else if (leads !== null) actions.walk(leads);
  else if (isLasso(event) && state.places.length) actions.lasso();
  else if (isChoice(event) && state.places.length) actions.toggle(Math.max(model.get("pointed"), 0));
  else return false;
  return true;
}

/**
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {Model} model
 * @param {State} state
 * @param {Actions} actions
 * @param {() => void} draw
 */
function connectMap({ signal }, parts, model, state, actions, draw) {
  const { canvas, buttons } = parts;
  const at = (/** @type {MouseEvent} */ event) => {
    const box = canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  canvas.addEventListener(
    "pointermove",
    (event) => {
      if (event.buttons === 0 && !state.cross) actions.point(nearest(state.places, at(event)));
    },
    { signal },
  );
  canvas.addEventListener("pointerleave", () => actions.point(-1), { signal });
  connectDrag(canvas, signal, at, state, actions, draw);
  canvas.addEventListener(
    "wheel",
    (event) => {
      if (document.activeElement !== canvas && !event.ctrlKey) return; // the page scrolls
      event.preventDefault();
      const { x, y } = at(event);
      actions.zoom(Math.exp(-event.deltaY / 300), x / state.size, y / state.size);
    },
    { signal, passive: false },
  );
  canvas.addEventListener(
    "keydown",
    (event) => {
      const { cross } = state;
      const done = cross ? drawByKey(event, state, actions, cross) : walkByKey(event, model, state, actions);
      if (!done) return;
      event.preventDefault();
      draw();
    },
    { signal },
  );
  buttons.lasso.addEventListener("click", () => actions.lasso(), { signal });
  buttons.move.addEventListener(
    "click",
    () => {
      state.moves = !state.moves;
      drawTools(parts, model, state);
    },
    { signal },
  );
  buttons.nearer.addEventListener("click", () => actions.zoom(FACTORS.in), { signal });
  buttons.farther.addEventListener("click", () => actions.zoom(FACTORS.out), { signal });
  buttons.whole.addEventListener("click", () => actions.zoom(FACTORS.whole), { signal });
}

/**
 * A drag draws around points, or moves the map; a click chooses a point.
 * @param {HTMLCanvasElement} canvas
 * @param {AbortSignal} signal
 * @param {(event: MouseEvent) => Place} at
 * @param {State} state
 * @param {Actions} actions
 * @param {() => void} draw
 */
function connectDrag(canvas, signal, at, state, actions, draw) {
  let last = { x: 0, y: 0 };
  let far = false; // whether the map was moved
  const press = (/** @type {Place} */ here) => {
    if (state.cross) actions.lasso(false);
    [last, far, state.line] = [here, false, state.moves ? [] : [here]];
  };
  const drag = (/** @type {Place} */ here) => {
    const [across, down] = [here.x - last.x, here.y - last.y];
    far ||= state.moves && Math.hypot(across, down) > CLICK;
    if (far) {
      last = here;
      actions.shift(-across / state.size, -down / state.size);
    } else if (!state.moves) state.line.push(here);
  };
  const release = (/** @type {Place} */ here) => {
    if (far) return;
    const around = enclosed(state.line, state.places);
    const hit = nearest(state.places, here);
    const clicked = state.line.length < 4 && hit >= 0 ? [hit] : [];
    state.line = [];
    actions.choose(around.length ? around : clicked);
  };
  const cancel = () => {
    state.line = []; // the hand scrolls the page
  };
  followDrag(canvas, signal, (event, phase) => {
    ({ press, drag, release, cancel })[phase](at(event));
    draw();
  });
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "map");
  const parts = buildMap(stage.root);
  const size = model.get("size");
  /** @type {State} */
  const state = {
    size,
    view: { zoom: 1, x: 0, y: 0 },
    places: new Float32Array(),
    middles: [],
    line: [],
    cross: null,
    moves: false,
    stale: true,
  };
  let flat = new Float32Array();

  const draw = stage.perFrame(() => {
    drawMap(parts, model, state);
    showTip(parts, model, state);
  });
  const redraw = () => {
    state.stale = true;
    draw();
  };
  const place = () => {
    state.places = placePoints(flat, state.size, state.view);
    redraw();
  };
  const lay = () => {
    flat = floats(model.get("points"));
    parts.empty.hidden = flat.length > 0;
    parts.tools.hidden = !flat.length;
    const names = model.get("looks").map(([, , name]) => name);
    state.middles = groupMiddles(placePoints(flat, state.size), bytes(model.get("groups")), names, state.size);
    place();
  };
  const write = () => {
    for (const part of /** @type {const} */ (["title", "caption", "empty"])) parts[part].textContent = model.get(part);
    const named = model.get("alt") || model.get("title");
    parts.canvas.setAttribute("aria-label", `${named} ${word(model, "map_keys")}`.trim());
    const done = model.get("progress");
    parts.bar.hidden = done === null;
    parts.bar.style.width = `${100 * (done ?? 0)}%`;
    parts.frame.style.width = `${model.get("size")}px`;
    drawTools(parts, model, state);
  };
  const actions = makeActions(parts, model, state, draw, place);

  connectMap(stage, parts, model, state, actions, draw);
  stage.watch(["points"], lay);
  stage.watch(["chosen"], redraw);
  stage.watch(["pointed", "rings", "pictures"], draw);
  stage.watch(["looks"], () => drawKey(parts.key, model));
  stage.watch(["names"], () => {
    Object.assign(state.view, { zoom: 1, x: 0, y: 0 }); // other points
    place();
  });
  stage.watch(["title", "caption", "empty", "alt", "progress", "size", "words"], write);
  stage.whenResized(parts.frame, (width) => {
    state.size = width;
    lay();
  });
  // Rings are drawn in the colour of the text, which another theme changes.
  const themed = new MutationObserver(draw);
  themed.observe(document.body, { attributes: true, attributeFilter: ["data-jp-theme-light", "data-jp-theme-name"] });
  stage.signal.addEventListener("abort", () => themed.disconnect(), { once: true });
  write();
  drawKey(parts.key, model);
  lay();
  return stage.dispose;
}

export default { render };
