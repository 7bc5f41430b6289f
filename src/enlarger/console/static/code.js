// The request as code, in tabs, with a button that copies it.

import { copy, fragment } from "./service.js";

export class Code {
  chosen = "";
  asked = 0;

  /**
   * @param {HTMLDetailsElement} details
   * @param {() => unknown} request the model and the input
   */
  constructor(details, request) {
    this.details = details;
    this.request = request;
    details.addEventListener("click", (event) => {
      const button = /** @type {HTMLElement} */ (event.target).closest("button");
      if (button?.role === "tab") this.choose(button);
      else if (button) copy(button, this.details.querySelector("pre:not([hidden])"));
    });
    details.addEventListener("keydown", (event) => {
      const tabs = this.tabs();
      const step = { ArrowLeft: -1, ArrowRight: 1 }[event.key];
      const place = tabs.indexOf(/** @type {HTMLElement} */ (event.target));
      if (!step || place < 0) return;
      event.preventDefault();
      const next = tabs[(place + step + tabs.length) % tabs.length];
      this.choose(next);
      next.focus();
    });
  }

  tabs() {
    return /** @type {HTMLElement[]} */ ([...this.details.querySelectorAll("[role=tab]")]);
  }

  /** Show the code of the request as it is now, while the disclosure is open. Throws Refused. */
  async renew() {
    if (!this.details.open) return;
    const now = ++this.asked;
    const code = await fragment("/code", this.request());
    if (now !== this.asked) return;
    this.details.querySelector("div")?.replaceChildren(code);
    const tab = this.tabs().find(({ id }) => id === this.chosen);
    if (tab) this.choose(tab);
  }

  /** @param {HTMLElement} chosen */
  choose(chosen) {
    this.chosen = chosen.id;
    for (const tab of this.tabs()) {
      tab.setAttribute("aria-selected", String(tab === chosen));
      tab.tabIndex = tab === chosen ? 0 : -1;
      const panel = document.getElementById(tab.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = tab !== chosen;
    }
  }
}
