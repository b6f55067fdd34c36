// Small comforts; every page works without them.

// A form that was sent once is not sent again while the answer is on its way.
document.addEventListener("submit", (event) => {
  const form = event.target;
  if (form.dataset.sent && Date.now() - Number(form.dataset.sent) < 5000) {
    event.preventDefault();
    return;
  }
  form.dataset.sent = String(Date.now());
  event.submitter?.setAttribute("aria-busy", "true");
});

// Coming back with the Back button, the form may be sent again.
addEventListener("pageshow", () => {
  for (const form of document.forms) {
    delete form.dataset.sent;
    for (const busy of form.querySelectorAll("[aria-busy]")) busy.removeAttribute("aria-busy");
  }
});

// The reader starts where the mistakes are listed, and a link there puts the cursor into its field.
const summary = document.querySelector("[data-focus]");
if (summary) {
  summary.focus({ preventScroll: false });
  summary.addEventListener("click", (event) => {
    const link = event.target.closest("a[href^='#']");
    const field = link && document.getElementById(decodeURIComponent(link.hash.slice(1)));
    if (!field) return;
    event.preventDefault();
    history.replaceState(null, "", link.hash);
    const group = field.closest("fieldset");
    (document.querySelector(`label[for="${CSS.escape(field.id)}"]`) ?? group ?? field).scrollIntoView({ block: "start" });
    if (!field.matches("input, select, textarea")) field.tabIndex = -1;
    field.focus({ preventScroll: true });
  });
}

// On paper nothing stays folded.
const folded = [];
addEventListener("beforeprint", () => {
  for (const item of document.querySelectorAll("details:not([open])")) {
    item.open = true;
    folded.push(item);
  }
});
addEventListener("afterprint", () => {
  while (folded.length) folded.pop().open = false;
});
