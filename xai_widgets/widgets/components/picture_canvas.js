// A picture with layers, blended here; the kernel is told of the divider and of clicks, and asked for nothing.

import { paint, prepare } from "./blend.js";
import { bytes } from "./buffers.js";
import { clamp, explain, followDrag, hide, make, mount, send, word, write } from "./common.js";
import { COVERED, connectOutlines, connectSegments, covered, isHiding, patchMover, segmentsOf } from "./cover.js";
import { isChoice, moveOf } from "./keys.js";
import { drawLegend, hasSigns } from "./legend.js";
import { compact } from "./number_format.js";
import { drawLoupe, hasLoupe, hearPointed, tellPointed } from "./pointed.js";

/** @typedef {import("./blend.js").Layer} Layer */
/** @typedef {import("./blend.js").LayerState} LayerState */

/**
 * See picture_canvas.py; those of what is hidden are in cover.js, those of blending in blend.js.
 * @typedef {object} PictureTraits
 * @property {import("./buffers.js").KernelBuffer} pixels
 * @property {LayerState[]} layers
 * @property {string} shown
 * @property {string} compare
 * @property {number | null} swipe
 * @property {string} title
 * @property {string} caption
 * @property {string} caption_help
 * @property {string} alt
 * @property {string} empty
 * @property {number} size
 * @property {boolean} legend
 * @property {boolean} readout
 * @property {boolean} linked
 * @property {number | null} progress
 */

/** @typedef {import("./common.js").CommonTraits} CommonTraits */
/** @typedef {import("./cover.js").CoverTraits} CoverTraits */
/** @typedef {CommonTraits & CoverTraits & import("./blend.js").Blend & PictureTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {import("./common.js").Stage<Traits>} Stage */

const PICTURE = "picture"; // the name of what lies under all layers
/** @type {(keyof Traits)[]} */
const BLENDED = ["epsilon", "mode", "opacity", "threshold", "background", "shown", "compare", "language", "words"];
/** @type {(keyof Traits)[]} */
const DRESSED = ["title", "caption", "caption_help", "alt", "empty", "size", "legend", "readout", "language", "words"];
/** @type {(keyof Traits)[]} */
const READ = ["pixels", "layers", "swipe", "readout"];
const CHIP_ROOM = 150; // screen pixels of a picture's width, from where it has room for a value on it
const FEW_PIXELS = 3; // screen pixels a picture pixel, from where enlarged pixels are shown as squares

/**
 * What is on the page.
 * @param {Stage} stage
 */
function build({ root }) {
  const title = make("div", "xw-title", root);
  const frame = make("div", "xw-frame", root);
  const picture = make("div", "xw-stack xw-dims", frame);
  const main = make("canvas", "xw-pixels", picture, { role: "img" });
  const other = make("canvas", "xw-pixels", picture, { "aria-hidden": "true" });
  const empty = make("div", "xw-empty", frame);
  const cursor = make("div", "xw-cursor", frame, { "aria-hidden": "true" });
  const loupe = make("canvas", "xw-loupe", frame, { "aria-hidden": "true" });
  const chip = make("div", "xw-chip", frame, { "aria-live": "polite" });
  const divider = make("div", "xw-divider", frame, {
    role: "slider",
    tabindex: "0",
    "aria-valuemin": "0",
    "aria-valuemax": "100",
    "aria-orientation": "horizontal",
  });
  const progress = make("div", "xw-progress", frame, {
    role: "progressbar",
    "aria-valuemin": "0",
    "aria-valuemax": "100",
  });
  cursor.hidden = loupe.hidden = chip.hidden = true;
  const caption = make("div", "xw-caption", root);
  const legend = make("div", "xw-legends", root);
  const readout = make("div", "xw-readout xw-soft", root, { "aria-live": "polite" });
  return {
    title,
    frame,
    picture,
    main,
    other,
    empty,
    cursor,
    loupe,
    chip,
    divider,
    progress,
    legend,
    caption,
    readout,
  };
}

/** @typedef {ReturnType<typeof build>} Parts */

/**
 * The picture and its layers, ready to be painted and read.
 * @typedef {object} Content
 * @property {Uint8Array} pixels  with the cover where something is hidden
 * @property {number} width
 * @property {number} height
 * @property {Layer[]} layers
 */

/**
 * @param {Model} model
 * @param {LayerState[]} [given]  other layers than the model's
 * @returns {Content}
 */
function readContent(model, given) {
  const width = model.get("width");
  const height = model.get("height");
  const pixels = bytes(model.get("pixels"));
  const complete = pixels.length > 0 && pixels.length === 3 * width * height;
  const states = complete ? (given ?? model.get("layers")) : [];
  return {
    pixels: complete ? covered(model, pixels, segmentsOf(model)) : new Uint8Array(),
    width,
    height,
    layers: states.map((state) => prepare(state, width, height)),
  };
}

/**
 * @param {Model} model
 * @returns {import("./blend.js").Blend}
 */
function readBlend(model) {
  return {
    epsilon: model.get("epsilon"),
    mode: model.get("mode"),
    opacity: model.get("opacity"),
    threshold: model.get("threshold"),
    background: model.get("background"),
  };
}

/**
 * The layers that a name stands for.
 * @param {Content} content
 * @param {string} name
 */
function named({ layers }, name) {
  if (name === PICTURE) return [];
  return name === "" ? layers : layers.filter((layer) => layer.name === name);
}

/**
 * @param {HTMLCanvasElement} canvas
 * @param {Content} content
 * @param {Layer[]} layers
 * @param {Model} model
 */
function paintCanvas(canvas, { pixels, width, height }, layers, model) {
  if (canvas.width !== width || canvas.height !== height) [canvas.width, canvas.height] = [width, height];
  canvas.classList.toggle("xw-signed", hasSigns(layers));
  const context = canvas.getContext("2d");
  if (!context || !pixels.length) return;
  const image = context.createImageData(width, height);
  paint(image.data, pixels, layers, readBlend(model));
  context.putImageData(image, 0, 0);
}

/**
 * Paint what is visible.
 * @param {Parts} parts
 * @param {Content} content
 * @param {Model} model
 */
function draw(parts, content, model) {
  const shown = named(content, model.get("shown"));
  const compared = model.get("swipe") === null ? [] : named(content, model.get("compare"));
  if (!content.pixels.length) return parts.legend.replaceChildren();
  paintCanvas(parts.main, content, isHiding(model) ? [] : shown, model);
  if (model.get("swipe") !== null) paintCanvas(parts.other, content, isHiding(model) ? [] : compared, model);
  drawLegend(parts.legend, [...shown, ...compared], model);
}

/**
 * Put the divider in its place; the pixels stay as they are.
 * @param {Parts} parts
 * @param {Model} model
 */
function placeDivider({ other, divider }, model) {
  const swipe = model.get("swipe");
  const hidden = swipe === null || !model.get("width");
  other.hidden = divider.hidden = hidden;
  if (hidden) return;
  other.style.clipPath = `inset(0 ${100 * (1 - swipe)}% 0 0)`;
  divider.style.insetInlineStart = `${100 * swipe}%`;
  divider.setAttribute("aria-valuenow", String(Math.round(100 * swipe)));
  divider.setAttribute("aria-label", word(model, "compare"));
}

/**
 * Texts, proportions and states.
 * @param {Parts} parts
 * @param {Model} model
 */
function dress(parts, model) {
  const [width, height] = [model.get("width"), model.get("height")];
  const ratio = width && height ? width / height : 1;
  parts.frame.style.setProperty("--xw-ratio", String(ratio));
  parts.frame.style.inlineSize = `min(100%, ${Math.round(model.get("size") * Math.min(1, ratio))}px)`;
  parts.frame.parentElement?.style.setProperty("--xw-size", `${model.get("size")}px`);
  write(parts.title, model.get("title"));
  hide(parts.title, !model.get("title"));
  explain(parts.caption, model.get("caption"), model.get("caption_help"));
  write(parts.empty, model.get("empty") || word(model, "empty_picture"));
  hide(parts.empty, width > 0);
  hide(parts.picture, !width);
  hide(parts.legend, !model.get("legend"));
  hide(parts.readout, !model.get("readout"));
  parts.main.setAttribute("aria-label", model.get("alt") || model.get("title") || word(model, "picture"));
}

/**
 * @param {Parts} parts
 * @param {Model} model
 */
function showProgress({ progress }, model) {
  const done = model.get("progress");
  progress.hidden = done === null;
  if (done === null) return;
  progress.style.setProperty("--xw-done", `${100 * done}%`);
  progress.setAttribute("aria-valuenow", String(Math.round(100 * done)));
  progress.setAttribute("aria-label", word(model, "computing"));
}

/**
 * Enlarged pixels are squares where there are few, smooth where there are many.
 * @param {Parts} parts
 * @param {Model} model
 * @param {number} room  the picture's width on screen
 */
function chooseSharpness({ picture }, model, room) {
  const enlarged = room / Math.max(model.get("width"), 1);
  picture.classList.toggle("xw-pixelated", enlarged >= FEW_PIXELS);
}

/**
 * The pixel under a pointer.
 * @param {PointerEvent} event
 * @param {Parts} parts
 * @param {Content} content
 */
function pixelAt(event, { frame }, { width, height }) {
  const box = frame.getBoundingClientRect();
  return {
    x: clamp(Math.floor(((event.clientX - box.left) / box.width) * width), 0, width - 1),
    y: clamp(Math.floor(((event.clientY - box.top) / box.height) * height), 0, height - 1),
  };
}

/**
 * Whether a pixel lies left of the divider, where what is compared shows.
 * @param {import("./pointed.js").Pixel} pixel
 * @param {number} width
 * @param {Model} model
 */
function isLeft({ x }, width, model) {
  const swipe = model.get("swipe");
  return swipe !== null && (x + 0.5) / width < swipe;
}

/**
 * What the maps that are shown say of one pixel, in words: the value and its unit, and whose it is where there are several.
 * @param {import("./pointed.js").Pixel} pixel
 * @param {Content} content
 * @param {Model} model
 * @returns {string[]}
 */
function valuesAt({ x, y }, content, model) {
  const at = y * content.width + x;
  const layers = named(content, model.get(isLeft({ x, y }, content.width, model) ? "compare" : "shown"));
  const known = layers.filter(({ kind, values }) => kind === "heatmap" && !Number.isNaN(values[at]));
  return known.map(({ name, values, unit }) => {
    const value = compact(model.get("language"), values[at]);
    if (!unit) return word(model, "layer_value", { name, value });
    if (known.length === 1) return word(model, "value_unit", { value, unit }); // the legend names the only one
    return word(model, "layer_value_unit", { name, value, unit });
  });
}

/**
 * What stands in one pixel, in words: the values of the maps, and in which unit; the place; the colour.
 * @param {{x: number, y: number}} pixel
 * @param {Content} content
 * @param {Model} model
 * @returns {string}
 */
function describe({ x, y }, content, model) {
  const { pixels, width } = content;
  const language = model.get("language");
  const layers = named(content, model.get(isLeft({ x, y }, width, model) ? "compare" : "shown"));
  const at = y * width + x;
  const perturbation = layers.find((layer) => layer.kind === "perturbation");
  const one = new Uint8ClampedArray(4);
  const onlyHere = perturbation && { ...perturbation, values: perturbation.values.subarray(3 * at, 3 * at + 3) };
  paint(one, pixels.subarray(3 * at, 3 * at + 3), onlyHere ? [onlyHere] : [], { ...readBlend(model), mode: "sum" });
  let colour = word(model, "rgb", { red: one[0], green: one[1], blue: one[2] });
  if (onlyHere && model.get("mode") === "direction") {
    const [red, green, blue] = [...onlyHere.values].map((value) => compact(language, value));
    colour = word(model, "direction_value", { red, green, blue });
  }
  const read = valuesAt({ x, y }, content, model);
  return [...read, word(model, "pixel", { x, y }), colour].join(" · ");
}

/**
 * Mark the pixel that is pointed at, in this picture or in another of the lab, and say what stands there.
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {() => Content} content
 * @param {Model} model
 * @returns {(pixel: import("./pointed.js").Pixel | null) => void} points at a pixel, or at none
 */
function connectPointed(stage, parts, content, model) {
  const { root, signal } = stage;
  const { frame, readout, chip } = parts;
  /** @type {import("./pointed.js").Pixel | null} */
  let pointed = null;
  const show = stage.perFrame(() => {
    const known = content().pixels.length ? pointed : null;
    mark(parts, known, content());
    magnify(parts, hasLoupe(root) ? known : null, content(), model);
    readout.textContent = known && model.get("readout") ? describe(known, content(), model) : "";
    const isOnPicture = known && !model.get("readout") && frame.clientWidth >= CHIP_ROOM;
    chip.textContent = isOnPicture ? valuesAt(known, content(), model).join(" · ") : "";
    chip.hidden = !chip.textContent;
  });
  const own = () => ({ ...content(), linked: model.get("linked") });
  const tell = (/** @type {import("./pointed.js").Pixel | null} */ pixel) => {
    const { width, height } = content();
    const told = { pixel, width, height };
    if (model.get("linked")) tellPointed(root, told);
    else hear(pixel);
  };
  const hear = (/** @type {import("./pointed.js").Pixel | null} */ pixel) => {
    pointed = pixel;
    show();
  };
  hearPointed(root, signal, own, hear);
  frame.addEventListener("pointermove", (event) => tell(pixelAt(event, parts, content())), { signal });
  frame.addEventListener("pointerleave", () => tell(null), { signal });
  stage.watch([...READ, ...BLENDED, ...COVERED], () => pointed && show());
  return tell;
}

/**
 * Put the mark on a pixel; none is pointed at: put it away.
 * @param {Parts} parts
 * @param {import("./pointed.js").Pixel | null} pixel
 * @param {Content} content
 */
function mark({ cursor }, pixel, { width, height }) {
  cursor.hidden = pixel === null;
  if (pixel === null) return;
  cursor.style.insetInlineStart = `${(100 * (pixel.x + 0.5)) / width}%`;
  cursor.style.insetBlockStart = `${(100 * (pixel.y + 0.5)) / height}%`;
  cursor.style.inlineSize = `${100 / width}%`;
}

/**
 * Hold the loupe over a pixel; left of the divider it enlarges what is compared.
 * @param {Parts} parts
 * @param {import("./pointed.js").Pixel | null} pixel
 * @param {Content} content
 * @param {Model} model
 */
function magnify({ frame, loupe, main, other }, pixel, { width, height }, model) {
  loupe.hidden = pixel === null;
  if (pixel === null) return;
  const source = isLeft(pixel, width, model) ? other : main;
  loupe.classList.toggle("xw-signed", source.classList.contains("xw-signed"));
  loupe.style.insetInlineStart = `${(100 * (pixel.x + 0.5)) / width}%`;
  loupe.style.insetBlockStart = `${(100 * (pixel.y + 0.5)) / height}%`;
  drawLoupe(loupe, source, pixel, frame.clientWidth);
}

/**
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {Model} model
 */
function connectDivider({ signal }, { frame, divider }, model) {
  const set = (/** @type {number} */ swipe) => send(model, "swipe", clamp(swipe, 0, 1));
  followDrag(divider, signal, (event, phase) => {
    event.stopPropagation();
    const box = frame.getBoundingClientRect();
    if (phase === "press" || phase === "drag") set((event.clientX - box.left) / box.width);
  });
  divider.addEventListener(
    "keydown",
    (event) => {
      const moved = moveOf(event);
      const swipe = model.get("swipe");
      if (!moved || swipe === null) return;
      event.preventDefault();
      set("end" in moved ? Number(moved.end === "last") : swipe + 0.01 * moved.steps);
    },
    { signal },
  );
}

/**
 * What the kernel is told of a phase of a drag: one that the page took for a scroll ends as any other.
 * @param {"press" | "drag" | "release" | "cancel"} phase
 * @param {boolean} dragged
 */
function eventOf(phase, dragged) {
  if (phase === "cancel") return "release";
  return phase === "release" && !dragged ? "click" : phase;
}

/**
 * Report clicks and drags; let the keys move over the pixels, where there is something to read or to report.
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {() => Content} content
 * @param {Model} model
 * @param {ReturnType<typeof connectPointed>} pointAt
 */
function connectPointer(stage, parts, content, model, pointAt) {
  const { frame } = parts;
  const { signal } = stage;
  let at = { x: 0, y: 0 };
  let pressed = at;
  let dragged = false;
  const patch = patchMover(model);
  const active = () => (model.get("interactive") || patch.takes()) && content().pixels.length > 0;
  const readable = () => active() || (model.get("readout") && content().pixels.length > 0);
  const report = (/** @type {import("./cover.js").PointerReport["event"]} */ event) =>
    send(model, "pointer", { ...at, event, serial: (model.get("pointer").serial ?? 0) + 1 });
  const isAtKeys = () => frame.matches(":focus-visible") && !patch.takes();

  const place = () => {
    const { width, height } = content();
    at = { x: clamp(at.x, 0, Math.max(width - 1, 0)), y: clamp(at.y, 0, Math.max(height - 1, 0)) };
    frame.classList.toggle("xw-interactive", active());
    frame.classList.toggle("xw-dragged-on", active() && (patch.takes() || segmentsOf(model).length > 0));
    if (readable()) frame.setAttribute("tabindex", "0");
    else frame.removeAttribute("tabindex");
  };
  const help = () => {
    if (patch.takes()) return word(model, "patch_help");
    return active() ? word(model, "canvas_help") : word(model, "canvas_read_help");
  };
  const name = () => {
    const label = parts.main.getAttribute("aria-label") ?? "";
    const attributes = { role: "application", "aria-label": label, "aria-description": help() };
    for (const [key, value] of Object.entries(attributes)) {
      if (readable()) frame.setAttribute(key, value);
      else frame.removeAttribute(key);
    }
  };
  followDrag(frame, signal, (event, phase) => {
    if (!readable()) return;
    at = pixelAt(event, parts, content());
    if (!active()) return;
    if (phase === "press") [pressed, dragged] = [at, false];
    dragged ||= at.x !== pressed.x || at.y !== pressed.y;
    if (patch.takes()) return patch.drag(at, phase);
    report(eventOf(phase, dragged));
  });
  frame.addEventListener(
    "keydown",
    (event) => {
      if (!readable() || event.target !== frame) return;
      if (patch.takes()) return patch.key(event) && event.preventDefault();
      const moved = step(event, at, content());
      if (moved) at = moved;
      else if (active() && isChoice(event)) report("click");
      else return;
      event.preventDefault();
      pointAt(at);
    },
    { signal },
  );
  frame.addEventListener("focus", () => isAtKeys() && pointAt(at), { signal });
  frame.addEventListener("blur", () => pointAt(null), { signal });
  /** @type {(keyof Traits)[]} */
  const watched = ["interactive", "patch", "width", "height", "pixels", "alt", "title", "readout", "language", "words"];
  stage.watch(watched, () => {
    place();
    name();
  });
  place();
  name();
}

/**
 * Where an arrow key leads on a picture: up is up.
 * @param {KeyboardEvent} event
 * @param {{x: number, y: number}} at
 * @param {Content} content
 */
function step(event, { x, y }, { width, height }) {
  const moved = moveOf(event);
  if (!moved) return null;
  if ("end" in moved) return { x: moved.end === "first" ? 0 : width - 1, y };
  if (moved.upright) return { x, y: clamp(y - moved.steps, 0, height - 1) };
  return { x: clamp(x + moved.steps, 0, width - 1), y };
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "picture");
  const parts = build(stage);
  let content = readContent(model);
  let room = 0;
  const arrange = () => {
    dress(parts, model);
    placeDivider(parts, model);
    chooseSharpness(parts, model, room);
    draw(parts, content, model);
  };
  const reread = () => {
    content = readContent(model);
    arrange();
  };
  const moveDivider = () => {
    if (parts.other.hidden) draw(parts, content, model);
    placeDivider(parts, model);
  };

  const recover = () => {
    content = { ...content, pixels: readContent(model, []).pixels };
    draw(parts, content, model);
  };

  stage.watch(["pixels", "width", "height", "layers"], stage.perFrame(reread));
  stage.watch(COVERED, stage.perFrame(recover));
  stage.watch(
    BLENDED,
    stage.perFrame(() => draw(parts, content, model)),
  );
  stage.watch(
    DRESSED,
    stage.perFrame(() => dress(parts, model)),
  );
  stage.watch(["swipe"], stage.perFrame(moveDivider));
  stage.watch(["progress"], () => showProgress(parts, model));
  stage.whenResized(parts.frame, (width) => {
    room = width;
    chooseSharpness(parts, model, room);
  });
  arrange();
  showProgress(parts, model);
  const pointAt = connectPointed(stage, parts, () => content, model);
  connectDivider(stage, parts, model);
  connectOutlines(stage, parts.frame, model);
  connectPointer(stage, parts, () => content, model, pointAt);
  connectSegments(stage, model);
  return stage.dispose;
}

export default { render };
