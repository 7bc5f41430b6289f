// A one-time link has its token behind the #, where no server and no log sees it.

const form = /** @type {HTMLFormElement} */ (document.querySelector("form"));
const token = location.hash.slice(1);
if (token) {
  history.replaceState(null, "", location.pathname + location.search);
  /** @type {HTMLInputElement} */ (form.elements.namedItem("link")).value = token;
  form.submit();
}
