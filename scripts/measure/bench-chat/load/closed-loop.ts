/** When parts of an answer came, in milliseconds since the request was sent. */
export interface Timing {
  firstByte: number;
  lastByte: number;
}

/** The results of one slice of load. */
export interface LoadResult {
  timings: Timing[];
  /** Answers that were not complete, by what was wrong with them. */
  failures: Map<string, number>;
  /** From the first request to the last byte of the last answer. */
  seconds: number;
  /** Values of the header `server-timing` in milliseconds, by name. */
  phases: Map<string, number[]>;
}

/** Sends one request, as the client of this number. */
export type Send = (client: number) => Promise<Response>;

/** How an answer must end to be whole. */
export type IsWhole = (text: string) => boolean;

/**
 * Keeps a number of clients busy for some seconds: each sends its next request once the answer to its
 * last one is complete.
 */
export async function closedLoop(
  options: { clients: number; seconds: number; send: Send; isWhole: IsWhole },
): Promise<LoadResult> {
  const { clients, seconds, send, isWhole } = options;
  const result: LoadResult = {
    timings: [],
    failures: new Map(),
    seconds: 0,
    phases: new Map(),
  };
  const fail = (reason: string) =>
    result.failures.set(reason, (result.failures.get(reason) ?? 0) + 1);
  const startedAt = performance.now();
  const endsAt = startedAt + seconds * 1000;

  async function client(number: number): Promise<void> {
    while (performance.now() < endsAt) {
      const sentAt = performance.now();
      const response = await send(number);
      const { timing, text } = await readTimed(response, sentAt);
      if (response.status !== 200) fail(`${response.status} ${text.slice(0, 200)}`);
      else if (!isWhole(text)) fail("cut off");
      else result.timings.push(timing);
      notePhases(response.headers.get("server-timing"), result.phases);
    }
  }

  await Promise.all(Array.from({ length: clients }, (_, number) => client(number)));
  result.seconds = (performance.now() - startedAt) / 1000;
  return result;
}

async function readTimed(
  response: Response,
  sentAt: number,
): Promise<{ timing: Timing; text: string }> {
  const decoder = new TextDecoder();
  let firstByte = NaN;
  let text = "";
  for await (const bytes of response.body ?? []) {
    if (Number.isNaN(firstByte)) firstByte = performance.now() - sentAt;
    text += decoder.decode(bytes, { stream: true });
  }
  return { timing: { firstByte, lastByte: performance.now() - sentAt }, text };
}

function notePhases(header: string | null, phases: Map<string, number[]>): void {
  for (const { name, milliseconds } of parseServerTiming(header ?? "")) {
    const values = phases.get(name) ?? [];
    values.push(milliseconds);
    phases.set(name, values);
  }
}

/** Reads the header `server-timing`: `auth;dur=0.3, begin;dur=4` and the like. */
export function parseServerTiming(header: string): { name: string; milliseconds: number }[] {
  return header.split(",").flatMap((entry) => {
    const [name, ...parameters] = entry.split(";").map((part) => part.trim());
    const duration = parameters.find((parameter) => parameter.startsWith("dur="));
    const milliseconds = Number(duration?.slice("dur=".length));
    return name && duration && Number.isFinite(milliseconds) ? [{ name, milliseconds }] : [];
  });
}
