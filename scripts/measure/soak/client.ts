import { scripted } from "../../../tests/e2e/support/fault_upstream.ts";
import type { Random } from "../../common/random.ts";
import type { Plan, Planner } from "./faults.ts";
import type { Tally } from "./tally.ts";

/** What a client works with. */
export interface ClientOptions {
  functionsUrl: string;
  accessToken: string;
  /** Names of the models to call. */
  models: readonly string[];
  /** The same for embeddings. */
  embeddingModels: readonly string[];
  random: Random;
  planner: Planner;
  tally: Tally;
  /** True once enough turns have begun. */
  isDone: () => boolean;
}

/** Longer than any answer here may take, in milliseconds. */
const patience = 60_000;

/**
 * Sends requests one after the other until there are enough; repeats some, and disconnects from
 * some.
 */
export async function runClient(options: ClientOptions): Promise<void> {
  const { random, tally, isDone } = options;
  let session: string | null = null;
  while (!isDone()) {
    const plan = options.planner.plan(random);
    const models = plan.embeds ? options.embeddingModels : options.models;
    const model = models[random.below(models.length)] ?? "";
    const key = plan.repeats ? random.id() : null;
    const { fault, times, usage } = plan;
    const said = scripted({ fault, times, id: random.id(), usage });
    const body = JSON.stringify(
      plan.embeds ? { model, input: said } : {
        model,
        stream: plan.stream,
        ...plan.stream ? { stream_options: { include_usage: random.percent(50) } } : {},
        max_tokens: 1_000,
        messages: [{ role: "user", content: said }],
      },
    );
    tally.fault(plan.fault);
    const continued: string | null = plan.continues ? session : null;
    const first = await call(options, plan, body, key, continued);
    if (first.session !== null) session = first.session;
    if (first.status === 404) session = null;
    if (key === null) continue;
    // A repeated request runs to its end, and may begin while the first still runs.
    await call(options, { ...plan, leavesAfter: null, leavesAt: null }, body, key, continued);
  }
}

async function call(
  options: ClientOptions,
  plan: Plan,
  body: string,
  key: string | null,
  session: string | null,
): Promise<{ status: number; session: string | null }> {
  const { functionsUrl, accessToken, tally } = options;
  const leaving = new AbortController();
  const timer = plan.leavesAfter === null
    ? undefined
    : setTimeout(() => leaving.abort(), plan.leavesAfter);
  const began = performance.now();
  let status = 0;
  let found: string | null = null;
  try {
    const path = plan.embeds ? "embeddings" : "chat/completions";
    const response = await fetch(`${functionsUrl}/${path}`, {
      method: "POST",
      headers: {
        "authorization": `Bearer ${accessToken}`,
        "content-type": "application/json",
        ...key === null ? {} : { "idempotency-key": key },
        ...session === null ? {} : { "x-session-id": session },
      },
      body,
      signal: AbortSignal.any([leaving.signal, AbortSignal.timeout(patience)]),
    });
    status = response.status;
    found = response.headers.get("x-session-id");
    if (response.headers.get("idempotent-replayed") !== null) tally.repeated();
    else if (found !== null || (plan.embeds && response.ok)) tally.began();
    await read(response, plan.leavesAt, leaving);
    tally.answered(response.status, performance.now() - began);
  } catch {
    if (leaving.signal.aborted) tally.left();
    else tally.answered(0, performance.now() - began);
  } finally {
    clearTimeout(timer);
  }
  // A client without an answer, or with a 503, waits a little.
  if (found === null && (status === 0 || status === 503)) {
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
  return { status, session: found };
}

/** Reads the answer to its end, or leaves after so many bytes. */
async function read(
  response: Response,
  leavesAt: number | null,
  leaving: AbortController,
): Promise<void> {
  let bytes = 0;
  for await (const chunk of response.body ?? []) {
    bytes += chunk.length;
    if (leavesAt !== null && bytes > leavesAt) leaving.abort();
  }
}
