// One state at a time: dims what belongs to an older request, says that the kernel is awaited, stops, computes again.

import { hide, make, mount, send, word, write } from "./common.js";
import { isEscape } from "./keys.js";
import { withElements } from "./lab_models.js";
import { idOf, OLD, Watch } from "./lab_watch.js";

/** @typedef {import("./lab_models.js").LabModel} LabModel */

/**
 * See request_line.py.
 * @typedef {object} RequestTraits
 * @property {string} lab
 * @property {string[]} silent
 * @property {number} requested
 * @property {number} ended
 * @property {"finished" | "stopped" | "failed"} outcome
 * @property {string} stopped
 * @property {number} stops
 * @property {number} computes
 */

/** @typedef {import("./common.js").CommonTraits & RequestTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {{get_model: (id: string) => Promise<LabModel>}} Manager */

const SETTLED = 500; // milliseconds after which a lab is drawn

/**
 * Ask the kernel to stop.
 * @param {Model} model
 */
function stopAll(model) {
  send(model, "stops", model.get("stops") + 1);
}

/** @type {Map<string, Watch>} */
const watches = new Map(); // by the lab: what is known before it is shown, and in each place where it is shown

/**
 * Stop what is computed by Esc, wherever in the lab the focus is, or where the pointer is if nothing has the focus.
 * @param {Watch} watch
 * @param {KeyboardEvent} event
 */
function stopByKey(watch, event) {
  if (!isEscape(event) || watch.lab === null || !watch.state.isPending) return;
  const node = event.target instanceof Node ? event.target : null;
  let asked = false;
  withElements(watch.lab, (root) => {
    if (asked || !(root.contains(node) || (node?.contains(root) && root.matches(":hover")))) return;
    asked = true;
    stopAll(watch.model);
  });
}

/** @param {{model: Model & {widget_manager?: Manager}}} widget */
function initialize({ model }) {
  const watch = new Watch(model);
  const ending = new AbortController();
  const { signal } = ending;
  const find = async () => {
    const name = model.get("lab");
    const manager = model.widget_manager;
    if (!(name && manager)) return;
    watches.set(name, watch);
    watch.attend(await manager.get_model(idOf(name)));
  };
  const follow = () => {
    watch.state.follow(model.get("requested"), model.get("ended"), model.get("outcome"));
    watch.refresh();
  };
  model.on("change:lab", find);
  /** @type {(`change:${keyof Traits}`)[]} */
  const events = ["change:requested", "change:ended", "change:outcome", "change:silent"];
  for (const event of events) model.on(event, follow);
  // Before ipywidgets' text fields, which keep keys to themselves.
  document.addEventListener("keydown", (event) => stopByKey(watch, event), { signal, capture: true });
  watch.state.follow(model.get("requested"), model.get("ended"), model.get("outcome"));
  find();
  return () => {
    ending.abort();
    if (watches.get(model.get("lab")) === watch) watches.delete(model.get("lab"));
    model.off("change:lab", find);
    for (const event of events) model.off(event, follow);
  };
}

/**
 * @param {import("./common.js").Stage<Traits>} stage
 * @param {HTMLElement} host
 */
function build({ root }, host) {
  const text = make("span", "xw-request-text", root, { role: "status" });
  const compute = make("button", "xw-request-button", root, { type: "button" });
  const beside = make("div", "xw xw-request-beside", host);
  const wait = make("span", "xw-request-wait", beside, { role: "status" });
  const stop = make("button", "xw-request-button xw-request-stop", beside, { type: "button" });
  return { text, compute, beside, wait, stop };
}

/**
 * How far above the line the first answer begins.
 * @param {HTMLElement} host
 */
function above(host) {
  const lab = host.closest(".xw-lab");
  const first = lab?.querySelector(`.${OLD}`);
  return first ? host.getBoundingClientRect().top - first.getBoundingClientRect().top : 0;
}

/** @param {{model: Model, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "request");
  const { signal, root } = stage;
  const parts = build(stage, el);
  const { text, compute, beside, wait, stop } = parts;
  const watch = () => watches.get(model.get("lab"));
  const show = () => {
    const known = watch();
    const hadFocus = document.activeElement === stop;
    const isStopped = Boolean(model.get("stopped")) && !known?.state.isPending;
    const isWaiting = Boolean(known?.waiting.isLate());
    if (isWaiting && wait.hidden) wait.style.insetBlockEnd = `${Math.max(above(el) - 40, 4)}px`;
    write(text, model.get("stopped"));
    write(compute, word(model, "request_compute"));
    write(stop, word(model, "request_stop"));
    write(wait, isWaiting ? word(model, "request_waiting") : "");
    stop.title = word(model, "request_stop_help");
    hide(root, !isStopped);
    hide(stop, !known?.computing.isLate());
    hide(wait, !isWaiting);
    if (hadFocus && stop.hidden && isStopped) compute.focus();
  };
  const settle = stage.perFrame(show);
  stop.addEventListener("click", () => stopAll(model), { signal });
  compute.addEventListener("click", () => send(model, "computes", model.get("computes") + 1), { signal });
  stage.watch(["stopped", "words", "language"], settle);
  const join = () => {
    watch()?.listeners.add(settle);
    watch()?.renew(); // what was shown just now is marked too
  };
  join();
  stage.watch(["lab"], join);
  const again = setTimeout(join, SETTLED); // what stands in boxes is drawn after this line
  wait.hidden = true;
  show();
  return () => {
    clearTimeout(again);
    watch()?.listeners.delete(settle);
    beside.remove();
    stage.dispose();
  };
}

export default { initialize, render };
