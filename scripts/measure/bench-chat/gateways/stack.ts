import postgres from "postgres";
import type { StackEnvironment } from "../../../stack/folder/environment-file.ts";
import { accessToken } from "../../../test/support/access-token.ts";
import { startStackProcess } from "../../../test/support/stack-process.ts";
import type { Workspace } from "../../../common/workspace.ts";
import { echoVendor, idOf, modelName, populate } from "../database/populate.ts";
import { findDescendant } from "../../common/process-usage.ts";

/** The local stack of the benchmark, with people and agents. */
export interface BenchStack {
  environment: StackEnvironment;
  /** Ids of the processes, by what they are; null where they cannot be told apart. */
  processes: Record<"functions and Data API" | "Postgres" | "Redis", number | null>;
  /** Access tokens of people, one for each client. */
  tokens: string[];
  /** Models, one for each client. */
  models: string[];
  sql: postgres.Sql;
  /** Numbers in the log of the chat function, by the names of their fields, since the last call. */
  takeLog(): Map<string, number[]>;
}

/** Starts a stack as `npm start` does, on empty data of its own; it ends with the workspace. */
export async function startBenchStack(
  workspace: Workspace,
  options: {
    folder: string;
    upstreamUrl: string;
    clients: number;
    env?: Record<string, string>;
  },
): Promise<BenchStack> {
  const { folder, upstreamUrl, clients } = options;
  let log = new Map<string, number[]>();
  const starting = startStackProcess({
    folder,
    env: { [`${echoVendor.toUpperCase()}_API_KEY`]: "bench", ...options.env },
    onLine: (line) => noteLog(line, log),
  });
  // At once, for the benchmark may be interrupted before it has started.
  workspace.defer(async () => void await starting.then((stack) => stack.stop(), () => {}));
  const { environment, pid } = await starting;
  await populate(environment.DB_URL, upstreamUrl);
  const sql = postgres(environment.DB_URL, { max: 2, onnotice: () => {} });
  workspace.defer(() => sql.end());

  const numbers = Array.from({ length: clients }, (_, client) => client);
  const tokens = await Promise.all(numbers.map((client) =>
    accessToken({
      apiUrl: environment.API_URL,
      jwtSecret: environment.JWT_SECRET,
      userId: idOf("person", client),
    })
  ));
  return {
    environment,
    processes: await processesOf(pid),
    tokens,
    models: numbers.map(modelName),
    sql,
    takeLog() {
      const taken = log;
      log = new Map();
      return taken;
    },
  };
}

async function processesOf(stack: number): Promise<BenchStack["processes"]> {
  return {
    "functions and Data API": stack,
    Postgres: await findDescendant(stack, "bin/postgres"),
    Redis: await findDescendant(stack, "redis-server"),
  };
}

/** Lines of the functions are JSON objects; everything else is for people. */
function noteLog(line: string, log: Map<string, number[]>): void {
  if (!line.startsWith("{")) return;
  let fields: unknown;
  try {
    fields = JSON.parse(line);
  } catch {
    return;
  }
  if (typeof fields !== "object" || fields === null) return;
  // The scheduler has agents probed at the same time.
  if (Reflect.get(fields, "function") !== "chat") return;
  for (const [name, value] of Object.entries(fields)) {
    if (typeof value !== "number" || !name.endsWith("_ms")) continue;
    const values = log.get(name) ?? [];
    values.push(value);
    log.set(name, values);
  }
}
