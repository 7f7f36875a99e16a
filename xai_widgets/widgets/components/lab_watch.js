// A lab as the page knows it: its widgets, the state of its requests, and what of it is dimmed.

import { explainControl, listenTo, modelsIn, showsAnswers, withElements } from "./lab_models.js";
import { RequestState } from "./request_state.js";

/** @typedef {import("./lab_models.js").LabModel} LabModel */
/** @typedef {import("./request_line.js").Model} Model */

export const OLD = "xw-old"; // the class of what belongs to an older request
const LATE = "xw-late"; // the class of a lab whose old answers are dimmed
const BLINK = 140; // milliseconds that an answer may take before the old one dims
const PATIENCE = 400; // milliseconds until the kernel's silence, or a computation, is worth a word
const QUIET = new Set(["escapes", "_view_count"]); // traits that lead to no request

/**
 * The number of a model, of its reference.
 * @param {string} reference
 */
export function idOf(reference) {
  return reference.replace(/^IPY_MODEL_/u, "");
}

/**
 * A condition that counts once it has lasted so many milliseconds.
 * @param {() => void} changed
 * @param {number} patience
 */
function lasting(changed, patience) {
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  let isLate = false;
  const late = () => {
    isLate = true;
    changed();
  };
  return {
    isLate: () => isLate,
    /** @param {boolean} holds */
    update(holds) {
      if (holds) {
        timer ??= setTimeout(late, patience);
        return;
      }
      if (timer !== null) clearTimeout(timer);
      timer = null;
      isLate = false;
    },
  };
}

/**
 * How many views there are of some widgets.
 * @param {LabModel[]} widgets
 */
function viewsOf(widgets) {
  return widgets.reduce((count, { views = {} }) => count + Object.keys(views).length, 0);
}

/** Follows the requests of one lab, in all places where it is shown. */
export class Watch {
  state = new RequestState();
  /** @type {Set<() => void>} */
  listeners = new Set();
  /** The kernel has not come to the reader's last change for a while. */
  waiting = lasting(() => this.#tell(), PATIENCE);
  /** A request has been computed for a while. */
  computing = lasting(() => this.#tell(), PATIENCE);
  /** There has been no answer for longer than a blink: what is old dims. */
  dimming = lasting(() => this.#dim(), BLINK);
  /** @type {LabModel | null} */
  lab = null;
  /** @type {WeakSet<LabModel>} */
  #known = new WeakSet();
  /** @type {LabModel[]} */
  #widgets = []; // the lab and all that stand in it
  #views = 0; // of all of them
  /** What is said on the page of the lab's state. */
  #shown = { isBusy: false, isDimmed: false, news: "" };

  /** @param {Model} model */
  constructor(model) {
    this.model = model;
  }

  /** @param {LabModel} lab */
  attend(lab) {
    this.lab = lab;
    this.renew();
  }

  /** Look for the widgets of the lab and for where they are shown, listen to the new ones, show the state of all. */
  renew() {
    const { lab } = this;
    if (lab === null) return;
    this.#widgets = [...modelsIn(lab)];
    this.#views = viewsOf(this.#widgets);
    for (const one of this.#widgets) {
      this.#listen(one);
      explainControl(one);
    }
    this.refresh();
    this.#sayBusy();
    this.#setDimmed();
    this.#tell();
  }

  /**
   * Show the state of all. It is called several times for each key: what is shown already is left alone, since the browser
   * works out the styles of whatever is touched.
   */
  refresh() {
    const { lab, state } = this;
    if (lab === null) return;
    if (viewsOf(this.#widgets) !== this.#views) {
      this.renew();
      return;
    }
    this.dimming.update(state.isPending);
    this.waiting.update(state.isUnheard);
    this.computing.update(state.isComputing && !state.isUnheard);
    if (state.isPending !== this.#shown.isBusy) this.#sayBusy();
    this.#dim();
    if (this.news !== this.#shown.news) this.#tell();
  }

  /** What the line of requests says, in letters that can be compared. */
  get news() {
    return JSON.stringify([this.waiting.isLate(), this.computing.isLate(), this.state.isStopped]);
  }

  #sayBusy() {
    this.#shown.isBusy = this.state.isPending;
    const isBusy = String(this.#shown.isBusy);
    if (this.lab !== null) withElements(this.lab, (root) => root.setAttribute("aria-busy", isBusy));
  }

  /** Whether what is old is dimmed: while an answer is late, and after a request that was not finished. */
  get isDimmed() {
    return this.state.isPending ? this.dimming.isLate() : !this.state.isWhole;
  }

  #dim() {
    const { isDimmed } = this;
    if (isDimmed || isDimmed !== this.#shown.isDimmed) this.#setDimmed();
  }

  #setDimmed() {
    const { isDimmed, lab } = this;
    this.#shown.isDimmed = isDimmed;
    if (lab !== null) withElements(lab, (root) => root.classList.toggle(LATE, isDimmed));
    for (const one of this.#widgets) if (showsAnswers(one)) this.#mark(one);
  }

  #tell() {
    this.#shown.news = this.news;
    for (const listener of this.listeners) listener();
  }

  /** @param {LabModel} one */
  #listen(one) {
    if (this.#known.has(one) || one.get("requested") !== undefined) return; // the line of requests itself
    this.#known.add(one);
    listenTo(one, { sent: (from, message) => this.#sent(from, message), painted: (view) => this.#painted(view) });
    one.on?.("change:children", () => this.renew());
    one.on?.("change:tooltip", () => explainControl(one));
  }

  /** @param {LabModel} view */
  #mark(view) {
    const isOld = this.isDimmed && this.state.isOld(view.model_id);
    withElements(view, (element) => element.classList.toggle(OLD, isOld));
  }

  /**
   * A view was painted. If a change is on its way it is out of date again, but while answers come fast nothing flickers:
   * the time after which what is old dims begins anew.
   * @param {LabModel} view
   */
  #painted(view) {
    this.state.paint(view.model_id);
    if (!showsAnswers(view)) return;
    if (this.isDimmed) {
      this.#mark(view);
      return;
    }
    this.dimming.update(false);
    this.dimming.update(this.state.isPending);
  }

  /**
   * @param {LabModel} from
   * @param {import("./lab_models.js").Message} message
   */
  #sent(from, message) {
    const names = message.method === "update" ? Object.keys(message.state ?? {}) : [message.method ?? ""];
    const isQuiet = message.method === "request_state" || names.every((name) => QUIET.has(name));
    if (isQuiet || this.model.get("silent").some((one) => idOf(one) === from.model_id)) return null;
    const change = this.state.change();
    this.refresh();
    return {
      heard: () => {
        this.state.hear(change);
        this.refresh();
      },
      handled: () => {
        this.state.handle(change);
        this.refresh();
      },
    };
  }
}
