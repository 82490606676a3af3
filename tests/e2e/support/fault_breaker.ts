/**
 * The reference model of an agent's circuit, for comparison with the one in SQL. Times are in
 * seconds.
 */
export interface BreakerModel {
  now: number;
  state: "closed" | "open" | "half_open";
  failures: number;
  opens: number;
  openedAt: number;
  retryAt: number;
  /** Until when the slot of the probe is taken, and by whom. */
  probeUntil: number;
  probeOf: number | null;
  calls: { at: number; failed: boolean; caller: number }[];
  /** Changes from closed to open, and from either other state to closed. */
  alarms: number;
  recoveries: number;
}

/** A circuit that has never seen a call. */
export function newBreaker(): BreakerModel {
  const never = -Infinity;
  const circuit = {
    state: "closed",
    failures: 0,
    opens: 0,
    openedAt: never,
    retryAt: never,
    probeUntil: never,
    probeOf: null,
  } as const;
  return { now: 0, ...circuit, calls: [], alarms: 0, recoveries: 0 };
}

/** Whether a caller may make a call now. */
export function admit(model: BreakerModel, caller: number): boolean {
  if (model.state === "closed") return true;
  if (model.retryAt > model.now) return false;
  const probeUntil = model.now + 60;
  Object.assign(model, {
    state: "half_open",
    retryAt: probeUntil,
    probeUntil,
    probeOf: caller,
  });
  return true;
}

/** A caller's call succeeded. */
export function succeed(model: BreakerModel, caller: number): void {
  model.calls.push({ at: model.now, failed: false, caller });
  if (model.state !== "closed") model.recoveries += 1;
  Object.assign(model, { state: "closed", failures: 0 });
}

/** A caller's call was refused, through no fault of the agent. */
export function refuse(model: BreakerModel, caller: number, isLatest: boolean): void {
  model.calls.push({ at: model.now, failed: false, caller });
  if (isLatest) freeProbe(model, caller);
}

/**
 * A caller's latest call failed. It counts only if another caller's calls have failed within ten
 * minutes, too.
 *
 * @returns If it opened the circuit, the minimum and maximum number of seconds for which no one may
 * call: the time is spread by a tenth each way, and a running probe keeps its slot.
 */
export function fail(
  model: BreakerModel,
  caller: number,
): { least: number; most: number } | null {
  model.calls.push({ at: model.now, failed: true, caller });
  const failsForOthers = model.calls.some((call) =>
    call.failed && call.caller !== caller && call.at > model.now - 600
  );
  if (!failsForOthers) {
    freeProbe(model, caller);
    return null;
  }
  model.failures += 1;
  const lately = model.calls.filter(({ at }) => at > model.now - 60);
  const failed = lately.filter((call) => call.failed).length;
  const isFailing = model.failures >= 5 || (lately.length >= 10 && failed * 2 >= lately.length);
  if (model.state === "open" || (model.state === "closed" && !isFailing)) return null;
  if (model.state === "closed") model.alarms += 1;
  const opens = model.openedAt > model.now - 600 ? model.opens + 1 : 1;
  const lease = model.state === "half_open" ? model.retryAt - model.now : 0;
  const open = Math.min(30 * 2 ** (opens - 1), 300);
  Object.assign(model, { state: "open", openedAt: model.now, opens });
  return { least: Math.max(0.9 * open, lease), most: Math.max(1.1 * open, lease) };
}

/** The caller that has the slot of the probe frees it for the next call. */
function freeProbe(model: BreakerModel, caller: number): void {
  const isProbe = model.state === "half_open" && model.retryAt === model.probeUntil &&
    model.probeOf === caller;
  if (isProbe) model.retryAt = model.now;
}
