/** The client: submit a task, wait for its end, get its files. */

import createClient, { type Client } from "openapi-fetch";

import { NoAnswer, type Problem, RequestRefused, TaskFailed, type TaskRecord, WaitTimeout } from "./errors.js";
import { pause, retrying } from "./retry.js";
import type { components, paths } from "./schema.js";

export type Model = components["schemas"]["ModelSummary"];
export type Quote = components["schemas"]["Quote"];
export type WholeTask = components["schemas"]["WholeTask"];

/** A model's input: see `enlarger models show MODEL`, or `models()`. */
export type Input = Record<string, unknown>;

export interface EnlargerOptions {
  /** An API key of the service; by default the environment's `ENLARGER_API_KEY`. */
  apiKey?: string;
  /** The service's address, without a path; by default the environment's `ENLARGER_BASE_URL`, or port 8686 of this machine. */
  baseUrl?: string;
  /** How often a failed request is retried where that is safe; 5 by default. */
  retries?: number;
  /** The `fetch` that is used; by default the global one. */
  fetch?: typeof globalThis.fetch;
}

export interface SubmitOptions {
  /**
   * Requests with the same key give the same task and are paid once. Keep it if your process may be interrupted; by
   * default each call makes a new one.
   */
  idempotencyKey?: string;
  /** An address that is called when the task has ended. */
  callbackUrl?: string;
  signal?: AbortSignal;
}

export interface Submitted {
  taskId: string;
  idempotencyKey: string;
  /** Whether an earlier request with this key has made the task. */
  replayed: boolean;
  /** Fields of the input that the model does not have, and which were left out. */
  warnings: readonly Problem[];
}

export interface WaitOptions {
  /** Milliseconds after which WaitTimeout is thrown; the task goes on. By default there is no limit. */
  timeout?: number;
  /** Called with the task's record whenever its state or progress has changed. */
  onProgress?: (record: TaskRecord) => void;
  signal?: AbortSignal;
}

const FIRST_LOOK = 300;
const LONGEST_PAUSE = 5_000;
const GROWTH = 1.3;

/** A client of one service. It holds no connection and need not be closed. */
export class Enlarger {
  /** All routes of the API with their types, for what has no method here. Errors are returned, not thrown. */
  readonly api: Client<paths>;

  readonly #fetch: (request: Request) => Promise<Response>;

  constructor(options: EnlargerOptions = {}) {
    const environment = globalThis.process?.env ?? {};
    const apiKey = options.apiKey ?? environment["ENLARGER_API_KEY"];
    if (!apiKey) throw new TypeError("apiKey is missing: pass one, or set ENLARGER_API_KEY");
    const baseUrl = options.baseUrl ?? environment["ENLARGER_BASE_URL"] ?? "http://127.0.0.1:8686";
    this.#fetch = retrying(options.fetch ?? globalThis.fetch, options.retries ?? 5);
    this.api = createClient<paths>({
      baseUrl: baseUrl.replace(/\/+$/, ""),
      headers: { Authorization: `Bearer ${apiKey}`, "X-Http-Status": "real" },
      fetch: this.#fetch,
    });
  }

  /**
   * Make a task.
   *
   * Throws RequestRefused when the service refuses it, and NoAnswer when nobody can say whether there is a task now;
   * the latter has the key with which it is safe to submit again.
   */
  async submit(model: string, input: Input, options: SubmitOptions = {}): Promise<Submitted> {
    const idempotencyKey = options.idempotencyKey ?? globalThis.crypto.randomUUID();
    const body: components["schemas"]["CreateTaskRequest"] = { model, input };
    if (options.callbackUrl !== undefined) body.callBackUrl = options.callbackUrl;
    const params = { header: { "Idempotency-Key": idempotencyKey } };
    const answer = await answered(this.api.POST("/v1/tasks", { params, body, ...only(options.signal) }), idempotencyKey);
    const { taskId, warnings = [] } = content(answer);
    return { taskId, idempotencyKey, replayed: answer.response.status === 200, warnings };
  }

  /** A task's record, its attempts and the links of its results. */
  async task(taskId: string, options: { signal?: AbortSignal } = {}): Promise<WholeTask> {
    const params = { path: { task_id: taskId } };
    return content(await answered(this.api.GET("/v1/tasks/{task_id}", { params, ...only(options.signal) })));
  }

  /** Wait until the task has succeeded. Throws TaskFailed when it fails, and WaitTimeout. */
  async wait(taskId: string, options: WaitOptions = {}): Promise<WholeTask> {
    const until = Date.now() + (options.timeout ?? Number.POSITIVE_INFINITY);
    let seen = "";
    for (let rest = FIRST_LOOK; ; rest = Math.min(rest * GROWTH, LONGEST_PAUSE)) {
      const whole = await this.task(taskId, only(options.signal));
      const { record } = whole;
      if (record.state === "success") return whole;
      if (record.state === "fail") throw new TaskFailed(record);
      const now = `${record.state} ${record.progress}`;
      if (now !== seen) options.onProgress?.(record);
      seen = now;
      const left = until - Date.now();
      if (left <= 0) throw new WaitTimeout(taskId, options.timeout!);
      await pause(Math.min(rest, left), options.signal);
    }
  }

  /** Make a task and wait for its end: `submit` and `wait` in one. */
  async run(model: string, input: Input, options: SubmitOptions & WaitOptions = {}): Promise<WholeTask> {
    const { taskId } = await this.submit(model, input, options);
    return await this.wait(taskId, options);
  }

  /** Upload a picture; returns the link that inputs such as `image_url` take. */
  async upload(file: Blob, name = "picture", options: { signal?: AbortSignal } = {}): Promise<string> {
    const form = new FormData();
    form.set("file", file, name);
    const request = { body: { file: "" }, bodySerializer: () => form, ...only(options.signal) };
    return content(await answered(this.api.POST("/api/file-stream-upload", request))).fileUrl;
  }

  /** Get a result by its link. Throws RequestRefused, for example when the file has expired. */
  async download(url: string, options: { signal?: AbortSignal } = {}): Promise<Blob> {
    const { response } = await answered(this.#fetch(new Request(url, only(options.signal))).then((response) => ({ response })));
    if (!response.ok) throw new RequestRefused(`The file cannot be had: HTTP ${response.status}`, response.status, response.status);
    return await response.blob();
  }

  /** Cancel a task; returns its record. A task that has ended stays as it is. */
  async cancel(taskId: string, options: { signal?: AbortSignal } = {}): Promise<TaskRecord> {
    const params = { path: { task_id: taskId } };
    return content(await answered(this.api.POST("/v1/tasks/{task_id}/cancel", { params, ...only(options.signal) })));
  }

  /** What a task would cost, without making it. */
  async quote(model: string, input: Input, options: { signal?: AbortSignal } = {}): Promise<Quote> {
    return content(await answered(this.api.POST("/v1/quote", { body: { model, input }, ...only(options.signal) })));
  }

  /** The models of the service. */
  async models(options: { signal?: AbortSignal } = {}): Promise<readonly Model[]> {
    return content(await answered(this.api.GET("/api/v1/models", only(options.signal)))).models;
  }

  /** The credits that the account has left. */
  async credit(options: { signal?: AbortSignal } = {}): Promise<number> {
    return content(await answered(this.api.GET("/api/v1/chat/credit", only(options.signal))));
  }
}

interface Answer<Data> {
  response: Response;
  data?: { data?: Data | null };
  error?: { code: number; msg: string; errors?: Problem[] | null };
}

/** The answer to a request. Throws NoAnswer if there is none, and the signal's reason if it was aborted. */
async function answered<A extends { response: Response }>(sent: Promise<A>, idempotencyKey?: string): Promise<A> {
  try {
    return await sent;
  } catch (error) {
    if (error instanceof TypeError || error instanceof SyntaxError) {
      throw new NoAnswer(`The service did not answer: ${reason(error)}`, idempotencyKey, { cause: error });
    }
    throw error;
  }
}

/** What an answer holds. Throws RequestRefused if that is an error. */
function content<Data>({ response, data, error }: Answer<Data>): Data {
  const held = data?.data;
  if (response.ok && held !== undefined && held !== null) return held;
  const { status } = response;
  throw new RequestRefused(error?.msg ?? `The service answered HTTP ${status}`, status, error?.code ?? status, error?.errors ?? []);
}

function reason(error: Error): string {
  return error.cause instanceof Error ? error.cause.message : error.message;
}

function only(signal: AbortSignal | undefined): { signal?: AbortSignal } {
  return signal ? { signal } : {};
}
