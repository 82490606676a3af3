import type { DatabaseReport } from "./database/bench.ts";
import type { TurnCost } from "./database/turn-growth.ts";
import type { FunctionReport } from "./function/bench.ts";
import type { GatewayReport } from "./gateways/bench.ts";
import type { TransportReport } from "./gateways/transports.ts";
import type { Way } from "./gateways/ways.ts";
import { table } from "../common/table.ts";

/** The results of one run; parts that did not run are null. */
export interface BenchReport {
  /** Day of the run, as YYYY-MM-DD. */
  day: string;
  seconds: number;
  rounds: number;
  /** A description of the machine. */
  machine: string;
  /** Tasks that ran or waited to run on the machine before the run, averaged over a minute. */
  loadBefore: number;
  database: DatabaseReport | null;
  function: FunctionReport | null;
  gateways: GatewayReport | null;
  transports: TransportReport | null;
  growth: TurnCost[] | null;
}

const wayNames: Record<Way, string> = {
  direct: "straight to the model",
  agentbase: "this gateway",
  naive: "the naive gateway",
  portkey: "Portkey's gateway",
};

/** The report as Markdown, ready for the page. */
export function markdown(report: BenchReport): string {
  const { database, gateways, transports, growth } = report;
  const inRounds = [database, report.function, gateways, transports].some((part) => part !== null);
  return [
    `Run of ${report.day}: ${report.machine}; load of the machine before it ${
      report.loadBefore.toFixed(1)
    }${inRounds ? `; ${report.rounds} rounds of ${report.seconds} s for each number` : ""}.`,
    ...database === null ? [] : databaseText(database),
    ...report.function === null ? [] : functionText(report.function),
    ...gateways === null ? [] : gatewayText(gateways),
    ...transports === null ? [] : transportText(transports),
    ...growth === null ? [] : growthText(growth),
  ].join("\n\n");
}

function databaseText({ postgres, pgbench, rows }: DatabaseReport): string[] {
  const title = "### begin and settle alone";
  if (pgbench === null) return [title, "Not measured: pgbench was not on the machine."];
  return [
    title,
    `Postgres ${postgres}, pgbench ${pgbench}. Turns a second, and a turn's rate beside bare inserts of its rows.`,
    table(
      [
        "clients",
        "turns",
        "turns, one agent",
        "rows, same tables",
        "rows, copies",
        "turn / same tables",
        "turn / copies",
      ],
      rows.map(({ clients, perSecond, ratioToRows, ratioToCopies }) => [
        String(clients),
        perSecond.turn.toFixed(0),
        perSecond.hotTurn.toFixed(0),
        perSecond.rows.toFixed(0),
        perSecond.copies.toFixed(0),
        ratioToRows.toFixed(2),
        ratioToCopies.toFixed(2),
      ]),
    ),
  ];
}

function growthText(costs: readonly TurnCost[]): string[] {
  return [
    "### What the cost of a turn grows with",
    "Milliseconds of the server's processor time for one turn, the median of seven turns.",
    table(
      ["a turn with", "begin", "settle"],
      costs.map(({ what, begin, settle }) => [what, begin.toFixed(1), settle.toFixed(1)]),
    ),
  ];
}

function functionText({ whole, stream }: FunctionReport): string[] {
  return [
    "### The function alone",
    table(["answer", "turns", "ms of CPU per turn"], [
      ["whole", String(whole.turns), whole.millisecondsPerTurn.toFixed(2)],
      ["streamed", String(stream.turns), stream.millisecondsPerTurn.toFixed(2)],
    ]),
  ];
}

function gatewayText(report: GatewayReport): string[] {
  const kind = (stream: boolean) => stream ? "streamed" : "whole";
  const { dataApi } = report;
  return [
    "### Through a gateway",
    `Milliseconds at the client. "First" is the first byte of the body, "last" its end. Portkey ${report.portkey}.`,
    table(
      ["way", "answer", "clients", "turns/s", "first p50", "first p99", "last p50", "last p99"],
      report.rows.map(({ way, stream, clients, perSecond, firstByte, lastByte }) => [
        wayNames[way],
        kind(stream),
        String(clients),
        perSecond.toFixed(0),
        firstByte.p50.toFixed(1),
        firstByte.p99.toFixed(1),
        lastByte.p50.toFixed(1),
        lastByte.p99.toFixed(1),
      ]),
    ),
    `This gateway adds ${
      report.addedMs.toFixed(1)
    } ms to a whole answer at one client (p50). Its turns a second beside the others, by pairs:`,
    table(
      ["clients", "answer", "beside Portkey's", "beside the naive gateway"],
      report.ratios.map(({ stream, clients, portkey, naive }) => [
        String(clients),
        kind(stream),
        portkey.toFixed(2),
        naive.toFixed(2),
      ]),
    ),
    `Every one of the ${report.settledTurns} turns through this gateway was found settled, with its cost, both messages and its attempt.`,
    table(
      ["process", "ms of CPU per turn", "peak memory in MB"],
      report.processes.map(({ name, cpuPerTurn, peakBytes }) => [
        name,
        cpuPerTurn?.toFixed(2) ?? "-",
        peakBytes === null ? "-" : (peakBytes / 2 ** 20).toFixed(0),
      ]),
    ),
    "Where the time of a turn of ours goes, at one client, as the function itself reports it:",
    table(
      ["phase", "p50 ms", "p99 ms"],
      report.phases.map(({ name, p50, p99 }) => [name, p50.toFixed(1), p99.toFixed(1)]),
    ),
    "### What the local Data API adds",
    `A call of a function that does nothing takes ${
      dataApi.throughApi.toFixed(2)
    } ms through the local Data API and ${
      dataApi.direct.toFixed(2)
    } ms on a connection to Postgres, so each of the two calls of a turn waits ${
      (dataApi.throughApi - dataApi.direct).toFixed(2)
    } ms for it; at 16 clients it gives ${
      dataApi.perSecond.toFixed(0)
    } calls a second, and so at most ${(dataApi.perSecond / 2).toFixed(0)} turns.`,
  ];
}

function transportText({ rows, processes }: TransportReport): string[] {
  return [
    "### Direct connection and Data API",
    "Two stacks that differ in how their functions reach Postgres. Whole answers; times in ms.",
    table(
      [
        "clients",
        "direct /s",
        "Data API /s",
        "direct / Data API",
        "p50 / p99 direct",
        "p50 / p99 Data API",
      ],
      rows.map(({ clients, perSecond, lastByte, ratio }) => [
        String(clients),
        perSecond.direct.toFixed(0),
        perSecond["data-api"].toFixed(0),
        ratio.toFixed(2),
        `${lastByte.direct.p50.toFixed(1)} / ${lastByte.direct.p99.toFixed(1)}`,
        `${lastByte["data-api"].p50.toFixed(1)} / ${lastByte["data-api"].p99.toFixed(1)}`,
      ]),
    ),
    table(
      ["process", "CPU, ms per turn"],
      processes.map(({ name, cpuPerTurn }) => [name, cpuPerTurn?.toFixed(2) ?? "-"]),
    ),
  ];
}
