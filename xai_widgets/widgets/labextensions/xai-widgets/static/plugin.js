// The plugin: every notebook that is opened gets a renderer for labs, ranked before that of ipywidgets.

const LAB = "application/x-xai-widgets-lab+json"; // as in still_bundle.py
const RANK = -20; // ipywidgets' own is -10; the lowest that knows a type of the output shows it

/**
 * @typedef {object} App
 * @property {{execute: (command: string) => Promise<unknown>}} commands
 * @property {{addWidgetExtension: (factory: string, extension: object) => void}} [docRegistry]  Voila has none
 */

function addStyles() {
  const link = document.createElement("link");
  link.rel = "stylesheet";
  link.href = new URL(`stills.css${new URL(import.meta.url).search}`, import.meta.url).href;
  document.head.append(link);
}

/**
 * @param {ReturnType<typeof import("./lab_output.js").labOutputClass>} LabOutput
 * @param {typeof import("./notebook_labs.js").NotebookLabs} NotebookLabs
 * @param {typeof import("./still_renewal.js").StillRenewal} StillRenewal
 */
export function makePlugin(LabOutput, NotebookLabs, StillRenewal) {
  return {
    id: "xai-widgets:stills",
    autoStart: true,
    /** @param {App} app */
    activate: (app) => {
      if (!app.docRegistry) return;
      addStyles();
      app.docRegistry.addWidgetExtension("Notebook", {
        /**
         * @param {import("./notebook_labs.js").NotebookPanel} panel
         * @param {import("./notebook_labs.js").Context} context
         */
        createNew: (panel, context) => {
          const labs = new NotebookLabs(app, panel, context, StillRenewal);
          const { rendermime } = panel.content;
          const createRenderer = () => new LabOutput(labs, rendermime);
          rendermime.addFactory({ safe: true, mimeTypes: [LAB], createRenderer }, RANK);
          return labs;
        },
      });
    },
  };
}
