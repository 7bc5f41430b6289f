// Pictures that were chosen, dropped or pasted; each is uploaded immediately.

import { Refused, call, say } from "./service.js";

/** @typedef {{name: string, shown: string, url: string, state: "uploading" | "ready" | "failed", done: Promise<void>}} Pick */
/** @typedef {import("./draft.js").Kept} Kept */

/** The name of the list of files for the field that receives dropped ones. */
const MAIN = "";

export class Pictures {
  /** @param {() => void} changed */
  constructor(changed) {
    /** By field. @type {Map<string, Pick[]>} */
    this.lists = new Map();
    this.changed = changed;
    document.addEventListener("paste", (event) => this.add([...(event.clipboardData?.files ?? [])]));
    document.addEventListener("dragover", (event) => {
      event.preventDefault();
      document.body.classList.add("over");
    });
    document.addEventListener("dragleave", (event) => {
      if (!event.relatedTarget) document.body.classList.remove("over");
    });
    document.addEventListener("drop", async (event) => {
      event.preventDefault();
      document.body.classList.remove("over");
      this.add(await dropped(event.dataTransfer));
    });
  }

  /** @param {string} field */
  of(field) {
    return this.lists.get(field) ?? [];
  }

  /**
   * Take the files that are chosen in a form.
   * @param {HTMLElement} holder
   */
  listen(holder) {
    holder.addEventListener("change", (event) => {
      const control = /** @type {HTMLInputElement} */ (event.target);
      if (control.type !== "file") return;
      const files = [...(control.files ?? [])];
      if (control.id === "files") this.add(files);
      else this.set(control.name, (control.multiple ? files : files.slice(0, 1)).map((file) => this.upload(file)));
      control.value = "";
    });
  }

  /** @param {File[]} files */
  add(files) {
    const media = files.filter((file) => /^(image|video|audio)\//.test(file.type) || /\.(heic|heif|avif)$/i.test(file.name));
    this.set(MAIN, [...this.of(MAIN), ...media.map((file) => this.upload(file))]);
  }

  /** @param {string} field @param {Pick[]} picks */
  set(field, picks) {
    this.lists.set(field, picks);
    this.draw();
    this.changed();
  }

  /** Use files that the service, or somebody else, has already. @param {Record<string, Kept[]>} files */
  use(files) {
    for (const [field, kept] of Object.entries(files)) {
      this.lists.set(field, kept.map(({ name, url }) => {
        const whole = new URL(url, location.href).href;
        return { name, shown: url, url: whole, state: "ready", done: Promise.resolve() };
      }));
    }
    this.draw();
  }

  /** What can be used again later. @returns {Record<string, Kept[]>} */
  kept() {
    return Object.fromEntries([...this.lists].map(([field, picks]) => [
      field,
      picks.filter((pick) => pick.state === "ready").map(({ name, url }) => ({ name, url })),
    ]));
  }

  /** @param {File} file */
  upload(file) {
    /** @type {Pick} */
    const pick = { name: file.name, shown: URL.createObjectURL(file), url: "", state: "uploading", done: Promise.resolve() };
    const form = new FormData();
    form.append("file", file);
    pick.done = call("/api/file-stream-upload", form).then(
      (data) => {
        pick.url = data.downloadUrl;
        pick.state = "ready";
      },
      (error) => {
        pick.state = "failed";
        pick.name = error instanceof Refused ? `${file.name}: ${error.message}` : file.name;
      },
    ).finally(() => {
      this.draw();
      this.changed();
    });
    return pick;
  }

  /** Wait until nothing is being uploaded. */
  async ready() {
    await Promise.all([...this.lists.values()].flat().map((pick) => pick.done));
  }

  /** @param {string} [field] */
  urls(field = MAIN) {
    return this.of(field).filter((pick) => pick.state === "ready").map((pick) => pick.url);
  }

  /** How many files each field has, for the form. */
  counts() {
    return Object.fromEntries([...this.lists].map(([field, picks]) => [field, picks.length]));
  }

  draw() {
    for (const list of /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll("[data-picks]"))) {
      const field = list.dataset.picks ?? MAIN;
      list.replaceChildren(...this.of(field).map((pick) => this.item(field, pick)));
    }
  }

  /** @param {string} field @param {Pick} pick */
  item(field, pick) {
    const item = document.createElement("li");
    item.dataset.state = pick.state;
    item.title = pick.name;
    const image = new Image(76, 76);
    image.src = pick.shown;
    image.alt = pick.state === "uploading" ? `${pick.name}: ${say("uploading")}` : pick.name;
    const remove = document.createElement("button");
    remove.type = "button";
    remove.textContent = "×";
    remove.setAttribute("aria-label", say("remove", { name: pick.name }));
    remove.addEventListener("click", () => this.set(field, this.of(field).filter((one) => one !== pick)));
    item.append(pick.state === "failed" ? pick.name : image, remove);
    return item;
  }
}

/**
 * The dropped files, including those in folders.
 * @param {DataTransfer | null} transfer
 */
async function dropped(transfer) {
  const entries = [...(transfer?.items ?? [])].map((item) => item.webkitGetAsEntry()).filter((entry) => entry !== null);
  return (await Promise.all(entries.map(walk))).flat();
}

/** @param {FileSystemEntry} entry @returns {Promise<File[]>} */
async function walk(entry) {
  if (entry.isFile) {
    return [await new Promise((found, failed) => /** @type {FileSystemFileEntry} */ (entry).file(found, failed))];
  }
  const reader = /** @type {FileSystemDirectoryEntry} */ (entry).createReader();
  /** @type {File[]} */
  const files = [];
  for (;;) {
    /** @type {FileSystemEntry[]} */
    const some = await new Promise((found, failed) => reader.readEntries(found, failed));
    if (!some.length) return files;
    files.push(...(await Promise.all(some.map(walk))).flat());
  }
}
