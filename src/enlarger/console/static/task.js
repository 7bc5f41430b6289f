// A task's page.

import "./cards.js";
import { Refused, call, localTimes } from "./service.js";

localTimes();
document.addEventListener("click", async (event) => {
  const button = /** @type {HTMLElement} */ (event.target).closest("button");
  if (button?.dataset.resend) {
    button.disabled = true;
    try {
      await call(`/v1/tasks/${button.dataset.resend}/deliveries`);
      location.reload();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      button.disabled = false;
    }
  }
});
