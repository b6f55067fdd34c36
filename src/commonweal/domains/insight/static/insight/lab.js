// Comforts of the policy lab: figures are found while one types, and progress shows by itself.

const form = document.querySelector("[data-lab]");
if (form) {
  const field = form.querySelector("[data-lab-find]");
  const figures = [...form.querySelectorAll("[data-lab-figure]")];
  const none = form.querySelector("[data-lab-none]");
  const told = form.querySelector("[data-lab-found]");
  field.addEventListener("input", () => {
    const words = field.value.toLocaleLowerCase().split(/\s+/).filter(Boolean);
    let found = 0;
    for (const figure of figures) {
      const text = figure.dataset.labFigure.toLocaleLowerCase();
      figure.hidden = !words.every((word) => text.includes(word));
      found += figure.hidden ? 0 : 1;
    }
    none.hidden = found > 0;
    told.textContent = `${found} / ${figures.length}`;
  });
  field.addEventListener("keydown", (event) => {
    if (event.key === "Enter") event.preventDefault();
  });
  form.addEventListener("input", (event) => {
    const figure = event.target.closest("[data-lab-figure]");
    if (!figure) return;
    const fields = [...figure.querySelectorAll("[data-law]")];
    figure.classList.toggle("is-changed", fields.some((each) => each.value.trim() !== each.dataset.law));
  });
}

const section = document.querySelector("[data-lab-state]");
if (section) {
  const bar = section.querySelector("progress");
  const text = section.querySelector("[data-lab-text]");
  const look = async () => {
    try {
      const answer = await fetch(section.dataset.labState, { headers: { Accept: "application/json" } });
      if (answer.ok) {
        const state = await answer.json();
        if (state.is_over) {
          location.reload();
          return;
        }
        bar.value = state.share;
        text.textContent = state.text;
      }
    } catch {
      // The network is away for a moment; the next look may reach it.
    }
    setTimeout(look, 1000);
  };
  setTimeout(look, 500);
}
