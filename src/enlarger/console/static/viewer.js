// A custom element: a picture that is zoomed and panned, perhaps with its source over it behind a slider.

const MOST = 16;
const STEP = 1.5;
const PAN = 60;

class BeforeAfter extends HTMLElement {
  scale = 1;
  x = 0;
  y = 0;
  /** @type {HTMLElement} */
  view = document.createElement("div");
  /** @type {HTMLInputElement | undefined} */
  range;
  /** @type {HTMLImageElement[]} */
  pictures = [];
  /** Where fingers or the mouse are. @type {Map<number, {x: number, y: number}>} */
  pointers = new Map();

  connectedCallback() {
    if (this.pictures.length) return;
    this.view.className = "view";
    this.view.tabIndex = 0;
    this.view.setAttribute("role", "group");
    this.view.setAttribute("aria-label", this.getAttribute("picture") ?? "");
    const after = picture(this.getAttribute("after"));
    after.addEventListener("load", () => {
      this.style.setProperty("--ratio", String(after.naturalWidth / after.naturalHeight));
    });
    this.view.append(after);
    if (this.hasAttribute("before")) this.compare();
    this.prepend(this.view);
    this.pictures = [...this.view.querySelectorAll("img")];
    this.addEventListener("click", (event) => this.press(event));
    this.view.addEventListener("keydown", (event) => this.key(event));
    this.view.addEventListener("wheel", (event) => this.wheel(event), { passive: false });
    this.view.addEventListener("dblclick", (event) => {
      if (this.scale > 1) this.place(1, 0, 0);
      else this.zoom(3, event.clientX, event.clientY);
    });
    this.view.addEventListener("pointerdown", (event) => {
      this.view.setPointerCapture(event.pointerId);
      this.pointers.set(event.pointerId, { x: event.clientX, y: event.clientY });
    });
    this.view.addEventListener("pointermove", (event) => this.drag(event));
    for (const end of ["pointerup", "pointercancel"]) {
      this.view.addEventListener(end, (event) => this.pointers.delete(/** @type {PointerEvent} */ (event).pointerId));
    }
  }

  /** Lay the source over the result, up to the slider. */
  compare() {
    const over = document.createElement("div");
    over.className = "before";
    over.append(picture(this.getAttribute("before")));
    const line = document.createElement("div");
    line.className = "line";
    this.view.append(over, line);
    this.range = document.createElement("input");
    this.range.type = "range";
    this.range.value = "50";
    this.range.setAttribute("aria-label", this.getAttribute("label") ?? "");
    this.range.addEventListener("input", () => this.style.setProperty("--cut", `${this.range?.value}%`));
    this.append(this.range);
  }

  /** @param {MouseEvent} event */
  press(event) {
    const what = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset.zoom;
    if (what === "in") this.zoom(STEP);
    else if (what === "out") this.zoom(1 / STEP);
    else if (what === "fit") this.place(1, 0, 0);
    else if (what === "full") this.full();
  }

  /** @param {KeyboardEvent} event */
  key(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const factor = { "+": STEP, "=": STEP, "-": 1 / STEP }[event.key];
    const way = { ArrowLeft: [PAN, 0], ArrowRight: [-PAN, 0], ArrowUp: [0, PAN], ArrowDown: [0, -PAN] }[event.key];
    if (factor) this.zoom(factor);
    else if (event.key === "0") this.place(1, 0, 0);
    else if (way && this.scale > 1) this.place(this.scale, this.x + way[0], this.y + way[1]);
    else return;
    event.preventDefault();
  }

  /**
   * Zoom if that is what is meant: a wheel over a picture that is not in use scrolls the page.
   * @param {WheelEvent} event
   */
  wheel(event) {
    const meant = event.ctrlKey || this.scale > 1 || this.contains(document.activeElement) || this.closest("dialog");
    if (!meant) return;
    event.preventDefault();
    this.zoom(Math.exp(-event.deltaY / (event.ctrlKey ? 100 : 400)), event.clientX, event.clientY);
  }

  /** Move the picture, pinch it, or move the slider while the whole picture is shown. @param {PointerEvent} event */
  drag(event) {
    const last = this.pointers.get(event.pointerId);
    if (!last) return;
    const now = { x: event.clientX, y: event.clientY };
    const other = [...this.pointers].find(([id]) => id !== event.pointerId)?.[1];
    if (other) {
      const distance = (/** @type {typeof now} */ one) => Math.hypot(one.x - other.x, one.y - other.y);
      this.zoom(distance(now) / Math.max(1, distance(last)), (now.x + other.x) / 2, (now.y + other.y) / 2);
      this.place(this.scale, this.x + (now.x - last.x) / 2, this.y + (now.y - last.y) / 2);
    } else if (this.scale > 1) {
      this.place(this.scale, this.x + now.x - last.x, this.y + now.y - last.y);
    } else if (this.range) {
      const box = this.view.getBoundingClientRect();
      this.range.value = String((100 * (now.x - box.left)) / box.width);
      this.range.dispatchEvent(new Event("input"));
    }
    this.pointers.set(event.pointerId, now);
  }

  /**
   * Zoom by a factor around a point of the window, or around the middle.
   * @param {number} factor
   * @param {number} [clientX]
   * @param {number} [clientY]
   */
  zoom(factor, clientX, clientY) {
    const box = this.view.getBoundingClientRect();
    const x = clientX === undefined ? box.width / 2 : clientX - box.left;
    const y = clientY === undefined ? box.height / 2 : clientY - box.top;
    const scale = Math.min(MOST, Math.max(1, this.scale * factor));
    const grown = scale / this.scale;
    this.place(scale, x - (x - this.x) * grown, y - (y - this.y) * grown);
  }

  /** @param {number} scale @param {number} x @param {number} y */
  place(scale, x, y) {
    const box = this.view.getBoundingClientRect();
    this.scale = scale;
    this.x = Math.min(0, Math.max(box.width * (1 - scale), x));
    this.y = Math.min(0, Math.max(box.height * (1 - scale), y));
    this.toggleAttribute("zoomed", scale > 1);
    for (const one of this.pictures) one.style.transform = `translate(${this.x}px, ${this.y}px) scale(${scale})`;
    const said = this.querySelector(".scale");
    if (said) said.textContent = `${scale < 10 ? Math.round(scale * 10) / 10 : Math.round(scale)}×`;
  }

  /** Show the picture in the full window, or close that again. */
  full() {
    const open = this.closest("dialog");
    if (open) {
      open.close();
      return;
    }
    const dialog = document.createElement("dialog");
    dialog.className = "full";
    const copy = /** @type {BeforeAfter} */ (this.cloneNode());
    copy.removeAttribute("style");
    copy.removeAttribute("zoomed");
    copy.append(/** @type {Node} */ (this.querySelector(".tools")).cloneNode(true));
    const close = /** @type {HTMLElement} */ (copy.querySelector("[data-zoom=full]"));
    close.textContent = "×";
    close.title = close.dataset.close ?? "";
    close.setAttribute("aria-label", close.title);
    dialog.setAttribute("aria-label", this.view.getAttribute("aria-label") ?? "");
    dialog.append(copy);
    dialog.addEventListener("close", () => dialog.remove());
    document.body.append(dialog);
    dialog.showModal();
    copy.place(1, 0, 0);
    copy.view.focus();
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

customElements.define("before-after", BeforeAfter);
