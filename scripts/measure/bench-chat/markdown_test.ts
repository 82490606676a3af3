import { doesNotMatch, match } from "node:assert/strict";
import { markdown } from "./markdown.ts";

const run = {
  day: "2026-11-30",
  machine: "linux, 2 processors",
  loadBefore: 0.3,
  seconds: 4,
  rounds: 3,
  database: null,
  function: null,
  gateways: null,
  transports: null,
  growth: null,
};

Deno.test("a report states the number of rounds if something was measured in rounds", () => {
  const growth = [{ what: "a prompt of 1 KB", begin: 2.2, settle: 2.6 }];
  doesNotMatch(markdown({ ...run, growth }), /rounds/);
  const turns = { turns: 100, millisecondsPerTurn: 0.7 };
  match(markdown({ ...run, growth, function: { whole: turns, stream: turns } }), /3 rounds of 4 s/);
});
