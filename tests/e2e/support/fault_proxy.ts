import { type FaultServer, pause, startFaultServer } from "./fault_server.ts";

/** A fault between a function and the Data API. */
export type ProxyFault =
  /** The connection is reset before the call reaches the database. */
  | { kind: "lost before" }
  /** The call is executed, and the connection is reset before its answer arrives. */
  | { kind: "lost after" }
  /** The call is executed, and half of its answer arrives. */
  | { kind: "half an answer" }
  /** The call is executed after a delay. */
  | { kind: "late"; ms: number }
  /** An intermediary answers with a page of its own. */
  | { kind: "status"; status: number };

/** A proxy in front of the Data API. */
export interface FaultProxy extends FaultServer {
  /** Injects faults into the next calls of a database function, one for each call. */
  plan(rpc: string, faults: ProxyFault[]): void;
  /** How often a database function was called through the proxy. */
  calls(rpc: string): number;
}

/** Starts a proxy that passes on calls without a planned fault. */
export async function startFaultProxy(target: string): Promise<FaultProxy> {
  const plans = new Map<string, ProxyFault[]>();
  const counts = new Map<string, number>();
  const server = await startFaultServer(async ({ method, path, headers, body }, wire) => {
    const name = path.split("?")[0]?.split("/").at(-1) ?? "";
    counts.set(name, (counts.get(name) ?? 0) + 1);
    const fault = plans.get(name)?.shift();
    if (fault?.kind === "lost before") return wire.reset();
    if (fault?.kind === "status") {
      wire.head(fault.status, { "content-type": "text/html" });
      wire.write(new TextEncoder().encode("<html>Bad gateway</html>"));
      return wire.end();
    }
    if (fault?.kind === "late") await pause(fault.ms, wire.gone);

    for (const hop of ["host", "connection", "accept-encoding", "content-length"]) {
      headers.delete(hop);
    }
    const response = await fetch(`${target}${path}`, {
      method,
      headers,
      ...body.length > 0 ? { body } : {},
    });
    const answer = new Uint8Array(await response.arrayBuffer());
    if (fault?.kind === "lost after") return wire.reset();
    const passed = [...response.headers].filter(([header]) =>
      !["content-length", "transfer-encoding", "connection", "content-encoding"].includes(header)
    );
    wire.head(response.status, Object.fromEntries(passed));
    if (fault?.kind === "half an answer") {
      wire.write(answer.subarray(0, answer.length / 2));
      return wire.cut();
    }
    wire.write(answer);
    wire.end();
  });
  return {
    url: server.url,
    plan: (rpc, faults) => void plans.set(rpc, [...faults]),
    calls: (rpc) => counts.get(rpc) ?? 0,
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}
