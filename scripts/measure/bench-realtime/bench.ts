import postgres from "postgres";
import type { Workspace } from "../../common/workspace.ts";
import { startStackProcess } from "../../test/support/stack-process.ts";
import { percentile } from "../common/statistics.ts";
import { connectSubscribers, subscribeAll, type Subscribers } from "./subscribers.ts";
import type { RealtimeBenchOptions } from "./options.ts";
import { makeParts, type Part } from "./parts.ts";

/** What a part measured. */
export interface Measured {
  name: string;
  /** Events that reached someone for whom they were. */
  delivered: number;
  lost: number;
  leaked: number;
  /** Events that came twice. */
  repeated: number;
  /** Milliseconds from before the statement until the callback. */
  p50: number;
  p95: number;
  p99: number;
}

/** Time within which the last events must arrive, in milliseconds. */
const patience = 30_000;

/** Measures all parts, one after the other, against a stack of its own. */
export async function benchRealtime(
  options: RealtimeBenchOptions,
  workspace: Workspace,
  note: (line: string) => void,
): Promise<Measured[]> {
  const folder = await workspace.folder("stack");
  const stack = await startStackProcess({ folder, signal: workspace.signal });
  const sql = postgres(stack.environment.DB_URL, { max: 4, onnotice: () => {} });
  const subscribers = await connectSubscribers(sql, stack.environment, options.subscribers);
  const measured: Measured[] = [];
  for (const part of await makeParts(sql, subscribers)) {
    note(`  ${part.name}`);
    const channels = await subscribeAll(subscribers, part.channel);
    await send(sql, part, options);
    await settled(subscribers, part, options.events);
    measured.push(evaluate(subscribers, part, options.events));
    await Promise.all(channels.map((channel) => channel.unsubscribe()));
  }
  await Promise.all(subscribers.members.map(({ supabase }) => supabase.realtime.disconnect()));
  await sql.end();
  await stack.stop();
  return measured;
}

/** Makes the events at their times, whether or not the ones before have arrived. */
async function send(
  sql: postgres.Sql,
  part: Part,
  { events, rate }: RealtimeBenchOptions,
): Promise<void> {
  const startedAt = performance.now();
  const open: Promise<unknown>[] = [];
  for (let event = 0; event < events; event++) {
    const wait = startedAt + event * 1000 / rate - performance.now();
    if (wait > 0) await new Promise((resolve) => setTimeout(resolve, wait));
    // The driver sends a query when someone waits for it.
    open.push(part.send(sql, event, `${event} ${Date.now()}`).then(() => {}));
  }
  await Promise.all(open);
}

/** Waits until all expected events have arrived, and unexpected ones would have too. */
async function settled(subscribers: Subscribers, part: Part, events: number): Promise<void> {
  const deadline = Date.now() + patience;
  while (Date.now() < deadline && evaluate(subscribers, part, events).lost > 0) await pause(250);
  await pause(1000);
}

/** Compares what arrived with what was to arrive. */
export function evaluate(
  { members }: Subscribers,
  { name, isFor }: Part,
  events: number,
): Measured {
  const times: number[] = [];
  const counts = { delivered: 0, lost: 0, leaked: 0, repeated: 0 };
  for (const member of members) {
    const seen = new Set<number>();
    for (const { event, milliseconds } of member.arrivals) {
      if (!isFor(member, event)) counts.leaked++;
      else if (seen.has(event)) counts.repeated++;
      else times.push(milliseconds);
      seen.add(event);
    }
    for (let event = 0; event < events; event++) {
      if (isFor(member, event)) seen.has(event) ? counts.delivered++ : counts.lost++;
    }
  }
  const [p50, p95, p99] = [0.5, 0.95, 0.99].map((share) => percentile(times, share));
  return { name, ...counts, p50: p50 ?? NaN, p95: p95 ?? NaN, p99: p99 ?? NaN };
}

function pause(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
