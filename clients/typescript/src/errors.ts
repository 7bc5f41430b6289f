/** What goes wrong with a request or a task, as errors that say what to do. */

import type { components } from "./schema.js";

export type Problem = components["schemas"]["Problem"];
export type TaskRecord = components["schemas"]["TaskRecord"];

/** Base of all errors of this package. */
export class EnlargerError extends Error {
  override name = "EnlargerError";
}

/** The service refused the request: `code` is its own code, `problems` name the fields that are wrong. */
export class RequestRefused extends EnlargerError {
  override name = "RequestRefused";

  constructor(
    message: string,
    readonly status: number,
    readonly code: number,
    readonly problems: readonly Problem[] = [],
  ) {
    super(message);
  }
}

/**
 * No answer came, after all retries. A task may have been made: submit it again with this `idempotencyKey`, which
 * gives the same task and is not paid twice.
 */
export class NoAnswer extends EnlargerError {
  override name = "NoAnswer";

  constructor(
    message: string,
    readonly idempotencyKey?: string,
    options?: ErrorOptions,
  ) {
    super(message, options);
  }
}

/** The task ended in `fail`; the message is the service's, and `record` says more. */
export class TaskFailed extends EnlargerError {
  override name = "TaskFailed";

  constructor(readonly record: TaskRecord) {
    super(record.failMsg || `The task ${record.taskId} failed`);
  }
}

/** The task has not ended in time. It goes on: wait for it again by its `taskId`. */
export class WaitTimeout extends EnlargerError {
  override name = "WaitTimeout";

  constructor(
    readonly taskId: string,
    readonly milliseconds: number,
  ) {
    super(`The task ${taskId} has not ended within ${milliseconds / 1000} s; wait for it again, it goes on`);
  }
}
