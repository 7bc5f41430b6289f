// Custom elements: a card that follows its task, and a before/after slider.

import { Refused, call, duration, fragment, localTimes } from "./service.js";

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
    const bar = this.querySelector("progress");
    if (bar) bar.value = event.progress;
    const percent = this.querySelector(".percent");
    if (percent) percent.textContent = `${event.progress} %`;
    const left = /** @type {HTMLElement | null} */ (this.querySelector(".left"));
    if (event.state === "generating") this.working ??= { at: Date.now(), progress: event.progress };
    if (left && this.working && event.progress > this.working.progress) {
      const each = (Date.now() - this.working.at) / (event.progress - this.working.progress);
      left.textContent = (left.dataset.text ?? "").replace("{time}", duration((each * (100 - event.progress)) / 1000));
    }
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
    if (!button || !("cancel" in button.dataset)) return;
    button.disabled = true;
    try {
      await call(`/v1/tasks/${this.dataset.task}/cancel`);
      await this.renew();
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      button.disabled = false;
    }
  }
}

/** Two versions of a picture, one over the other, zoomed and panned together. */
class BeforeAfter extends HTMLElement {
  scale = 1;
  x = 0;
  y = 0;
  view = document.createElement("div");
  /** @type {HTMLImageElement[]} */
  pictures = [];

  connectedCallback() {
    if (this.pictures.length) return;
    this.view.className = "view";
    const after = picture(this.getAttribute("after"));
    const over = document.createElement("div");
    over.className = "before";
    over.append(picture(this.getAttribute("before")));
    const line = document.createElement("div");
    line.className = "line";
    this.view.append(after, over, line);
    const range = document.createElement("input");
    range.type = "range";
    range.value = "50";
    range.setAttribute("aria-label", this.getAttribute("label") ?? "");
    range.addEventListener("input", () => this.style.setProperty("--cut", `${range.value}%`));
    this.append(this.view, range);
    this.pictures = [...this.querySelectorAll("img")];
    this.view.addEventListener("wheel", (event) => this.zoom(event), { passive: false });
    this.view.addEventListener("dblclick", () => this.place(1, 0, 0));
    this.view.addEventListener("pointerdown", (event) => this.view.setPointerCapture(event.pointerId));
    this.view.addEventListener("pointermove", (event) => {
      if (event.buttons) this.place(this.scale, this.x + event.movementX, this.y + event.movementY);
    });
  }

  /** @param {WheelEvent} event */
  zoom(event) {
    event.preventDefault();
    const box = this.view.getBoundingClientRect();
    const [x, y] = [event.clientX - box.left, event.clientY - box.top];
    const scale = Math.min(16, Math.max(1, this.scale * Math.exp(-event.deltaY / 400)));
    const grown = scale / this.scale;
    this.place(scale, x - (x - this.x) * grown, y - (y - this.y) * grown);
  }

  /** @param {number} scale @param {number} x @param {number} y */
  place(scale, x, y) {
    const box = this.view.getBoundingClientRect();
    this.scale = scale;
    this.x = Math.min(0, Math.max(box.width * (1 - scale), x));
    this.y = Math.min(0, Math.max(box.height * (1 - scale), y));
    for (const one of this.pictures) one.style.transform = `translate(${this.x}px, ${this.y}px) scale(${scale})`;
  }
}

/** @param {string | null} source */
function picture(source) {
  const image = new Image();
  image.src = source ?? "";
  image.alt = "";
  image.draggable = false;
  image.decoding = "async";
  return image;
}

customElements.define("task-card", TaskCard);
customElements.define("before-after", BeforeAfter);
