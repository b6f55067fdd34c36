// Shows what the compiler says of a text while it is being written; without this, saving shows it.
const WAIT = 500;

for (const field of document.querySelectorAll("[data-check]")) {
  const place = document.querySelector("[data-messages]");
  const token = field.form.elements.csrfmiddlewaretoken.value;
  let timer;
  let latest = 0;

  const ask = async () => {
    const mine = ++latest;
    const body = new FormData();
    body.set("text", field.value);
    let answer;
    try {
      answer = await fetch(field.dataset.check, { method: "POST", body, headers: { "X-CSRFToken": token } });
    } catch {
      return; // off line: saving will tell
    }
    if (!answer.ok || mine !== latest) return;
    const said = new DOMParser().parseFromString(await answer.text(), "text/html");
    place.replaceChildren(...said.body.childNodes);
  };

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(ask, WAIT);
  });
}
