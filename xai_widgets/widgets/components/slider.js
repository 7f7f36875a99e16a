// A range control: every move sets the value at once, so that linked views follow in the same frame.

import { clamp, make, mount, move, parse, quantity, send, unitFactor } from "./common.js";

/** @typedef {import("./common.js").Model} Model */
/** @typedef {import("./common.js").Stage} Stage */

/**
 * The scale of a slider. Positions are what the browser's own range input holds: the value, or its logarithm.
 * @typedef {object} Scale
 * @property {number} min
 * @property {number} max
 * @property {(value: number) => number} position
 * @property {(position: number) => number} value
 * @property {(value: number, steps: number) => number} step  so many steps further, on the grid
 */

/**
 * @param {Model} model
 * @returns {Scale}
 */
function readScale(model) {
  const [min, max, step] = [model.get("min"), model.get("max"), model.get("step")];
  const log = model.get("scale") === "log";
  const position = log ? Math.log : (/** @type {number} */ value) => value;
  const value = log ? Math.exp : (/** @type {number} */ at) => at;
  const width = step === null ? (position(max) - position(min)) / 100 : log ? Math.log(step) : step;
  const snap = (/** @type {number} */ at) => {
    const exact = value(position(min) + Math.round((at - position(min)) / width) * width);
    return clamp(Number(exact.toPrecision(12)), min, max);
  };
  return { min, max, position, value, step: (from, steps) => snap(position(from) + steps * width) };
}

/**
 * Digits after the decimal point that tell one step from the next, as written.
 * @param {Model} model
 * @returns {number | null} null: as few as say it
 */
function digitsOf(model) {
  const digits = model.get("digits");
  if (digits !== null || model.get("scale") === "log") return digits;
  const step = (model.get("step") ?? (model.get("max") - model.get("min")) / 100) * unitFactor(model.get("unit"));
  const most = Math.max(0, Math.ceil(-Math.log10(step)) + 1);
  for (let count = 0; count < most; count++) {
    const scaled = step * 10 ** count;
    if (Math.abs(scaled - Math.round(scaled)) < 1e-6 * scaled) return count;
  }
  return most;
}

/**
 * @param {Model} model
 * @param {number} value
 */
function written(model, value) {
  return quantity(model.get("language"), value, model.get("unit"), digitsOf(model));
}

/** @param {Stage} stage */
function build({ root }) {
  const id = `xw-${Math.random().toString(36).slice(2)}`;
  const head = make("div", "xw-slider-head", root);
  const label = make("label", "xw-slider-label", head, { for: id });
  const box = make("input", "xw-slider-box", head, { type: "text", inputmode: "decimal", autocomplete: "off", spellcheck: "false" });
  const rail = make("div", "xw-rail", root);
  const range = make("input", "xw-range", rail, { type: "range", id, step: "any" });
  const ticks = make("div", "xw-ticks", root, { "aria-hidden": "true" });
  return { label, box, range, rail, ticks };
}

/** @typedef {ReturnType<typeof build>} Parts */

/**
 * Show the value.
 * @param {Parts} parts
 * @param {Model} model
 */
function show({ box, range }, model) {
  const scale = readScale(model);
  const value = clamp(model.get("value"), scale.min, scale.max);
  const text = written(model, value);
  range.value = String(scale.position(value));
  range.setAttribute("aria-valuetext", text);
  range.style.setProperty("--xw-part", String(partOf(scale, value)));
  if (document.activeElement !== box || box.dataset.typing !== "yes") box.value = text;
}

/**
 * How far along the track a value stands, from 0 to 1.
 * @param {Scale} scale
 * @param {number} value
 */
function partOf({ min, max, position }, value) {
  return (position(value) - position(min)) / (position(max) - position(min));
}

/**
 * Names, limits and ticks.
 * @param {Parts} parts
 * @param {Model} model
 */
function dress(parts, model) {
  const { label, box, range, ticks } = parts;
  const scale = readScale(model);
  const name = model.get("description") || model.get("label");
  label.textContent = model.get("label");
  range.setAttribute("aria-label", name);
  box.setAttribute("aria-label", (model.get("words").exact_value ?? "{label}").replace("{label}", name));
  range.min = String(scale.position(scale.min));
  range.max = String(scale.position(scale.max));
  range.disabled = box.disabled = model.get("disabled");
  const longest = Math.max(...[scale.min, scale.max].map((value) => written(model, value).length), 4);
  box.style.inlineSize = `calc(${longest + 1}ch + 18px)`;
  ticks.replaceChildren(...model.get("ticks")
    .filter((/** @type {number} */ value) => value >= scale.min && value <= scale.max)
    .map((/** @type {number} */ value) => drawTick(scale, value, model)));
  ticks.hidden = !ticks.childElementCount;
  show(parts, model);
}

/**
 * @param {Scale} scale
 * @param {number} value
 * @param {Model} model
 */
function drawTick(scale, value, model) {
  const tick = make("span", "xw-slider-tick xw-soft");
  const part = partOf(scale, value);
  tick.style.setProperty("--xw-part", String(part));
  tick.dataset.at = part < 0.02 ? "first" : part > 0.98 ? "last" : "between";
  make("span", "xw-slider-tick-text", tick).textContent = quantity(model.get("language"), value, model.get("unit"));
  return tick;
}

/**
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {Model} model
 */
function connect({ signal }, parts, model) {
  const { range } = parts;
  range.addEventListener("input", () => {
    const scale = readScale(model);
    send(model, "value", scale.step(scale.value(Number(range.value)), 0));
    show(parts, model);
  }, { signal });
  range.addEventListener("keydown", (event) => {
    const moved = move(event);
    if (!moved) return;
    event.preventDefault();
    stepTo(moved, model);
  }, { signal });
  connectBox(signal, parts, model);
}

/**
 * @param {NonNullable<ReturnType<typeof move>>} moved
 * @param {Model} model
 */
function stepTo(moved, model) {
  const scale = readScale(model);
  const end = "end" in moved && (moved.end === "first" ? scale.min : scale.max);
  send(model, "value", "steps" in moved ? scale.step(model.get("value"), moved.steps) : end);
}

/**
 * Take what is typed, exactly; put the old value back where it is not a number.
 * @param {AbortSignal} signal
 * @param {Parts} parts
 * @param {Model} model
 */
function connectBox(signal, parts, model) {
  const { box } = parts;
  const finish = (/** @type {boolean} */ take) => {
    const value = take && box.dataset.typing === "yes" ? parse(box.value, model.get("unit")) : null;
    box.dataset.typing = "no";
    box.removeAttribute("aria-invalid");
    if (value !== null) send(model, "value", clamp(value, model.get("min"), model.get("max")));
    show(parts, model);
  };
  box.addEventListener("focus", () => box.select(), { signal });
  box.addEventListener("input", () => {
    box.dataset.typing = "yes";
    box.setAttribute("aria-invalid", String(parse(box.value, model.get("unit")) === null));
  }, { signal });
  box.addEventListener("blur", () => finish(true), { signal });
  box.addEventListener("keydown", (event) => {
    if (event.key === "Enter" && !event.shiftKey) finish(true);
    else if (event.key === "Escape") finish(false);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      event.preventDefault();
      finish(true);
      const moved = move(event);
      if (moved) stepTo(moved, model);
    }
  }, { signal });
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "slider");
  const parts = build(stage);
  stage.watch(["value"], () => show(parts, model));
  const traits = ["label", "description", "min", "max", "step", "scale", "unit", "digits", "ticks", "disabled", "language", "words"];
  stage.watch(traits, stage.perFrame(() => dress(parts, model)));
  connect(stage, parts, model);
  dress(parts, model);
  return stage.dispose;
}

export default { render };
