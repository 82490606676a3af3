/**
 * `npm run test:soak`: many turns under faults, disconnects, repetitions and a crash, on a stack of
 * its own; then everything must be settled and every sum exact.
 */
import { join } from "node:path";
import postgres from "postgres";
import { recordedStream, startFaultUpstream } from "../tests/e2e/support/fault_upstream.ts";
import { freePort } from "./common/free-port.ts";
import { createProgressBar } from "./common/progress-bar.ts";
import { runClient } from "./soak/client.ts";
import { createPlanner } from "./soak/faults.ts";
import { createFigures } from "./soak/figures.ts";
import { parseSoakOptions, type SoakOptions } from "./soak/options.ts";
import { startTroubledRedis } from "./soak/redis.ts";
import { countLedger, judge, sweepAll, waitUntilSettled } from "./soak/verdict.ts";
import { makeWorld } from "./soak/world.ts";
import { createChance } from "./testing/chance.ts";
import { startStackProcess } from "./testing/stack-process.ts";

const usage =
  `npm run test:soak -- [--turns 1000] [--seconds <number>] [--clients 16] [--seed <number>]

Starts a stack of its own and runs so many turns through an upstream that fails in every way it can,
for clients that leave and repeat themselves, beside a Redis in trouble. Halfway the stack is killed and started again. At the end
every turn must be settled, nothing reserved, and every sum exact. After so many seconds no further
turn begins.`;

/** The vendor whose credential every stack of a test has. */
const VENDOR = "e2e_upstream";

/** Time that turns get to settle by themselves at the end, in milliseconds. */
const patience = 150_000;

try {
  const random = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  const options = parseSoakOptions(Deno.args, random);
  if (options.help) console.log(usage);
  else Deno.exit(await soak(options) ? 0 : 1);
} catch (error) {
  console.error(error instanceof Error ? error.message : String(error));
  Deno.exit(1);
}

/** Runs it all; true when everything held. */
async function soak(options: SoakOptions): Promise<boolean> {
  const { turns, clients, seed } = options;
  const folder = await Deno.makeTempDir({ prefix: "agentbase-soak-" });
  // The database server runs as another user where this runs as root.
  await Deno.chmod(folder, 0o755);
  await using redis = await startTroubledRedis(createChance(seed));
  const place = {
    folder: join(folder, "stack"),
    apiPort: freePort(),
    databasePort: freePort(),
    log: join(folder, "stack.log"),
    env: redis.environment,
  };
  console.log(`Soak of ${turns} turns with ${clients} clients, seed ${seed}`);
  await using upstream = await startFaultUpstream();
  let stack = await startStackProcess(place);
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    Deno.addSignalListener(signal, () => void stack.stop().finally(() => Deno.exit(130)));
  }
  const sql = postgres(stack.environment.DB_URL, { max: 2, onnotice: () => {} });
  try {
    const { FUNCTIONS_URL: functionsUrl } = stack.environment;
    const target = { clients, vendor: VENDOR, baseUrl: upstream.baseUrl };
    const { tokens, models, embeddingModels, service } = await makeWorld(
      sql,
      stack.environment,
      target,
    );
    const typical = { id: "0".repeat(32), usage: { prompt: 1_000, completion: 100, cached: 100 } };
    const streamBytes = recordedStream(service, typical).length;
    const planner = createPlanner(streamBytes);

    const figures = createFigures();
    const startedAt = performance.now();
    const progress = createProgressBar(turns, "turns");
    let crash: Promise<void> | undefined;
    const isLate = () => performance.now() - startedAt > options.seconds * 1000;
    const isDone = () => {
      progress.show(figures.turns());
      if (figures.turns() >= turns / 2 || performance.now() - startedAt > options.seconds * 500) {
        crash ??= stack.crash().then(async () => {
          stack = await startStackProcess(place);
        });
      }
      return figures.turns() >= turns || isLate();
    };
    await Promise.all(tokens.map((accessToken, client) =>
      runClient({
        functionsUrl,
        accessToken,
        models,
        embeddingModels,
        planner,
        chance: createChance(seed + client * 7919),
        figures,
        isDone,
      })
    ));
    await crash;
    progress.end();
    const seconds = (performance.now() - startedAt) / 1000;
    const running = await waitUntilSettled(sql, patience);
    const swept = await sweepAll(sql);
    const ledger = await countLedger(sql);
    for (const line of figures.lines(seconds)) console.log(line);
    console.log(redis.line());
    console.log(`cuts          at ${upstream.cuts()} of ${streamBytes} bytes of a stream`);
    console.log(
      `upstream      ${upstream.total()} calls, ${ledger.executions} attempts in the ledger`,
    );
    console.log(
      `ledger        ${ledger.turns} turns: ${ledger.succeeded} succeeded, ${ledger.partial} partial, ${ledger.failed} failed (${ledger.abandoned} of them abandoned in the crash), ${ledger.embeddings} of them embeddings; ${ledger.messages} messages; ${ledger.cost} dollars`,
    );
    console.log(`sweep         ${running} turns were left to it after the end, it took ${swept}\n`);
    const findings = await judge(sql);
    for (const { name, broken, example } of findings) {
      console.log(
        broken === 0 ? `  holds   ${name}` : `  BROKEN  ${name}: ${broken}, such as ${example}`,
      );
    }
    const holds = findings.every(({ broken }) => broken === 0) &&
      (ledger.turns >= turns || isLate()) &&
      swept === running;
    console.log(
      holds
        ? "\nEverything held."
        : `\nNot everything held. Again: --seed ${seed}; the stack's log is in "${place.log}"`,
    );
    if (holds) await stack.stop().then(() => Deno.remove(folder, { recursive: true }));
    return holds;
  } finally {
    await sql.end();
    await stack.stop();
  }
}
