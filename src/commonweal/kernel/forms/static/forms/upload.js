// Sends files as soon as they are chosen, piece by piece (tus 1.0.0): a lost connection, or a page that was closed, costs
// at most one piece. Without this script the form sends them itself.

const PIECE = 512 * 1024;
const REMEMBERED = 22 * 60 * 60 * 1000;  // the server keeps what has arrived for an hour longer
const PAUSES = [1000, 2000, 5000, 10000, 20000];
const TUS = { "Tus-Resumable": "1.0.0", Accept: "application/json" };
let underway = 0;

class Lost extends Error {}
class Refused extends Error {}
class Gone extends Error {}

const pause = (ms) => new Promise((go) => {
  const timer = setTimeout(go, ms);
  addEventListener("online", () => { clearTimeout(timer); go(); }, { once: true });
});

async function ask(address, options) {
  let answer;
  try {
    answer = await fetch(address, options);
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Lost();
  }
  if (answer.status === 404 || answer.status === 410) throw new Gone();
  if (answer.status >= 500 || answer.status === 409 || answer.status === 429) throw new Lost();
  if (!answer.ok) {
    const problem = await answer.json().catch(() => ({}));
    throw new Refused(Object.values(problem.fields ?? {})[0] ?? [problem.title, problem.detail].filter(Boolean).join(" "));
  }
  return answer;
}

class Field {
  constructor(box) {
    this.box = box;
    this.say = box.dataset;
    this.input = box.querySelector("input[type=file]");
    this.form = this.input.form;
    this.queue = Promise.resolve();
    this.list = document.createElement("ul");
    this.list.className = "cw-files cw-upload__list";
    this.list.hidden = true;
    this.status = document.createElement("p");
    this.status.className = "ds-sr-only";
    this.status.setAttribute("role", "status");
    this.problem = document.createElement("div");
    this.problem.className = "cw-upload__problem";
    this.problem.setAttribute("role", "alert");
    this.input.before(this.list);
    this.input.after(this.problem, this.status);
    box.querySelector(".cw-upload__send").hidden = true;
    this.input.addEventListener("change", () => this.chosen());
    this.showUnfinished();
  }

  headers(more = {}) {
    return { ...TUS, "X-CSRFToken": this.form.elements.csrfmiddlewaretoken.value, ...more };
  }

  place(file) {
    return `commonweal-upload ${this.say.upload} ${file.name} ${file.size} ${file.lastModified}`;
  }

  showUnfinished() {
    const names = [];
    for (const key of Object.keys(localStorage)) {
      if (!key.startsWith(`commonweal-upload ${this.say.upload} `)) continue;
      const left = JSON.parse(localStorage.getItem(key));
      if (Date.now() > left.until) localStorage.removeItem(key);
      else names.push(left.name);
    }
    if (names.length) this.complain(`${this.say.unfinished} ${names.join(", ")}`);
  }

  complain(text) {
    this.problem.replaceChildren();
    if (!text) return;
    const line = document.createElement("p");
    line.className = "ds-validation-message";
    line.dataset.color = "danger";
    line.textContent = text;
    this.problem.append(line);
  }

  chosen() {
    const files = [...this.input.files];
    this.input.value = "";
    this.complain("");
    for (const file of files) {
      const row = this.row(file);
      underway += 1;
      this.queue = this.queue.then(() => this.send(file, row)).finally(() => {
        underway -= 1;
        row.line.remove();
        this.list.hidden = !this.list.children.length;
      });
    }
  }

  row(file) {
    const line = document.createElement("li");
    line.className = "cw-files__file";
    const name = document.createElement("bdi");
    name.textContent = file.name;
    const bar = document.createElement("progress");
    bar.max = Math.max(1, file.size);
    bar.value = 0;
    bar.setAttribute("aria-label", `${this.say.sending} ${file.name}`);
    const cancel = document.createElement("button");
    cancel.type = "button";
    cancel.className = "ds-link cw-link-button";
    cancel.textContent = this.say.cancel;
    const who = document.createElement("span");
    who.className = "ds-sr-only";
    who.textContent = ` ${file.name}`;
    cancel.append(who);
    const stop = new AbortController();
    cancel.addEventListener("click", () => stop.abort());
    line.append(name, bar, cancel);
    this.list.append(line);
    this.list.hidden = false;
    return { line, bar, stop };
  }

  async send(file, row) {
    const { signal } = row.stop;
    let address = JSON.parse(localStorage.getItem(this.place(file)) ?? "{}").address;
    try {
      if (signal.aborted) throw new DOMException("", "AbortError");
      for (let tries = 0; ; tries += 1) {
        try {
          address ??= await this.begin(file, signal);
          await this.pieces(file, address, row, () => { tries = 0; });
          break;
        } catch (error) {
          if (error instanceof Gone && address) {
            address = undefined;
            localStorage.removeItem(this.place(file));
            if (tries && (await this.refresh(file))) break;
          } else if (error instanceof Lost && tries < 60) {
            this.status.textContent = this.say.waiting;
            row.line.classList.add("cw-upload--waiting");
            await pause(PAUSES[Math.min(tries, PAUSES.length - 1)]);
            row.line.classList.remove("cw-upload--waiting");
            if (signal.aborted) throw new DOMException("", "AbortError");
          } else throw error;
        }
      }
      await this.refresh(file);
      this.status.textContent = `${this.say.done} ${file.name}`;
    } catch (error) {
      if (error.name === "AbortError") {
        if (address) fetch(address, { method: "DELETE", headers: this.headers() }).catch(() => {});
      } else this.complain(error.message || `${file.name}: ${this.say.failed}`);
      if (error instanceof Lost) return;
    }
    localStorage.removeItem(this.place(file));
  }

  async begin(file, signal) {
    const bytes = new TextEncoder().encode(file.name);
    const name = btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
    const headers = this.headers({ "Upload-Length": String(file.size), "Upload-Metadata": `filename ${name}` });
    const answer = await ask(this.say.upload, { method: "POST", headers, signal });
    const address = answer.headers.get("Location");
    const until = Date.now() + REMEMBERED;
    localStorage.setItem(this.place(file), JSON.stringify({ address, until, name: file.name }));
    return address;
  }

  async pieces(file, address, row, moved) {
    const { signal } = row.stop;
    const standing = await ask(address, { method: "HEAD", headers: this.headers(), signal });
    let offset = Number(standing.headers.get("Upload-Offset"));
    for (;;) {
      row.bar.value = offset;
      const answer = await ask(address, {
        method: "PATCH",
        headers: this.headers({ "Content-Type": "application/offset+octet-stream", "Upload-Offset": String(offset) }),
        body: file.slice(offset, offset + PIECE),
        signal,
      });
      offset = Number(answer.headers.get("Upload-Offset"));
      row.bar.value = offset;
      moved();
      if (offset < file.size) continue;
      this.follow(answer.headers);
      return;
    }
  }

  // The form's other answers may be sent with the new revision, if this page knew the one before.
  follow(headers) {
    const { revision } = this.form.elements;
    if (revision.value === headers.get("Form-Revision-Before")) revision.value = headers.get("Form-Revision");
  }

  // The list of files comes from the server, as it draws it without a script; true where the file is in it.
  async refresh(file) {
    const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
    const there = new DOMParser().parseFromString(await answer.text(), "text/html").getElementById(this.box.id);
    const stored = there?.querySelector("ul.cw-files");
    this.box.querySelector("ul.cw-files:not(.cw-upload__list)")?.remove();
    if (stored) this.list.before(document.adoptNode(stored));
    return Boolean(stored?.textContent.includes(file.name));
  }
}

for (const box of document.querySelectorAll("[data-upload]")) {
  const field = new Field(box);
  field.form.addEventListener("submit", (event) => {
    if (!underway) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    field.complain(field.say.busy);
    field.input.focus();
  }, { capture: true });
}
