// The legend of a picture: what its colours are worth.

import { entry } from "./blend.js";
import { make, word } from "./common.js";
import { compact } from "./number_format.js";

/** @typedef {import("./common.js").CommonTraits & import("./blend.js").Blend} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {import("./blend.js").Layer} Layer */

const WIDTH = 256;

/**
 * The heatmaps that share a scale, with their names.
 * @typedef {{layer: Layer, names: string[]}} Scale
 */

/**
 * Group the heatmaps by the scale of their colours.
 * @param {Layer[]} layers
 * @returns {Scale[]} in the order of the layers
 */
export function scalesOf(layers) {
  /** @type {Map<string, Scale>} */
  const scales = new Map();
  for (const layer of layers) {
    if (layer.kind !== "heatmap") continue;
    const key = `${layer.signed} ${layer.low} ${layer.high}`;
    const scale = scales.get(key) ?? { layer, names: [] };
    if (!scale.names.includes(layer.name)) scale.names.push(layer.name);
    scales.set(key, scale);
  }
  return [...scales.values()];
}

/**
 * Whether a map is white at zero among some layers.
 * @param {Layer[]} layers
 */
export function hasSigns(layers) {
  return layers.some(({ kind, signed }) => kind === "heatmap" && signed);
}

/**
 * Draw one scale for each kind of heatmap shown, and a note on a magnified perturbation.
 * @param {HTMLElement} place
 * @param {Layer[]} layers
 * @param {Model} model
 */
export function drawLegend(place, layers, model) {
  const nodes = scalesOf(layers).map(({ layer, names }) => drawScale(layer, names.join(", "), model));
  const perturbation = layers.find((layer) => layer.kind === "perturbation");
  if (perturbation && model.get("mode") === "direction") nodes.push(drawNote(perturbation, model));
  place.replaceChildren(...nodes);
}

/**
 * @param {Layer} layer
 * @param {string} name
 * @param {Model} model
 */
function drawScale(layer, name, model) {
  const language = model.get("language");
  const [low, high] = [compact(language, layer.low), compact(language, layer.high)];
  const look = hasSigns([layer]) ? "xw-legend xw-signed" : "xw-legend";
  const node = make("div", look, null, { role: "img", "aria-label": word(model, "scale", { name, low, high }) });
  make("span", "xw-legend-name xw-soft", node).textContent = name;
  const canvas = make("canvas", "xw-legend-bar", node);
  [canvas.width, canvas.height] = [WIDTH, 1];
  paintScale(canvas, layer, model.get("threshold"));
  const numbers = make("div", "xw-legend-numbers xw-soft", node);
  for (const text of layer.signed ? [low, "0", high] : [low, high]) make("span", "", numbers).textContent = text;
  return node;
}

/**
 * The colours from one end to the other; what the threshold hides is grey.
 * @param {HTMLCanvasElement} canvas
 * @param {Layer} layer
 * @param {number} threshold
 */
function paintScale(canvas, { low, high, signed, table, magnitude }, threshold) {
  const context = canvas.getContext("2d");
  if (!context) return;
  for (let x = 0; x < WIDTH; x++) {
    const value = low + ((high - low) * x) / (WIDTH - 1);
    const from = 3 * entry(value, low, high, signed);
    const hidden = Math.abs(value) < threshold * magnitude;
    context.fillStyle = hidden ? "rgb(128 128 128)" : `rgb(${table[from]} ${table[from + 1]} ${table[from + 2]})`;
    context.fillRect(x, 0, 1, 1);
  }
}

/**
 * @param {Layer} layer
 * @param {Model} model
 */
function drawNote(layer, model) {
  const size = Math.abs(model.get("epsilon")) * layer.magnitude;
  const factor = size ? compact(model.get("language"), 0.5 / size, 2) : "";
  const note = make("div", "xw-legend-note xw-soft");
  note.textContent = word(model, size ? "magnified" : "magnified_direction", { factor });
  return note;
}
