// Passkeys: every form with `data-passkey` asks the device, puts its answer into the field `credential` and is sent.
// Without JavaScript, or without passkeys on the device, these forms stay hidden and the other ways serve.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (char) => char.charCodeAt(0));
const toText = (buffer) =>
  btoa(String.fromCharCode(...new Uint8Array(buffer))).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");

const descriptors = (list = []) => list.map((entry) => ({ ...entry, id: toBytes(entry.id) }));

const requestOptions = (options) => ({
  ...options,
  challenge: toBytes(options.challenge),
  allowCredentials: descriptors(options.allowCredentials),
});

const creationOptions = (options) => ({
  ...options,
  challenge: toBytes(options.challenge),
  user: { ...options.user, id: toBytes(options.user.id) },
  excludeCredentials: descriptors(options.excludeCredentials),
  authenticatorSelection: {
    ...options.authenticatorSelection,
    residentKey: "required",
    requireResidentKey: true,
    userVerification: "required",
  },
});

const asJson = (credential) => {
  const { response } = credential;
  const answer = { clientDataJSON: toText(response.clientDataJSON) };
  if (response.attestationObject) {
    answer.attestationObject = toText(response.attestationObject);
    answer.transports = response.getTransports ? response.getTransports() : [];
  } else {
    answer.authenticatorData = toText(response.authenticatorData);
    answer.signature = toText(response.signature);
    answer.userHandle = response.userHandle ? toText(response.userHandle) : null;
  }
  return {
    id: credential.id,
    type: credential.type,
    rawId: toText(credential.rawId),
    authenticatorAttachment: credential.authenticatorAttachment,
    response: answer,
    clientExtensionResults: credential.getClientExtensionResults(),
  };
};

const askDevice = async (form) => {
  if (form.dataset.passkey === "create") {
    const { publicKey } = JSON.parse(form.dataset.options);
    return navigator.credentials.create({ publicKey: creationOptions(publicKey) });
  }
  let options = form.dataset.options;
  if (form.dataset.passkey === "login") {
    const answer = await fetch(form.action, { headers: { Accept: "application/json" } });
    if (!answer.ok) throw new Error(`The server answered ${answer.status}.`);
    options = JSON.stringify((await answer.json()).request_options);
  }
  return navigator.credentials.get({ publicKey: requestOptions(JSON.parse(options).publicKey) });
};

// A passkey belongs to a name: browsers make none for an address of numbers, such as 127.0.0.1.
const isNumbers = /^[\d.]+$|:/.test(location.hostname);

const serve = (form) => {
  const failed = form.querySelector("[data-passkey-failed]");
  form.hidden = false;
  if (isNumbers) {
    form.querySelector("[data-passkey-address]").hidden = false;
    form.querySelectorAll("button").forEach((button) => { button.hidden = true; });
    return;
  }
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    failed.hidden = true;
    try {
      form.elements.credential.value = JSON.stringify(asJson(await askDevice(form)));
      form.submit();
    } catch (error) {
      console.warn(error);
      failed.hidden = false;
    }
  });
};

if (window.PublicKeyCredential) document.querySelectorAll("form[data-passkey]").forEach(serve);
