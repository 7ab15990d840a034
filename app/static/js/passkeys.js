// Passkeys: asks the service what to ask the authenticator, and sends back what it says.
// Without this script, or where the browser knows no passkeys, the buttons stay hidden.

const toBytes = (text) =>
  Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));

const toText = (buffer) => {
  let signs = "";
  for (const byte of new Uint8Array(buffer)) signs += String.fromCharCode(byte);
  return btoa(signs).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
};

// The JSON of the service → what navigator.credentials wants.
const asked = (options) => ({
  ...options,
  challenge: toBytes(options.challenge),
  ...(options.user && { user: { ...options.user, id: toBytes(options.user.id) } }),
  ...(options.allowCredentials && { allowCredentials: options.allowCredentials.map(withBytes) }),
  ...(options.excludeCredentials && { excludeCredentials: options.excludeCredentials.map(withBytes) }),
});
const withBytes = (known) => ({ ...known, id: toBytes(known.id) });

// What the authenticator said → JSON.
const told = (credential) => {
  const { response } = credential;
  const parts = { clientDataJSON: toText(response.clientDataJSON) };
  if (response.attestationObject) {
    parts.attestationObject = toText(response.attestationObject);
    parts.transports = response.getTransports ? response.getTransports() : [];
  } else {
    parts.authenticatorData = toText(response.authenticatorData);
    parts.signature = toText(response.signature);
    parts.userHandle = response.userHandle ? toText(response.userHandle) : null;
  }
  return {
    id: credential.id,
    rawId: toText(credential.rawId),
    type: credential.type,
    authenticatorAttachment: credential.authenticatorAttachment,
    clientExtensionResults: credential.getClientExtensionResults(),
    response: parts,
  };
};

const post = async (box, url, body) => {
  const answer = await fetch(url, {
    method: "POST",
    headers: { "Content-Type": "application/json", "X-CSRFToken": box.dataset.token },
    body: JSON.stringify(body),
  });
  const isJson = (answer.headers.get("Content-Type") || "").includes("json");
  return { ok: answer.ok, ...(isJson ? await answer.json() : { error: box.dataset.lost }) };
};

const press = async (box) => {
  const { passkey, nameField, next } = box.dataset;
  const options = await post(box, box.dataset.options, {});
  if (!options.challenge) return options;
  const publicKey = asked(options);
  const credential =
    passkey === "make"
      ? await navigator.credentials.create({ publicKey })
      : await navigator.credentials.get({ publicKey });
  const name = nameField ? document.getElementById(nameField).value : undefined;
  return post(box, box.dataset.send, { credential: told(credential), name, next });
};

for (const box of document.querySelectorAll("[data-passkey]")) {
  if (!window.PublicKeyCredential || !navigator.credentials) continue;
  box.hidden = false;
  const button = box.querySelector("button");
  const error = box.querySelector(".error");
  button.addEventListener("click", async () => {
    error.textContent = "";
    button.disabled = true;
    try {
      const answer = await press(box);
      if (answer.next) {
        window.location.assign(answer.next);
        return;
      }
      error.textContent = answer.error || box.dataset.lost;
    } catch (fault) {
      if (fault instanceof TypeError) error.textContent = box.dataset.lost;
      else if (fault.name === "InvalidStateError") error.textContent = box.dataset.known;
      else error.textContent = box.dataset.refused;
    }
    button.disabled = false;
  });
}
