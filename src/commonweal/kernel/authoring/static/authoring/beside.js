// Shows what the law's loader says of a field beside it while somebody types; without this, saving shows it.
// Fields that were not touched yet stay quiet.
const WAIT = 400;

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
      if (field.name && field.id && field.type !== "hidden" && touched.has(field.name)) show(field, said.fields[field.name]);
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

  form.addEventListener("input", (event) => {
    touched.add(event.target.name);
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
}
