// A range control: every move sets the value at once, so that linked views follow in the same frame.

import { clamp, make, mount, send, word } from "./common.js";
import { directionOf, isConfirmation, isEscape, moveOf } from "./keys.js";
import { parse, quantity } from "./number_format.js";
import { asksForStillness, playButton, player } from "./play.js";
import { digitsOf, legible, partOf, scaleOf } from "./slider_scale.js";

/** @typedef {import("./slider_scale.js").Scale} Scale */

const LETTER = 6.6; // about the width of a letter of 11 px

/**
 * See slider.py; those that say where it can stand are in slider_scale.js.
 * @typedef {object} SliderTraits
 * @property {string} label
 * @property {string} description
 * @property {number} value
 * @property {string} unit
 * @property {number | null} digits
 * @property {number[]} ticks
 * @property {boolean} disabled
 * @property {boolean} plays
 */

/** @typedef {import("./common.js").CommonTraits & import("./slider_scale.js").Limits & SliderTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {import("./common.js").Stage<Traits>} Stage */

/** @param {Model} model */
function limitsOf(model) {
  return { min: model.get("min"), max: model.get("max"), step: model.get("step"), scale: model.get("scale") };
}

/** @param {Model} model */
const readScale = (model) => scaleOf(limitsOf(model));

/**
 * @param {Model} model
 * @param {number} value
 */
function written(model, value) {
  const digits = digitsOf({ ...limitsOf(model), unit: model.get("unit"), digits: model.get("digits") });
  return quantity(model.get("language"), value, model.get("unit"), digits);
}

/** @param {Stage} stage */
function build({ root }) {
  const id = `xw-${Math.random().toString(36).slice(2)}`;
  const head = make("div", "xw-slider-head", root);
  const name = make("span", "xw-slider-name", head);
  const label = make("label", "xw-slider-label", name, { for: id });
  const play = playButton(name);
  const box = make("input", "xw-slider-box", head, {
    type: "text",
    inputmode: "decimal",
    autocomplete: "off",
    spellcheck: "false",
  });
  const rail = make("div", "xw-rail", root);
  const range = make("input", "xw-range", rail, { type: "range", id, step: "any" });
  const ticks = make("div", "xw-ticks", root, { "aria-hidden": "true" });
  return { play, label, box, range, rail, ticks };
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
  box.setAttribute("aria-label", word(model, "exact_value", { label: name }));
  range.min = String(scale.position(scale.min));
  range.max = String(scale.position(scale.max));
  range.disabled = box.disabled = parts.play.button.disabled = model.get("disabled");
  parts.play.button.hidden = !model.get("plays");
  const longest = Math.max(...[scale.min, scale.max].map((value) => written(model, value).length), 4);
  box.style.inlineSize = `calc(${longest + 1}ch + 18px)`;
  ticks.replaceChildren(
    ...model
      .get("ticks")
      .filter((value) => value >= scale.min && value <= scale.max)
      .map((value) => drawTick(scale, value, model)),
  );
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
  const inside = part > 0.98 ? "last" : "between";
  tick.dataset.at = part < 0.02 ? "first" : inside;
  make("span", "xw-slider-tick-text", tick).textContent = quantity(model.get("language"), value, model.get("unit"));
  return tick;
}

/**
 * Write at the ticks what there is room for.
 * @param {Parts} parts
 * @param {number} width
 */
function spareTicks({ ticks }, width) {
  const nodes = [...ticks.children].map((tick) => /** @type {HTMLElement} */ (tick));
  const at = nodes.map((tick) => Number(tick.style.getPropertyValue("--xw-part")));
  const texts = nodes.map((tick) => tick.textContent ?? "");
  const stand = legible(at, texts, width, LETTER);
  nodes.forEach((tick, i) => {
    tick.classList.toggle("xw-slider-tick-bare", !stand[i]);
  });
}

/**
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {Model} model
 */
function connect({ signal }, parts, model) {
  const { range } = parts;
  range.addEventListener(
    "input",
    () => {
      const scale = readScale(model);
      send(model, "value", scale.step(scale.value(Number(range.value)), 0));
      show(parts, model);
    },
    { signal },
  );
  range.addEventListener(
    "keydown",
    (event) => {
      const moved = moveOf(event);
      if (!moved) return;
      event.preventDefault();
      stepTo(moved, model);
    },
    { signal },
  );
  connectBox(signal, parts, model);
}

/**
 * Let the button play; whatever else the reader does with the slider, and Esc, ends it.
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {Model} model
 */
function connectPlay({ root, signal, watch }, { play }, model) {
  const scale = () => readScale(model);
  const name = (/** @type {boolean} */ isPlaying) => {
    const still = asksForStillness() ? word(model, "play_next") : word(model, "play");
    play.dress(isPlaying ? "pause" : "play", isPlaying ? word(model, "pause") : still);
  };
  const { toggle, pause } = player(signal, {
    next() {
      const { max, step } = scale();
      send(model, "value", step(model.get("value"), 1));
      return model.get("value") < max;
    },
    rewind: () => model.get("value") >= scale().max && send(model, "value", scale().min),
    moments: () => (model.get("max") - model.get("min")) / (model.get("step") ?? 1),
    waits: () => document.hidden || root.closest(".xw-lab")?.getAttribute("aria-busy") === "true",
    changed: name,
  });
  play.button.addEventListener("click", toggle, { signal });
  const hand = (/** @type {Event} */ event) => {
    const isOwn = event.target instanceof Node && play.button.contains(event.target);
    if (!isOwn || (event instanceof KeyboardEvent && isEscape(event))) pause();
  };
  for (const event of ["input", "pointerdown", "keydown"]) root.addEventListener(event, hand, { signal });
  watch(["disabled", "plays"], pause);
  watch(["language", "words"], () => name(false));
  name(false);
}

/**
 * @param {import("./keys.js").Move} moved
 * @param {Model} model
 */
function stepTo(moved, model) {
  const scale = readScale(model);
  if ("steps" in moved) send(model, "value", scale.step(model.get("value"), moved.steps));
  else send(model, "value", moved.end === "first" ? scale.min : scale.max);
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
  box.addEventListener(
    "input",
    () => {
      box.dataset.typing = "yes";
      box.setAttribute("aria-invalid", String(parse(box.value, model.get("unit")) === null));
    },
    { signal },
  );
  box.addEventListener("blur", () => finish(true), { signal });
  box.addEventListener(
    "keydown",
    (event) => {
      const moved = moveOf(event);
      if (isConfirmation(event)) finish(true);
      else if (isEscape(event)) finish(false);
      else if (moved && directionOf(event)?.down) {
        event.preventDefault();
        finish(true);
        stepTo(moved, model);
      }
    },
    { signal },
  );
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "slider");
  const parts = build(stage);
  stage.watch(["value"], () => show(parts, model));
  /** @type {(keyof Traits)[]} */
  const traits = [
    "label",
    "description",
    "min",
    "max",
    "step",
    "scale",
    "unit",
    "digits",
    "ticks",
    "disabled",
    "plays",
    "language",
    "words",
  ];
  const redress = () => {
    dress(parts, model);
    spareTicks(parts, parts.rail.clientWidth);
  };
  stage.watch(traits, stage.perFrame(redress));
  stage.whenResized(parts.rail, (width) => spareTicks(parts, width));
  connect(stage, parts, model);
  connectPlay(stage, parts, model);
  redress();
  return stage.dispose;
}

export default { render };
