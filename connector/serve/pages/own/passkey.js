"use strict";
// Asks the browser for a passkey and puts its answer into the form's own field; the form does the rest.
(() => {
  const form = document.querySelector("form[data-passkey]");
  if (!form || !window.PublicKeyCredential) return;
  const fault = form.querySelector("[data-fault]");
  const button = form.querySelector("button");
  const bytes = (text) =>
    Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (one) => one.charCodeAt(0));
  const text = (buffer) =>
    btoa(String.fromCharCode(...new Uint8Array(buffer)))
      .replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
  const known = (list) => (list || []).map((one) => ({ ...one, id: bytes(one.id) }));

  const made = async (asked) => {
    const found = await navigator.credentials.create({
      publicKey: {
        ...asked,
        challenge: bytes(asked.challenge),
        user: { ...asked.user, id: bytes(asked.user.id) },
        excludeCredentials: known(asked.excludeCredentials),
      },
    });
    return {
      id: found.id, rawId: text(found.rawId), type: found.type,
      response: {
        clientDataJSON: text(found.response.clientDataJSON),
        attestationObject: text(found.response.attestationObject),
      },
    };
  };
  const signed = async (asked) => {
    const found = await navigator.credentials.get({
      publicKey: {
        ...asked, challenge: bytes(asked.challenge), allowCredentials: known(asked.allowCredentials),
      },
    });
    return {
      id: found.id, rawId: text(found.rawId), type: found.type,
      response: {
        clientDataJSON: text(found.response.clientDataJSON),
        authenticatorData: text(found.response.authenticatorData),
        signature: text(found.response.signature),
        userHandle: found.response.userHandle ? text(found.response.userHandle) : null,
      },
    };
  };

  form.addEventListener("submit", async (event) => {
    if (form.elements.answer.value) return;
    event.preventDefault();
    button.disabled = true;
    fault.hidden = true;
    try {
      const asked = JSON.parse(form.dataset.passkey);
      const answer = await (asked.user ? made : signed)(asked);
      form.elements.answer.value = JSON.stringify(answer);
      form.submit();
    } catch {
      fault.hidden = false;
      button.disabled = false;
    }
  });
})();
