// A one-time link carries its token in the URL fragment, which reaches no server and no log.

const form = /** @type {HTMLFormElement} */ (document.querySelector("form"));
const token = location.hash.slice(1);
if (token) {
  history.replaceState(null, "", location.pathname + location.search);
  /** @type {HTMLInputElement} */ (form.elements.namedItem("link")).value = token;
  form.submit();
}
