// A map of points. The kernel lays them out; hovering, walking by keys and drawing around points happen here.

import { bytes, floats, opaque } from "./buffers.js";
import { followDrag, make, mount, send } from "./common.js";
import { isChoice, isEscape } from "./keys.js";
import { destination, inside, nameGroups, nearest, placePoints } from "./point_layout.js";

/** @typedef {import("./buffers.js").KernelBuffer} KernelBuffer */
/** @typedef {import("./point_layout.js").Place} Place */

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

/** The polygons: of each mark, where its first corner points, in degrees, and how many it has. Other marks are discs. */
const CORNERS = new Map([
  ["s", [45, 4]],
  ["D", [0, 4]],
  ["^", [-90, 3]],
  ["v", [90, 3]],
]);
const TYPE = { letter: 8, line: 16 }; // of names on the map
const FEW = 600; // points from which the marks are small

/**
 * The parts on the page.
 * @typedef {object} Parts
 * @property {HTMLElement} title
 * @property {HTMLElement} frame
 * @property {HTMLCanvasElement} canvas
 * @property {HTMLElement} empty
 * @property {HTMLElement} bar
 * @property {HTMLElement} tip
 * @property {HTMLCanvasElement} picture
 * @property {HTMLElement} name
 * @property {HTMLElement} caption
 * @property {HTMLElement} key
 * @property {HTMLElement} live
 */

/**
 * @param {HTMLElement} root
 * @returns {Parts}
 */
function buildMap(root) {
  const title = make("div", "xw-title", root);
  const frame = make("div", "xw-map-frame", root);
  const canvas = make("canvas", "xw-map-canvas", frame, { role: "application", tabindex: "0" });
  const empty = make("div", "xw-empty", frame);
  const bar = make("div", "xw-map-bar", frame, { "aria-hidden": "true" });
  const tip = make("div", "xw-map-tip", frame, { "aria-hidden": "true" });
  const picture = make("canvas", "", tip);
  const name = make("span", "", tip);
  const key = make("div", "xw-map-key xw-soft", root);
  const caption = make("div", "xw-map-caption xw-soft", root);
  const live = make("div", "xw-unseen", root, { "aria-live": "polite" });
  return { title, frame, canvas, empty, bar, tip, picture, name, caption, key, live };
}

/**
 * The outline of a mark.
 * @param {CanvasRenderingContext2D} pen
 * @param {string} mark
 * @param {Place} place
 * @param {number} radius
 */
function trace(pen, mark, { x, y }, radius) {
  pen.beginPath();
  const corners = CORNERS.get(mark);
  if (!corners) {
    pen.arc(x, y, radius, 0, 2 * Math.PI);
    return;
  }
  const [first, count] = corners;
  for (let corner = 0; corner < count; corner += 1) {
    const turn = ((first + (360 * corner) / count) * Math.PI) / 180;
    pen.lineTo(x + 1.3 * radius * Math.cos(turn), y + 1.3 * radius * Math.sin(turn));
  }
  pen.closePath();
}

/**
 * @param {Parts} parts
 * @param {Model} model
 * @param {Place[]} places
 * @param {Place[]} line  drawn around points
 * @param {number} size
 */
function drawMap(parts, model, places, line, size) {
  const { canvas } = parts;
  const density = window.devicePixelRatio || 1;
  canvas.width = canvas.height = Math.round(size * density);
  const pen = canvas.getContext("2d");
  if (!pen) return;
  pen.scale(density, density);
  const ink = getComputedStyle(canvas).color;
  const [groups, rings] = [bytes(model.get("groups")), bytes(model.get("rings"))];
  const looks = model.get("looks");
  const chosen = new Set(model.get("chosen"));
  const radius = places.length > FEW ? 2.4 : 4;
  places.forEach((place, at) => {
    const [colour, mark] = looks[groups[at]];
    pen.globalAlpha = chosen.size && !chosen.has(at) ? 0.13 : 0.85;
    pen.fillStyle = colour;
    trace(pen, mark, place, radius);
    pen.fill();
    if (rings[at]) outline(pen, place, radius + 3, ink, 1.3);
  });
  pen.globalAlpha = 1;
  writeNames(
    pen,
    canvas,
    nameGroups(
      places,
      groups,
      looks.map(([, , name]) => name),
      size,
      TYPE,
    ),
  );
  const pointed = places[model.get("pointed")];
  if (pointed) outline(pen, pointed, radius + 5, ink, 2);
  if (line.length > 1) {
    pen.beginPath();
    for (const { x, y } of line) pen.lineTo(x, y);
    pen.closePath();
    pen.strokeStyle = ink;
    pen.setLineDash([4, 3]);
    pen.stroke();
  }
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
 * @param {Place[]} places
 * @param {number} size
 */
function showTip({ tip, picture, name, live }, model, places, size) {
  const number = model.get("pointed");
  const place = places[number];
  tip.hidden = !place;
  if (!place) return;
  const [, , group] = model.get("looks")[bytes(model.get("groups"))[number]];
  const own = model.get("names")[number];
  name.textContent = group && group !== own ? `${own} · ${group}` : own;
  live.textContent = name.textContent;
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

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "map");
  const parts = buildMap(stage.root);
  /** @type {Place[]} */
  let places = [];
  /** @type {Place[]} */
  let line = [];
  let size = model.get("size");

  const draw = stage.perFrame(() => {
    drawMap(parts, model, places, line, size);
    showTip(parts, model, places, size);
  });
  const lay = () => {
    places = placePoints(floats(model.get("points")), size);
    parts.empty.hidden = places.length > 0;
    draw();
  };
  const write = () => {
    for (const part of /** @type {const} */ (["title", "caption", "empty"])) parts[part].textContent = model.get(part);
    parts.canvas.setAttribute("aria-label", model.get("alt") || model.get("title"));
    const done = model.get("progress");
    parts.bar.hidden = done === null;
    parts.bar.style.width = `${100 * (done ?? 0)}%`;
    parts.frame.style.width = `${model.get("size")}px`;
  };
  const point = (/** @type {number} */ number) => {
    if (number !== model.get("pointed")) model.set("pointed", number); // the kernel does not need to know
  };
  const toggle = (/** @type {number} */ number) => {
    const chosen = model.get("chosen");
    const others = chosen.filter((one) => one !== number);
    send(model, "chosen", others.length < chosen.length ? others : [...chosen, number].sort((a, b) => a - b));
  };
  const at = (/** @type {PointerEvent} */ event) => {
    const box = parts.canvas.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };

  parts.canvas.addEventListener(
    "pointermove",
    (event) => {
      if (!line.length) point(nearest(places, at(event)));
    },
    { signal: stage.signal },
  );
  parts.canvas.addEventListener("pointerleave", () => point(-1), { signal: stage.signal });
  followDrag(parts.canvas, stage.signal, (event, phase) => {
    if (phase === "press") line = [at(event)];
    else if (phase === "drag") line.push(at(event));
    else if (phase === "cancel") line = [];
    else {
      const hit = nearest(places, at(event));
      const around = places.flatMap((place, number) => (inside(line, place) ? [number] : []));
      const clicked = line.length < 4 && hit >= 0 ? [hit] : [];
      send(model, "chosen", around.length ? around : clicked);
      line = [];
    }
    draw();
  });
  parts.canvas.addEventListener(
    "keydown",
    (event) => {
      if (isEscape(event)) send(model, "chosen", []);
      const leads = destination(event, places, model.get("pointed"));
      if (leads === null && !(isChoice(event) && places.length)) return;
      event.preventDefault();
      if (leads === null) toggle(Math.max(model.get("pointed"), 0));
      else point(leads);
    },
    { signal: stage.signal },
  );

  stage.watch(["points"], lay);
  stage.watch(["chosen", "pointed", "rings", "pictures"], draw);
  stage.watch(["looks"], () => drawKey(parts.key, model));
  stage.watch(["title", "caption", "empty", "alt", "progress", "size"], write);
  stage.whenResized(parts.frame, (width) => {
    size = width;
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
