// Compare: one input through several models, one task for each.

import "./cards.js";
import "./views.js";
import { Pictures } from "./pictures.js";
import { Refused, call, fragment, localTimes, say } from "./service.js";

/** @param {string} selector @param {ParentNode} [root] */
const all = (selector, root = document) => /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll(selector)]);
const [form] = all("#comparison");
const setup = /** @type {HTMLDetailsElement} */ (document.querySelector("#setup"));

/** The one picture that all models get: another takes its place. */
class OnePicture extends Pictures {
  /** @param {File[]} files */
  add(files) {
    if (files.length) this.picks = [];
    super.add(files.slice(0, 1));
  }
}

const pictures = new OnePicture(() => later());

/** The body of createTask for a model. @param {HTMLElement} model */
function bodyOf({ dataset: { model, picture, types } }) {
  const kinds = JSON.parse(types ?? "{}");
  /** @type {Record<string, unknown>} */
  const input = {};
  for (const { name, type, value, checked, dataset } of all("[data-field]")) {
    if (!(name in kinds) || (dataset.field && dataset.field !== model)) continue;
    if (type === "file") put(name, pictures.urlsOf(name));
    else if (type === "checkbox") {
      if (String(checked) !== dataset.default) input[name] = checked;
    } else if (value.trim()) input[name] = read(value, kinds[name]);
  }
  if (picture) put(picture, pictures.urls());
  return { model, input };

  /** @param {string} name @param {string[]} urls */
  function put(name, urls) {
    if (urls.length) input[name] = kinds[name] === "files" ? urls : urls[0];
  }
}

/** @param {string} value @param {string} kind */
function read(value, kind) {
  try {
    return kind === "string" ? value : JSON.parse(value);
  } catch {
    return value; // the service refuses it with an explanation
  }
}

/** Show why something was refused, beside its model if it has one. @param {unknown} error @param {string} [model] */
function complain(error, model = "") {
  if (!(error instanceof Refused)) throw error;
  const [problem] = all(`[data-problem="${CSS.escape(model)}"]`);
  problem.textContent = error.message;
  problem.hidden = false;
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
let asked = 0;

function later() {
  clearTimeout(timer);
  timer = setTimeout(price, 250);
}

/** Quote each model, and the sum. */
async function price() {
  const now = ++asked;
  for (const problem of all("[data-problem]")) problem.hidden = true;
  const found = await Promise.all(all("[data-model]").map(quote));
  if (now !== asked) return;
  for (const cost of all("[data-cost]")) {
    const one = found.find(({ model }) => model === cost.dataset.cost);
    cost.textContent = one ? words(one) : "";
  }
  const credits = found.reduce((sum, one) => sum + (one.credits ?? NaN), 0);
  const exact = found.every((one) => one.exact);
  all("#quote")[0].textContent = credits >= 0 ? say("sum", { price: words({ credits, exact }) }) : "";
}

/** @param {HTMLElement} one @returns {Promise<{model?: string, credits?: number | null, exact?: boolean}>} */
async function quote(one) {
  const { model, required } = one.dataset;
  try {
    return required && !pictures.urls().length ? {} : { model, ...(await call("/v1/quote", bodyOf(one))) };
  } catch (error) {
    // A field that has not been filled in yet is not an error yet.
    const missing = error instanceof Refused && error.problems.length && error.problems.every(({ code }) => code === "required");
    if (!missing && one.isConnected) complain(error, model);
    return {};
  }
}

/** @param {{credits?: number | null, exact?: boolean}} quote */
function words({ credits, exact }) {
  if (credits == null) return say("unknown");
  return credits ? say(exact ? "credits" : "atMost", { credits: Math.round(credits * 100) / 100 }) : say("free");
}

/** Fetch the form for other models or another type of task; what has been filled in stays. @param {HTMLInputElement} changed */
async function renew({ name }) {
  const models = all('[name="models"]:checked').map(({ value }) => value).join(",");
  const query = new URLSearchParams({ task: all("[name=task]")[0].value, ...(name === "models" && { models }) });
  history.replaceState(null, "", `?${query}`);
  const fresh = await fragment(`/compare/form?${query}`).catch(complain);
  if (!fresh || location.search !== `?${query}`) return;
  const before = all("[data-field]");
  const part = name === "models" ? ".inputs" : ".setup";
  form.querySelector(part)?.replaceWith(...fresh.querySelectorAll(part));
  for (const control of all("[data-field]:not([type=file])")) {
    const same = before.find((one) => one.id === control.id && one.type === control.type);
    if (same) [control.value, control.checked] = [same.value, same.checked];
  }
  pictures.attach(form);
  later();
}

/**
 * Idempotency keys by request body, kept until all tasks have been accepted: sending them again after a lost connection
 * returns the tasks that exist already, so nothing is paid for twice.
 * @type {Map<string, string>}
 */
const keys = new Map();

/** Create a model's task and return its id, or nothing if it was refused. @param {HTMLElement} one */
async function submit(one) {
  const body = bodyOf(one);
  const text = JSON.stringify(body);
  const key = keys.get(text) ?? String(crypto.getRandomValues(new Uint32Array(4))).replaceAll(",", "-");
  keys.set(text, key);
  try {
    return (await call("/api/v1/jobs/createTask", body, { "Idempotency-Key": key })).taskId;
  } catch (error) {
    complain(error, body.model);
  }
}

async function send() {
  await pictures.ready();
  const models = all("[data-model]");
  if (models.length < 2) throw new Refused(say("least"), 0, []);
  if (!pictures.urls().length && models.some(({ dataset }) => dataset.required)) throw new Refused(say("noPicture"), 0, []);
  const tasks = [];
  for (const one of models) tasks.push(await submit(one));
  const query = new URLSearchParams({ tasks: tasks.filter(Boolean).join(",") });
  if (!query.get("tasks")) return;
  all("#results")[0].replaceChildren(await fragment(`/compare/results?${query}`));
  history.pushState(null, "", `?${query}`);
  if (!tasks.every(Boolean)) return;
  keys.clear();
  setup.open = false;
  scrollTo(0, 0);
}

form.addEventListener("submit", async (event) => {
  event.preventDefault();
  const [button] = all("#send");
  button.disabled = true;
  await send().catch(complain);
  button.disabled = false;
});
form.addEventListener("input", later);
form.addEventListener("change", ({ target }) => {
  const control = /** @type {HTMLInputElement} */ (target);
  if (all('[name="models"]:checked').length > 4) control.checked = false;
  else if (/^(task|models)$/.test(control.name)) renew(control);
});
document.addEventListener("click", ({ target }) => {
  const { use, name } = /** @type {HTMLElement} */ (target).closest("button")?.dataset ?? {};
  if (!use) return;
  pictures.use(new URL(use, location.href).href, name ?? "");
  setup.open = true;
  setup.scrollIntoView();
});
addEventListener("popstate", () => location.reload());

pictures.attach(form);
const given = new URLSearchParams(location.search);
const input = given.get("input") ?? all("#picks")[0]?.dataset.picked;
if (input?.startsWith("/files/")) pictures.use(new URL(input, location.href).href, given.get("name") ?? "");
if (given.has("input")) history.replaceState(null, "", location.pathname);
later();
