// Pixels: a picture and its layers become one picture. Pure functions of arrays; no page, no model.

import { bytes, floats, signedBytes } from "./buffers.js";

/** @typedef {import("./buffers.js").KernelBuffer} KernelBuffer */

/**
 * A heatmap as Python sends it; see layers.py.
 * @typedef {object} HeatmapState
 * @property {"heatmap"} kind
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {KernelBuffer} values  float32, one a pixel
 * @property {KernelBuffer} table  256 colours
 * @property {string} unit  of the values, in words; empty: nothing is said of it
 * @property {boolean} signed
 * @property {boolean} smooth
 * @property {number} low
 * @property {number} high
 */

/**
 * A perturbation as Python sends it, of the picture's size.
 * @typedef {object} PerturbationState
 * @property {"perturbation"} kind
 * @property {string} name
 * @property {number} width
 * @property {number} height
 * @property {KernelBuffer} values  three a pixel
 * @property {"int8" | "float32"} type
 * @property {number} magnitude  its largest absolute value
 */

/** @typedef {HeatmapState | PerturbationState} LayerState */

/**
 * A layer ready to be painted: one value (heatmap) or three (perturbation) for every pixel of the picture.
 * @typedef {object} Layer
 * @property {"heatmap" | "perturbation"} kind
 * @property {string} name
 * @property {string} unit  of a heatmap's values, in words
 * @property {Int8Array | Float32Array} values
 * @property {number} magnitude  the largest absolute value of the scale
 * @property {Uint8Array} entries  of a heatmap: for every pixel, where in the table its colour stands
 * @property {Uint8Array} table
 * @property {boolean} signed
 * @property {number} low
 * @property {number} high
 */

/**
 * How the layers are blended.
 * @typedef {object} Blend
 * @property {number} epsilon
 * @property {"sum" | "direction"} mode
 * @property {number} opacity
 * @property {number} threshold
 * @property {"grey" | "colour"} background
 */

/**
 * @param {LayerState} state
 * @param {number} width  of the picture
 * @param {number} height
 * @returns {Layer}
 */
export function prepare(state, width, height) {
  return state.kind === "perturbation" ? preparePerturbation(state) : prepareHeatmap(state, width, height);
}

/**
 * @param {PerturbationState} state
 * @returns {Layer}
 */
function preparePerturbation({ kind, name, values, type, magnitude }) {
  const nothing = { unit: "", entries: new Uint8Array(), table: new Uint8Array(), signed: true, low: 0, high: 0 };
  return { kind, name, values: type === "int8" ? signedBytes(values) : floats(values), magnitude, ...nothing };
}

/**
 * @param {HeatmapState} state
 * @param {number} width  of the picture
 * @param {number} height
 * @returns {Layer}
 */
function prepareHeatmap(state, width, height) {
  const { kind, name, signed, low, high } = state;
  const raw = floats(state.values);
  const stretch = state.smooth ? stretchSmoothly : stretchByNearest;
  const same = state.width === width && state.height === height;
  const values = same ? raw : stretch(raw, state.width, state.height, width, height);
  const entries = new Uint8Array(values.length);
  for (let i = 0; i < values.length; i++) entries[i] = entry(values[i], low, high, signed);
  const magnitude = Math.max(Math.abs(low), Math.abs(high));
  return { kind, name, unit: state.unit, values, entries, table: bytes(state.table), signed, low, high, magnitude };
}

/**
 * Where in its table the colour of a value stands: 128 is zero of a signed one.
 * @param {number} value
 * @param {number} low
 * @param {number} high
 * @param {boolean} signed
 */
export function entry(value, low, high, signed) {
  if (signed) return 128 + Math.round(127 * Math.min(Math.max(value / high, -1), 1));
  return Math.round(255 * Math.min(Math.max((value - low) / (high - low), 0), 1));
}

/**
 * @param {ArrayLike<number>} values
 * @param {number} fromWidth
 * @param {number} fromHeight
 * @param {number} width
 * @param {number} height
 */
export function stretchByNearest(values, fromWidth, fromHeight, width, height) {
  const out = new Float32Array(width * height);
  for (let y = 0; y < height; y++) {
    const row = Math.floor(((y + 0.5) * fromHeight) / height) * fromWidth;
    for (let x = 0; x < width; x++) out[y * width + x] = values[row + Math.floor(((x + 0.5) * fromWidth) / width)];
  }
  return out;
}

/**
 * Between the centres of the coarse cells, values change linearly; beyond the outermost centres they stay.
 * @param {ArrayLike<number>} values
 * @param {number} fromWidth
 * @param {number} fromHeight
 * @param {number} width
 * @param {number} height
 */
export function stretchSmoothly(values, fromWidth, fromHeight, width, height) {
  const out = new Float32Array(width * height);
  const columns = Array.from({ length: width }, (_, x) => neighbours(x, width, fromWidth));
  for (let y = 0; y < height; y++) {
    const [top, bottom, down] = neighbours(y, height, fromHeight);
    for (let x = 0; x < width; x++) {
      const [left, right, along] = columns[x];
      const upper = values[top * fromWidth + left] * (1 - along) + values[top * fromWidth + right] * along;
      const lower = values[bottom * fromWidth + left] * (1 - along) + values[bottom * fromWidth + right] * along;
      out[y * width + x] = upper * (1 - down) + lower * down;
    }
  }
  return out;
}

/**
 * @param {number} position
 * @param {number} size
 * @param {number} fromSize
 * @returns {[number, number, number]} the cells before and after, and how far between them
 */
function neighbours(position, size, fromSize) {
  const at = Math.min(Math.max(((position + 0.5) * fromSize) / size - 0.5, 0), fromSize - 1);
  const first = Math.floor(at);
  return [first, Math.min(first + 1, fromSize - 1), at - first];
}

/**
 * Paint a picture and its layers, perturbations first.
 * @param {Uint8ClampedArray} out  RGBA; the conversion to whole numbers rounds and clips
 * @param {Uint8Array} picture  RGB
 * @param {Layer[]} layers
 * @param {Blend} blend
 */
export function paint(out, picture, layers, blend) {
  for (let from = 0, to = 0; from < picture.length; from += 3, to += 4) {
    out[to] = picture[from];
    out[to + 1] = picture[from + 1];
    out[to + 2] = picture[from + 2];
    out[to + 3] = 255;
  }
  const heatmaps = layers.filter((layer) => layer.kind === "heatmap");
  for (const layer of layers) if (layer.kind === "perturbation") paintPerturbation(out, layer, blend);
  if (heatmaps.length && blend.background === "grey") paintGrey(out);
  for (const layer of heatmaps) paintHeatmap(out, layer, blend);
}

/**
 * @param {Uint8ClampedArray} out
 * @param {Layer} layer
 * @param {Blend} blend
 */
function paintPerturbation(out, { values, magnitude }, { epsilon, mode }) {
  const alone = mode === "direction";
  const factor = alone ? 127.5 / magnitude : 255 * epsilon;
  for (let from = 0, to = 0; from < values.length; from += 3, to += 4) {
    // Three lines, not a loop: this is what each move of a slider waits for.
    out[to] = (alone ? 127.5 : out[to]) + factor * values[from];
    out[to + 1] = (alone ? 127.5 : out[to + 1]) + factor * values[from + 1];
    out[to + 2] = (alone ? 127.5 : out[to + 2]) + factor * values[from + 2];
  }
}

/** @param {Uint8ClampedArray} out */
function paintGrey(out) {
  for (let i = 0; i < out.length; i += 4) {
    out[i] = out[i + 1] = out[i + 2] = 0.299 * out[i] + 0.587 * out[i + 1] + 0.114 * out[i + 2];
  }
}

/**
 * @param {Uint8ClampedArray} out
 * @param {Layer} layer
 * @param {Blend} blend
 */
function paintHeatmap(out, { values, entries, table, magnitude }, { opacity, threshold }) {
  const least = threshold * magnitude;
  const rest = 1 - opacity;
  for (let i = 0, to = 0; i < values.length; i++, to += 4) {
    if (!(Math.abs(values[i]) >= least)) continue; // NaN too: not known yet
    const from = 3 * entries[i];
    out[to] = rest * out[to] + opacity * table[from];
    out[to + 1] = rest * out[to + 1] + opacity * table[from + 1];
    out[to + 2] = rest * out[to + 2] + opacity * table[from + 2];
  }
}
