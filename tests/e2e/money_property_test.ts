import { ok, strictEqual } from "node:assert/strict";
import fc from "fast-check";
import postgres from "postgres";
import { z } from "zod";
import { openGateway, VENDOR } from "./support/fault_gateway.ts";
import { startFaultServer } from "./support/fault_server.ts";
import { addAgent, addVendor, costOf, dollars } from "./support/fault_vendor.ts";
import { signUp, stack } from "./support/stack.ts";

/** How a vendor treats a call that it has sold. */
const TREATMENTS = [
  "answers",
  "answers",
  "hangs up",
  "falls silent",
  "answers noise",
  "fails",
] as const;

const call = fc.record({
  treatment: fc.constantFrom(...TREATMENTS),
  words: fc.integer({ min: 1, max: 400 }),
  maxTokens: fc.integer({ min: 1, max: 2_000 }),
  isStream: fc.boolean(),
});

const requestSchema = z.object({
  max_tokens: z.number(),
  stream: z.boolean().nullish(),
  messages: z.array(z.looseObject({ content: z.string() })),
});

Deno.test("a vendor that charges all that it is asked charges no budget more than it has", async () => {
  const sql = postgres(stack.DB_URL, { max: 2, onnotice: () => {} });
  /** The vendor's own bill: of each call what it charged, and whether it said so. */
  const bill = new Map<string, { cost: bigint; calls: number }>();
  await using vendor = await startFaultServer(async ({ body }, wire) => {
    const text = new TextDecoder().decode(body);
    const { max_tokens, stream, messages } = requestSchema.parse(JSON.parse(text));
    const [id = "", treatment] = (messages.at(-1)?.content ?? "").split(" ");
    const prompt = Math.ceil(JSON.stringify(messages).length / 4);
    if (treatment !== "fails") {
      const known = bill.get(id) ?? { cost: 0n, calls: 0 };
      const cost = costOf({ input_tokens: prompt, output_tokens: max_tokens });
      bill.set(id, { cost: known.cost + cost, calls: known.calls + 1 });
    }
    const type = stream ? "text/event-stream" : "application/json";
    const usage = { prompt_tokens: prompt, completion_tokens: max_tokens };
    const part = stream ? { delta: { content: "hi" } } : { message: { content: "hi" } };
    const answer = JSON.stringify({
      choices: [{ index: 0, ...part, finish_reason: "stop" }],
      usage,
    });
    if (treatment === "hangs") return wire.reset();
    if (treatment === "falls") return;
    wire.head(treatment === "fails" ? 500 : 200, { "content-type": type });
    if (treatment === "fails") wire.write(new TextEncoder().encode('{"error":{"message":"x"}}'));
    else if (treatment === "noise") wire.write(new Uint8Array([0, 255, 10, 10]));
    else {
      wire.write(new TextEncoder().encode(stream ? `data: ${answer}\n\ndata: [DONE]\n\n` : answer));
    }
    await Promise.resolve();
    wire.end();
  });
  const { vendor: vendorId, service } = await addVendor(sql, VENDOR, `${vendor.url}/v1`);
  const gateway = openGateway();

  await fc.assert(
    fc.asyncProperty(fc.array(call, { minLength: 10, maxLength: 24 }), async (calls) => {
      const person = await signUp("payer");
      const limit = dollars("0.1000000000");
      const [budget] = await sql<{ organization_id: string }[]>`
        insert into public.budgets (organization_id, period, limit_usd)
        select id, 'day', 0.1 from public.organizations where created_by = ${person.id} and is_personal
        returning organization_id`;
      ok(budget);
      let charged = 0n;
      let error = 0n;
      const left = [...calls];
      await Promise.all(Array.from({ length: 4 }, async () => {
        for (let one = left.shift(); one !== undefined; one = left.shift()) {
          const id = crypto.randomUUID();
          const word = one.treatment.split(" ").at(one.treatment === "answers noise" ? 1 : 0);
          // Each of its own, or failures would close it for the calls that follow.
          const agent = await addAgent(sql, vendorId, service);
          const given = await gateway.chat(person.accessToken, {
            model: agent.name,
            stream: one.isStream,
            max_tokens: one.maxTokens,
            messages: [{ role: "user", content: `${id} ${word} ${"word ".repeat(one.words)}` }],
          });
          const sold = bill.get(id) ?? { cost: 0n, calls: 0 };
          charged += sold.cost;
          await gateway.idle();
          const [turn] = await sql<{ cost: string; usage_is_estimated: boolean }[]>`
            select total_cost::text as cost, usage_is_estimated from public.ai_interactions
            where request_id = ${given.headers.get("x-request-id")}`;
          const booked = dollars(turn?.cost ?? "0.0000000000");
          if (given.status === 200 && given.code === null) {
            strictEqual(turn?.usage_is_estimated, false);
            strictEqual(booked, sold.cost, "what was reported is what is booked");
          }
          if (booked < sold.cost) error += sold.cost - booked;
        }
      }));
      const [after] = await sql<{ spent: string; reserved: string; ledger: string }[]>`
        select spent_usd::text as spent, reserved_usd::text as reserved, (
          select coalesce(sum(total_cost), 0)::numeric(20, 10)::text from public.ai_interactions turns
          where turns.organization_id = budgets.organization_id
        ) as ledger
        from public.budgets where organization_id = ${budget.organization_id}`;
      ok(after);
      ok(charged > limit / 10n, "a run must spend something to show anything");
      strictEqual(dollars(after.reserved), 0n);
      strictEqual(dollars(after.spent), dollars(after.ledger));
      // The estimate of a prompt may be a few tokens short of what its vendor counts.
      const bound = BigInt(calls.length) * costOf({ input_tokens: 30, output_tokens: 0 });
      ok(error <= bound, `${error} was sold and not booked, ${bound} may be`);
      ok(charged <= limit + bound, `${charged} charged of ${limit}`);
    }),
    { numRuns: 4, seed: 20261130, endOnFailure: true },
  );
  await sql.end();
});
