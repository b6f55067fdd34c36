// A button beside each field of FEEL opens an editor with completion over the names in scope; it is fetched only then.
// The field stays, and is what is sent. The editor lives in a shadow tree: there its styles may be adopted, while the
// page's policy forbids inline ones.
const EDITOR = "../vendor/feel-editor-2.8.0/feel-editor.js";
const LOOK = `
  :host { display: block; }
  .place { background: #fff; color: #111; border: 2px solid #555; border-radius: 4px; min-block-size: 4rem; }
  .place:focus-within { outline: 3px solid #1d4ed8; outline-offset: 2px; }
  .cm-editor .cm-content { font-size: 1rem; padding-block: .5rem; }
`;

async function open(field, button) {
  const { FeelEditor } = await import(EDITOR);
  const host = document.createElement("div");
  const tree = host.attachShadow({ mode: "open" });
  const look = new CSSStyleSheet();
  look.replaceSync(LOOK);
  tree.adoptedStyleSheets = [look];
  const place = document.createElement("div");
  place.className = "place";
  place.dir = "ltr";
  tree.append(place);
  button.replaceWith(host);

  const label = document.querySelector(`label[for="${CSS.escape(field.id)}"]`);
  const editor = new FeelEditor({
    container: place,
    value: field.value,
    variables: JSON.parse(field.dataset.feel),
    contentAttributes: { "aria-label": label?.textContent.trim().replace(/\s+/g, " ") ?? field.name },
    onChange: (value) => {
      field.value = value;
    },
  });
  field.hidden = true;
  label?.addEventListener("click", (event) => {
    event.preventDefault();
    editor.focus();
  });
  editor.focus(field.value.length);
}

for (const field of document.querySelectorAll("textarea[data-feel]")) {
  const button = document.createElement("button");
  button.type = "button";
  button.className = "ds-link cw-link-button";
  button.textContent = field.dataset.open;
  button.addEventListener("click", () => open(field, button));
  field.after(button);
}
