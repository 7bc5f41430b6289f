// Enlarge a photo with `openapi-fetch` and the types that `openapi-typescript` has made of the API's description.

import { readFile, writeFile } from "node:fs/promises";
import createClient from "openapi-fetch";
import type { components, paths } from "./schema.d.ts";

const [photo, result] = process.argv.slice(2) as [string, string];
const client = createClient<paths>({
  baseUrl: process.env.ENLARGER_URL!,
  headers: { Authorization: `Bearer ${process.env.ENLARGER_API_KEY}` },
});

function ensure(holds: boolean, what: unknown): asserts holds {
  if (!holds) throw new Error(JSON.stringify(what));
}

const form = new FormData();
form.set("file", new Blob([await readFile(photo)], { type: "image/jpeg" }), "photo.jpg");
const upload = await client.POST("/api/file-stream-upload", {
  body: { file: "" },
  bodySerializer: () => form,
});
const file = upload.data?.data;
ensure(file != null, upload.error);
console.log("uploaded", file.fileSize, "bytes of", file.mimeType);

const body: components["schemas"]["CreateTaskRequest"] = {
  model: "real-esrgan/fast",
  input: { image_url: file.fileUrl, upscale_factor: "2" },
};
const params = { header: { "Idempotency-Key": file.fileUrl } };
const made = await client.POST("/v1/tasks", { params, body });
const again = await client.POST("/v1/tasks", { params, body });
ensure(made.response.status === 201 && again.response.status === 200, made.error ?? again.error);
const taskId = made.data?.data?.taskId;
ensure(taskId != null && again.data?.data?.taskId === taskId, again.data);

let whole: components["schemas"]["WholeTask"] | null | undefined;
const until = Date.now() + 300_000;
do {
  ensure(Date.now() < until, whole);
  await new Promise((resolve) => setTimeout(resolve, 300));
  const shown = await client.GET("/v1/tasks/{task_id}", { params: { path: { task_id: taskId } } });
  whole = shown.data?.data;
  ensure(whole != null, shown.error);
} while (whole.record.state !== "success" && whole.record.state !== "fail");
ensure(whole.record.state === "success", whole.record.failMsg);
await writeFile(result, Buffer.from(await (await fetch(whole.resultUrls![0]!)).arrayBuffer()));
console.log("enlarged to", whole.record.enlarger?.width, "x", whole.record.enlarger?.height, "by", whole.record.enlarger?.engine);

const list = await client.GET("/v1/tasks", { params: { query: { limit: 1, state: ["success", "fail"] } } });
ensure(list.data?.data?.tasks[0]?.taskId === taskId, list.error);
const unknown = await client.GET("/v1/tasks/{task_id}", { params: { path: { task_id: "nothing" } } });
ensure(unknown.response.status === 404 && unknown.error?.code === 422, unknown.error);
const refused = await client.POST("/v1/tasks", { body: { model: "real-esrgan/fast", input: {} } });
ensure(refused.response.status === 422, refused.data);
console.log("refused:", refused.error?.errors?.[0]?.field, "-", refused.error?.errors?.[0]?.message);
