// Pictures that were chosen, dropped or pasted; each is uploaded immediately.

import { Refused, call, say } from "./service.js";

/** @typedef {{name: string, shown: string, url: string, state: "uploading" | "ready" | "failed", done: Promise<void>}} Pick */

export class Pictures {
  /** @param {() => void} changed */
  constructor(changed) {
    /** @type {Pick[]} */
    this.picks = [];
    /** @type {Map<string, Pick[]>} Files of a model's other fields. */
    this.fields = new Map();
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

  /**
   * Listen to a form's file inputs, and show the pictures chosen so far.
   * @param {HTMLElement} holder
   */
  attach(holder) {
    for (const control of /** @type {NodeListOf<HTMLInputElement>} */ (holder.querySelectorAll("input[type=file]"))) {
      control.addEventListener("change", () => {
        const files = [...(control.files ?? [])];
        if (control.id === "files") this.add(files);
        else this.fields.set(control.name, files.map((file) => this.upload(file)));
        if (control.id === "files") control.value = "";
      });
    }
    this.draw();
  }

  forgetFields() {
    this.fields.clear();
  }

  /** @param {File[]} files */
  add(files) {
    const media = files.filter((file) => /^(image|video|audio)\//.test(file.type) || /\.(heic|heif|avif)$/i.test(file.name));
    this.picks.push(...media.map((file) => this.upload(file)));
    this.draw();
  }

  /**
   * Use a file that the service already has.
   * @param {string} url
   * @param {string} name
   */
  use(url, name) {
    this.picks = [{ name, shown: url, url, state: "ready", done: Promise.resolve() }];
    this.draw();
    this.changed();
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
    await Promise.all([...this.picks, ...[...this.fields.values()].flat()].map((pick) => pick.done));
  }

  urls() {
    return this.picks.filter((pick) => pick.state === "ready").map((pick) => pick.url);
  }

  /** @param {string} field */
  urlsOf(field) {
    return (this.fields.get(field) ?? []).filter((pick) => pick.state === "ready").map((pick) => pick.url);
  }

  draw() {
    const list = document.querySelector("#picks");
    list?.replaceChildren(...this.picks.map((pick) => {
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
      remove.addEventListener("click", () => {
        this.picks = this.picks.filter((one) => one !== pick);
        this.draw();
        this.changed();
      });
      item.append(image, remove);
      return item;
    }));
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
