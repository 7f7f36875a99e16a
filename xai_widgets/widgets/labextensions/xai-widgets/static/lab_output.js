// The output of a lab: the live widget where its kernel answers, elsewhere its still with one line that says why.

const LAB = "application/x-xai-widgets-lab+json"; // as in still_bundle.py
const VIEW = "application/vnd.jupyter.widget-view+json";
const PICTURE = "image/png";
const TRIES = 7; // of a lab that the kernel has and ipywidgets does not know yet: where there are many, it is late
const FIRST_PAUSE = 500; // milliseconds before the second; each is twice as long as the one before

/**
 * How a lab stands: its kernel answers; it is not yet known; no kernel has it; its kernel was restarted or ended.
 * @typedef {"live" | "waiting" | "still" | "lost"} Standing
 */

/**
 * What the kernel tells about a lab beside its picture, made by still_bundle.py.
 * @typedef {object} Told
 * @property {string} model_id
 * @property {number} version  counts the changes of the lab
 * @property {string} alt
 * @property {string} [refusal]  why there is no picture
 * @property {{waiting: string, still: string, lost: string, run: string}} words
 */

/**
 * The output in the notebook's model.
 * @typedef {object} OutputModel
 * @property {boolean} trusted
 * @property {Record<string, unknown>} data
 * @property {(change: {data: Record<string, unknown>}) => void} setData
 */

/**
 * What is used of Lumino's widgets.
 * @typedef {object} Widget
 * @property {HTMLElement} node
 * @property {boolean} isDisposed
 * @property {() => void} show
 * @property {() => void} hide
 * @property {(name: string) => void} addClass
 * @property {(name: string) => boolean} hasClass
 */
/** @typedef {Widget & {widgets: readonly Widget[], addWidget(widget: Widget): void, dispose(): void}} Panel */
/** @typedef {{Panel: new () => Panel, Widget: new () => Widget}} Lumino */
/** @typedef {Panel & {renderModel: (model: OutputModel) => Promise<void>}} Renderer */

/**
 * @typedef {object} RenderMime
 * @property {(type: string) => Renderer} createRenderer
 * @property {(factory: object, rank: number) => void} addFactory
 */

/** @param {OutputModel} model */
function toldOf(model) {
  return /** @type {Told} */ (model.data[LAB]);
}

/**
 * @param {string} kind
 * @param {string} className
 * @param {...(Node | string)} children
 */
function element(kind, className, ...children) {
  const made = document.createElement(kind);
  made.className = className;
  made.append(...children);
  return made;
}

/** @param {OutputModel} model */
function pictureOf(model) {
  const { alt, refusal } = toldOf(model);
  if (!model.data[PICTURE]) return element("p", "xai-still-refusal", refusal ?? "");
  const image = document.createElement("img");
  image.alt = alt;
  image.src = `data:${PICTURE};base64,${String(model.data[PICTURE]).replace(/\s/gu, "")}`;
  return element("div", "xai-still-picture", image);
}

/**
 * Return the class of outputs, which stands on the page's own Lumino.
 * @param {Lumino} lumino
 */
export function labOutputClass({ Panel, Widget }) {
  return class LabOutput extends Panel {
    /**
     * @param {import("./notebook_labs.js").NotebookLabs} labs
     * @param {RenderMime} rendermime
     */
    constructor(labs, rendermime) {
      super();
      this.addClass("xai-lab");
      this.labs = labs;
      this.rendermime = rendermime;
      this.still = new Widget();
      this.still.addClass("xai-still");
      this.still.hide();
      this.addWidget(this.still);
      /** @type {OutputModel | null} */
      this.model = null;
      /** @type {Renderer | null} */
      this.view = null;
      this.id = "";
      this.drawn = false; // whether the view has shown the lab
      this.tried = 0;
      this.watch = new MutationObserver(() => this.settle());
    }

    /** The version of the still that the notebook holds. */
    get version() {
      return this.model ? toldOf(this.model).version : 0;
    }

    /**
     * Show an output; called again when its data change.
     * @param {OutputModel} model
     */
    renderModel(model) {
      const id = toldOf(model).model_id;
      if (id !== this.id) {
        this.removeView();
        this.tried = 0;
      }
      this.model = model;
      this.id = id;
      this.labs.add(this);
      this.follow();
      return Promise.resolve();
    }

    /** Show the lab as it stands now. */
    follow() {
      if (!this.model || this.isDisposed) return;
      const standing = this.model.trusted ? this.labs.standing(this.id) : "still";
      if (standing === "live") {
        this.showView(this.model);
        return;
      }
      this.removeView();
      this.showStill(this.model, standing);
    }

    /** @param {OutputModel} model */
    async showView(model) {
      if (this.view) return;
      this.view = this.rendermime.createRenderer(VIEW);
      this.addWidget(this.view);
      this.watch.observe(this.view.node, { childList: true });
      await this.view.renderModel(model);
      this.settle();
    }

    /** Look at what ipywidgets has made of the view: it says so by what the view holds alone. */
    settle() {
      if (!(this.view && this.model) || this.isDisposed) return;
      if (this.view.widgets.length > 0) {
        this.drawn = true;
        this.tried = 0;
        this.still.hide();
      } else if (this.drawn) {
        this.hide(); // the lab was closed
      } else if (this.view.hasClass("jupyter-widgets")) {
        this.tryAgain(this.model);
      }
    }

    /**
     * ipywidgets did not know the lab: ask it again, some times.
     * @param {OutputModel} model
     */
    tryAgain(model) {
      this.watch.disconnect();
      this.tried += 1;
      this.showStill(model, this.tried < TRIES ? "waiting" : "still");
      if (this.tried >= TRIES) return;
      this.timer = setTimeout(
        () => {
          this.removeView();
          this.follow();
        },
        FIRST_PAUSE * 2 ** (this.tried - 1),
      );
    }

    removeView() {
      this.watch.disconnect();
      clearTimeout(this.timer);
      this.view?.dispose();
      this.view = null;
      this.drawn = false;
      this.show();
    }

    /**
     * @param {OutputModel} model
     * @param {Exclude<Standing, "live">} standing
     */
    showStill(model, standing) {
      const { words } = toldOf(model);
      const note = element("p", "xai-still-note", element("span", "", words[standing]));
      note.setAttribute("role", "status");
      if (standing !== "waiting") note.append(this.runButton(words.run));
      note.setAttribute("data-standing", standing);
      this.still.node.replaceChildren(note, pictureOf(model));
      this.still.show();
    }

    /** @param {string} text */
    runButton(text) {
      const button = /** @type {HTMLButtonElement} */ (element("button", "xai-still-run", text));
      button.type = "button";
      button.addEventListener("click", () => this.labs.runCellOf(this.id));
      return button;
    }

    /** @override */
    dispose() {
      if (this.isDisposed) return;
      this.watch.disconnect();
      clearTimeout(this.timer);
      this.labs.remove(this);
      super.dispose();
    }
  };
}

/** @typedef {InstanceType<ReturnType<typeof labOutputClass>>} LabOutput */
