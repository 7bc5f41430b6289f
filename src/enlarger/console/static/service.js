// Calls to the service: the API's own routes, authenticated by the session cookie.

/** @typedef {{field: string, code: string, message: string}} Problem */

/** The service refused a request; the message is its own. */
export class Refused extends Error {
  /**
   * @param {string} message
   * @param {number} status
   * @param {Problem[]} problems
   */
  constructor(message, status, problems) {
    super(message);
    this.status = status;
    this.problems = problems;
  }
}

const words = /** @type {HTMLElement | null} */ (document.querySelector("#words"))?.dataset ?? {};

/**
 * A translated sentence from the page, with its `{placeholders}` filled in.
 * @param {string} name
 * @param {Record<string, string | number>} [values]
 */
export function say(name, values = {}) {
  return (words[name] ?? "").replace(/\{(\w+)\}/g, (_, key) => String(values[key] ?? ""));
}

/** @param {string} path @param {RequestInit} [options] */
async function ask(path, options) {
  try {
    return await fetch(`/console${path}`, options);
  } catch {
    throw new Refused(say("lost"), 0, []);
  }
}

/**
 * POST to a route and return its `data`. Throws Refused.
 * @param {string} path
 * @param {unknown} [body]
 * @param {Record<string, string>} [headers]
 */
export async function call(path, body, headers = {}) {
  const form = body instanceof FormData;
  const response = await ask(`/api${path}`, {
    method: "POST",
    headers: { Accept: "application/json", ...(form ? {} : { "Content-Type": "application/json" }), ...headers },
    body: form ? body : JSON.stringify(body ?? {}),
  });
  const answer = await response.json().catch(() => ({}));
  if (response.ok && answer.code === 200) return answer.data;
  const message = response.status === 401 ? say("signedOut") : (answer.msg ?? say("lost"));
  throw new Refused(message, response.status, answer.errors ?? []);
}

/**
 * Fetch a fragment of HTML that the service has rendered, for a body that is posted if there is one. Throws Refused.
 * @param {string} path
 * @param {unknown} [body]
 */
export async function fragment(path, body) {
  const headers = { Accept: "text/html", ...(body ? { "Content-Type": "application/json" } : {}) };
  const response = await ask(path, { method: body ? "POST" : "GET", headers, body: body ? JSON.stringify(body) : undefined });
  if (!response.ok || response.redirected) throw new Refused(say("signedOut"), response.status, []);
  const template = document.createElement("template");
  template.innerHTML = await response.text();
  return template.content;
}

/**
 * Format a duration, roughly, in the page's language.
 * @param {number} seconds
 */
export function duration(seconds) {
  const [value, unit] = seconds < 90 ? [Math.max(1, Math.round(seconds)), "second"] : [Math.round(seconds / 60), "minute"];
  return new Intl.NumberFormat(document.documentElement.lang, { style: "unit", unit, unitDisplay: "long" }).format(value);
}

/** Show all times in the reader's time zone. */
export function localTimes(root = /** @type {ParentNode} */ (document)) {
  const format = new Intl.DateTimeFormat(document.documentElement.lang, { dateStyle: "medium", timeStyle: "medium" });
  for (const time of root.querySelectorAll("time")) {
    time.title = time.dateTime;
    time.textContent = format.format(new Date(time.dateTime));
  }
}

/** Copy an element's text; without TLS browsers have only the old way. @param {HTMLElement} button @param {Element | null} shown */
export async function copy(button, shown) {
  if (!shown) return;
  try {
    await navigator.clipboard.writeText(shown.textContent ?? "");
  } catch {
    getSelection()?.selectAllChildren(shown);
    document.execCommand("copy");
  }
  button.textContent = button.dataset.copied ?? "";
}
