import { deepStrictEqual as deepEqual, match } from "node:assert";
import { createClient } from "@supabase/supabase-js";
import { evaluate } from "./bench.ts";
import { realtimeMarkdown, shortcomings } from "./markdown.ts";

const supabase = createClient("http://127.0.0.1:9", "sb_publishable_none");
const member = (user: string, events: number[]) => ({
  user,
  organization: "o",
  supabase,
  arrivals: events.map((event) => ({ event, milliseconds: 10 * event })),
});
const part = {
  name: "own",
  isFor: ({ user }: { user: string }, event: number) => event % 2 === Number(user),
  channel: () => supabase.channel("none"),
  send: () => Promise.resolve(),
};

Deno.test("lost, leaked and repeated messages are counted, and fail the run", () => {
  const subscribers = { organizations: [], members: [member("0", [0, 2, 2]), member("1", [1, 2])] };
  const measured = evaluate(subscribers, part, 4);
  const { lost, leaked, repeated, delivered, p95 } = measured;
  deepEqual({ lost, leaked, repeated, delivered, p95 }, {
    lost: 1,
    leaked: 1,
    repeated: 1,
    delivered: 3,
    p95: 20,
  });
  deepEqual(shortcomings([measured]), [
    "own: 1 lost",
    "own: 1 reached someone else",
    "own: 1 came twice",
  ]);
  const complete = { organizations: [], members: [member("0", [0, 2]), member("1", [1, 3])] };
  deepEqual(shortcomings([evaluate(complete, part, 4)]), []);
  deepEqual(shortcomings([{ ...measured, lost: 0, leaked: 0, repeated: 0, p95: 250 }]), [
    "own: p95 is 250 ms",
  ]);
  const options = { subscribers: 2, events: 4, rate: 1, write: false };
  const conditions = { day: "2026-01-02", machine: "linux", loadBefore: 0.5 };
  match(realtimeMarkdown(conditions, options, [measured]), /\| own +\| +3 \| +1 \| +1 \|/);
});
