import { bytePieces } from "../../core/byte_pieces.ts";
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
  /** The vendor's id of the answer, if its headers have one. */
  id: string | null;
  /** The body as it arrives. Throws {@linkcode ApiError} if it ends early. */
  read(): AsyncGenerator<Uint8Array, void, void>;
  /** Aborts the call; {@linkcode read} then throws the reason. */
  abort(reason: ApiError): void;
  /** Aborts when the call was ended, by {@linkcode abort} or by a limit. */
  aborted: AbortSignal;
}

/** The dependencies of {@linkcode callUpstream}. */
export interface UpstreamDeps {
  fetch: typeof globalThis.fetch;
  limits: TurnLimits;
  shutdown: AbortSignal;
  /** Milliseconds until the head of the answer must have arrived. */
  firstByteMs: number;
  /** Milliseconds since the epoch. */
  now: () => number;
  /** Called with the status as soon as the head of an answer has arrived. */
  onHead: (status: number) => void;
}

/** Statuses of a successful answer: some proxies send 201 or 203. */
const ANSWERS: ReadonlySet<number> = new Set([200, 201, 203]);

const MAX_ERROR_BYTES = 64 * 1024;
const MAX_ERROR_MS = 5_000;

/**
 * Calls an upstream once.
 *
 * @throws {ApiError} If it cannot be reached, is too slow, or answers with an error.
 */
export async function callUpstream(
  target: Endpoint,
  body: Record<string, unknown>,
  { fetch, limits, shutdown, firstByteMs, now, onHead }: UpstreamDeps,
): Promise<Upstream> {
  const call = new AbortController();
  const abort = (reason: ApiError) => call.abort(reason);
  const stop = () => abort(shuttingDown());
  // The head of a whole answer arrives with its body, whose duration depends on the request.
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
    const response = await fetch(target.url, requestOf(body, target, call.signal));
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

function requestOf(
  body: Record<string, unknown>,
  target: Endpoint,
  signal: AbortSignal,
): RequestInit {
  const payload = payloadOf(bodyOf(body, target));
  return {
    method: "POST",
    headers: {
      ...target.headers,
      ...payload.headers,
      "accept": target.headers.accept ??
        (body.stream ? "text/event-stream" : "application/json"),
      // A compressed stream is delivered in large blocks.
      "accept-encoding": "identity",
    },
    body: payload.body,
    // A redirect would carry the credential to an address that was not configured.
    redirect: "manual",
    signal,
  };
}

/**
 * The fields of a request that are sent in the body. Clients send null for unset fields, which only
 * some vendors accept.
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
  const idle = createIdleTimer(
    limits.idleMs,
    () => call.abort(timedOut(`it sent nothing for ${limits.idleMs / 1000} s`)),
  );
  let length = 0;
  try {
    const body = decoded(response);
    for await (const bytes of body ? bytePieces(body) : []) {
      idle.pause();
      length += bytes.byteLength;
      if (length > limits.upstreamBytes) throw invalidAnswer("the answer is too large");
      yield bytes.slice();
      idle.touch();
    }
  } catch (thrown) {
    if (call.signal.aborted) throw call.signal.reason;
    throw thrown instanceof ApiError ? thrown : interrupted(thrown);
  } finally {
    idle.stop();
    release();
  }
}

/** Reads an answer that comes in one piece. */
export async function readText(upstream: Upstream): Promise<string> {
  const decoder = new TextDecoder();
  let text = "";
  for await (const bytes of upstream.read()) text += decoder.decode(bytes, { stream: true });
  return text + decoder.decode();
}

/** The usage that an error answer reports. */
function usageIn(text: string): TurnUsage | null {
  try {
    return measureIn(parseUpstreamJson(text, "error"))?.usage ?? null;
  } catch {
    return null;
  }
}

/** Reads the body of an error answer, up to a limit: it only serves as an explanation. */
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
    // A truncated explanation is used if it can be parsed.
  } finally {
    clearTimeout(timer);
  }
  return text;
}
