// The pages for administrators: live parts are fetched again, and a new key can be copied.

import { localTimes } from "./service.js";

localTimes();

const live = /** @type {HTMLElement | null} */ (document.querySelector("[data-live]"));

async function renew() {
  const part = document.querySelector("[data-live]");
  if (!part || document.hidden || part.contains(document.activeElement)) return;
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (response?.redirected) return location.reload(); // signed out
  if (!response?.ok) return;
  const page = new DOMParser().parseFromString(await response.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  if (!fresh || !getSelection()?.isCollapsed) return;
  localTimes(fresh);
  part.replaceWith(fresh);
}

if (live) setInterval(renew, Number(live.dataset.live) * 1000);

for (const button of /** @type {NodeListOf<HTMLButtonElement>} */ (document.querySelectorAll("[data-copy]"))) {
  button.hidden = !navigator.clipboard;
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(button.dataset.copy ?? "");
    button.textContent = button.dataset.copied ?? "";
  });
}
