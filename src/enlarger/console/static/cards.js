// A custom element: a card that follows its task.

import { remember } from "./draft.js";
import { Refused, call, duration, fragment, localTimes, say } from "./service.js";
import "./viewer.js";

/** Browsers open at most six connections to a host, so a few streams must not use them all. */
const MOST_STREAMS = 3;
const LOOK_MILLISECONDS = 4000;
/** @type {Set<TaskCard>} */
const streaming = new Set();

/** A task's card: updated live while the task is open, and fetched anew once it has ended. */
class TaskCard extends HTMLElement {
  /** When it was first seen running, and its progress then. @type {{at: number, progress: number} | undefined} */
  working;
  /** @type {EventSource | undefined} */
  source;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  timer;

  connectedCallback() {
    this.addEventListener("click", this);
    this.addEventListener("load", () => this.measure(), true);
    this.measure();
    if (!this.ended(this.dataset.state ?? "")) this.follow();
  }

  disconnectedCallback() {
    clearTimeout(this.timer);
    this.source?.close();
    streaming.delete(this);
  }

  /** @param {string} state */
  ended(state) {
    return state === "success" || state === "fail";
  }

  /** Follow the task by its events or, while other cards use all streams, by polling. */
  follow() {
    if (streaming.size >= MOST_STREAMS) {
      this.timer = setTimeout(() => this.look(), LOOK_MILLISECONDS);
      return;
    }
    streaming.add(this);
    this.source = new EventSource(`/console/api/v1/tasks/${this.dataset.task}/events`);
    this.source.onopen = () => this.tell("");
    this.source.onerror = () => this.tell(say("lost"));
    this.source.addEventListener("task", (event) => this.show(JSON.parse(/** @type {MessageEvent} */ (event).data)));
  }

  async look() {
    try {
      await this.renew();
    } catch {
      this.follow();
    }
  }

  /** @param {{state: string, progress: number}} event */
  show(event) {
    if (this.ended(event.state)) {
      this.source?.close();
      streaming.delete(this);
      this.look();
      return;
    }
    if (event.state === "generating" && this.dataset.state !== event.state) {
      this.renew().catch(() => {});
      return;
    }
    const bar = this.querySelector("progress");
    if (bar) bar.value = event.progress;
    const percent = this.querySelector(".percent");
    if (percent) percent.textContent = `${event.progress} %`;
    const left = this.querySelector(".left");
    if (event.state === "generating") this.working ??= { at: Date.now(), progress: event.progress };
    if (left && this.working && event.progress > this.working.progress) {
      const each = (Date.now() - this.working.at) / (event.progress - this.working.progress);
      left.textContent = (left.getAttribute("data-text") ?? "")
        .replace("{time}", duration((each * (100 - event.progress)) / 1000));
    }
  }

  /** Show a text or the estimate. @param {string} text */
  tell(text) {
    const left = this.querySelector(".left");
    if (left) left.textContent = text || left.getAttribute("data-estimate");
  }

  /** Show the pictures' sizes in pixels where the service does not know them. */
  measure() {
    const sizes = this.querySelector(".sizes");
    if (!sizes) return;
    const found = [...this.querySelectorAll("img")].filter((image) => image.naturalWidth);
    const said = found.map((image) => `${image.naturalWidth}×${image.naturalHeight}`);
    const compared = this.querySelector("before-after[before]") && found.length === 2;
    sizes.textContent = compared ? `${said[1]} → ${said[0]}` : [...new Set(said)].join(", ");
  }

  /**
   * Fill in the studio's form, here or on its own page.
   * @param {import("./draft.js").Draft} draft
   */
  compose(draft) {
    const event = new CustomEvent("compose", { bubbles: true, cancelable: true, detail: draft });
    if (!this.dispatchEvent(event)) return;
    remember(draft);
    location.assign("/console/");
  }

  async renew() {
    const fresh = (await fragment(this.dataset.from ?? `/tasks/${this.dataset.task}/card`)).firstElementChild;
    if (!fresh) return;
    localTimes(fresh);
    const focused = this.contains(document.activeElement);
    this.replaceWith(fresh);
    if (focused) /** @type {HTMLElement | null} */ (fresh.querySelector("a, button"))?.focus();
  }

  /** @param {Event} event */
  async handleEvent(event) {
    const button = /** @type {HTMLElement} */ (event.target).closest("button");
    if (button?.dataset.compose) {
      this.compose(JSON.parse(button.dataset.compose));
      return;
    }
    if (!button || !("cancel" in button.dataset)) return;
    button.disabled = true;
    try {
      await call(`/v1/tasks/${this.dataset.task}/cancel`);
      await this.renew();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.tell(error.message);
      button.disabled = false;
    }
  }
}

customElements.define("task-card", TaskCard);
