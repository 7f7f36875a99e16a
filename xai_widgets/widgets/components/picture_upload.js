// A button for a picture: the browser's own file input, unseen, lies over it and takes clicks, keys and drops.

import { make, mount, word } from "./common.js";
import { isPaste } from "./keys.js";
import { fixed } from "./number_format.js";

/**
 * See picture_upload.py.
 * @typedef {object} UploadTraits
 * @property {string} label
 * @property {number} max_megabytes
 * @property {boolean} disabled
 * @property {boolean} busy
 * @property {number} serial
 */

/** @typedef {import("./common.js").CommonTraits & UploadTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {import("./common.js").Stage<Traits>} Stage */

/**
 * What is sent of a file, beside its bytes.
 * @typedef {{kind: "picture-part", upload: string, index: number, count: number, name: string}} PartMessage
 */

/**
 * What else this component uses of the model.
 * @typedef {Model & {send(content: PartMessage, callbacks: undefined, buffers: ArrayBuffer[]): void}} Sender
 */

const SVG = "http://www.w3.org/2000/svg";
const ARROW = "M8 10.5V2.5M4.75 5.5 8 2.25 11.25 5.5M2.5 10.5v2.75h11V10.5";
const MEGABYTE = 1e6;
const PART = 4 * MEGABYTE; // Jupyter's server closes the connection on a message above 10 MB

/** @param {Stage} stage */
function build({ root }) {
  const button = make("div", "xw-upload-button", root);
  const face = make("span", "xw-upload-face", button, { "aria-hidden": "true" });
  face.append(drawArrow());
  const label = make("span", "xw-upload-label", face);
  const input = make("input", "xw-upload-input", button, { type: "file", accept: "image/*" });
  const refusal = make("span", "xw-upload-refusal xw-soft", root, { role: "alert" });
  const status = make("span", "xw-unseen", root, { role: "status" });
  return { button, label, input, refusal, status };
}

/** @typedef {ReturnType<typeof build>} Parts */

function drawArrow() {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("class", "xw-upload-icon");
  svg.setAttribute("viewBox", "0 0 16 16");
  const path = document.createElementNS(SVG, "path");
  path.setAttribute("d", ARROW);
  svg.append(path);
  return svg;
}

/**
 * Names and states. What is busy keeps the focus, so it is not disabled.
 * @param {Parts} parts
 * @param {Model} model
 * @param {boolean} sending
 */
function dress({ button, label, input }, model, sending) {
  const name = model.get("label") || word(model, "upload");
  const busy = sending || model.get("busy");
  label.textContent = name;
  input.title = word(model, "upload_help");
  input.disabled = model.get("disabled");
  const states = { "aria-label": name, "aria-busy": String(busy), "aria-disabled": String(model.get("busy")) };
  for (const [state, text] of Object.entries(states)) input.setAttribute(state, text);
  button.classList.toggle("xw-upload-busy", busy);
  button.classList.toggle("xw-upload-disabled", model.get("disabled"));
}

/**
 * Why a file is not taken; empty where it is.
 * @param {Model} model
 * @param {Pick<File, "type" | "size">} file
 * @returns {string}
 */
export function objection(model, { type, size }) {
  if (type && !type.startsWith("image/")) return word(model, "upload_no_picture");
  if (size === 0) return word(model, "upload_empty");
  const most = model.get("max_megabytes");
  if (size <= most * MEGABYTE) return "";
  const language = model.get("language");
  const above = Math.ceil((10 * size) / MEGABYTE) / 10; // rounded up, so as not to equal the limit
  const [written, limit] = [above, most].map((value) => fixed(language, value, Number.isInteger(value) ? 0 : 1));
  return word(model, "upload_too_large", { size: written, limit });
}

/**
 * Send a file in parts, each read when its turn comes.
 * @param {Sender} model
 * @param {File} file
 * @param {() => boolean} wanted  whether it still is
 */
async function sendFile(model, file, wanted) {
  const upload = Math.random().toString(36).slice(2);
  const count = Math.ceil(file.size / PART);
  for (let index = 0; index < count; index++) {
    // biome-ignore lint/performance/noAwaitInLoops: a part is read when its turn comes, so that memory holds one
    const part = await file.slice(index * PART, (index + 1) * PART).arrayBuffer();
    if (!wanted()) return;
    model.send({ kind: "picture-part", upload, index, count, name: file.name }, undefined, [part]);
  }
}

/**
 * What happens to a file, from the moment it is offered until the kernel has it.
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {Sender} model
 */
function receiver(stage, parts, model) {
  const { refusal, status } = parts;
  /** @type {File | null} */
  let sending = null;
  const say = (/** @type {string} */ problem, /** @type {string} */ news) => {
    refusal.textContent = problem;
    status.textContent = news;
    dress(parts, model, sending !== null);
  };
  const take = async (/** @type {File | null | undefined} */ file) => {
    if (!file || model.get("disabled") || model.get("busy")) return;
    const problem = objection(model, file);
    if (problem) return say(problem, "");
    sending = file;
    say("", word(model, "upload_sending", { name: file.name }));
    try {
      await sendFile(model, file, () => sending === file && !stage.signal.aborted);
    } catch {
      if (sending !== file) return;
      sending = null;
      say(word(model, "upload_unreadable"), "");
    }
  };
  stage.watch(["serial"], () => {
    if (!sending) return;
    const { name } = sending;
    sending = null;
    say("", word(model, "upload_received", { name }));
  });
  return { take, redress: () => dress(parts, model, sending !== null) };
}

/**
 * The input gives its files; drops are taken here, so that they are refused while busy, and shown on their way.
 * @param {Stage} stage
 * @param {Parts} parts
 * @param {Model} model
 * @param {(file: File | null | undefined) => void} take
 */
function connect({ root, signal }, { button, input }, model, take) {
  input.addEventListener("click", (event) => model.get("busy") && event.preventDefault(), { signal });
  input.addEventListener(
    "change",
    () => {
      const file = input.files?.[0];
      input.value = ""; // or the same file would be no change the next time
      take(file);
    },
    { signal },
  );
  const over = (/** @type {DragEvent} */ event, /** @type {boolean} */ inside) => {
    if (!event.dataTransfer?.types.includes("Files")) return;
    event.preventDefault();
    event.stopPropagation();
    const open = !model.get("disabled") && !model.get("busy");
    event.dataTransfer.dropEffect = open ? "copy" : "none";
    button.classList.toggle("xw-upload-over", inside && open);
  };
  button.addEventListener("dragenter", (event) => over(event, true), { signal });
  button.addEventListener("dragover", (event) => over(event, true), { signal });
  button.addEventListener(
    "dragleave",
    (event) => {
      const inside = button.contains(/** @type {Node | null} */ (event.relatedTarget));
      if (!inside) button.classList.remove("xw-upload-over");
    },
    { signal },
  );
  button.addEventListener(
    "drop",
    (event) => {
      over(event, false);
      take(event.dataTransfer?.files[0]);
    },
    { signal },
  );
  connectPaste(root, signal, input, take);
}

/**
 * A picture pasted while the button has the focus; browsers tell it to the document, not to the button.
 * @param {HTMLElement} root
 * @param {AbortSignal} signal
 * @param {HTMLInputElement} input
 * @param {(file: File | null | undefined) => void} take
 */
function connectPaste(root, signal, input, take) {
  document.addEventListener(
    "paste",
    (event) => {
      const file = event.clipboardData?.files[0];
      const focused = /** @type {Document | ShadowRoot} */ (root.getRootNode()).activeElement;
      if (!file || focused !== input) return;
      event.preventDefault();
      event.stopPropagation();
      take(file);
    },
    { signal, capture: true },
  );
  root.addEventListener(
    "keydown",
    (event) => {
      // The notebook would take the keys for itself, to paste a cell.
      if (isPaste(event)) event.stopPropagation();
    },
    { signal },
  );
}

/** @param {{model: Sender, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "upload");
  const parts = build(stage);
  const { take, redress } = receiver(stage, parts, model);
  stage.watch(["label", "disabled", "busy", "language", "words"], stage.perFrame(redress));
  connect(stage, parts, model, take);
  redress();
  return stage.dispose;
}

export default { render };
