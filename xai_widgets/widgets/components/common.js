// What the components share: a root that cleans up after itself, words, drags.

import { isEscape, isKept } from "./keys.js";
import { hearKernelAs } from "./late_model.js";

/**
 * The traits that every component has; see base.py.
 * @typedef {object} CommonTraits
 * @property {import("./number_format.js").Language} language
 * @property {Record<string, string>} words
 * @property {boolean} dimmed
 * @property {number} escapes
 * @property {string} own
 */

/**
 * The part of anywidget's model that the components use, for a widget that has these traits. `traits` is never there: the
 * type checker infers from it which traits a model has.
 * @template {object} Traits
 * @typedef {{
 *   readonly traits?: Traits;
 *   get<Name extends keyof Traits & string>(name: Name): Traits[Name];
 *   set<Name extends keyof Traits & string>(name: Name, value: Traits[Name]): void;
 *   save_changes(): void;
 *   on(event: `change:${keyof Traits & string}`, handler: () => void): void;
 *   off(event: `change:${keyof Traits & string}`, handler: () => void): void;
 * }} Model
 */

/**
 * Where a component lives, and how it listens: everything ends with `dispose`.
 *
 * `watch` calls a handler on each change of one of some traits; `perFrame` makes a function that runs a task once in the
 * next frame; `whenResized` tells a task the width of a node, unless that is hidden.
 * @template {object} Traits
 * @typedef {{
 *   root: HTMLElement;
 *   signal: AbortSignal;
 *   watch(names: readonly (keyof Traits & string)[], handler: () => void): void;
 *   perFrame(task: () => void): () => void;
 *   whenResized(node: Element, task: (width: number) => void): void;
 *   dispose(): void;
 * }} Stage
 */

/**
 * Make an element.
 * @template {keyof HTMLElementTagNameMap} Tag
 * @param {Tag} tag
 * @param {string} className
 * @param {Element | null} parent
 * @param {Record<string, string>} attributes
 * @returns {HTMLElementTagNameMap[Tag]}
 */
export function make(tag, className = "", parent = null, attributes = {}) {
  const node = document.createElement(tag);
  if (className) node.className = className;
  for (const [name, value] of Object.entries(attributes)) node.setAttribute(name, value);
  parent?.append(node);
  return node;
}

/**
 * Put a component's root into its host.
 * @template {CommonTraits} Traits
 * @param {Model<Traits>} model
 * @param {HTMLElement} host
 * @param {string} name
 * @returns {Stage<Traits>}
 */
export function mount(model, host, name) {
  const ending = new AbortController();
  const { signal } = ending;
  const classes = ["xw-host", `xw-host-${name}`];
  host.classList.add(...classes);
  const root = make("div", `xw xw-${name}`, host);
  root.addEventListener("keydown", (event) => keepKey(event, model), { signal });
  const whenOver = (/** @type {() => void} */ task) => signal.addEventListener("abort", task, { once: true });

  /** @type {Stage<Traits>["watch"]} */
  const watch = (names, handler) => {
    for (const trait of names) {
      model.on(`change:${trait}`, handler);
      whenOver(() => model.off(`change:${trait}`, handler));
    }
  };
  const common = () => {
    root.lang = model.get("language");
    root.classList.toggle("xw-dimmed", Boolean(model.get("dimmed")));
    root.setAttribute("aria-busy", String(Boolean(model.get("dimmed"))));
  };
  watch(["language", "dimmed"], common);
  common();
  hearKernelAs(model);

  return {
    root,
    signal,
    watch,
    perFrame(task) {
      let request = 0;
      whenOver(() => cancelAnimationFrame(request));
      return () => {
        request ||= requestAnimationFrame(() => {
          request = 0;
          task();
        });
      };
    },
    whenResized(node, task) {
      // The width as laid out: asked for at another time, it may be that of a page in the middle of a change of theme.
      const observer = new ResizeObserver((entries) => {
        const { width } = entries[entries.length - 1].contentRect;
        if (width > 0) task(width);
      });
      observer.observe(node);
      whenOver(() => observer.disconnect());
    },
    dispose() {
      ending.abort();
      root.remove();
      host.classList.remove(...classes);
    },
  };
}

/**
 * Count Esc, and keep from the notebook what is not its own.
 * @param {KeyboardEvent} event
 * @param {Model<CommonTraits>} model
 */
function keepKey(event, model) {
  if (isEscape(event)) send(model, "escapes", model.get("escapes") + 1);
  else if (isKept(event)) event.stopPropagation();
}

/**
 * Follow a pointer from press to release, or until the page takes it to scroll: then it was meant for nothing here.
 * @param {HTMLElement} node
 * @param {AbortSignal} signal
 * @param {(event: PointerEvent, phase: "press" | "drag" | "release" | "cancel") => void} follow
 */
export function followDrag(node, signal, follow) {
  let held = false;
  const end = (/** @type {PointerEvent} */ event) => {
    if (held) follow(event, event.type === "pointerup" ? "release" : "cancel");
    held = false;
  };
  node.addEventListener(
    "pointerdown",
    (event) => {
      if (event.button !== 0) return;
      held = true;
      node.setPointerCapture(event.pointerId);
      follow(event, "press");
    },
    { signal },
  );
  node.addEventListener("pointermove", (event) => held && follow(event, "drag"), { signal });
  node.addEventListener("pointerup", end, { signal });
  node.addEventListener("pointercancel", end, { signal });
}

/**
 * Set a trait and send it.
 * @template {object} Traits
 * @template {keyof Traits & string} Name
 * @param {Model<Traits>} model
 * @param {Name} name
 * @param {Traits[Name]} value
 */
export function send(model, name, value) {
  model.set(name, value);
  model.save_changes();
}

/**
 * @param {number} value
 * @param {number} low
 * @param {number} high
 */
export function clamp(value, low, high) {
  return Math.min(Math.max(value, low), high);
}

/**
 * Write a text, if it is another one: what is written anew is laid out anew.
 * @param {HTMLElement} node
 * @param {string} text
 */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/**
 * Hide an element or show it, if it is not so already.
 * @param {HTMLElement} node
 * @param {boolean} isHidden
 */
export function hide(node, isHidden) {
  if (node.hidden !== isHidden) node.hidden = isHidden;
}

/**
 * Write a text, and what it means where the pointer or the keys are on it.
 * @param {HTMLElement} node
 * @param {string} text
 * @param {string} help  empty: nothing is to be said
 */
export function explain(node, text, help) {
  node.replaceChildren(text);
  node.classList.toggle("xw-explained", help !== "");
  if (help === "") {
    node.removeAttribute("tabindex");
    return;
  }
  node.tabIndex = 0;
  make("span", "xw-help", node, { role: "tooltip" }).textContent = help;
}

/**
 * A built-in word with its fields filled in.
 * @param {Model<CommonTraits>} model
 * @param {string} key
 * @param {Record<string, string | number>} fields
 * @returns {string}
 */
export function word(model, key, fields = {}) {
  const text = model.get("words")[key] ?? key;
  return text.replace(/\{(\w+)\}/gu, (/** @type {string} */ all, /** @type {string} */ name) =>
    String(fields[name] ?? all),
  );
}
