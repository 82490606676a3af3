import postgres from "postgres";
import { z } from "zod";
import { settledWithin } from "../process/settled-within.ts";

/** What a relay is given. */
export interface OutboxRelayOptions {
  /** Connection string of the role that owns the calls. */
  url: string;
  /** Where the functions are. */
  functionsUrl: string;
  /** The secret key named cron. */
  key: string;
  /** Prints a line for the person at the terminal. */
  report: (line: string) => void;
}

/** Sends the calls of edge functions that a database without pg_net makes. */
export interface OutboxRelay {
  /** Takes no further call, and waits up to so many milliseconds for the answers of those sent. */
  stop(patience: number): Promise<void>;
}

const functionCall = z.object({ id: z.uuid(), path: z.string(), body: z.looseObject({}) });
type FunctionCall = z.infer<typeof functionCall>;

/** As long as pg_net would wait, in milliseconds. */
const answerPatience = 60_000;

/** Starts to send what `private.enqueue_function_call()` queues, and what has been waiting. */
export async function startOutboxRelay(options: OutboxRelayOptions): Promise<OutboxRelay> {
  const { url, functionsUrl, key, report } = options;
  const sql = postgres(url, {
    max: 1,
    idle_timeout: 30,
    connection: { application_name: "agentbase outbox relay" },
    onnotice: () => {},
  });
  const open = new Set<Promise<void>>();
  const cut = new AbortController();

  async function send({ path, body }: FunctionCall): Promise<[number | null, string | null]> {
    try {
      const response = await fetch(functionsUrl + path, {
        method: "POST",
        headers: { "content-type": "application/json", apikey: key },
        body: JSON.stringify(body),
        signal: AbortSignal.any([cut.signal, AbortSignal.timeout(answerPatience)]),
      });
      await response.body?.cancel();
      return [response.status, null];
    } catch (error) {
      return [null, messageOf(error)];
    }
  }

  async function deliver(): Promise<void> {
    const rows = cut.signal.aborted ? [] : await sql`select * from private.claim_function_calls()`;
    await Promise.all(
      z.array(functionCall).parse(rows).map(async (call) => {
        const [status, failure] = await send(call);
        await sql`select private.finish_function_call(${call.id}, ${status}, ${failure})`;
      }),
    );
  }

  function begin(): void {
    const work = deliver()
      .catch((error) => report(`  Relay        ${messageOf(error)}`))
      .finally(() => open.delete(work));
    open.add(work);
  }

  // Also called whenever a lost connection is there again.
  const listener = await sql.listen("function_calls", begin, begin);
  return {
    async stop(patience) {
      await settledWithin(listener.unlisten(), patience);
      await settledWithin(Promise.all(open), patience);
      cut.abort();
      await settledWithin(Promise.all(open), 1000);
      await sql.end({ timeout: 0 });
    },
  };
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
