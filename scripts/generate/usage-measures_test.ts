import { deepEqual, equal, throws } from "node:assert/strict";
import { expandLists, readMeasures } from "./usage-measures.ts";

const declared = `
create table private.usage_measures (
  failed bigint not null default 0,
  total_cost numeric not null default 0
);
`;
const defined = `
select
  interaction.id,
  -- definition of each measure
  (interaction.state = 'failed')::integer as failed,
  case when interaction.state = 'failed' then 0
    else interaction.cost end as total_cost
  -- end
from ledger interaction;
`;

Deno.test("lists of measures are written out in the declared order", () => {
  const measures = readMeasures([{ sql: declared }, { sql: defined }]);
  const forms = `
  -- each measure: sum(x.{name})::{type},
  stale
  -- end
  -- each measure: sign * {of}
  -- end
    -- each source: old.{name}
    -- end
`;
  const expanded = `
  -- each measure: sum(x.{name})::{type},
  sum(x.failed)::bigint, sum(x.total_cost)::numeric,
  -- end
  -- each measure: sign * {of}
  sign * (interaction.state = 'failed')::integer,
  sign * case when interaction.state = 'failed' then 0 else interaction.cost end
  -- end
    -- each source: old.{name}
    old.state, old.cost
    -- end
`;
  equal(expandLists(forms, measures), expanded);
  equal(expandLists(expanded, measures), expanded);
});

Deno.test("a long list is broken at 100 columns", () => {
  const measures = readMeasures([{ sql: declared }, { sql: defined }]);
  const sql = expandLists(
    `  -- each measure: ${"x".repeat(60)}.{name}\n  -- end`,
    measures,
  );
  equal(
    sql.split("\n").slice(1, 3).join("|"),
    `  ${"x".repeat(60)}.failed,|  ${"x".repeat(60)}.total_cost`,
  );
});

Deno.test("a measure that is declared and not defined is an error", () => {
  const more = declared.replace("total_cost", "other bigint not null default 0,\n  total_cost");
  throws(
    () => readMeasures([{ sql: more }, { sql: defined }]),
    /declares \(failed, other, total_cost\) and private\.interaction_usage defines \(failed, total_cost\)/,
  );
});

Deno.test("a later migration adds a measure and defines all of them again", () => {
  const later = `
alter table private.usage_measures add column cached bigint not null default 0;
create or replace view private.interaction_usage as
select
  -- definition of each measure
  (interaction.state = 'failed')::integer as failed,
  interaction.cost as total_cost,
  interaction.cached as cached
  -- end
from ledger interaction;
`;
  const { names, expressions } = readMeasures([{ sql: declared }, { sql: defined }, {
    sql: later,
  }]);
  deepEqual(names, ["failed", "total_cost", "cached"]);
  equal(expressions.get("total_cost"), "interaction.cost");
});
