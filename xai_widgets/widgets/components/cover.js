// What is hidden of a picture: under a patch that a hand moves, or segment by segment; painted here, at once.

import { bytes, floats, shorts } from "./buffers.js";
import { clamp, make, send } from "./common.js";
import { moveOf } from "./keys.js";

/** @typedef {[row: number, column: number]} Corner */

/**
 * What happened on a picture, in its pixels.
 * @typedef {{x: number, y: number, event: "press" | "drag" | "release" | "click", serial: number}} PointerReport
 */

/**
 * The traits of a picture that say what is hidden of it; see picture_canvas.py.
 * @typedef {object} CoverTraits
 * @property {number} width
 * @property {number} height
 * @property {boolean} interactive
 * @property {PointerReport | Record<string, never>} pointer
 * @property {import("./buffers.js").KernelBuffer} cover
 * @property {[] | [row: number, column: number, height: number, width: number]} patch
 * @property {[down: number, along: number]} stride
 * @property {Corner[]} trail
 * @property {import("./buffers.js").KernelBuffer} segments
 * @property {number[]} hidden
 * @property {import("./buffers.js").KernelBuffer} hiding
 * @property {number} hidden_share
 * @property {[] | [row: number, column: number, height: number, width: number]} outline
 */

/** @typedef {import("./common.js").Model<CoverTraits>} Model */
/** @typedef {import("./common.js").Stage<CoverTraits>} Stage */

/**
 * What the kernel is told of, and what is repainted when it changes.
 * @type {readonly (keyof CoverTraits)[]}
 */
export const COVERED = ["cover", "patch", "stride", "segments", "hidden", "hiding", "hidden_share"];
const ROUNDING = 1e-6; // of shares that are sent with seven digits
const OUTLINES = "http://www.w3.org/2000/svg";

/**
 * The number of the segment of each pixel; empty if there are none.
 * @param {Model} model
 * @returns {Uint16Array}
 */
export function segmentsOf(model) {
  const raw = bytes(model.get("segments"));
  const complete = raw.length > 0 && raw.length === 2 * model.get("width") * model.get("height");
  return complete ? shorts(raw) : new Uint16Array();
}

/**
 * Whether the picture shows how it looks while pixels are hidden in an order, and not its layers.
 * @param {Model} model
 */
export function isHiding(model) {
  return model.get("hidden_share") > 0 && bytes(model.get("hiding")).length > 0;
}

/**
 * Show the cover in all pixels whose turn has come.
 * @param {Uint8Array} out  the picture, which is changed
 * @param {Uint8Array} cover
 * @param {Model} model
 */
function hideInOrder(out, cover, model) {
  const turns = floats(model.get("hiding"));
  const share = model.get("hidden_share") + ROUNDING;
  if (3 * turns.length !== out.length) return;
  for (let i = 0; i < turns.length; i++) {
    if (turns[i] <= share) out.set(cover.subarray(3 * i, 3 * i + 3), 3 * i);
  }
}

/**
 * The picture's pixels with the cover's where something is hidden.
 * @param {Model} model
 * @param {Uint8Array} pixels
 * @param {Uint16Array} segments
 * @returns {Uint8Array}
 */
export function covered(model, pixels, segments) {
  const cover = bytes(model.get("cover"));
  if (!pixels.length || cover.length !== pixels.length) return pixels;
  const out = pixels.slice();
  const width = model.get("width");
  const [row = 0, column = 0, height = 0, across = 0] = model.get("patch");
  for (let y = row; y < row + height; y++) {
    const from = 3 * (y * width + column);
    out.set(cover.subarray(from, from + 3 * across), from);
  }
  if (isHiding(model)) hideInOrder(out, cover, model);
  const hidden = new Set(model.get("hidden"));
  if (!hidden.size) return out;
  for (let i = 0; i < segments.length; i++) {
    if (hidden.has(segments[i])) out.set(cover.subarray(3 * i, 3 * i + 3), 3 * i);
  }
  return out;
}

/**
 * Draw where the patch lies, and where segments meet.
 * @param {Stage} stage
 * @param {HTMLElement} frame
 * @param {Model} model
 */
export function connectOutlines(stage, frame, model) {
  const patch = make("div", "xw-patch", frame, { "aria-hidden": "true" });
  const lines = document.createElementNS(OUTLINES, "svg");
  lines.setAttribute("class", "xw-borders");
  lines.setAttribute("aria-hidden", "true");
  lines.setAttribute("preserveAspectRatio", "none");
  frame.insertBefore(lines, frame.querySelector(".xw-cursor"));
  const placePatch = () => {
    const place = model.get("patch").length ? model.get("patch") : model.get("outline");
    const [width, whole] = [model.get("width"), model.get("height")];
    patch.hidden = !place.length || !width;
    if (!place.length || !width) return;
    const [row, column, height, across] = place;
    const share = (/** @type {number} */ part, /** @type {number} */ of) => `${(100 * part) / of}%`;
    Object.assign(patch.style, {
      insetInlineStart: share(column, width),
      insetBlockStart: share(row, whole),
      inlineSize: share(across, width),
      blockSize: share(height, whole),
    });
  };
  const drawBorders = () => {
    const [width, height] = [model.get("width"), model.get("height")];
    const path = borders(segmentsOf(model), width, height);
    lines.setAttribute("viewBox", `0 0 ${Math.max(width, 1)} ${Math.max(height, 1)}`);
    lines.replaceChildren(
      ...(path
        ? ["xw-border-under", "xw-border"].map((name) => {
            const line = document.createElementNS(OUTLINES, "path");
            line.setAttribute("class", name);
            line.setAttribute("d", path);
            return line;
          })
        : []),
    );
  };
  stage.watch(["patch", "outline", "width", "height"], placePatch);
  stage.watch(["segments", "width", "height"], drawBorders);
  placePatch();
  drawBorders();
}

/**
 * A path along all edges between pixels of different segments.
 * @param {Uint16Array} segments
 * @param {number} width
 * @param {number} height
 */
export function borders(segments, width, height) {
  if (!segments.length) return "";
  const parts = [];
  for (let x = 1; x < width; x++) {
    const differs = (/** @type {number} */ y) => segments[y * width + x] !== segments[y * width + x - 1];
    for (const [from, to] of stretches(height, differs)) parts.push(`M${x} ${from}V${to}`);
  }
  for (let y = 1; y < height; y++) {
    const differs = (/** @type {number} */ x) => segments[y * width + x] !== segments[(y - 1) * width + x];
    for (const [from, to] of stretches(width, differs)) parts.push(`M${from} ${y}H${to}`);
  }
  return parts.join("");
}

/**
 * Where a condition holds without a break.
 * @param {number} count
 * @param {(at: number) => boolean} holds
 * @returns {[number, number][]} first place, and the one after the last
 */
function stretches(count, holds) {
  /** @type {[number, number][]} */
  const found = [];
  for (let from = 0; from < count; from++) {
    if (!holds(from)) continue;
    let to = from + 1;
    while (to < count && holds(to)) to++;
    found.push([from, to]);
    from = to;
  }
  return found;
}

/**
 * The place of the grid that is nearest to a wish; the last one, flush with the border, may lie off the grid.
 * @param {number} corner
 * @param {number} stride
 * @param {number} last
 */
function snap(corner, stride, last) {
  const wanted = clamp(corner, 0, last);
  const near = Math.min(Math.round(wanted / stride) * stride, last);
  return last - wanted < Math.abs(near - wanted) ? last : near;
}

/**
 * What a hand does to the patch.
 * @param {Model} model
 */
export function patchMover(model) {
  const takes = () => model.get("patch").length === 4;
  /**
   * @param {number} row
   * @param {number} column
   * @param {number} height
   * @param {number} across
   * @returns {Corner}
   */
  const place = (row, column, height, across) => {
    const [down, along] = model.get("stride");
    return [snap(row, down, model.get("height") - height), snap(column, along, model.get("width") - across)];
  };
  /**
   * @param {Corner[]} corners
   * @param {number} height
   * @param {number} across
   */
  const go = (corners, height, across) => {
    const trail = model.get("trail");
    const been = new Set(trail.map(String));
    const fresh = corners.filter((one) => !been.has(String(one)) && been.add(String(one)));
    if (fresh.length) model.set("trail", [...trail, ...fresh]);
    const [row, column] = corners[corners.length - 1];
    send(model, "patch", [row, column, height, across]);
  };
  /** Centre the patch on a pixel; a drag also visits the places on its way. */
  const drag = (/** @type {{x: number, y: number}} */ at, /** @type {string} */ phase) => {
    const patch = model.get("patch");
    if ((phase !== "press" && phase !== "drag") || !patch.length) return;
    const [row, column, height, across] = patch;
    const [toRow, toColumn] = [at.y - (height - 1) / 2, at.x - (across - 1) / 2];
    const [down, along] = model.get("stride");
    const strides = Math.ceil(Math.max(Math.abs(toRow - row) / down, Math.abs(toColumn - column) / along));
    const steps = phase === "press" ? 1 : Math.max(1, strides);
    const way = Array.from({ length: steps }, (_, i) => (i + 1) / steps);
    const corner = (/** @type {number} */ share) =>
      place(row + share * (toRow - row), column + share * (toColumn - column), height, across);
    go(way.map(corner), height, across);
  };
  /** One stride an arrow, ten with Shift; Home and End go to the sides. Whether the key moved it. */
  const key = (/** @type {import("./keys.js").Press} */ press) => {
    const patch = model.get("patch");
    const moved = moveOf(press);
    if (!moved || !patch.length) return false;
    const [row, column, height, across] = patch;
    const [down, along] = model.get("stride");
    /** @type {Corner[]} */
    let way;
    if ("end" in moved) way = [[row, moved.end === "first" ? 0 : model.get("width")]];
    else if (moved.upright) way = cornersOf(row, -moved.steps, down).map((at) => [at, column]);
    else way = cornersOf(column, moved.steps, along).map((at) => [row, at]);
    go(
      way.map((corner) => place(...corner, height, across)),
      height,
      across,
    );
    return true;
  };
  return { takes, drag, key };
}

/**
 * The corners on the way from one, a stride at a time; from the last place, which may lie off the grid, backwards too.
 * @param {number} from
 * @param {number} count
 * @param {number} stride
 */
function cornersOf(from, count, stride) {
  const start = count < 0 ? Math.ceil(from / stride) * stride : Math.floor(from / stride) * stride;
  return Array.from({ length: Math.abs(count) }, (_, i) => start + Math.sign(count) * stride * (i + 1));
}

/**
 * A press hides or shows a segment, a drag does the same to those on its way; Enter toggles.
 * @param {Stage} stage
 * @param {Model} model
 */
export function connectSegments(stage, model) {
  let held = false;
  let hides = true;
  stage.watch(["pointer"], () => {
    const pointer = model.get("pointer");
    const segments = segmentsOf(model);
    if (!("event" in pointer) || !segments.length || !model.get("interactive")) return;
    const { x, y, event } = pointer;
    const here = segments[y * model.get("width") + x];
    const hidden = model.get("hidden");
    const toggles = event === "press" || (event === "click" && !held);
    if (toggles) hides = !hidden.includes(here);
    held = event === "press" || event === "drag";
    if (event === "release" || (event === "click" && !toggles) || hidden.includes(here) === hides) return;
    const others = hidden.filter((one) => one !== here);
    send(model, "hidden", hides ? [...others, here] : others);
  });
}
