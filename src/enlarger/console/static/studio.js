// The studio: turns pictures and a model's fields into tasks.

import "./cards.js";
import { Pictures } from "./pictures.js";
import { Refused, call, duration, fragment, localTimes, say } from "./service.js";

const QUOTE_MILLISECONDS = 250;

const composer = /** @type {HTMLFormElement} */ (document.querySelector("#composer"));
const model = /** @type {HTMLSelectElement} */ (document.querySelector("#model"));
const holder = /** @type {HTMLElement} */ (document.querySelector("#form"));
const quote = /** @type {HTMLElement} */ (document.querySelector("#quote"));
const problem = /** @type {HTMLElement} */ (document.querySelector("#problem"));
const send = /** @type {HTMLButtonElement} */ (document.querySelector("#send"));
const cards = /** @type {HTMLElement} */ (document.querySelector("#cards"));
const pictures = new Pictures(() => later());

/** What the chosen model's form declares. */
function about() {
  const data = /** @type {HTMLElement} */ (holder.querySelector(".model-form")).dataset;
  const [several, required] = [data.several === "true", data.required === "true"];
  return { seconds: Number(data.seconds), picture: data.picture ?? "", several, required };
}

/** The filled-in fields as the model's input. */
function input() {
  /** @type {Record<string, unknown>} */
  const values = {};
  for (const control of holder.querySelectorAll("[data-type]")) {
    const { name, value, dataset } = /** @type {HTMLInputElement} */ (control);
    const files = pictures.urlsOf(name);
    if (dataset.type === "file") {
      if (files.length) values[name] = "several" in dataset ? files : files[0];
    } else if (dataset.type === "boolean") {
      const checked = /** @type {HTMLInputElement} */ (control).checked;
      if (String(checked) !== dataset.default) values[name] = checked;
    } else if (value.trim() !== "") {
      values[name] = read(value, dataset.type ?? "string");
    }
  }
  return values;
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

/** The inputs of the tasks to create: one for each picture, unless the model takes several at once. */
function inputs() {
  const { picture, several, required } = about();
  const urls = picture ? pictures.urls() : [];
  if (!urls.length) return picture && required ? [] : [input()];
  if (several) return [{ ...input(), [picture]: urls }];
  return urls.map((url) => ({ ...input(), [picture]: url }));
}

/** @param {unknown} error */
function show(error) {
  if (!(error instanceof Refused)) throw error;
  for (const marked of holder.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  for (const { field } of error.problems) {
    const control = holder.querySelector(`[name="${CSS.escape(field.split(/[.[]/)[0])}"]`);
    control?.setAttribute("aria-invalid", "true");
    control?.closest("details")?.setAttribute("open", "");
  }
  problem.textContent = error.message;
  problem.hidden = false;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let asked = 0;

function later() {
  clearTimeout(timer);
  timer = setTimeout(price, QUOTE_MILLISECONDS);
}

async function price() {
  const now = ++asked;
  const all = inputs();
  problem.hidden = true;
  if (!all.length) {
    quote.textContent = "";
    return;
  }
  try {
    const found = await call("/v1/quote", { model: model.value, input: all[0] });
    if (now !== asked) return;
    quote.replaceChildren(...priced(found, all.length));
    for (const marked of holder.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  } catch (error) {
    if (now !== asked) return;
    quote.textContent = "";
    // A field that has not been filled in yet is not an error yet.
    if (error instanceof Refused && error.problems.every(({ code }) => code === "required" || code === "missing")) return;
    show(error);
  }
}

/** @param {{credits: number | null, exact: boolean}} found @param {number} count */
function priced({ credits, exact }, count) {
  const cost = document.createElement("b");
  if (credits === null) cost.textContent = say("unknown");
  else if (credits === 0) cost.textContent = say("free");
  else cost.textContent = say(exact ? "credits" : "atMost", { credits });
  const rest = [say("time", { time: duration(about().seconds) })];
  if (count > 1) rest.unshift(say("each", { count }));
  return [cost, ` · ${rest.join(" · ")}`];
}

async function choose() {
  const wanted = model.value;
  try {
    const form = await fragment(`/form?${new URLSearchParams({ model: wanted })}`);
    if (wanted !== model.value) return;
    pictures.forgetFields();
    holder.replaceChildren(form);
    pictures.attach(holder);
    later();
  } catch (error) {
    show(error);
  }
}

/**
 * Idempotency keys by request body, kept until the whole batch has been accepted. Sending it again after a lost connection
 * or a partial refusal returns the tasks that exist already, so nothing is paid for twice.
 * @type {Map<string, string>}
 */
const keys = new Map();

/** @param {Record<string, unknown>} one */
async function submit(one) {
  const body = { model: model.value, input: one };
  const text = JSON.stringify(body);
  const key = keys.get(text) ?? randomKey();
  keys.set(text, key);
  const { taskId } = await call("/api/v1/jobs/createTask", body, { "Idempotency-Key": key });
  if (cards.querySelector(`[data-task="${taskId}"]`)) return;
  const card = await fragment(`/tasks/${taskId}/card`);
  localTimes(card);
  cards.prepend(card);
  document.querySelector("#empty")?.remove();
}

/** 128 random bits; unlike `crypto.randomUUID` this also works over plain HTTP. */
function randomKey() {
  return [...crypto.getRandomValues(new Uint8Array(16))].map((byte) => byte.toString(16).padStart(2, "0")).join("");
}

composer.addEventListener("submit", async (event) => {
  event.preventDefault();
  problem.hidden = true;
  await pictures.ready();
  const all = inputs();
  if (!all.length) {
    problem.textContent = say("noPicture");
    problem.hidden = false;
    return;
  }
  send.disabled = true;
  try {
    for (const one of all) await submit(one);
    keys.clear();
  } catch (error) {
    show(error);
  } finally {
    send.disabled = false;
  }
});

composer.addEventListener("input", (event) => {
  if (event.target !== model) later();
});
model.addEventListener("change", choose);
document.addEventListener("click", async (event) => {
  const { use, name, example } = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset ?? {};
  if (use) {
    pictures.use(new URL(use, location.href).href, name ?? "");
    composer.scrollIntoView({ block: "start" });
    send.focus();
  } else if (example) {
    pictures.add([new File([await (await fetch(example)).blob()], "example.jpg", { type: "image/jpeg" })]);
    composer.requestSubmit();
  }
});

pictures.attach(holder);
localTimes();
const given = new URLSearchParams(location.search);
const wanted = given.get("input");
if (wanted?.startsWith("/files/")) {
  pictures.use(new URL(wanted, location.href).href, given.get("name") ?? "");
  history.replaceState(null, "", location.pathname);
}
later();
