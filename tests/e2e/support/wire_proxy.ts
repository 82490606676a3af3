import { connect, createServer, type Socket } from "node:net";

/** What can go wrong between two programs that talk through TCP. */
export type WireFault =
  | { kind: "none" }
  /** Delays every packet of the server. */
  | { kind: "late"; ms: number }
  /** The server's answers no longer arrive. */
  | { kind: "hang" }
  /** The connection is reset. */
  | { kind: "reset" }
  /** Closes the connection after this number of bytes of the server's answers. */
  | { kind: "cut"; at: number }
  /**
   * Resets the connection after this number of bytes of the client's requests; the rest never
   * reaches the server.
   */
  | { kind: "cut up"; at: number };

/** A TCP proxy that does not interpret the protocol. */
export interface WireProxy extends AsyncDisposable {
  port: number;
  /**
   * Injects a fault once.
   *
   * @param trigger Text sent by the client, after which the fault applies to that connection.
   */
  plan(trigger: string, fault: WireFault): void;
  /** Ends faults on connections that are still open. */
  calm(): void;
  /** Whether the planned fault has occurred. */
  hasHappened(): boolean;
  /** Bytes that the server sent on a connection after the trigger, once all have arrived. */
  measured(): number;
  /** Refuses new connections and resets open ones until called with false. */
  refuse(refuses: boolean): void;
  /** Resets connections that hang, like a system whose timeout has expired. */
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
  /** Counts calls of calm(): a fault planned before the latest one has ended. */
  let calmed = 0;

  const server = createServer((client) => {
    if (refuses) return void client.resetAndDestroy();
    const upstream = connect(target, "127.0.0.1");
    /** The fault on this connection, from its trigger on. */
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
          // Bytes after the cut must not arrive; those before it must.
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
