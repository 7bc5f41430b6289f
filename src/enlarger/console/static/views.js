// Pictures side by side that zoom and move in step.

/** What all views show: the scale, and where the picture's corner is, in fractions of a view's size. */
const at = { scale: 1, x: 0, y: 0 };
/** @type {Set<SyncedView>} */
const views = new Set();

/** @param {number} x @param {number} y */
function move(x, y) {
  at.x = Math.min(0, Math.max(1 - at.scale, at.x + x));
  at.y = Math.min(0, Math.max(1 - at.scale, at.y + y));
  for (const view of views) view.draw();
}

/** Zoom around a point, given in fractions of a view's size. @param {number} factor */
function zoom(factor, x = 0.5, y = 0.5) {
  const grown = Math.min(32, Math.max(1, at.scale * factor)) / at.scale;
  at.scale *= grown;
  move((x - at.x) * (1 - grown), (y - at.y) * (1 - grown));
}

/** By key, and by the `data-zoom` of buttons. @type {Record<string, () => void>} */
const ACTIONS = {
  "+": () => zoom(1.5),
  "-": () => zoom(1 / 1.5),
  0: () => zoom(0),
  1: () => zoom(Math.max(...[...views].map((view) => view.image.naturalWidth / view.clientWidth / devicePixelRatio)) / at.scale),
  ArrowLeft: () => move(0.1, 0),
  ArrowRight: () => move(-0.1, 0),
  ArrowUp: () => move(0, 0.1),
  ArrowDown: () => move(0, -0.1),
};

class SyncedView extends HTMLElement {
  image = new Image();

  connectedCallback() {
    views.add(this);
    this.image.src = this.getAttribute("src") ?? "";
    this.image.alt = "";
    this.image.draggable = false;
    this.append(this.image);
    this.draw();
    this.onwheel = (event) => {
      event.preventDefault();
      const box = this.getBoundingClientRect();
      zoom(Math.exp(-event.deltaY / 400), (event.clientX - box.left) / box.width, (event.clientY - box.top) / box.height);
    };
    this.ondblclick = ACTIONS[0];
    this.onpointerdown = ({ pointerId }) => this.setPointerCapture(pointerId);
    this.onpointermove = ({ buttons, movementX, movementY }) => {
      if (buttons) move(movementX / this.clientWidth, movementY / this.clientHeight);
    };
    this.onkeydown = (event) => {
      if (!ACTIONS[event.key] || event.ctrlKey || event.metaKey) return;
      event.preventDefault();
      ACTIONS[event.key]();
    };
  }

  disconnectedCallback() {
    views.delete(this);
  }

  draw() {
    this.toggleAttribute("zoomed", at.scale > 1);
    this.image.style.transform = `translate(${at.x * 100}%, ${at.y * 100}%) scale(${at.scale})`;
  }
}

document.addEventListener("click", ({ target }) => {
  ACTIONS[/** @type {HTMLElement} */ (target).closest("button")?.dataset.zoom ?? ""]?.();
});
customElements.define("synced-view", SyncedView);
