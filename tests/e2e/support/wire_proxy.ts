import { connect, createServer, type Socket } from "node:net";

/** What can go wrong between two programs that talk through TCP. */
export type WireFault =
  | { kind: "none" }
  /** Every packet of the server comes later. */
  | { kind: "late"; ms: number }
  /** The server's answers do not come any more. */
  | { kind: "hang" }
  /** The connection is reset. */
  | { kind: "reset" }
  /** After so many bytes of the server's answers the connection is closed. */
  | { kind: "cut"; at: number }
  /** After so many bytes of the client's questions the connection is reset, and the server has no more. */
  | { kind: "cut up"; at: number };

/** A proxy that knows nothing of what it carries. */
export interface WireProxy extends AsyncDisposable {
  port: number;
  /**
   * Lets things go wrong, once.
   *
   * @param trigger Text in what the client sends: from there on, on that connection.
   */
  plan(trigger: string, fault: WireFault): void;
  /** Lets nothing more go wrong on connections that are still open. */
  calm(): void;
  /** Whether what was planned has happened. */
  hasHappened(): boolean;
  /** Bytes that the server sent on a connection after the trigger, once everything is there. */
  measured(): number;
  /** Refuses connections, and resets those that are open, until it is told otherwise. */
  refuse(refuses: boolean): void;
  /** Resets connections that hang, as a system does that has waited long enough. */
  giveUp(): void;
}

/** Starts a proxy in front of a port on this machine. */
export async function startWireProxy(target: number): Promise<WireProxy> {
  const open = new Set<Socket>();
  const hanging = new Set<Socket>();
  let plan: { trigger: string; fault: WireFault } | null = null;
  let happened = false;
  let measured = 0;
  let refuses = false;
  /** Counts how often all was to be well again: a fault from before the last time has ended. */
  let calmed = 0;

  const server = createServer((client) => {
    if (refuses) return void client.resetAndDestroy();
    const upstream = connect(target, "127.0.0.1");
    /** What goes wrong on this connection, from its trigger on. */
    let planned: { fault: WireFault; before: number } | null = null;
    let down = 0;
    let up = 0;
    const faultNow = () => planned?.before === calmed ? planned.fault : null;
    const end = () => {
      client.resetAndDestroy();
      upstream.destroy();
    };
    for (const socket of [client, upstream]) {
      open.add(socket);
      socket.setNoDelay(true);
      socket.on("error", () => {});
      socket.on("close", () => {
        open.delete(socket);
        hanging.delete(client);
        client.destroy();
        upstream.destroy();
      });
    }
    client.on("data", (bytes) => {
      if (plan && bytes.includes(plan.trigger)) {
        planned = { fault: plan.fault, before: calmed };
        plan = null;
        happened = true;
        measured = 0;
        if (planned.fault.kind === "hang") hanging.add(client);
      }
      const fault = faultNow();
      if (fault?.kind === "reset") return end();
      if (fault?.kind === "cut up") {
        const rest = fault.at - up;
        up += bytes.length;
        if (bytes.length >= rest) {
          upstream.write(bytes.subarray(0, rest));
          // What was cut off must not arrive; what came before it must.
          return void upstream.end(() => client.resetAndDestroy());
        }
      }
      upstream.write(bytes);
    });
    upstream.on("data", (bytes) => {
      const fault = faultNow();
      if (fault) measured += bytes.length;
      if (fault?.kind === "hang") return;
      if (fault?.kind === "cut") {
        const rest = fault.at - down;
        down += bytes.length;
        if (bytes.length >= rest) {
          client.end(bytes.subarray(0, rest));
          return void upstream.destroy();
        }
      }
      if (fault?.kind === "late") setTimeout(() => client.write(bytes), fault.ms);
      else client.write(bytes);
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("Cannot find the port");
  return {
    port: address.port,
    plan(trigger, fault) {
      plan = { trigger, fault };
      happened = false;
    },
    calm() {
      plan = null;
      calmed++;
    },
    hasHappened: () => happened,
    measured: () => measured,
    refuse(now) {
      refuses = now;
      if (now) { for (const socket of open) socket.resetAndDestroy(); }
    },
    giveUp() {
      for (const socket of hanging) socket.resetAndDestroy();
    },
    async [Symbol.asyncDispose]() {
      for (const socket of open) socket.destroy();
      await new Promise<void>((resolve) => server.close(() => resolve()));
    },
  };
}
