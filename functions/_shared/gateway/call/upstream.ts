import { ApiError } from "../../core/errors.ts";
import { createIdleTimer } from "../../core/idle_timer.ts";
import { payloadOf } from "../../http/upload.ts";
import type { TurnLimits } from "../limits.ts";
import { decoded } from "../quirks/compressed_answers.ts";
import { measureIn } from "../quirks/usage_shapes.ts";
import type { TurnUsage } from "../settle/outcome.ts";
import { shuttingDown } from "./abort_reasons.ts";
import type { Endpoint } from "./endpoint.ts";
import {
  interrupted,
  invalidAnswer,
  outOfTime,
  timedOut,
  unreachable,
  upstreamError,
} from "./upstream_error.ts";
import { parseUpstreamJson } from "./upstream_json.ts";

/** An upstream that has accepted the call and is answering. */
export interface Upstream {
  contentType: string;
  /** By what the vendor knows this answer, where it says so before the first word of it. */
  id: string | null;
  /** The body as it comes. Whatever ends it early is thrown as {@linkcode ApiError}. */
  read(): AsyncGenerator<Uint8Array, void, void>;
  /** Ends the call now; {@linkcode read} throws the reason. */
  abort(reason: ApiError): void;
  /** Aborts when the call was ended, by {@linkcode abort} or by a limit. */
  aborted: AbortSignal;
}

/** What {@linkcode callUpstream} needs. */
export interface UpstreamDeps {
  fetch: typeof globalThis.fetch;
  limits: TurnLimits;
  shutdown: AbortSignal;
  /** Milliseconds until the head of the answer must be there. */
  firstByteMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Told the status as soon as the head of an answer is there. */
  onHead: (status: number) => void;
}

/** Statuses of an answer: some proxies say that one was created, or is not theirs. */
const ANSWERS: ReadonlySet<number> = new Set([200, 201, 203]);

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_ERROR_MS = 5_000;

/**
 * Calls an upstream once.
 *
 * @throws {ApiError} When it cannot be reached, is too slow, or answers with an error.
 */
export async function callUpstream(
  target: Endpoint,
  body: Record<string, unknown>,
  { fetch, limits, shutdown, firstByteMs, now, onHead }: UpstreamDeps,
): Promise<Upstream> {
  const call = new AbortController();
  const abort = (reason: ApiError) => call.abort(reason);
  const stop = () => abort(shuttingDown());
  // The head of an answer in one piece comes with its end: how long it takes is the caller's wish.
  const late = body.stream ? timedOut : outOfTime;
  const tooLong = (ms: number) => late(`it did not answer within ${Math.ceil(ms / 1000)} s`);
  const tooMuch = () => outOfTime(`its answer lasts longer than ${limits.totalMs / 1000} s`);
  const total = setTimeout(() => abort(tooMuch()), limits.totalMs);
  const head = setTimeout(() => abort(tooLong(firstByteMs)), firstByteMs);
  shutdown.addEventListener("abort", stop);
  const release = () => {
    clearTimeout(total);
    clearTimeout(head);
    shutdown.removeEventListener("abort", stop);
  };
  if (shutdown.aborted) stop();

  try {
    const payload = payloadOf(bodyOf(body, target));
    const response = await fetch(target.url, {
      method: "POST",
      headers: {
        ...target.headers,
        ...payload.headers,
        "accept": target.headers.accept ??
          (body.stream ? "text/event-stream" : "application/json"),
        // A compressed stream arrives in lumps.
        "accept-encoding": "identity",
      },
      body: payload.body,
      // A redirect would carry the credential to an address that was not configured.
      redirect: "manual",
      signal: call.signal,
    });
    clearTimeout(head);
    onHead(response.status);
    const read = () => readAnswer(response, call, limits, release);
    if (!ANSWERS.has(response.status)) {
      const text = await readError(read(), abort);
      const { status, headers } = response;
      const { secret, ownKey } = target;
      throw upstreamError({
        ...{ status, headers, body: text, usage: usageIn(text) },
        ...{ secret, sent: body, ownKey, now: now() },
      });
    }
    const contentType = response.headers.get("content-type") ?? "";
    const id = response.headers.get("x-generation-id");
    return { contentType, id, read, abort, aborted: call.signal };
  } catch (thrown) {
    release();
    if (thrown instanceof ApiError) throw thrown;
    if (call.signal.aborted) throw call.signal.reason;
    throw unreachable(thrown);
  }
}

/**
 * What of a request goes into the body of its call. Clients write null for what they do not set, which
 * only some vendors accept.
 */
function bodyOf(
  request: Record<string, unknown>,
  { inPath = [] }: Endpoint,
): Record<string, unknown> {
  const fields = Object.entries(request);
  return Object.fromEntries(
    fields.filter(([field, value]) => value !== null && !inPath.includes(field)),
  );
}

async function* readAnswer(
  response: Response,
  call: AbortController,
  limits: TurnLimits,
  release: () => void,
): AsyncGenerator<Uint8Array, void, void> {
  const reader = decoded(response)?.getReader();
  const idle = createIdleTimer(
    limits.idleMs,
    () => call.abort(timedOut(`it sent nothing for ${limits.idleMs / 1000} s`)),
  );
  let length = 0;
  try {
    while (reader) {
      idle.touch();
      const { done, value } = await reader.read();
      idle.pause();
      if (done) return;
      length += value.byteLength;
      if (length > limits.upstreamBytes) throw invalidAnswer("the answer is too large");
      yield value;
    }
  } catch (thrown) {
    if (call.signal.aborted) throw call.signal.reason;
    throw thrown instanceof ApiError ? thrown : interrupted(thrown);
  } finally {
    idle.stop();
    release();
    // Closes the connection when the answer was not read to its end.
    await reader?.cancel().catch(() => {});
  }
}

/** Reads an answer that comes in one piece. */
export async function readText(upstream: Upstream): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of upstream.read()) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}

/** What an error answer says that it sold nonetheless. */
function usageIn(text: string): TurnUsage | null {
  try {
    return measureIn(parseUpstreamJson(text, "error"))?.usage ?? null;
  } catch {
    return null;
  }
}

/** Reads what an error answer says, within bounds: it only serves to explain. */
async function readError(
  answer: AsyncGenerator<Uint8Array, void, void>,
  abort: Upstream["abort"],
): Promise<string> {
  const timer = setTimeout(() => abort(timedOut("its error message did not end")), MAX_ERROR_MS);
  const decoder = new TextDecoder();
  let text = "";
  try {
    for await (const bytes of answer) {
      text += decoder.decode(bytes, { stream: true });
      if (text.length > MAX_ERROR_BYTES) break;
    }
  } catch {
    // Half an explanation is judged like a whole one: by whether it can be parsed.
  } finally {
    clearTimeout(timer);
  }
  return text;
}
