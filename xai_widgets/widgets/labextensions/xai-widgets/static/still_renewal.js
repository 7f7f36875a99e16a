// The stills in the notebook's model follow their labs: the kernel says that a lab has changed, and the page asks for the
// new still when the reader pauses, leaves the page or saves.

const TARGET = "xai-widgets.stills";
const PAUSE = 1500; // milliseconds after a change

/**
 * What the kernel says: a lab has changed; a still; a lab is not at rest yet; it was closed; its still could not be drawn.
 * @typedef {{changed: string} | {still: string, data: Record<string, unknown>} | {later: string} | {gone: string}
 *   | {failed: string, reason: string}} Message
 */

/**
 * @typedef {object} Comm
 * @property {(data: {have: Record<string, number>}) => unknown} open
 * @property {(data: {ask: string}) => unknown} send
 * @property {(message: {content: {data: Message}}) => void} onMsg
 * @property {() => void} onClose
 * @property {boolean} isDisposed
 */

export class StillRenewal {
  /**
   * @param {import("./notebook_labs.js").NotebookLabs} labs
   * @param {import("./notebook_labs.js").Context} context
   */
  constructor(labs, context) {
    this.labs = labs;
    this.context = context;
    /** @type {Comm | null} */
    this.comm = null;
    /** @type {Set<string>} */
    this.changed = new Set(); // labs whose still is out of date
    this.savesAgain = false;
    this.onHidden = () => {
      if (document.hidden) this.ask();
    };
    this.onSave = (/** @type {unknown} */ _sender, /** @type {string} */ state) => {
      if (state !== "started" || this.changed.size === 0) return;
      this.savesAgain = true; // what is saved now has a still that is out of date
      this.ask();
    };
    document.addEventListener("visibilitychange", this.onHidden);
    context.saveState.connect(this.onSave);
  }

  /** @param {import("./notebook_labs.js").Kernel} kernel */
  connect(kernel) {
    if (this.comm && !this.comm.isDisposed) return;
    const comm = kernel.createComm(TARGET);
    comm.onMsg = ({ content }) => this.hear(content.data);
    comm.onClose = () => this.disconnect();
    comm.open({ have: this.labs.versions() });
    this.comm = comm;
  }

  disconnect() {
    this.comm = null;
    this.changed.clear();
    this.savesAgain = false;
    clearTimeout(this.timer);
  }

  /** @param {Message} message */
  hear(message) {
    if ("changed" in message) this.expect(message.changed);
    else if ("later" in message) this.expect(message.later);
    else if ("gone" in message) this.changed.delete(message.gone);
    else if ("failed" in message) {
      this.changed.delete(message.failed);
      reportError(new Error(`the still of a lab was not renewed: ${message.reason}`));
    } else {
      this.changed.delete(message.still);
      this.labs.renew(message.still, message.data);
    }
    if (this.changed.size > 0 || !this.savesAgain) return;
    this.savesAgain = false;
    this.context.save();
  }

  /** @param {string} id */
  expect(id) {
    this.changed.add(id);
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.ask(), PAUSE);
  }

  ask() {
    clearTimeout(this.timer);
    if (!this.comm || this.comm.isDisposed) return;
    for (const ask of this.changed) this.comm.send({ ask });
  }

  dispose() {
    document.removeEventListener("visibilitychange", this.onHidden);
    this.context.saveState.disconnect(this.onSave);
    this.disconnect();
  }
}
