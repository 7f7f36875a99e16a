// What the components share: a root that cleans up after itself, words, numbers, keys.

/**
 * The part of anywidget's model that the components use.
 * @typedef {object} Model
 * @property {(name: string) => any} get
 * @property {(name: string, value: unknown) => void} set
 * @property {() => void} save_changes
 * @property {(event: string, handler: () => void) => void} on
 * @property {(event: string, handler: () => void) => void} off
 */

/**
 * Where a component lives, and how it listens: everything ends with `dispose`.
 * @typedef {object} Stage
 * @property {HTMLElement} root
 * @property {AbortSignal} signal
 * @property {(names: string[], handler: () => void) => void} watch  call on each change of one of these traits
 * @property {(task: () => void) => (() => void)} perFrame  a function that runs the task once in the next frame
 * @property {(node: Element, task: (width: number) => void) => void} whenResized  told the width, unless it is hidden
 * @property {() => void} dispose
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
 * @param {Model} model
 * @param {HTMLElement} host
 * @param {string} name
 * @returns {Stage}
 */
export function mount(model, host, name) {
  const ending = new AbortController();
  const { signal } = ending;
  const classes = ["xw-host", `xw-host-${name}`];
  host.classList.add(...classes);
  const root = make("div", `xw xw-${name}`, host);
  root.addEventListener("keydown", (event) => keepKey(event, model), { signal });
  const whenOver = (/** @type {() => void} */ task) => signal.addEventListener("abort", task, { once: true });

  /** @type {Stage["watch"]} */
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
 * Keep a key from the notebook, where a letter is a command and an arrow changes the cell; count Esc.
 * Shortcuts with a modifier, Tab and Shift+Enter pass.
 * @param {KeyboardEvent} event
 * @param {Model} model
 */
function keepKey(event, model) {
  if (event.key === "Escape") {
    model.set("escapes", model.get("escapes") + 1);
    model.save_changes();
    return;
  }
  const modified = event.ctrlKey || event.metaKey || event.altKey;
  if (modified || event.key === "Tab" || (event.key === "Enter" && event.shiftKey)) return;
  event.stopPropagation();
}

/**
 * Where an arrow, Home or End leads: the one table of keys for sliders, dividers and cursors.
 * @param {KeyboardEvent} event
 * @returns {{steps: number} | {end: "first" | "last"} | null} steps of any sign, or an end, or not such a key
 */
export function move(event) {
  if (event.ctrlKey || event.metaKey || event.altKey) return null;
  const leap = event.shiftKey ? 10 : 1;
  switch (event.key) {
    case "ArrowLeft":
    case "ArrowDown":
      return { steps: -leap };
    case "ArrowRight":
    case "ArrowUp":
      return { steps: leap };
    case "PageDown":
      return { steps: -10 };
    case "PageUp":
      return { steps: 10 };
    case "Home":
      return { end: "first" };
    case "End":
      return { end: "last" };
    default:
      return null;
  }
}

/**
 * Follow a pointer from press to release.
 * @param {HTMLElement} node
 * @param {AbortSignal} signal
 * @param {(event: PointerEvent, phase: "press" | "drag" | "release") => void} follow
 */
export function followDrag(node, signal, follow) {
  let held = false;
  const end = (/** @type {PointerEvent} */ event) => {
    if (held) follow(event, "release");
    held = false;
  };
  node.addEventListener("pointerdown", (event) => {
    if (event.button !== 0) return;
    held = true;
    node.setPointerCapture(event.pointerId);
    follow(event, "press");
  }, { signal });
  node.addEventListener("pointermove", (event) => held && follow(event, "drag"), { signal });
  node.addEventListener("pointerup", end, { signal });
  node.addEventListener("pointercancel", end, { signal });
}

/**
 * Set a trait and send it.
 * @param {Model} model
 * @param {string} name
 * @param {unknown} value
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
 * A built-in word with its fields filled in.
 * @param {Model} model
 * @param {string} key
 * @param {Record<string, string | number>} fields
 * @returns {string}
 */
export function word(model, key, fields = {}) {
  const text = model.get("words")[key] ?? key;
  return text.replace(/\{(\w+)\}/g, (/** @type {string} */ all, /** @type {string} */ name) => String(fields[name] ?? all));
}

/**
 * A number with so many digits after the decimal point.
 * @param {string} language
 * @param {number} value
 * @param {number} digits
 */
export function fixed(language, value, digits) {
  const options = { minimumFractionDigits: digits, maximumFractionDigits: digits };
  return new Intl.NumberFormat(language, options).format(value + 0).replace(/^-/, "−");
}

/**
 * A number of any size with few digits, in powers of ten where it is very small or large.
 * @param {string} language
 * @param {number} value
 * @param {number} digits
 * @returns {string}
 */
export function compact(language, value, digits = 3) {
  const size = Math.abs(value);
  if (size !== 0 && (size < 1e-3 || size >= 1e5)) {
    const power = Math.floor(Math.log10(size));
    const superscript = String(power).replace(/./g, (sign) => "⁻⁰¹²³⁴⁵⁶⁷⁸⁹"["-0123456789".indexOf(sign)]);
    const mantissa = compact(language, value / 10 ** power, 2);
    return mantissa === "1" ? `10${superscript}` : `${mantissa}×10${superscript}`;
  }
  const text = new Intl.NumberFormat(language, { maximumSignificantDigits: digits }).format(value + 0);
  return text.replace(/^-/, "−");
}

/**
 * By how much a unit multiplies what is written.
 * @param {string} unit
 */
export function unitFactor(unit) {
  return unit === "%" ? 100 : unit === "/255" ? 255 : 1;
}

/**
 * A value with its unit; without a number of digits, as few as say it.
 * @param {string} language
 * @param {number} value
 * @param {string} unit
 * @param {number | null} digits
 * @returns {string}
 */
export function quantity(language, value, unit, digits = null) {
  const shown = value * unitFactor(unit);
  const text = digits === null ? compact(language, shown, Number.isInteger(shown) ? 5 : 3) : fixed(language, shown, digits);
  if (unit === "") return text;
  if (unit === "/255") return `${text}/255`;
  if (unit === "%") return `${text}${language === "fr" ? "\u202f" : ""}%`;
  return `${text}\u00a0${unit}`;
}

/**
 * A score as a percentage: as many digits as it takes not to claim certainty.
 * @param {string} language
 * @param {number} score  from 0 to 1
 * @returns {string}
 */
export function percentage(language, score) {
  const rest = Math.min(score, 1 - score);
  if (rest === 0) return quantity(language, score, "%", 0);
  if (rest < 5e-5) {
    const [sign, bound] = score < 0.5 ? ["<", 1e-4] : [">", 0.9999];
    return `${sign}\u00a0${quantity(language, bound, "%", 2)}`;
  }
  return quantity(language, score, "%", rest < 1e-3 ? 2 : 1);
}

/**
 * The value that somebody typed: "0,03", "3 %" and "8/255" are understood whatever the unit.
 * @param {string} text
 * @param {string} unit
 * @returns {number | null} null where it is not a number
 */
export function parse(text, unit) {
  const clean = text.replace(/\s/g, "").replace("−", "-").replace(",", ".");
  const found = /^([-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?)(%|\/(\d+))?/i.exec(clean);
  if (!found) return null;
  const rest = clean.slice(found[0].length);
  if (rest !== "" && rest !== unit.replace(/\s/g, "")) return null;
  const number = Number(found[1]);
  if (found[3]) return Number(found[3]) ? number / Number(found[3]) : null;
  return found[2] ? number / 100 : number / unitFactor(unit);
}

/**
 * The bytes of a buffer from the kernel.
 * @param {DataView | Uint8Array | ArrayBuffer | null | undefined} data
 * @returns {Uint8Array}
 */
export function bytes(data) {
  if (!data) return new Uint8Array();
  if (data instanceof ArrayBuffer) return new Uint8Array(data);
  return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
}

/**
 * The numbers in a buffer from the kernel; copied, since a buffer may begin anywhere and floats may not.
 * @param {DataView | Uint8Array | ArrayBuffer} data
 * @param {string} type  "int8" or "float32"
 * @returns {Int8Array | Float32Array}
 */
export function numbers(data, type) {
  const raw = bytes(data).slice().buffer;
  return type === "int8" ? new Int8Array(raw) : new Float32Array(raw);
}
