/** What one agent's circuit does when nothing else happens: the reference for the one in SQL. Seconds. */
export interface BreakerModel {
  now: number;
  state: "closed" | "open" | "half_open";
  failures: number;
  opens: number;
  openedAt: number;
  retryAt: number;
  /** Until when the last probe keeps its place, and whose it is. */
  probeUntil: number;
  probeOf: number | null;
  calls: { at: number; failed: boolean; caller: number }[];
  /** Changes from closed to open, and back from either of the others to closed. */
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
 * A caller's latest call failed. It counts only while another caller's have failed, too, within ten
 * minutes.
 *
 * @returns For how many seconds from now on no one may call, at least and at most, if it opened the
 * circuit: callers are spread by a tenth each way, and a probe that runs keeps its place.
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

/** Anyone who had the place of the probe gives it to the next call. */
function freeProbe(model: BreakerModel, caller: number): void {
  const isProbe = model.state === "half_open" && model.retryAt === model.probeUntil &&
    model.probeOf === caller;
  if (isProbe) model.retryAt = model.now;
}
