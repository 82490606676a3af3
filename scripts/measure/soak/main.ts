/**
 * `npm run test:soak`: many turns under faults, disconnects, repetitions and a crash, on a stack of
 * its own; then everything must be settled and every sum exact.
 */
import { join } from "node:path";
import postgres from "postgres";
import { recordedStream, startFaultUpstream } from "../../../tests/e2e/support/fault_upstream.ts";
import { createProgressBar } from "../../common/progress-bar.ts";
import { runClient } from "./client.ts";
import { createPlanner, type Planner } from "./faults.ts";
import { createTally, type Tally } from "./tally.ts";
import { parseSoakOptions, soakHelp, type SoakOptions } from "./options.ts";
import { runMain } from "../../common/run-main.ts";
import { testCredentials } from "../../test/support/stack-process.ts";
import { startTroubledRedis, type TroubledRedis } from "./redis.ts";
import {
  countLedger,
  evaluateLedger,
  type Finding,
  sweepAll,
  waitUntilSettled,
} from "./evaluate-ledger.ts";
import { type Fixture, makeFixture } from "./fixture.ts";
import { createRandom } from "../../common/random.ts";
import { type Hosts, startHosts } from "../../test/hosts/start-hosts.ts";
import { type RestartingStack, startRestartingStack } from "../../test/support/restarting-stack.ts";

/** The vendor whose credential every stack of a test has. */
const VENDOR = "e2e_upstream";

/** Time that turns get to settle by themselves at the end, in milliseconds. */
const patience = 150_000;

await runMain({
  help: soakHelp,
  parse: parseSoakOptions,
  run: async (options) => await soak(options) ? 0 : 1,
});

/** Runs the soak, in a folder that is kept if a check fails; true if all passed. */
async function soak(options: SoakOptions): Promise<boolean> {
  const { turns, clients, seed } = options;
  console.log(`Soak of ${turns} turns with ${clients} clients, seed ${seed}`);
  const folder = await Deno.makeTempDir({ prefix: "agentbase-soak-" });
  // The database server runs as another user where this runs as root.
  await Deno.chmod(folder, 0o755);
  const holds = await run(options, folder);
  if (holds) await Deno.remove(folder, { recursive: true });
  else console.log(`Repeat with --seed ${seed}; the stack and its log are kept in "${folder}"`);
  return holds;
}

async function run(options: SoakOptions, folder: string): Promise<boolean> {
  await using redis = await startTroubledRedis(createRandom(options.seed));
  await using upstream = await startFaultUpstream();
  await using stack = await startRestartingStack(folder, redis.environment);
  await using hosts = options.hosts > 1 ? await startMore(options, stack, redis, folder) : null;
  endOnSignal({
    async [Symbol.asyncDispose]() {
      await hosts?.[Symbol.asyncDispose]();
      await stack[Symbol.asyncDispose]();
    },
  });
  const sql = postgres(stack.environment.DB_URL, { max: 2, onnotice: () => {} });
  await using _connections = { [Symbol.asyncDispose]: () => sql.end() };
  const target = { clients: options.clients, vendor: VENDOR, baseUrl: upstream.baseUrl };
  const fixture = await makeFixture(sql, stack.environment, target);
  const streamBytes = bytesOfStream(fixture.service);

  const { tally, seconds } = await sendTurns(options, {
    functionsUrl: hosts?.functionsUrl ?? stack.environment.FUNCTIONS_URL,
    crash: hosts?.crash ?? stack.crash,
    fixture,
    planner: createPlanner(streamBytes),
  });
  const left = await waitUntilSettled(sql, patience);
  const swept = await sweepAll(sql);
  const ledger = await countLedger(sql);

  for (const line of tally.lines(seconds)) console.log(line);
  const { succeeded, partial, failed, abandoned, embeddings } = ledger;
  console.log(`${redis.line()}
cuts          at ${upstream.cuts()} of ${streamBytes} bytes of a stream
upstream      ${upstream.total()} calls, ${ledger.executions} attempts in the ledger
ledger        ${ledger.turns} turns: ${succeeded} succeeded, ${partial} partial, ${failed} failed (${abandoned} of them abandoned in the crash), ${embeddings} of them embeddings; ${ledger.messages} messages; ${ledger.cost} dollars
sweep         ${left} turns were unsettled after the end, of which it settled ${swept}
`);
  const missing = Math.max(0, tally.turns() - ledger.turns);
  return report([
    { name: "every turn that began is in the ledger", broken: missing, example: "any" },
    {
      name: "the sweep settled every unsettled turn",
      broken: Math.abs(left - swept),
      example: `${swept} for ${left}`,
    },
    ...await evaluateLedger(sql),
  ]);
}

/** Several hosts before the stack, for vendors that only tests have. */
function startMore(
  options: SoakOptions,
  { environment }: RestartingStack,
  redis: TroubledRedis,
  folder: string,
): Promise<Hosts> {
  return startHosts({
    folder: join(folder, "stack"),
    environment,
    env: { ...redis.environment, ...testCredentials },
    count: options.hosts,
    signal: new AbortController().signal,
  });
}

/** Stops the stack when this process is interrupted. */
function endOnSignal(stack: AsyncDisposable): void {
  const end = async () => {
    try {
      await stack[Symbol.asyncDispose]();
    } finally {
      Deno.exit(130);
    }
  };
  for (const signal of ["SIGINT", "SIGTERM"] as const) Deno.addSignalListener(signal, end);
}

/** The length of an answer without a fault. */
function bytesOfStream(service: string): number {
  const usage = { prompt: 1_000, completion: 100, cached: 100 };
  return recordedStream(service, { id: "0".repeat(32), usage }).length;
}

/** What the clients work with. */
interface Scene {
  functionsUrl: string;
  /** Ends what serves the functions at once, or a part of it, and starts it again. */
  crash: () => Promise<void>;
  fixture: Fixture;
  planner: Planner;
}

/** Runs the clients until there are enough turns or the time is up; halfway there is a crash. */
async function sendTurns(
  { turns, seconds, seed }: SoakOptions,
  { functionsUrl, crash: crashOnce, fixture, planner }: Scene,
): Promise<{ tally: Tally; seconds: number }> {
  const { tokens, models, embeddingModels } = fixture;
  const tally = createTally();
  const progress = createProgressBar("turns");
  const startedAt = performance.now();
  const passed = () => (performance.now() - startedAt) / 1000;
  let crash: Promise<void> | undefined;
  const isDone = () => {
    progress.show(tally.turns(), turns);
    if (tally.turns() >= turns / 2 || passed() > seconds / 2) crash ??= crashOnce();
    return tally.turns() >= turns || passed() > seconds;
  };
  await Promise.all(tokens.map((accessToken, client) => {
    const random = createRandom(seed + client * 7919);
    const asked = { functionsUrl, accessToken, models, embeddingModels };
    return runClient({ ...asked, random, planner, tally, isDone });
  }));
  await crash;
  progress.end();
  return { tally, seconds: passed() };
}

/** Prints the result of each check; true if all passed. */
function report(findings: readonly Finding[]): boolean {
  for (const { name, broken, example } of findings) {
    console.log(
      broken === 0 ? `  passed  ${name}` : `  FAILED  ${name}: ${broken}, such as ${example}`,
    );
  }
  const holds = findings.every(({ broken }) => broken === 0);
  console.log(holds ? "\nAll checks passed." : "\nSome checks failed.");
  return holds;
}
