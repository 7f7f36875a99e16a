// The labs of one notebook: which of them the kernel still has, and what happens when it is restarted or ends.

const ENDED = new Set(["restarting", "autorestarting", "terminating", "dead"]);
const GATHERED = 300; // milliseconds in which outputs that appear are asked about together

/** @typedef {import("./lab_output.js").LabOutput} LabOutput */
/** @typedef {import("./lab_output.js").Standing} Standing */

/**
 * A signal of Lumino.
 * @template Value
 * @typedef {{connect: (slot: (sender: unknown, value: Value) => void) => void,
 *   disconnect: (slot: (sender: unknown, value: Value) => void) => void}} Signal
 */

/**
 * @typedef {object} Kernel
 * @property {(content: {target_name: string}) => Promise<{content: {comms?: Record<string, unknown>}} | undefined>}
 *   requestCommInfo
 * @property {(target: string) => import("./still_renewal.js").Comm} createComm
 */

/**
 * @typedef {object} SessionContext
 * @property {Promise<void>} ready
 * @property {{kernel: Kernel | null} | null} session
 * @property {Signal<string>} statusChanged
 * @property {Signal<string>} connectionStatusChanged
 * @property {Signal<{oldValue: Kernel | null, newValue: Kernel | null}>} kernelChanged
 */

/**
 * @typedef {object} Context
 * @property {SessionContext} sessionContext
 * @property {Signal<string>} saveState
 * @property {() => Promise<void>} save
 */

/**
 * @typedef {object} NotebookPanel
 * @property {{rendermime: import("./lab_output.js").RenderMime, activeCellIndex: number,
 *   widgets: readonly {node: HTMLElement}[]}} content
 */

/**
 * Return the models of widgets that a kernel has; null if it went before it answered.
 * @param {Kernel} kernel
 */
async function liveWidgets(kernel) {
  try {
    // biome-ignore lint/style/useNamingConvention: the protocol of Jupyter names it
    const reply = await kernel.requestCommInfo({ target_name: "jupyter.widget" });
    return new Set(Object.keys(reply?.content.comms ?? {}));
  } catch {
    return null;
  }
}

export class NotebookLabs {
  /**
   * @param {import("./plugin.js").App} app
   * @param {NotebookPanel} panel
   * @param {Context} context
   * @param {typeof import("./still_renewal.js").StillRenewal} StillRenewal
   */
  constructor(app, panel, context, StillRenewal) {
    this.app = app;
    this.panel = panel;
    this.context = context;
    this.isDisposed = false;
    this.isSettled = false; // whether the kernel has been asked once: what appears later comes from it
    /** @type {Set<LabOutput>} */
    this.outputs = new Set();
    /** @type {Map<string, Standing>} */
    this.standings = new Map();
    this.renewal = new StillRenewal(this, context);
    this.onStatus = (/** @type {unknown} */ _sender, /** @type {string} */ status) => {
      if (ENDED.has(status)) this.lose();
    };
    this.onConnection = (/** @type {unknown} */ _sender, /** @type {string} */ status) => {
      if (status === "connected") this.check();
    };
    this.onKernel = (/** @type {unknown} */ _sender, /** @type {{oldValue: Kernel | null}} */ { oldValue }) => {
      if (oldValue) this.lose();
      this.check();
    };
    const { sessionContext } = context;
    sessionContext.statusChanged.connect(this.onStatus);
    sessionContext.connectionStatusChanged.connect(this.onConnection);
    sessionContext.kernelChanged.connect(this.onKernel);
    this.check();
  }

  /** The kernel of the notebook; null if it has none. */
  get kernel() {
    return this.context.sessionContext.session?.kernel ?? null;
  }

  /** @param {LabOutput} output */
  add(output) {
    this.outputs.add(output);
    if (!this.isSettled || this.standings.has(output.id) || this.gathering) return;
    this.gathering = setTimeout(() => {
      this.gathering = undefined;
      this.check();
    }, GATHERED);
  }

  /** @param {LabOutput} output */
  remove(output) {
    this.outputs.delete(output);
  }

  /**
   * Tell how a lab stands. One that nobody has asked about was shown just now, by the kernel that runs.
   * @param {string} id
   * @returns {Standing}
   */
  standing(id) {
    return this.standings.get(id) ?? (this.isSettled ? "live" : "waiting");
  }

  /** Ask the kernel which labs it has. */
  async check() {
    await this.context.sessionContext.ready;
    const { kernel } = this;
    const live = kernel ? await liveWidgets(kernel) : new Set();
    if (!live || this.isDisposed || kernel !== this.kernel) return;
    this.isSettled = true;
    for (const { id } of this.outputs) {
      if (live.has(id)) this.standings.set(id, "live");
      else if (!this.standings.has(id)) this.standings.set(id, "still");
    }
    this.follow();
    if (kernel && this.livingOutputs().length > 0) this.renewal.connect(kernel);
  }

  /** The kernel has ended: what it had is lost. */
  lose() {
    this.renewal.disconnect();
    for (const { id } of this.outputs) {
      if (this.standing(id) === "live") this.standings.set(id, "lost");
    }
    this.follow();
  }

  follow() {
    for (const output of this.outputs) output.follow();
  }

  /** @returns {LabOutput[]} those whose kernel answers */
  livingOutputs() {
    return [...this.outputs].filter(({ id }) => this.standing(id) === "live");
  }

  /**
   * Put a new still into the notebook's model, from where it is saved.
   * @param {string} id
   * @param {Record<string, unknown>} data  by MIME type
   */
  renew(id, data) {
    for (const { id: own, model } of this.outputs) {
      if (own === id && model) model.setData({ data: { ...model.data, ...data } });
    }
  }

  /** @returns {Record<string, number>} the version of the still of each lab that the kernel has */
  versions() {
    return Object.fromEntries(this.livingOutputs().map(({ id, version }) => [id, version]));
  }

  /**
   * Run the cell that shows a lab; a view of its output may stand elsewhere too.
   * @param {string} id
   */
  runCellOf(id) {
    const { content } = this.panel;
    const shown = [...this.outputs].filter((output) => output.id === id);
    const index = content.widgets.findIndex((cell) => shown.some(({ node }) => cell.node.contains(node)));
    if (index < 0) return;
    content.activeCellIndex = index;
    this.app.commands.execute("notebook:run-cell");
  }

  dispose() {
    if (this.isDisposed) return;
    this.isDisposed = true;
    clearTimeout(this.gathering);
    const { sessionContext } = this.context;
    sessionContext.statusChanged.disconnect(this.onStatus);
    sessionContext.connectionStatusChanged.disconnect(this.onConnection);
    sessionContext.kernelChanged.disconnect(this.onKernel);
    this.renewal.dispose();
  }
}
