/** A `fetch` that retries a request where that is safe. */

const FIRST_PAUSE = 500;
const LONGEST_PAUSE = 20_000;
/** Statuses that say that nothing was done. */
const REFUSED = new Set([429, 455, 503]);
/** Statuses after which something may have been done, or not. */
const UNCLEAR = new Set([408, 500, 502, 504]);
/** Methods that change nothing the second time. */
const HARMLESS = new Set(["GET", "HEAD", "PUT", "DELETE"]);

/**
 * Wrap `fetch` so that a request is sent up to `retries` times more.
 *
 * A request that was refused because the service is busy is always sent again, no sooner than `Retry-After` says. When
 * nobody can say what became of it, it is sent again only if it changes nothing or has an Idempotency-Key.
 */
export function retrying(fetch: typeof globalThis.fetch, retries: number): (request: Request) => Promise<Response> {
  return async (request) => {
    const repeatable = HARMLESS.has(request.method) || request.headers.has("Idempotency-Key");
    for (let attempt = 1; ; attempt++) {
      const last = attempt > retries;
      let after: string | null = null;
      try {
        const response = await fetch(last ? request : request.clone());
        const again = REFUSED.has(response.status) || (repeatable && UNCLEAR.has(response.status));
        if (last || !again) return response;
        after = response.headers.get("Retry-After");
        await response.body?.cancel();
      } catch (error) {
        if (last || !repeatable || request.signal.aborted) throw error;
      }
      await pause(Math.max(backoff(attempt), seconds(after) * 1000), request.signal);
    }
  };
}

/** Resolve after so many milliseconds. Rejects with the signal's reason when it is aborted first. */
export function pause(milliseconds: number, signal?: AbortSignal | null): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason);
    const stop = () => {
      clearTimeout(timer);
      reject(signal!.reason);
    };
    const timer = setTimeout(() => {
      signal?.removeEventListener("abort", stop);
      resolve();
    }, milliseconds);
    signal?.addEventListener("abort", stop, { once: true });
  });
}

function backoff(attempt: number): number {
  return Math.min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE) * (0.75 + Math.random() / 2);
}

function seconds(retryAfter: string | null): number {
  if (!retryAfter) return 0;
  const number = Number(retryAfter);
  const until = Number.isNaN(number) ? (Date.parse(retryAfter) - Date.now()) / 1000 : number;
  return Math.min(Math.max(until || 0, 0), 3600);
}
