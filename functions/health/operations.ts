import { z } from "zod";
import type { Operations } from "../_shared/http/operation.ts";

/** The scheduler's run id, for the log only. */
const roundSchema = z.looseObject({
  run_id: z.uuid().nullish(),
  scheduled_at: z.iso.datetime({ offset: true }).nullish(),
});

/** The result of a round of probes. */
const probedSchema = z.object({
  run_id: z.uuid().nullable(),
  claimed: z.int().describe("Agents that were due."),
  calls: z.int().describe("Calls of vendors that were made for them."),
  healthy: z.int(),
  degraded: z.int(),
  unhealthy: z.int(),
  without_finding: z.int().describe("Agents of which the probe could not say anything."),
  left: z.int().describe("Agents that are left for the next round, for lack of time."),
});

/** The operations of the function `health`. */
export const operations = {
  check: {
    method: "GET",
    path: "/health",
    summary: "Report whether the database answers; with a secret key, how everything is doing",
    audience: "anyone",
    answers: {
      status: 200,
      schema: z.object({
        status: z.enum(["ok", "degraded", "down"]),
        problems: z.array(z.string()).optional().describe("For operators: why it is degraded."),
        checks: z.record(z.string(), z.unknown()),
      }),
    },
    errors: [],
  },
  probe: {
    method: "POST",
    path: "/health/probe",
    summary: "Probe the agents that are due",
    audience: "operator",
    body: { schema: roundSchema, maxBytes: 10_000, optional: true },
    answers: { status: 200, schema: probedSchema },
    errors: [],
  },
} satisfies Operations;
