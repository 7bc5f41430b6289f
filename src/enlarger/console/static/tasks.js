// The task list: rows of open tasks and counts are kept current by fetching the page again, and new tasks are announced.

import { localTimes } from "./service.js";

const BUSY_SECONDS = 3;
const IDLE_SECONDS = 15;

const open = 'tr[data-task]:not([data-state="success"], [data-state="fail"])';
const choice = /** @type {HTMLFormElement | null} */ (document.querySelector(".choice"));
const news = /** @type {HTMLElement | null} */ (document.querySelector("#news"));
let last = Date.now();

/** @param {Element} row */
const id = (row) => /** @type {HTMLElement} */ (row).dataset.task ?? "";

function boxes() {
  return /** @type {HTMLInputElement[]} */ ([...document.querySelectorAll('input[name="task"]')]);
}

/** Show how many tasks are chosen; nothing can be done with none. */
function count() {
  if (!choice) return;
  const all = /** @type {HTMLInputElement} */ (choice.elements.namedItem("all")).checked;
  const chosen = boxes().filter((box) => box.checked).length;
  const page = /** @type {HTMLInputElement} */ (choice.querySelector("#page"));
  page.hidden = false;
  page.disabled = all;
  page.checked = all || (chosen > 0 && chosen === boxes().length);
  page.indeterminate = !page.checked && chosen > 0;
  const said = /** @type {HTMLElement} */ (choice.querySelector("#chosen"));
  said.textContent = (all ? said.dataset.all : said.dataset.text?.replace("{count}", String(chosen))) ?? "";
  for (const button of choice.querySelectorAll("button")) button.disabled = !all && !chosen;
}

/** @param {Document} fresh */
function replaceRows(fresh) {
  for (const row of document.querySelectorAll(open)) {
    const same = fresh.querySelector(`tr[data-task="${id(row)}"]`);
    if (!same) continue;
    const focused = [...row.querySelectorAll("a, input")].findIndex((one) => one === document.activeElement);
    const [box, other] = [row, same].map((one) => /** @type {HTMLInputElement} */ (one.querySelector("input")));
    other.checked = box.checked;
    localTimes(same);
    row.replaceWith(same);
    if (focused >= 0) /** @type {HTMLElement} */ (same.querySelectorAll("a, input")[focused]).focus();
  }
}

/** @param {Document} fresh */
function announce(fresh) {
  if (!news) return;
  const known = new Set([...document.querySelectorAll("tr[data-task]")].map(id));
  const rows = [...fresh.querySelectorAll("tr[data-task]")].map(id);
  const first = rows.findIndex((task) => known.has(task));
  const found = first < 0 ? rows.length : first;
  news.hidden = found === 0;
  news.textContent = (news.dataset.text ?? "").replace("{count}", first < 0 && known.size ? `${found}+` : String(found));
}

async function renew() {
  const wait = document.querySelector(open) ? BUSY_SECONDS : IDLE_SECONDS;
  if (document.hidden || Date.now() - last < wait * 1000) return;
  last = Date.now();
  const response = await fetch(location.href, { headers: { Accept: "text/html" } }).catch(() => null);
  if (!response?.ok || response.redirected) return;
  const fresh = new DOMParser().parseFromString(await response.text(), "text/html");
  replaceRows(fresh);
  announce(fresh);
  for (const chip of document.querySelectorAll("[data-count]")) {
    const same = fresh.querySelector(`[data-count="${/** @type {HTMLElement} */ (chip).dataset.count}"]`);
    if (same) chip.textContent = same.textContent;
  }
}

localTimes();
for (const box of document.querySelectorAll(".chips input")) {
  box.addEventListener("change", () => /** @type {HTMLInputElement} */ (box).form?.requestSubmit());
}
news?.setAttribute("href", location.href);
choice?.addEventListener("change", (event) => {
  const box = /** @type {HTMLInputElement} */ (event.target);
  if (box.id === "page") for (const one of boxes()) one.checked = box.checked;
  count();
});
count();
setInterval(renew, 1000);
