import { deepEqual, equal, notEqual, ok } from "node:assert/strict";
import { createRandomStream } from "./random-stream.ts";
import { columns, interactionsOf } from "./interactions.ts";
import { divideByWeights, weightedChoice, zipfWeights } from "./distributions.ts";
import { makeDataset, scale } from "./dataset.ts";

const rows = 40_000;
const dataset = makeDataset(7, rows, "2026-06-30");

/** All values of a column, in the order of the rows. */
function values(lines: readonly string[][], column: typeof columns[number]): string[] {
  const place = columns.indexOf(column);
  return lines.map((line) => line[place] ?? "");
}

function linesOf(seed: number, day: number): string[] {
  return [...interactionsOf(makeDataset(seed, rows, "2026-06-30"), day)].join("").split("\n")
    .filter((line) => line !== "");
}

const lines = dataset.days.flatMap((_, day) => linesOf(7, day)).map((line) => line.split("\t"));

Deno.test("a seed always makes the same data, for any day alone, and another seed makes other data", () => {
  deepEqual(linesOf(7, 40), linesOf(7, 40));
  notEqual(linesOf(7, 40).join(), linesOf(8, 40).join());
  notEqual(linesOf(7, 40).join(), linesOf(7, 41).join());
});

Deno.test("exactly the requested number of interactions is made, each complete and with its own id", () => {
  equal(lines.length, rows);
  equal(dataset.perDay.reduce((sum, count) => sum + count, 0), rows);
  ok(lines.every((line) => line.length === columns.length));
  equal(new Set(values(lines, "id")).size, rows);
  const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/;
  ok(values(lines, "id").every((id) => uuid.test(id)));
});

Deno.test("interactions lie in their days, in the order of time", () => {
  const days = values(lines, "started_at").map((time) => time.slice(0, 10));
  const counts = dataset.days.map((day) => days.filter((one) => one === day).length);
  deepEqual(counts, [...dataset.perDay]);
  const times = values(lines, "started_at");
  deepEqual(times, times.toSorted());
  equal(dataset.days.length, scale.days);
  equal(dataset.days.at(-1), "2026-06-30");
});

Deno.test("usage is skewed: one user has a tenth, the next few a third, weekends are quiet", () => {
  const counts = new Map<string, number>();
  for (const user of values(lines, "user_id")) counts.set(user, (counts.get(user) ?? 0) + 1);
  const heavy = counts.get(dataset.people[0]!.id) ?? 0;
  ok(Math.abs(heavy / rows - scale.heavyShare) < 0.01, `${heavy}`);
  const shares = [...counts.values()].sort((one, other) => other - one);
  const top = shares.slice(1, 11).reduce((sum, count) => sum + count, 0) / rows;
  ok(top > 0.3 && top < 0.42, `${top}`);
  ok(counts.size > 900, `${counts.size} people`);
  const [friday, saturday] = ["2026-06-26", "2026-06-27"].map((day) =>
    dataset.perDay[dataset.days.indexOf(day)] ?? 0
  );
  ok(saturday! < friday! / 2);
});

Deno.test("the first user has fifty agents and uses all of them, the first one most", () => {
  const own = dataset.agents.filter(({ owner }) => owner === 0);
  equal(own.length, scale.ownAgents);
  const uses = own.map(({ id }) =>
    values(lines, "agent_id").filter((agent) => agent === id).length
  );
  ok(uses.every((count) => count > 0));
  equal(Math.max(...uses), uses[0]);
  deepEqual(
    dataset.people[0]!.agents.map((agent) => dataset.agents[agent]!.owner),
    Array(50).fill(0),
  );
});

Deno.test("agents belong to their users' organization, except for those of the platform", () => {
  const agents = new Map(dataset.agents.map((agent) => [agent.id, agent]));
  const organizations = values(lines, "organization_id");
  values(lines, "agent_id").forEach((id, index) => {
    const { organization } = agents.get(id)!;
    ok(organization === null || dataset.organizations[organization]!.id === organizations[index]);
  });
  ok(dataset.organizations.every(({ members }) => members.length > 0));
});

Deno.test("a cost is the price of its tokens, and a row without tokens has none", () => {
  const services = new Map(dataset.agents.map(({ service }) => [service.id, service]));
  const [inputs, outputs, ids] = (["input_tokens", "output_tokens", "service_id"] as const)
    .map((column) => values(lines, column));
  const costs = values(lines, "total_cost");
  costs.forEach((cost, index) => {
    if (cost === "\\N") return;
    const { inputRate, outputRate } = services.get(ids![index]!)!;
    const wanted = Number(inputs![index]) * inputRate + Number(outputs![index]) * outputRate;
    ok(Math.abs(Number(cost) * 1e6 - wanted) < 1e-6 * Math.max(1, wanted), `${cost} ${wanted}`);
  });
  const missing = costs.filter((cost) => cost === "\\N").length / rows;
  ok(missing > 0.02 && missing < 0.05, `${missing}`);
});

Deno.test("shares of a total add up to it", () => {
  deepEqual(divideByWeights(10, [1, 1, 1]), [4, 3, 3]);
  deepEqual(divideByWeights(0, [1, 2]), [0, 0]);
  equal(
    divideByWeights(1_000_003, zipfWeights(97)).reduce((sum, part) => sum + part, 0),
    1_000_003,
  );
});

Deno.test("a weighted choice follows its weights and never picks a weight of zero", () => {
  const random = createRandomStream(1, 1);
  const choose = weightedChoice([0, 3, 0, 1]);
  const counts = [0, 0, 0, 0];
  for (let index = 0; index < 20_000; index++) counts[choose(random)]! += 1;
  deepEqual([counts[0], counts[2]], [0, 0]);
  ok(Math.abs(counts[1]! / 20_000 - 0.75) < 0.02);
});
