/** `npm run bench:memory`: measures the memory that large requests need, for docs/benchmarks.md. */
import { noArguments } from "../../common/arguments.ts";
import { runMain } from "../../common/run-main.ts";
import type { Workspace } from "../../common/workspace.ts";
import { accessToken } from "../../test/support/access-token.ts";
import { startChild } from "../common/child-process.ts";
import { readUsage } from "../common/process-usage.ts";
import { runBench } from "../common/run-bench.ts";
import { table } from "../common/table.ts";
import { startOutside } from "./outside.ts";

const help = `Measures the memory that large requests for chat need, in a few seconds.

npm run bench:memory
  --help  this text

Resident memory at its peak (VmHWM, so on Linux only) of a process that hosts the function chat alone,
against a Data API and a vendor that answer at once. The table in docs/benchmarks.md comes from here.`;

const USER_ID = "00000000-0000-4000-9001-000000000000";
const REQUEST_BYTES = 19_000_000;

/** What one process needed. */
interface Measured {
  answered: number;
  busy: number;
  /** Bytes after one small turn, and after one and four rounds. */
  peaks: [number, number, number];
}

async function measure(
  workspace: Workspace,
  parallel: number,
  bytes: number,
): Promise<Measured> {
  await using outside = startOutside();
  const jwtSecret = crypto.randomUUID() + crypto.randomUUID();
  const host = startChild(workspace, {
    name: "host",
    program: Deno.execPath(),
    args: ["run", "-A", new URL("host.ts", import.meta.url).pathname, outside.url, jwtSecret],
  });
  const port = (await host.line((line) => line.startsWith("port "))).slice("port ".length);
  const token = await accessToken({ apiUrl: outside.url, jwtSecret, userId: USER_ID });
  const ask = async (content: unknown): Promise<number> => {
    const response = await fetch(`http://127.0.0.1:${port}/chat/completions`, {
      method: "POST",
      headers: { "content-type": "application/json", authorization: `Bearer ${token}` },
      body: JSON.stringify({ model: "bench-model-0", messages: [{ role: "user", content }] }),
    });
    await response.text();
    return response.status;
  };
  const peak = async () => (await readUsage(host.pid, "process"))?.peakBytes ?? NaN;

  const url = "data:image/png;base64,".padEnd(bytes, "A");
  const large = [{ type: "image_url", image_url: { url } }];
  const round = () => Promise.all(Array.from({ length: parallel }, () => ask(large)));
  if (await ask("hello") !== 200) throw new Error("Cannot measure: a small turn fails");
  const small = await peak();
  const statuses = await round();
  const first = await peak();
  for (let more = 0; more < 3; more++) await round();
  const count = (wanted: number) => statuses.filter((status) => status === wanted).length;
  return { answered: count(200), busy: count(503), peaks: [small, first, await peak()] };
}

async function benchMemory(workspace: Workspace): Promise<string> {
  const megabytes = (bytes: number) => String(Math.round(bytes / 1_000_000));
  const rows = [];
  for (const parallel of [1, 5]) {
    const { answered, busy, peaks } = await measure(workspace, parallel, REQUEST_BYTES);
    rows.push([parallel, answered, busy].map(String).concat(peaks.map(megabytes)));
  }
  const columns = ["requests at once", "answered", "503", "small turn", "one round", "four rounds"];
  return table(columns, rows);
}

await runMain({
  help,
  parse: noArguments("bench:memory"),
  run: () => runBench({ section: null, run: benchMemory }),
});
