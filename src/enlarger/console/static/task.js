// A task's page: the card follows the task by itself; the rest is fetched anew when the task has ended.

import "./cards.js";
import { Refused, call, copy, fragment, localTimes } from "./service.js";

/** @param {string} task */
async function renew(task) {
  const fresh = (await fragment(`/tasks/${task}`)).querySelector("#about");
  if (!fresh) return;
  localTimes(fresh);
  document.querySelector("#about")?.replaceWith(fresh);
}

/** @param {HTMLButtonElement} button */
async function resend(button) {
  button.disabled = true;
  try {
    await call(`/v1/tasks/${button.dataset.resend}/deliveries`);
    await renew(button.dataset.resend ?? "");
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    button.disabled = false;
  }
}

localTimes();
document.addEventListener("click", (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("button");
  if (button?.dataset.resend) {
    resend(button);
  } else if (button?.dataset.copy) {
    copy(button, document.getElementById(button.dataset.copy));
  }
});
const cards = document.querySelector(".cards");
if (cards) {
  const observer = new MutationObserver(() => {
    const card = /** @type {HTMLElement | null} */ (cards.querySelector("task-card"));
    if (card) renew(card.dataset.task ?? "").catch(() => {});
  });
  observer.observe(cards, { childList: true });
}
