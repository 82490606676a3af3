import { deepEqual, equal } from "node:assert/strict";
import { changesOf } from "./body-changes.ts";

const body = `
begin
  -- a <= comment
  if spent > 5 and name <> 'a = b' then
    perform private.refuse('budget_exceeded', 'It is < 5; wait.');
  end if;
  return query select a from b where c = d;
end
`;

Deno.test("changesOf() inverts conditions, removes refusals and reverses comparisons", () => {
  deepEqual(changesOf(body).map(({ what }) => what), [
    "line 3: its condition is inverted",
    "line 3: > is >=",
    "line 3: <> is =",
    "line 4: it does not refuse",
    "line 6: = is <>",
  ]);
});

Deno.test("changesOf() changes one place of the body and keeps its strings and comments", () => {
  const [condition, , , refusal] = changesOf(body);
  equal(
    condition?.body,
    body.replace(
      "spent > 5 and name <> 'a = b'",
      "not coalesce((spent > 5 and name <> 'a = b'), false)",
    ),
  );
  equal(
    refusal?.body,
    body.replace("perform private.refuse('budget_exceeded', 'It is < 5; wait.');", "null;"),
  );
});
