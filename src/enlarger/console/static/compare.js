// Compare: one input through several models, one task for each.

import "./cards.js";
import "./views.js";
import { Pictures } from "./pictures.js";
import { Refused, call, fragment, say } from "./service.js";

/** @param {string} selector @param {ParentNode} [root] */
const all = (selector, root = document) => /** @type {HTMLInputElement[]} */ ([...root.querySelectorAll(selector)]);
const [form] = all("#comparison");
const [setup] = all("#setup");
const pictures = new Pictures(() => later());

/** The body of createTask for a model. @param {HTMLElement} model */
function bodyOf({ dataset: { model, picture = "", types = "" } }) {
  const kinds = JSON.parse(types);
  /** @type {Record<string, unknown>} */
  const input = {};
  const files = { [picture]: pictures.urls() };
  for (const { name, type, value, checked, dataset } of all("[data-field]")) {
    if (!(name in kinds) || (dataset.field && dataset.field !== model)) continue;
    if (type === "file") files[name] = pictures.urls(name);
    else if (type === "checkbox") String(checked) === dataset.default || (input[name] = checked);
    else if (value.trim()) input[name] = read(value, kinds[name]);
  }
  for (const name in files) {
    const urls = files[name].slice(-1);
    if (name in kinds && urls.length) input[name] = kinds[name] === "files" ? urls : urls[0];
  }
  return { model, input };
}

/** Parse what is no text; the service explains what is wrong with the rest. @param {string} value @param {string} kind */
function read(value, kind) {
  try {
    return kind === "string" ? value : JSON.parse(value);
  } catch {
    return value;
  }
}

/** Show why something was refused, beside its model if it has one. @param {unknown} error */
function complain(error, model = "") {
  if (!(error instanceof Refused)) throw error;
  for (const problem of all(`[data-problem="${model}"]`)) {
    problem.textContent = error.message;
    problem.hidden = false;
  }
}

let timer = 0;
let asked = 0;

function later() {
  clearTimeout(timer);
  timer = setTimeout(price, 250);
}

/** Quote each model, and the sum. */
async function price() {
  const now = ++asked;
  for (const problem of all("[data-problem]")) problem.hidden = true;
  const quotes = await Promise.all(all("[data-model]").map(quote));
  if (now !== asked) return;
  for (const cost of all("[data-cost]")) {
    cost.textContent = words(quotes.find(({ model }) => model === cost.dataset.cost));
  }
  const credits = quotes.reduce((sum, one) => sum + (one.credits ?? NaN), 0);
  const sum = { credits, exact: quotes.every(({ exact }) => exact) };
  all("#quote")[0].textContent = credits >= 0 ? say("sum", { price: words(sum) }) : "";
}

/** @typedef {{model?: string, credits?: number | null, exact?: boolean}} Quote @param {HTMLElement} one @returns {Promise<Quote>} */
async function quote(one) {
  const { model, required } = one.dataset;
  try {
    return required && !pictures.urls().length ? {} : { model, ...(await call("/v1/quote", bodyOf(one))) };
  } catch (error) {
    // A field that has not been filled in yet is not an error yet.
    if (!(error instanceof Refused && error.problems[0]?.code === "required")) complain(error, model);
    return {};
  }
}

/** @param {Quote} [quote] */
function words(quote) {
  if (!quote) return "";
  if (quote.credits == null) return say("unknown");
  return quote.credits ? say(quote.exact ? "credits" : "atMost", { credits: +quote.credits.toFixed(2) }) : say("free");
}

const chosen = () => all("[name=models]:checked").map(({ value }) => value);

/** Fetch the form for other models, or for another type of task; what has been filled in stays. @param {string} name */
async function renew(name) {
  const models = name === "models" ? chosen().join(",") : "";
  const query = `?${new URLSearchParams({ task: all("[name=task]")[0].value, models })}`;
  history.replaceState(null, "", query);
  const fresh = await fragment(`/compare/form${query}`);
  if (location.search !== query) return;
  const before = all("[data-field]");
  const part = models ? "#inputs" : ".setup";
  all(part)[0].replaceWith(all(part, fresh)[0]);
  for (const control of all("[data-field]:not([type=file])")) {
    const same = before.find(({ id }) => id === control.id);
    if (same) [control.value, control.checked] = [same.value, same.checked];
    control.value ||= ""; // of a list without the value, the default
  }
  pictures.draw();
  later();
}

/** Use a file that the service has already. @param {string} url @param {string} name */
function use(url, name) {
  pictures.use({ "": [{ name, url }] });
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
  const key = keys.get(text) ?? crypto.getRandomValues(new Uint32Array(4)).join("-");
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
  if (!pictures.urls().length && all("[data-required]").length) throw new Refused(say("noPicture"), 0, []);
  const tasks = [];
  for (const one of models) tasks.push(await submit(one));
  const query = `?tasks=${tasks.filter(Boolean)}`;
  if (!tasks.some(Boolean)) return;
  all("#results")[0].replaceChildren(await fragment(`/compare/results${query}`));
  history.pushState(null, "", query);
  if (!tasks.every(Boolean)) return;
  keys.clear();
  setup.removeAttribute("open");
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
  if (chosen().length > 4) control.checked = false;
  else if (/^(task|models)$/.test(control.name)) renew(control.name).catch(complain);
});
document.addEventListener("click", ({ target }) => {
  const { use: url, name = "" } = /** @type {HTMLElement} */ (target).closest("button")?.dataset ?? {};
  if (!url) return;
  use(url, name);
  setup.setAttribute("open", "");
  setup.scrollIntoView();
});
addEventListener("popstate", () => location.reload());

pictures.listen(form);
const given = new URLSearchParams(location.search);
const input = given.get("input") ?? all("#picks")[0]?.dataset.picked;
if (input?.startsWith("/files/")) use(input, given.get("name") ?? "");
if (given.has("input")) history.replaceState(null, "", location.pathname);
later();
