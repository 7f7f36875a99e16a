// A line chart. It is drawn anew when data or width change; the cursor and the read-out move alone.

import { between, ends, legibleTicks, nearest, path, place, spread, valueAt, writtenTicks } from "./chart.js";
import { clamp, followDrag, hide, make, mount, word, write } from "./common.js";
import { moveOf } from "./keys.js";
import { distinct, percentage, quantity, unitFactor } from "./number_format.js";

/** @typedef {import("./chart.js").Axis} Axis */

/**
 * @typedef {object} Line
 * @property {string} label
 * @property {(number | null)[]} values
 * @property {string} colour
 * @property {string} dash
 */

/**
 * See curve.py.
 * @typedef {object} CurveTraits
 * @property {number[]} x
 * @property {Line[]} series
 * @property {string} x_label
 * @property {string} y_label
 * @property {[] | [number, number]} x_range
 * @property {[] | [number, number]} y_range
 * @property {string} x_unit
 * @property {string} y_unit
 * @property {number | null} cursor
 * @property {number | null} step
 * @property {number | null} at
 * @property {boolean} on_points
 * @property {boolean} movable
 * @property {boolean} reports
 * @property {{x: number, label: string}[]} marks
 * @property {string} title
 * @property {string} alt
 * @property {string} empty
 * @property {number} chart_height
 */

/** @typedef {import("./common.js").CommonTraits & CurveTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {import("./common.js").Stage<Traits>} Stage */

/**
 * Where things are drawn.
 * @typedef {object} Geometry
 * @property {number} width
 * @property {number} height
 * @property {Axis} across
 * @property {Axis} up
 */

const SVG = "http://www.w3.org/2000/svg";
const LETTER = 6.6; // about the width of a letter of 12 px
const LINE = 14; // of text
const UNKNOWN = 480; // the width to draw for until there is one
const FOOT = 38; // ticks and name of the horizontal axis

/**
 * @param {string} tag
 * @param {Element} parent
 * @param {Record<string, string | number>} attributes
 * @param {string} text
 */
function draw(tag, parent, attributes, text = "") {
  const node = document.createElementNS(SVG, tag);
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, String(value));
  if (text) node.textContent = text;
  parent.append(node);
  return node;
}

/** @param {Stage} stage */
function build({ root }) {
  const title = make("div", "xw-title", root);
  const frame = make("div", "xw-chart", root);
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "xw-chart-svg xw-dims");
  svg.setAttribute("role", "img");
  frame.append(svg);
  const key = make("div", "xw-chart-key", frame, { "aria-hidden": "true" });
  const dots = make("div", "xw-dots", frame, { "aria-hidden": "true" });
  const hover = make("div", "xw-hover", frame, { "aria-hidden": "true" });
  const cursor = make("div", "xw-chart-cursor", frame, { role: "slider", "aria-orientation": "horizontal" });
  const empty = make("div", "xw-empty", frame);
  const readout = make("div", "xw-chart-readout xw-soft", root);
  return { title, frame, svg, key, dots, hover, cursor, empty, readout };
}

/** @typedef {ReturnType<typeof build>} Parts */

/**
 * Whether the names of the lines fit beside their ends; else a key stands over the chart.
 * @param {number} room
 * @param {Model} model
 */
function namesAtEnds(room, model) {
  const lines = model.get("series");
  const longest = Math.max(0, ...lines.map(({ label }) => label.length));
  return longest * LETTER + 16 <= room * 0.34 && lines.length * LINE <= model.get("chart_height") - FOOT;
}

/**
 * Margins follow the texts: numbers at the left, names at the right or in a key above, marks above.
 * @param {number} room
 * @param {Model} model
 * @param {number} above  height of the key
 * @returns {Geometry}
 */
function measure(room, model, above) {
  const width = Math.max(room, 160);
  const height = model.get("chart_height");
  const known = model.get("series").flatMap((line) => line.values.filter((value) => value !== null));
  const [low, high] = ends(model.get("y_range"), /** @type {number[]} */ (known), true);
  const [first, last] = ends(model.get("x_range"), model.get("x"), false);
  const factor = unitFactor(model.get("y_unit"));
  const numbers = tickTexts(writtenTicks(low, high, factor, 4), "y_unit", model).map((text) => text.length);
  const longest = Math.max(0, ...model.get("series").map((line) => line.label.length));
  const left = Math.max(...numbers, 2) * LETTER + 10;
  const right = longest && !above ? longest * LETTER + 16 : 18;
  const top = above + (model.get("y_label") ? 22 : 8) + (model.get("marks").length ? LINE : 0);
  return {
    width,
    height,
    across: { low: first, high: last, from: left, to: width - right },
    up: { low, high, from: height - FOOT, to: top },
  };
}

/**
 * @param {number} value
 * @param {"x_unit" | "y_unit"} unit
 * @param {Model} model
 */
function tickText(value, unit, model) {
  return quantity(model.get("language"), Number(value.toPrecision(10)), model.get(unit));
}

/**
 * @param {number[]} values
 * @param {"x_unit" | "y_unit"} unit
 * @param {Model} model
 */
function tickTexts(values, unit, model) {
  const exact = values.map((value) => Number(value.toPrecision(10)));
  return distinct(model.get("language"), exact, model.get(unit));
}

/**
 * @param {SVGElement} svg
 * @param {Geometry} geometry
 * @param {Model} model
 * @param {number} above  height of the key
 */
function drawAxes(svg, { height, across, up }, model, above) {
  const rows = writtenTicks(up.low, up.high, unitFactor(model.get("y_unit")), 4);
  const texts = tickTexts(rows, "y_unit", model);
  rows.forEach((at, i) => {
    const y = place(up, at);
    draw("line", svg, { x1: across.from, x2: across.to, y1: y, y2: y, class: "xw-gridline" });
    draw("text", svg, { x: across.from - 6, y: y + 4, "text-anchor": "end" }, texts[i]);
  });
  const room = Math.max(2, Math.floor((across.to - across.from) / 52));
  const inWords = (/** @type {number[]} */ values) => tickTexts(values, "x_unit", model);
  for (const { at, text } of legibleTicks(across, unitFactor(model.get("x_unit")), room, inWords, LETTER)) {
    const x = place(across, at);
    draw("line", svg, { x1: x, x2: x, y1: up.from, y2: up.from + 4, class: "xw-axis" });
    draw("text", svg, { x, y: up.from + 17, "text-anchor": "middle" }, text);
  }
  draw("line", svg, { x1: across.from, x2: across.to, y1: up.from, y2: up.from, class: "xw-axis" });
  const middle = (across.from + across.to) / 2;
  draw("text", svg, { x: middle, y: height - 4, "text-anchor": "middle", class: "xw-name" }, model.get("x_label"));
  draw("text", svg, { x: 0, y: above + 12, class: "xw-name" }, model.get("y_label"));
}

/**
 * A line, with an edge in the colour of the text: pale colours are seen on white, and dark ones on black.
 * @param {Element} svg
 * @param {string} d
 * @param {Line} line
 */
function drawLine(svg, d, { colour, dash }) {
  const dashes = dash ? { "stroke-dasharray": dash } : {};
  draw("path", svg, { d, class: "xw-line-edge", ...dashes });
  draw("path", svg, { d, stroke: colour, class: "xw-line", ...dashes });
}

/**
 * The names of all lines with a piece of each.
 * @param {HTMLElement} key
 * @param {Model} model
 */
function drawKey(key, model) {
  key.replaceChildren(
    ...model.get("series").map((line) => {
      const entry = make("span", "xw-chart-entry");
      const svg = draw("svg", entry, { width: 22, height: 10, viewBox: "0 0 22 10" });
      drawLine(svg, "M2 5H20", line);
      make("span", "", entry).textContent = line.label;
      return entry;
    }),
  );
}

/**
 * Lines, and, where there is room, their names where they end.
 * @param {SVGElement} svg
 * @param {Geometry} geometry
 * @param {Model} model
 * @param {boolean} named
 */
function drawLines(svg, { across, up }, model, named) {
  const x = model.get("x");
  const drawn = model.get("series").filter((line) => line.values.some((value) => value !== null));
  for (const line of drawn) drawLine(svg, path(x, line.values, across, up), line);
  const last = drawn.map(({ values }) => values.findLastIndex((value) => value !== null));
  const wishes = drawn.map(({ values }, i) => place(up, /** @type {number} */ (values[last[i]])));
  const heights = spread(wishes, LINE, up.to, up.from);
  drawn.forEach(({ label, colour }, i) => {
    const end = { x: place(across, x[last[i]]), y: wishes[i] };
    draw("circle", svg, { cx: end.x, cy: end.y, r: 3, fill: colour });
    if (!named) return;
    const start = across.to + 5;
    draw("line", svg, { x1: end.x, y1: end.y, x2: start, y2: heights[i], stroke: colour, class: "xw-leader" });
    draw("text", svg, { x: start + 3, y: heights[i] + 4, class: "xw-name" }, label);
  });
}

/**
 * Vertical marks with a word each, on the side where there is more room.
 * @param {SVGElement} svg
 * @param {Geometry} geometry
 * @param {Model} model
 */
function drawMarks(svg, { across, up }, model) {
  for (const { x, label } of model.get("marks")) {
    if (x < across.low || x > across.high) continue;
    const at = place(across, x);
    const anchor = at > (across.from + across.to) / 2 ? "end" : "start";
    draw("line", svg, { x1: at, x2: at, y1: up.to - 12, y2: up.from, class: "xw-mark" });
    draw("text", svg, { x: at + (anchor === "end" ? -4 : 4), y: up.to - 4, "text-anchor": anchor }, label);
  }
}

/**
 * Draw all but the cursor.
 * @param {Parts} parts
 * @param {Model} model
 * @param {number} room
 * @returns {Geometry}
 */
function redraw(parts, model, room) {
  const { title, frame, svg, key, empty } = parts;
  title.textContent = model.get("title");
  title.hidden = !model.get("title");
  frame.style.blockSize = `${model.get("chart_height")}px`;
  const named = namesAtEnds(room, model);
  key.hidden = named;
  if (!named) drawKey(key, model);
  const above = named ? 0 : key.offsetHeight;
  const geometry = measure(room, model, above);
  svg.replaceChildren();
  svg.setAttribute("viewBox", `0 0 ${geometry.width} ${geometry.height}`);
  svg.setAttribute("aria-label", model.get("alt") || model.get("title") || model.get("y_label"));
  const some = model.get("series").some((line) => line.values.some((value) => value !== null));
  empty.hidden = some;
  empty.textContent = model.get("empty") || word(model, "empty_curve");
  svg.style.visibility = some ? "visible" : "hidden";
  drawAxes(svg, geometry, model, above);
  drawLines(svg, geometry, model, named);
  drawMarks(svg, geometry, model);
  return geometry;
}

/**
 * A value of a line, in words: fractions in percent as bars of scores write them.
 * @param {number | null} value  null: there is none
 * @param {Model} model
 */
function valueText(value, model) {
  if (value === null) return word(model, "no_value");
  const fraction = model.get("y_unit") === "%" && value >= 0 && value <= 1;
  return fraction ? percentage(model.get("language"), value) : tickText(Number(value.toPrecision(3)), "y_unit", model);
}

/**
 * What all lines are worth at one place, in words.
 * @param {Model} model
 * @param {number} at
 * @returns {string}
 */
function describe(model, at) {
  const name = model.get("x_label");
  const x = `${name ? `${name} ` : ""}${tickText(at, "x_unit", model)}`;
  const values = model
    .get("series")
    .map(({ label, values: known }) => `${label} ${valueText(between(model.get("x"), known, at), model)}`);
  return word(model, "at_cursor", { x, values: values.join(" · ") });
}

/**
 * A dot on every line.
 * @param {HTMLElement} dots
 * @param {Geometry} geometry
 * @param {Model} model
 * @param {number | null} at
 */
function placeDots(dots, { across, up }, model, at) {
  const drawn = at === null ? [] : dotsAt(model, at);
  while (dots.children.length > drawn.length) dots.lastElementChild?.remove();
  drawn.forEach(({ colour, left, value }, which) => {
    const dot = /** @type {HTMLElement} */ (dots.children[which] ?? make("span", "xw-dot", dots));
    dot.style.background = colour;
    dot.style.insetInlineStart = `${place(across, left)}px`;
    dot.style.insetBlockStart = `${place(up, value)}px`;
  });
}

/**
 * What the lines are at some place; those that end before it have no dot.
 * @param {Model} model
 * @param {number} left
 */
function dotsAt(model, left) {
  return model.get("series").flatMap(({ values, colour }) => {
    const value = between(model.get("x"), values, left);
    return value === null ? [] : [{ colour, left, value }];
  });
}

/**
 * Put cursor, dots and read-out where pointer or cursor are.
 * @param {Parts} parts
 * @param {Geometry} geometry
 * @param {Model} model
 * @param {number | null} pointed
 */
function point({ cursor, hover, dots, empty, readout }, geometry, model, pointed) {
  const { across, up } = geometry;
  const set = model.get("cursor");
  const at = pointed ?? (set === null ? null : clamp(set, across.low, across.high));
  const known = empty.hidden && at !== null;
  hide(cursor, set === null || !empty.hidden);
  hide(hover, pointed === null || !empty.hidden);
  for (const [node, value] of /** @type {const} */ ([
    [cursor, set],
    [hover, pointed],
  ])) {
    if (value === null) continue;
    node.style.insetInlineStart = `${place(across, clamp(value, across.low, across.high))}px`;
    node.style.insetBlockStart = `${up.to}px`;
    node.style.blockSize = `${up.from - up.to}px`;
  }
  placeDots(dots, geometry, model, known ? at : null);
  write(readout, known ? describe(model, at) : "");
  if (set !== null) nameCursor(cursor, across, model, set);
}

/**
 * @param {HTMLElement} cursor
 * @param {Axis} across
 * @param {Model} model
 * @param {number} value
 */
function nameCursor(cursor, { low, high }, model, value) {
  const names = {
    "aria-label": model.get("x_label") || word(model, "cursor"),
    "aria-valuemin": low,
    "aria-valuemax": high,
    "aria-valuenow": clamp(value, low, high),
    "aria-valuetext": describe(model, clamp(value, low, high)),
    "aria-disabled": !model.get("movable"),
    tabindex: model.get("movable") ? 0 : -1,
  };
  for (const [name, text] of Object.entries(names)) cursor.setAttribute(name, String(text));
}

/**
 * Drag the cursor, or press anywhere in the chart to fetch it; arrows step.
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {() => Geometry} geometry
 * @param {Model} model
 */
function connectCursor({ signal }, { frame, cursor }, geometry, model) {
  const set = (/** @type {number} */ value) => {
    const { low, high } = geometry().across;
    const step = stepOf(geometry().across);
    const snapped = low + Math.round((value - low) / step) * step;
    const points = model.get("on_points") ? model.get("x") : [];
    const free = clamp(Number(snapped.toPrecision(12)), low, high);
    model.set("cursor", points.length ? nearest(points, value) : free);
    if (model.get("reports")) model.save_changes();
  };
  const stepOf = (/** @type {Axis} */ { low, high }) => model.get("step") ?? (high - low) / 100;
  const stepped = (/** @type {number} */ at, /** @type {number} */ steps, /** @type {Axis} */ across) => {
    const x = model.get("on_points") ? model.get("x") : [];
    if (!x.length) return at + steps * stepOf(across);
    return x[clamp(x.indexOf(nearest(x, at)) + steps, 0, x.length - 1)];
  };
  const active = () => model.get("cursor") !== null && model.get("movable") && !cursor.hidden;
  followDrag(frame, signal, (event, phase) => {
    if ((phase !== "press" && phase !== "drag") || !active()) return;
    set(valueAt(geometry().across, event.clientX - frame.getBoundingClientRect().left));
  });
  cursor.addEventListener(
    "keydown",
    (event) => {
      const moved = moveOf(event);
      const at = model.get("cursor");
      if (!moved || at === null || !active()) return;
      event.preventDefault();
      const { across } = geometry();
      if ("steps" in moved) set(stepped(at, moved.steps, across));
      else set(moved.end === "first" ? across.low : across.high);
    },
    { signal },
  );
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "curve");
  const parts = build(stage);
  /** @type {number | null} */
  let pointed = null;
  let room = parts.frame.clientWidth || UNKNOWN;
  let geometry = redraw(parts, model, room);
  const repoint = () => point(parts, geometry, model, pointed);
  const tellAt = () => model.set("at", pointed ?? model.get("cursor")); // saved with the cursor alone: what follows it is on the page
  const all = stage.perFrame(() => {
    geometry = redraw(parts, model, room);
    repoint();
  });
  stage.watch(
    [
      "x",
      "series",
      "x_label",
      "y_label",
      "x_range",
      "y_range",
      "x_unit",
      "y_unit",
      "marks",
      "title",
      "alt",
      "empty",
      "chart_height",
      "language",
      "words",
    ],
    all,
  );
  stage.watch(["cursor", "movable", "step"], stage.perFrame(repoint));
  stage.whenResized(parts.frame, (width) => {
    room = width;
    all();
  });
  const hovered = stage.perFrame(repoint);
  stage.watch(["cursor"], tellAt);
  parts.frame.addEventListener(
    "pointermove",
    (event) => {
      const { across } = geometry;
      const at = event.clientX - parts.frame.getBoundingClientRect().left;
      const inside = event.buttons === 0 && at >= across.from - 8 && at <= across.to + 8 && model.get("x").length > 0;
      pointed = inside ? nearest(model.get("x"), valueAt(across, at)) : null;
      tellAt();
      hovered();
    },
    { signal: stage.signal },
  );
  parts.frame.addEventListener(
    "pointerleave",
    () => {
      pointed = null;
      tellAt();
      hovered();
    },
    { signal: stage.signal },
  );
  connectCursor(stage, parts, () => geometry, model);
  repoint();
  return stage.dispose;
}

export default { render };
