import { z } from "zod";
import { pathInProject } from "../../../common/path-in-project.ts";
import { startChild } from "../../common/child-process.ts";
import type { Workspace } from "../../../common/workspace.ts";
import type { BenchOptions } from "../options.ts";

const measured = z.object({ turns: z.int().positive(), cpuMilliseconds: z.number() });
const resultSchema = z.object({ whole: measured, stream: measured });

/** Processor time of the chat function alone. */
export interface FunctionReport {
  whole: { turns: number; millisecondsPerTurn: number };
  stream: { turns: number; millisecondsPerTurn: number };
}

/**
 * Measures the processor time of the chat function, with a database and a model that answer at
 * once.
 */
export async function benchFunction(
  options: BenchOptions,
  workspace: Workspace,
  note: (line: string) => void,
): Promise<FunctionReport> {
  const child = startChild(workspace, {
    name: "the chat function alone",
    program: Deno.execPath(),
    args: [
      "run",
      "--allow-all",
      pathInProject("scripts/measure/bench-chat/function/process.ts"),
      String(options.seconds * options.rounds),
    ],
  });
  const line = await child.line((line) => line.startsWith("{"));
  const { whole, stream } = resultSchema.parse(JSON.parse(line));
  const perTurn = ({ turns, cpuMilliseconds }: z.infer<typeof measured>) => ({
    turns,
    millisecondsPerTurn: cpuMilliseconds / turns,
  });
  const report = { whole: perTurn(whole), stream: perTurn(stream) };
  note(
    `  CPU per turn: ${report.whole.millisecondsPerTurn.toFixed(2)} ms whole, ` +
      `${report.stream.millisecondsPerTurn.toFixed(2)} ms streamed`,
  );
  return report;
}
