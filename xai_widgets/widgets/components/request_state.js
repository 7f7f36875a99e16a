// What is known of the newest request: which changes the kernel has not come to, and what on screen belongs to an older one.

/** @typedef {"finished" | "stopped" | "failed"} Outcome  of a request */

/**
 * A change that the reader has made, until the kernel is through with it.
 * @typedef {{heard: boolean, handled: boolean}} Change
 */

/** What the kernel tells of a lab's requests, and what the page knows by itself; no page is needed for it. */
export class RequestState {
  /** @type {number} */
  #unheard = 0;
  /** @type {number} */
  #open = 0;
  /** @type {number} */
  #requested = 0;
  /** @type {number} */
  #ended = 0;
  /** @type {Outcome} */
  #outcome = "finished";
  /** @type {Set<string>} */
  #fresh = new Set();

  /**
   * The reader has changed something, and a message is on its way.
   * @returns {Change}
   */
  change() {
    this.#unheard += 1;
    this.#open += 1;
    return { heard: false, handled: false };
  }

  /**
   * The kernel begins with a change.
   * @param {Change} change
   */
  hear(change) {
    if (change.heard) return;
    change.heard = true;
    this.#unheard -= 1;
  }

  /**
   * The kernel is through with a change: by now it has told of the request that follows from it, if there is one.
   * @param {Change} change
   */
  handle(change) {
    this.hear(change);
    if (change.handled) return;
    change.handled = true;
    this.#open -= 1;
  }

  /**
   * The kernel tells of its newest request, and of the last one that ended.
   * @param {number} requested
   * @param {number} ended
   * @param {Outcome} outcome
   */
  follow(requested, ended, outcome) {
    if (requested > this.#requested) this.#fresh.clear();
    this.#requested = requested;
    this.#ended = ended;
    this.#outcome = outcome;
  }

  /**
   * The kernel has painted a view: it belongs to the newest request, unless a change is on its way that will follow.
   * @param {string} view
   */
  paint(view) {
    if (this.#open === 0 && this.isComputing) this.#fresh.add(view);
  }

  /**
   * Whether a view shows what an older request was answered.
   * @param {string} view
   */
  isOld(view) {
    if (this.#open > 0) return true;
    return !this.isWhole && !this.#fresh.has(view);
  }

  /** Whether the kernel has not come to the last change. */
  get isUnheard() {
    return this.#unheard > 0;
  }

  /** Whether a request is being answered. */
  get isComputing() {
    return this.#requested > this.#ended;
  }

  /** Whether the newest request that the kernel told of is answered to its end. */
  get isWhole() {
    return !this.isComputing && this.#outcome === "finished";
  }

  /** Whether what is on screen waits for an answer. */
  get isPending() {
    return this.#open > 0 || this.isComputing;
  }

  /** Whether the newest request was stopped, and nothing was changed since. */
  get isStopped() {
    return !this.isPending && this.#outcome === "stopped";
  }
}
