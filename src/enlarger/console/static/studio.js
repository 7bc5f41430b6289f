// The studio: turns pictures and a model's fields into tasks.

import "./cards.js";
import { Code } from "./code.js";
import { recall, remember } from "./draft.js";
import { Fields } from "./fields.js";
import { Pictures } from "./pictures.js";
import { Refused, call, duration, fragment, localTimes, say } from "./service.js";

/** @typedef {import("./draft.js").Draft} Draft */

const QUOTE_MILLISECONDS = 250;
const ENLARGER = "auto/upscale";

const composer = /** @type {HTMLFormElement} */ (document.querySelector("#composer"));
const model = /** @type {HTMLSelectElement} */ (document.querySelector("#model"));
const holder = /** @type {HTMLElement} */ (document.querySelector("#form"));
const quote = /** @type {HTMLElement} */ (document.querySelector("#quote"));
const problem = /** @type {HTMLElement} */ (document.querySelector("#problem"));
const send = /** @type {HTMLButtonElement} */ (document.querySelector("#send"));
const cards = /** @type {HTMLElement} */ (document.querySelector("#cards"));
const pictures = new Pictures(() => later(true));
const fields = new Fields(holder, pictures);
const code = new Code(
  /** @type {HTMLDetailsElement} */ (document.querySelector("#code")),
  () => ({ model: model.value, input: fields.inputs()[0] ?? fields.input() }),
);

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
let outdated = false;

/** Soon show what depends on the form. @param {boolean} [decided] whether other fields may be among it */
function later(decided = false) {
  outdated ||= decided;
  clearTimeout(timer);
  timer = setTimeout(follow, QUOTE_MILLISECONDS);
}

async function follow() {
  try {
    if (outdated) await fields.renew(model.value);
    outdated = false;
    await Promise.all([price(), code.renew()]);
  } catch (error) {
    show(error);
  }
}

async function price() {
  const now = ++asked;
  const all = fields.inputs();
  problem.hidden = true;
  try {
    if (!all.length || fields.incomplete()) throw new Refused("", 0, []);
    const found = await call("/v1/quote", { model: model.value, input: all[0] });
    if (now !== asked) return;
    quote.replaceChildren(...priced(found, all.length));
    for (const marked of holder.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  } catch (error) {
    if (now !== asked) return;
    quote.textContent = "";
    // A field that has not been filled in yet is not an error yet.
    if (error instanceof Refused && error.problems.every(({ code }) => code === "required" || code === "missing")) return;
    throw error;
  }
}

/** @param {{credits: number | null, exact: boolean}} found @param {number} count */
function priced({ credits, exact }, count) {
  const cost = document.createElement("b");
  if (credits === null) cost.textContent = say("unknown");
  else if (credits === 0) cost.textContent = say("free");
  else cost.textContent = say(exact ? "credits" : "atMost", { credits });
  const rest = [say("time", { time: duration(fields.about().seconds) })];
  if (count > 1) rest.unshift(say("each", { count }));
  return [cost, ` · ${rest.join(" · ")}`];
}

/** Show another model's form, or another set of its fields; values of fields that both have stay. */
let shown = model.value;

async function choose() {
  try {
    await fields.renew(model.value, true);
    shown = model.value;
    later();
  } catch (error) {
    model.value = shown;
    show(error);
  }
}

/** @param {Draft} draft */
async function fill(draft) {
  if ([...model.options].some((option) => option.value === draft.model)) {
    model.value = draft.model ?? "";
    fields.variant = draft.variant ?? null;
  }
  if (draft.values) fields.values = draft.values;
  if (draft.values) pictures.lists.clear();
  pictures.use(draft.files ?? {});
  await choose();
}

/**
 * Idempotency keys by request body, kept until the whole batch has been accepted. Sending it again after a lost connection,
 * a partial refusal or a reload returns the tasks that exist already, so nothing is paid for twice.
 * @type {Map<string, string>}
 */
const keys = new Map(recall()?.keys);

/** @param {Record<string, unknown>} one */
async function submit(one) {
  const body = { model: model.value, input: one };
  const text = JSON.stringify(body);
  const key = keys.get(text) ?? randomKey();
  keys.set(text, key);
  remember({ keys: [...keys] });
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
  if (outdated) await follow();
  const all = fields.inputs();
  if (!all.length) {
    problem.textContent = say("noPicture");
    problem.hidden = false;
    return;
  }
  send.disabled = true;
  addEventListener("beforeunload", stay);
  try {
    for (const one of all) await submit(one);
    keys.clear();
    remember({ keys: [] });
    pictures.set("", []);
  } catch (error) {
    show(error);
  } finally {
    send.disabled = false;
    removeEventListener("beforeunload", stay);
  }
});

/** Ask before the page is left while pictures are being sent. @param {Event} event */
function stay(event) {
  event.preventDefault();
}

composer.addEventListener("input", (event) => {
  const control = /** @type {HTMLInputElement} */ (event.target);
  if ("type" in control.dataset) later(fields.typed(control));
});
composer.addEventListener("change", (event) => {
  const control = /** @type {HTMLSelectElement} */ (event.target);
  if (control !== model && control.id !== "variant") return;
  fields.variant = control === model ? null : Number(control.value);
  choose();
});
document.addEventListener("compose", async (event) => {
  event.preventDefault();
  const draft = /** @type {CustomEvent<Draft>} */ (event).detail;
  await fill(draft);
  composer.scrollIntoView({ block: "start" });
  (draft.values ? model : send).focus({ preventScroll: true });
});
document.addEventListener("click", async (event) => {
  const { example } = /** @type {HTMLElement} */ (event.target).closest("button")?.dataset ?? {};
  if (!example) return;
  await fill({ model: ENLARGER, values: {} });
  pictures.add([new File([await (await fetch(example)).blob()], "example.jpg", { type: "image/jpeg" })]);
  composer.requestSubmit();
});
addEventListener("pagehide", () => {
  remember({ model: model.value, variant: fields.variant ?? undefined, values: fields.values, files: pictures.kept() });
});

code.details.addEventListener("toggle", () => later());

localTimes();
const kept = recall();
if (new URLSearchParams(location.search).has("model")) later();
else if (kept) fill(kept);
else later();
