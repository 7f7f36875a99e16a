// The bar that every lab has: help, undo, redo, reset, the loupe, full screen, the picture, the numbers, the code, the pin.

import { make, mount, word } from "./common.js";
import { directionOf, endOf } from "./keys.js";
import { hasLoupe, toggleLoupe } from "./pointed.js";

/**
 * See quiet_bar.py.
 * @typedef {object} BarTraits
 * @property {boolean} can_undo
 * @property {boolean} can_redo
 * @property {boolean} has_numbers
 * @property {boolean} has_pictures
 * @property {boolean} pinned
 * @property {string} purpose
 * @property {string[]} suggestions
 */

/** @typedef {import("./common.js").CommonTraits & BarTraits} Traits */
/** @typedef {import("./common.js").Model<Traits>} Model */
/** @typedef {import("./common.js").Stage<Traits>} Stage */

/**
 * What the kernel sends: a file for the reader's disk, or the code of the view.
 * @typedef {{kind: "file", name: string, type: string} | {kind: "code", text: string} | {kind: "none"}} Reply
 */

/**
 * What else this component uses of the model.
 * @typedef {Model & {
 *   send(content: {action: string}): void;
 *   on(event: "msg:custom", handler: (reply: Reply, buffers: DataView[]) => void): void;
 *   off(event: "msg:custom", handler: (reply: Reply, buffers: DataView[]) => void): void;
 * }} Talker
 */

/** @typedef {{stage: Stage, model: Talker, buttons: Map<string, HTMLButtonElement>, panel: HTMLElement}} Bar */

const SVG = "http://www.w3.org/2000/svg";
const BUTTONS = {
  help: { label: "bar_help", path: "M5.6 6a2.4 2.4 0 1 1 3.5 2.1C8.3 8.6 8 9 8 9.8M8 12.2v.3" },
  undo: { label: "bar_undo", path: "M3 6.5h6.5a3.2 3.2 0 0 1 0 6.4H6M3 6.5l3-3M3 6.5l3 3" },
  redo: { label: "bar_redo", path: "M13 6.5H6.5a3.2 3.2 0 0 0 0 6.4H10M13 6.5l-3-3M13 6.5l-3 3" },
  reset: { label: "bar_reset", path: "M12.6 8A4.6 4.6 0 1 1 11.2 4.7M12.8 2.2v3.2H9.6" },
  loupe: {
    label: "bar_loupe",
    path: "M11.2 6.9a4.3 4.3 0 1 1-8.6 0 4.3 4.3 0 0 1 8.6 0ZM10.1 10.1l3.6 3.6M6.9 5v3.8M5 6.9h3.8",
  },
  screen: { label: "bar_screen", path: "M2.5 6V2.5H6M10 2.5h3.5V6M13.5 10v3.5H10M6 13.5H2.5V10" },
  picture: { label: "bar_picture", path: "M2.5 3.5h11v9h-11zM2.7 11.2 6 8l2.6 2.6 1.8-1.8 3 2.6M10.4 6.2h.2" },
  numbers: { label: "bar_numbers", path: "M2.5 3.5h11v9h-11zM2.5 6.5h11M2.5 9.5h11M6.5 3.5v9" },
  code: { label: "bar_code", path: "M5.4 4.2 2 8l3.4 3.8M10.6 4.2 14 8l-3.4 3.8" },
  pin: { label: "bar_pin", path: "M6 2.5h4l-.4 3.8 2 2v1.2H4.4V8.3l2-2zM8 9.5V14" },
};
const ORDER = /** @type {(keyof typeof BUTTONS)[]} */ (Object.keys(BUTTONS));
const MARGIN = 6; // pixels between a button and its panel

/** @param {string} path */
function icon(path) {
  const svg = document.createElementNS(SVG, "svg");
  svg.setAttribute("viewBox", "0 0 16 16");
  svg.setAttribute("aria-hidden", "true");
  const line = document.createElementNS(SVG, "path");
  line.setAttribute("d", path);
  svg.append(line);
  return svg;
}

/**
 * @param {Stage} stage
 * @param {Talker} model
 * @returns {Bar}
 */
function build(stage, model) {
  const bar = make("div", "xw-bar", stage.root, { role: "toolbar" });
  const buttons = new Map();
  for (const name of ORDER) {
    const button = make("button", "xw-bar-button", bar, { type: "button" });
    button.append(icon(BUTTONS[name].path));
    buttons.set(name, button);
  }
  const panel = make("div", "xw-bar-panel", stage.root, { popover: "auto", role: "dialog" });
  return { stage, model, buttons, panel };
}

/** @param {Bar} bar */
function redress({ stage, model, buttons }) {
  const toolbar = stage.root.querySelector(".xw-bar");
  toolbar?.setAttribute("aria-label", word(model, "bar"));
  for (const name of ORDER) {
    const button = buttons.get(name);
    if (!button) continue;
    const isPinned = name === "pin" && model.get("pinned");
    const label = isPinned ? word(model, "bar_unpin") : word(model, BUTTONS[name].label);
    button.title = label;
    button.setAttribute("aria-label", label);
  }
  buttons.get("pin")?.setAttribute("aria-pressed", String(model.get("pinned")));
  const loupe = buttons.get("loupe");
  if (loupe) loupe.hidden = !model.get("has_pictures");
  loupe?.setAttribute("aria-pressed", String(hasLoupe(stage.root)));
  disable(buttons.get("undo"), !model.get("can_undo"));
  disable(buttons.get("redo"), !model.get("can_redo"));
  disable(buttons.get("numbers"), !model.get("has_numbers"));
  const focusable = [...buttons.values()].filter((button) => button.tabIndex === 0);
  if (focusable.length !== 1) rove(buttons, ORDER[0]);
}

/**
 * A button that can do nothing now stays where the keys reach it.
 * @param {HTMLButtonElement | undefined} button
 * @param {boolean} nothing
 */
function disable(button, nothing) {
  button?.setAttribute("aria-disabled", String(nothing));
}

/**
 * Make one button the one that Tab reaches.
 * @param {Bar["buttons"]} buttons
 * @param {string} chosen
 */
function rove(buttons, chosen) {
  for (const [name, button] of buttons) button.tabIndex = name === chosen ? 0 : -1;
}

/**
 * Show a panel over a button.
 * @param {Bar} bar
 * @param {string} name
 * @param {Node[]} content
 */
function open({ panel, buttons }, name, content) {
  const button = buttons.get(name);
  if (!button) return;
  panel.replaceChildren(...content);
  panel.setAttribute("aria-label", button.title);
  panel.showPopover();
  const place = button.getBoundingClientRect();
  const { width, height } = panel.getBoundingClientRect();
  const left = Math.max(MARGIN, Math.min(place.right - width, window.innerWidth - width - MARGIN));
  const above = place.top - height - MARGIN;
  panel.style.left = `${left}px`;
  panel.style.top = `${above > 0 ? above : Math.min(place.bottom + MARGIN, window.innerHeight - height - MARGIN)}px`;
}

/** @param {Bar} bar */
function showHelp(bar) {
  const { model } = bar;
  const purpose = make("p", "xw-bar-purpose");
  purpose.textContent = model.get("purpose");
  const list = make("ul");
  for (const suggestion of model.get("suggestions")) make("li", "", list).textContent = suggestion;
  const title = make("p", "xw-soft");
  title.textContent = word(model, "bar_try");
  open(bar, "help", [purpose, title, list]);
}

/** @param {Bar} bar */
function choosePicture(bar) {
  const formats = { png: word(bar.model, "bar_png"), svg: word(bar.model, "bar_svg") };
  const choices = Object.entries(formats).map(([format, label]) => {
    const choice = make("button", "xw-bar-choice", null, { type: "button" });
    choice.textContent = label;
    choice.addEventListener("click", () => {
      bar.panel.hidePopover();
      ask(bar, "picture", format);
    });
    return choice;
  });
  open(bar, "picture", choices);
  choices[0].focus();
}

/**
 * @param {Bar} bar
 * @param {string} text
 */
function showCode(bar, text) {
  const code = make("textarea", "xw-bar-code", null, { readonly: "", "aria-label": word(bar.model, "bar_code") });
  code.value = text;
  code.rows = Math.min(14, text.split("\n").length);
  const copy = make("button", "xw-bar-choice", null, { type: "button" });
  const said = make("span", "xw-soft", null, { role: "status" });
  copy.textContent = word(bar.model, "bar_copy");
  copy.addEventListener("click", async () => {
    code.select();
    said.textContent = (await copied(text)) ? word(bar.model, "bar_copied") : word(bar.model, "bar_not_copied");
  });
  open(bar, "code", [code, copy, said]);
  copy.focus();
}

/**
 * Copy a text; a page that was not served over HTTPS, or from this machine, has no clipboard to write to.
 * @param {string} text
 */
async function copied(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

/**
 * Hand a file to the reader.
 * @param {string} name
 * @param {string} type
 * @param {DataView} content
 */
function save(name, type, content) {
  const bytes = new Uint8Array(content.buffer, content.byteOffset, content.byteLength);
  const address = URL.createObjectURL(new Blob([new Uint8Array(bytes)], { type }));
  const link = make("a", "", null, { href: address, download: name });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
}

/**
 * Ask the kernel; the button says so until it answers.
 * @param {Bar} bar
 * @param {string} name
 * @param {string} action
 */
function ask({ buttons, model }, name, action = name) {
  buttons.get(name)?.setAttribute("aria-busy", "true");
  model.send({ action });
}

/** @param {Bar} bar */
async function fullScreen({ stage }) {
  if (document.fullscreenElement) await document.exitFullscreen();
  else await stage.root.closest(".xw-lab")?.requestFullscreen();
}

/**
 * Enlarge what is pointed at in the pictures of the lab, or no more.
 * @param {Bar} bar
 */
function takeLoupe({ stage, buttons }) {
  toggleLoupe(stage.root);
  buttons.get("loupe")?.setAttribute("aria-pressed", String(hasLoupe(stage.root)));
}

/**
 * @param {Bar} bar
 * @param {string} name
 */
function press(bar, name) {
  rove(bar.buttons, name);
  if (bar.buttons.get(name)?.getAttribute("aria-disabled") === "true") return;
  if (name === "help") showHelp(bar);
  else if (name === "picture") choosePicture(bar);
  else if (name === "screen") fullScreen(bar);
  else if (name === "loupe") takeLoupe(bar);
  else ask(bar, name);
}

/** @param {Bar} bar */
function listen(bar) {
  const { stage, model, buttons } = bar;
  const { signal } = stage;
  for (const [name, button] of buttons) button.addEventListener("click", () => press(bar, name), { signal });
  stage.root.addEventListener("keydown", (event) => step(bar, event), { signal });
  const answer = (/** @type {Reply} */ reply, /** @type {DataView[]} */ contents) => {
    for (const button of buttons.values()) button.removeAttribute("aria-busy");
    if (reply.kind === "file") save(reply.name, reply.type, contents[0]);
    if (reply.kind === "code") showCode(bar, reply.text);
  };
  model.on("msg:custom", answer);
  signal.addEventListener("abort", () => model.off("msg:custom", answer), { once: true });
}

/**
 * The button that a key leads to, by its place; null: the key leads nowhere. The ends of the bar meet.
 * @param {import("./keys.js").Press} pressed
 * @param {number} at
 * @param {number} count  of the buttons
 */
function destination(pressed, at, count) {
  const end = endOf(pressed);
  if (end !== null) return end === "first" ? 0 : count - 1;
  const aside = directionOf(pressed)?.right ?? 0;
  return aside === 0 ? null : (at + aside + count) % count;
}

/**
 * Go along the bar by the arrow keys.
 * @param {Bar} bar
 * @param {KeyboardEvent} event
 */
function step({ buttons }, event) {
  const order = ORDER.filter((name) => !buttons.get(name)?.hidden);
  const at = order.findIndex((name) => buttons.get(name) === event.target);
  const to = at < 0 ? null : destination(event, at, order.length);
  if (to === null) return;
  event.preventDefault();
  rove(buttons, order[to]);
  buttons.get(order[to])?.focus();
}

/** @param {{model: Talker, el: HTMLElement}} view */
function render({ model, el }) {
  const stage = mount(model, el, "quiet-bar");
  const bar = build(stage, model);
  const dress = () => redress(bar);
  stage.watch(
    ["can_undo", "can_redo", "has_numbers", "has_pictures", "pinned", "language", "words"],
    stage.perFrame(dress),
  );
  listen(bar);
  dress();
  return stage.dispose;
}

export default { render };
