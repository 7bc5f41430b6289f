/** The client against a running service, ENLARGER_BASE_URL with ENLARGER_API_KEY, with a photo of this repository or PHOTO. */

import assert from "node:assert/strict";
import { createServer, type RequestListener } from "node:http";
import type { AddressInfo } from "node:net";
import { readFile } from "node:fs/promises";
import { test, type TestContext } from "node:test";

import { Enlarger, NoAnswer, RequestRefused, TaskFailed, WaitTimeout } from "../dist/index.js";

const MODEL = "real-esrgan/fast";
const PHOTO = process.env["PHOTO"] ?? new URL("../../../examples/still-life.jpg", import.meta.url);
const client = new Enlarger();

async function uploadPhoto(): Promise<string> {
  return await client.upload(new Blob([await readFile(PHOTO)], { type: "image/jpeg" }), "photo.jpg");
}

/** A server of this test's own; returns its address. */
async function serve(context: TestContext, listener: RequestListener): Promise<string> {
  const server = createServer(listener);
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  context.after(() => server.close());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test("a photo is uploaded, enlarged and downloaded", async () => {
  const states: string[] = [];
  const input = { image_url: await uploadPhoto(), upscale_factor: "2" };
  const quote = await client.quote(MODEL, input);
  assert.equal(quote.exact, true);
  const whole = await client.run(MODEL, input, { onProgress: ({ state }) => states.push(state) });
  assert.equal(whole.record.state, "success");
  assert.ok(states.every((state) => ["waiting", "queuing", "generating"].includes(state)));
  const picture = await client.download(whole.resultUrls![0]!);
  assert.match(picture.type, /^image\//);
  assert.ok(picture.size > 10_000);
});

test("the same idempotency key gives the same task", async () => {
  const input = { image_url: await uploadPhoto(), upscale_factor: "2" };
  const idempotencyKey = crypto.randomUUID();
  const first = await client.submit(MODEL, input, { idempotencyKey });
  const second = await client.submit(MODEL, input, { idempotencyKey });
  assert.deepEqual([first.replayed, second.replayed], [false, true]);
  assert.equal(second.taskId, first.taskId);
  const record = await client.cancel(first.taskId);
  assert.ok(["success", "fail"].includes(record.state));
});

test("a wait that is too short says that the task goes on", async () => {
  const { taskId } = await client.submit(MODEL, { image_url: await uploadPhoto(), upscale_factor: "4" });
  await assert.rejects(client.wait(taskId, { timeout: 0 }), (error) => error instanceof WaitTimeout && error.taskId === taskId);
  await client.cancel(taskId);
});

test("a task that has failed is an error with its record", async () => {
  const { taskId } = await client.submit(MODEL, { image_url: await uploadPhoto(), upscale_factor: "4" });
  await client.cancel(taskId);
  await assert.rejects(
    client.wait(taskId),
    (error) => error instanceof TaskFailed && error.record.taskId === taskId && error.record.failCode === "cancelled",
  );
});

test("a file that is no picture is refused", async () => {
  const file = new Blob(["no picture"], { type: "image/png" });
  await assert.rejects(client.upload(file, "broken.png"), (error) => error instanceof RequestRefused && error.status < 500);
});

test("a refused input names its field", async () => {
  await assert.rejects(client.submit(MODEL, {}), (error) => {
    assert.ok(error instanceof RequestRefused);
    assert.equal(error.status, 422);
    assert.equal(error.problems[0]?.field, "image_url");
    return true;
  });
});

test("an unknown key and an unknown task are refused", async () => {
  const status = (expected: number) => (error: unknown) => error instanceof RequestRefused && error.status === expected;
  await assert.rejects(new Enlarger({ apiKey: "wrong" }).credit(), status(401));
  await assert.rejects(client.task("nothing"), status(404));
});

test("an aborted wait ends with the signal's reason", async () => {
  const { taskId } = await client.submit(MODEL, { image_url: await uploadPhoto(), upscale_factor: "4" });
  await assert.rejects(client.wait(taskId, { signal: AbortSignal.abort(new Error("enough")) }), /enough/);
  await client.cancel(taskId);
});

test("a submission is repeated with one key, and a busy service is asked again", async (context) => {
  const keys: unknown[] = [];
  const url = await serve(context, (request, response) => {
    keys.push(request.headers["idempotency-key"]);
    if (keys.length === 1) return void request.socket.destroy();
    response.writeHead(keys.length === 2 ? 503 : 201, { "Content-Type": "application/json" });
    response.end(JSON.stringify({ code: keys.length === 2 ? 503 : 200, msg: "", data: { taskId: "one", recordId: "one" } }));
  });
  const made = await new Enlarger({ apiKey: "key", baseUrl: url }).submit(MODEL, {});
  assert.equal(made.taskId, "one");
  assert.equal(keys.length, 3);
  assert.deepEqual(new Set(keys), new Set([made.idempotencyKey]));
});

test("a submission without any answer tells the key to submit with again", async (context) => {
  const url = await serve(context, (request) => void request.socket.destroy());
  const silent = new Enlarger({ apiKey: "key", baseUrl: url, retries: 0 });
  await assert.rejects(
    silent.submit(MODEL, {}, { idempotencyKey: "mine" }),
    (error) => error instanceof NoAnswer && error.idempotencyKey === "mine",
  );
});

test("the key is never in an error", async (context) => {
  const url = await serve(context, (_, response) => void response.writeHead(500).end("oops"));
  const broken = new Enlarger({ apiKey: "top-secret", baseUrl: url, retries: 0 });
  await assert.rejects(broken.credit(), (error) => !String((error as Error).stack).includes("top-secret"));
});
