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

// Before the session ends, ask whether to stay signed in. The question is the page that readers without scripts get.
const end = document.querySelector("[data-session-ends-in]");
if (end) {
  const { sessionEndsIn, sessionWarn, sessionHref, sessionLater } = end.dataset;
  let endsAt = Date.now() + Number(sessionEndsIn) * 1000;
  let warnS = Number(sessionWarn);
  let isBusy = false;
  const isNear = () => endsAt > Date.now() && endsAt - Date.now() <= warnS * 1000;

  const question = async () => {
    const answer = await fetch(sessionHref, { redirect: "manual" });
    if (!answer.ok) return null; // signed out elsewhere
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const found = page.querySelector("[data-session-ask]");
    endsAt = Date.now() + Number(found.dataset.endsIn) * 1000; // another tab may have seen to it
    return found;
  };

  const ask = async () => {
    const asked = await question();
    if (!asked || !isNear()) return;
    const dialog = document.createElement("dialog");
    dialog.className = "cw-dialog";
    dialog.setAttribute("aria-labelledby", "stay-signed-in");
    dialog.append(document.importNode(asked, true));
    const later = document.createElement("button");
    later.type = "button";
    later.className = "ds-button";
    later.dataset.variant = "secondary";
    later.textContent = sessionLater;
    later.addEventListener("click", () => dialog.close());
    const form = dialog.querySelector("form");
    form.append(later);
    form.addEventListener("submit", async (event) => {
      event.preventDefault();
      await fetch(form.action, { method: "POST", body: new FormData(form), redirect: "manual" });
      await question();
      if (!isNear()) dialog.close();
    });
    dialog.addEventListener("close", () => {
      dialog.remove();
      warnS = isNear() ? Math.min(warnS, 120) : Number(sessionWarn); // asked once more, shortly before the end
    });
    document.body.append(dialog);
    dialog.showModal();
    form.querySelector("button").focus();
  };

  const look = async () => {
    if (isBusy || document.querySelector(".cw-dialog") || !isNear()) return;
    isBusy = true;
    try {
      await ask();
    } finally {
      isBusy = false;
    }
  };
  setInterval(look, 5_000);
  look();
}
