// The task list: rows of open tasks are kept current by fetching the page again.

import { localTimes } from "./service.js";

const SECONDS = 3;

localTimes();
for (const box of document.querySelectorAll(".chips input")) {
  box.addEventListener("change", () => /** @type {HTMLInputElement} */ (box).form?.requestSubmit());
}

async function renew() {
  const open = document.querySelector('tr[data-task]:not([data-state="success"], [data-state="fail"])');
  if (!open || document.hidden) return;
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  for (const row of document.querySelectorAll("tr[data-task]")) {
    const same = fresh.querySelector(`tr[data-task="${/** @type {HTMLElement} */ (row).dataset.task}"]`);
    if (!same || same.contains(document.activeElement) || row.contains(document.activeElement)) continue;
    localTimes(same);
    row.replaceWith(same);
  }
}

setInterval(renew, SECONDS * 1000);
