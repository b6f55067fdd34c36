// Shows what the law's loader says of a field beside it while somebody types; without this, saving shows it.
// Fields that were not touched yet stay quiet.
const WAIT = 400;
const DATE = /^(.+)-(day|month|year)$/;

for (const form of document.querySelectorAll("form[data-beside]")) {
  const touched = new Set();
  let timer;
  let latest = 0;

  const show = (field, message) => {
    const id = `${field.id}-live`;
    let place = document.getElementById(id);
    if (!message) {
      place?.remove();
      field.removeAttribute("aria-invalid");
      return;
    }
    if (!place) {
      place = document.createElement("p");
      place.id = id;
      place.className = "ds-validation-message";
      place.dataset.color = "danger";
      place.setAttribute("role", "status");
      field.closest(".ds-field").append(place);
      const described = field.getAttribute("aria-describedby");
      if (!described?.split(" ").includes(id)) field.setAttribute("aria-describedby", [described, id].filter(Boolean).join(" "));
    }
    if (place.textContent !== message) place.textContent = message;
    field.setAttribute("aria-invalid", "true");
  };

  // A date is three boxes: what is wrong with it stands below them, once the typist has left all three.
  const showDate = (group, message) => {
    let place = group.querySelector("[data-date-message]");
    for (const box of group.querySelectorAll("input")) box.toggleAttribute("aria-invalid", Boolean(message));
    if (!message) {
      place?.remove();
      return;
    }
    if (!place) {
      place = document.createElement("p");
      place.dataset.dateMessage = "";
      place.className = "ds-validation-message";
      place.dataset.color = "danger";
      place.setAttribute("role", "status");
      group.append(place);
    }
    if (place.textContent !== message) place.textContent = message;
  };

  const ask = async () => {
    const mine = ++latest;
    let said;
    try {
      const answer = await fetch(form.dataset.beside, { method: "POST", body: new FormData(form) });
      if (!answer.ok) return;
      said = await answer.json();
    } catch {
      return; // off line: saving will tell
    }
    if (mine !== latest) return;
    if (whole && said.whole) tell(said.whole);
    for (const field of form.elements) {
      if (!field.name || !field.id || field.type === "hidden" || !touched.has(field.name)) continue;
      const [date, part] = field.name.match(DATE)?.slice(1) ?? [];
      if (!part) show(field, said.fields[field.name]);
      else if (!field.closest("fieldset").contains(document.activeElement)) showDate(field.closest("fieldset"), said.fields[date]);
    }
  };

  // What concerns a table as a whole: cases that no rule meets, rules that overlap.
  const whole = document.querySelector("[data-whole]");
  const tell = (sentences) => {
    whole.replaceChildren(
      ...sentences.map((sentence) => {
        const line = document.createElement("li");
        line.dir = "auto";
        line.textContent = sentence;
        return line;
      }),
    );
  };

  form.addEventListener("focusout", () => {
    if (!touched.size) return;
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });

  form.addEventListener("input", (event) => {
    touched.add(event.target.name);
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
}
