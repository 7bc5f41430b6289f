// The chosen model's form. The service renders it as it is for what is filled in; what was typed stays.

import { fragment } from "./service.js";

/** @typedef {import("./pictures.js").Pictures} Pictures */

/** The HTML of each field as the service rendered it, to see whether it has changed. @type {WeakMap<Element, string>} */
const rendered = new WeakMap();

export class Fields {
  /** By field, also of those that are not shown now. @type {Record<string, string | boolean>} */
  values = {};
  /** Which of the model's alternative sets of fields. @type {number | null} */
  variant = null;
  asked = 0;

  /**
   * @param {HTMLElement} holder
   * @param {Pictures} pictures
   */
  constructor(holder, pictures) {
    this.holder = holder;
    this.pictures = pictures;
    for (const field of holder.querySelectorAll("[data-field]")) rendered.set(field, field.outerHTML);
    pictures.listen(holder);
  }

  /** What the form declares. */
  about() {
    const data = /** @type {HTMLElement} */ (this.holder.querySelector(".model-form")).dataset;
    const [several, required] = [data.several === "true", data.required === "true"];
    return { seconds: Number(data.seconds), picture: data.picture ?? "", several, required };
  }

  controls() {
    return /** @type {NodeListOf<HTMLInputElement>} */ (this.holder.querySelectorAll("[data-type]"));
  }

  /**
   * Note what was typed into a control.
   * @param {HTMLInputElement} control
   * @returns {boolean} whether other fields depend on it
   */
  typed(control) {
    const { name, value, checked, dataset } = control;
    if (dataset.type === "file") return false;
    if (dataset.type === "boolean") this.values[name] = checked;
    else if (value.trim() === "") delete this.values[name];
    else this.values[name] = value;
    return "decides" in dataset;
  }

  /** Whether something required has not been filled in yet. */
  incomplete() {
    return [...this.controls()].some(({ required, value }) => required && !value.trim());
  }

  /** The filled-in fields as the model's input. */
  input() {
    /** @type {Record<string, unknown>} */
    const input = {};
    for (const control of this.controls()) {
      const { name, value, checked, disabled, dataset } = control;
      if (disabled) continue;
      if (dataset.type === "file") {
        const files = this.pictures.urls(name);
        if (files.length) input[name] = "several" in dataset ? files : files[0];
      } else if (dataset.type === "boolean") {
        if (String(checked) !== dataset.default) input[name] = checked;
      } else if (value.trim() !== "") {
        input[name] = read(value, dataset.type ?? "string");
      }
    }
    return input;
  }

  /** The inputs of the tasks to create: one for each picture, unless the model takes several at once. */
  inputs() {
    const { picture, several, required } = this.about();
    const urls = picture && !this.holder.querySelector("#files:disabled") ? this.pictures.urls() : [];
    if (!urls.length) return picture && required ? [] : [this.input()];
    if (several) return [{ [picture]: urls, ...this.input() }];
    return urls.map((url) => ({ [picture]: url, ...this.input() }));
  }

  /**
   * Ask for a model's form as it is now. Throws Refused.
   * @param {string} model
   * @param {boolean} [whole] whether it is another form, and not the same one with other values
   */
  async renew(model, whole = false) {
    const now = ++this.asked;
    const { values, variant } = this;
    const fresh = await fragment("/form", { model, variant, values, files: this.pictures.counts() });
    if (now !== this.asked) return;
    const form = /** @type {HTMLElement} */ (fresh.querySelector(".model-form"));
    const old = /** @type {HTMLElement} */ (this.holder.querySelector(".model-form"));
    const opened = this.holder.querySelector("details")?.open;
    for (const field of form.querySelectorAll("[data-field]")) rendered.set(field, field.outerHTML);
    if (whole) {
      this.holder.replaceChildren(form);
      if (opened) this.holder.querySelector("details")?.setAttribute("open", "");
    } else {
      Object.assign(old.dataset, { ...form.dataset });
      const lists = form.querySelectorAll(".fields");
      old.querySelectorAll(".fields").forEach((list, index) => exchange(list, lists[index]));
      old.querySelector("details")?.toggleAttribute("hidden", !old.querySelector("details .field"));
    }
    this.fill();
    this.pictures.draw();
  }

  /** Put what was typed earlier into the controls. */
  fill() {
    for (const control of this.controls()) {
      const value = this.values[control.name];
      if (value === undefined || control.dataset.type === "file") continue;
      if (control.dataset.type === "boolean") control.checked = value === true || value === "true";
      else if (control instanceof HTMLSelectElement) select(control, String(value));
      else if (control.value !== String(value)) control.value = String(value);
    }
  }
}

/**
 * Make one list of fields like another one, and leave those that are the same untouched, with the focus in them.
 * @param {Element} list
 * @param {Element} fresh
 */
function exchange(list, fresh) {
  const old = new Map([...list.children].map((field) => [rendered.get(field), field]));
  const wanted = [...fresh.children].map((field) => old.get(rendered.get(field)) ?? field);
  for (const field of [...list.children]) if (!wanted.includes(field)) field.remove();
  wanted.forEach((field, index) => {
    if (list.children[index] !== field) list.insertBefore(field, list.children[index] ?? null);
  });
}

/** @param {HTMLSelectElement} control @param {string} value */
function select(control, value) {
  const option = [...control.options].find((one) => one.value === value);
  if (option) option.selected = true;
}

/** @param {string} value @param {string} type */
function read(value, type) {
  if (type === "integer" || type === "number") return Number(value);
  if (type !== "json") return value;
  try {
    return JSON.parse(value);
  } catch {
    return value; // the service refuses it with an explanation
  }
}
