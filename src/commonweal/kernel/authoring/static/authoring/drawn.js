// Opens dmn-js, the table modeller of bpmn.io, on the rules of one table; it is fetched only then. It reads DMN 1.3, and
// shows a note where the standard has a rule's description: both are put right on the way in, and only the words of the
// cells come back, so that the rest of the file stays as it is.
const HOME = "../vendor/dmn-js-17.10.2/";
const OURS = /https:\/\/www\.omg\.org\/spec\/DMN\/\d+\//g;
const THEIRS = "https://www.omg.org/spec/DMN/20191111/";

const childrenOf = (element, name) => [...element.children].filter((child) => child.localName === name);
const textOf = (entry) => entry?.text ?? "";

function prepared(source) {
  const model = new DOMParser().parseFromString(source.replace(OURS, THEIRS), "text/xml");
  for (const rule of model.getElementsByTagNameNS("*", "rule")) {
    const [note] = childrenOf(rule, "annotationEntry");
    if (!note || childrenOf(rule, "description").length) continue;
    const description = model.createElementNS(rule.namespaceURI, rule.tagName.replace(/rule$/, "description"));
    description.textContent = note.textContent.trim();
    rule.prepend(description);
  }
  return new XMLSerializer().serializeToString(model);
}

async function open(form) {
  const style = document.createElement("link");
  style.rel = "stylesheet";
  style.href = new URL(`${HOME}dmn-tables.css`, import.meta.url).href;
  document.head.append(style);
  const [{ TableModeler }, answer] = await Promise.all([import(`${HOME}dmn-tables.js`), fetch(form.dataset.drawn)]);
  const modeler = new TableModeler({ container: form.querySelector("[data-table]"), keyboard: { bindTo: document } });
  await modeler.importXML(prepared(await answer.text()), { open: false });
  const view = modeler.getViews().find((each) => each.element.id === form.dataset.decision);
  form.querySelector("[data-place]").hidden = false;
  await modeler.open(view);
  const table = view.element.decisionLogic;
  const hasNotes = Boolean(table.annotation?.length);

  form.addEventListener("submit", () => {
    const rows = (table.rule ?? []).map((rule) => [
      ...(rule.inputEntry ?? []).map(textOf),
      ...(rule.outputEntry ?? []).map(textOf),
      ...(hasNotes ? [rule.description ?? ""] : []),
    ]);
    form.elements.rows.value = JSON.stringify(rows);
  });
}

for (const form of document.querySelectorAll("form[data-drawn]")) {
  const button = form.querySelector("[data-open]");
  form.hidden = false;
  button.addEventListener("click", async () => {
    button.hidden = true;
    try {
      await open(form);
    } catch (error) {
      button.hidden = false;
      throw error;
    }
  });
}
