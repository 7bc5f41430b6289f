export { Enlarger } from "./client.js";
export type {
  EnlargerOptions,
  Input,
  Model,
  Quote,
  Submitted,
  SubmitOptions,
  WaitOptions,
  WholeTask,
} from "./client.js";
export { EnlargerError, NoAnswer, RequestRefused, TaskFailed, WaitTimeout } from "./errors.js";
export type { Problem, TaskRecord } from "./errors.js";
export type { components, paths } from "./schema.js";
