import { deepEqual, equal } from "node:assert/strict";
import type { Table } from "./catalogue.ts";
import { changePayload } from "./payload.ts";
import type { RowChange } from "./pgoutput.ts";

const names = ["id", "note", "secret"];
const table: Table = {
  id: "1",
  schema: "public",
  name: "t",
  columns: new Map(
    names.map((
      name,
    ) => [name, {
      name,
      type: { name: "text", element: null },
      sqlType: "text",
    }]),
  ),
  key: ["id"],
  hasRowSecurity: true,
};
const all = new Set(names);

function change(type: RowChange["type"], note = "n"): RowChange {
  const values = new Map([["id", "1"], ["note", note], ["secret", "s"]]);
  return {
    type,
    relation: { id: 1, schema: "public", table: "t", columns: [] },
    row: type === "DELETE" ? null : values,
    old: type === "INSERT" ? null : values,
    transaction: 1,
    committedAt: "2026-11-30T10:00:00.123Z",
  };
}

Deno.test("a role gets the columns that it may read, of which the selected ones and the key are sent", () => {
  const payload = changePayload(
    change("UPDATE"),
    table,
    new Set(["id", "note"]),
    null,
  );
  deepEqual(payload.record, { id: "1", note: "n" });
  deepEqual(payload.old_record, { id: "1", note: "n" });
  deepEqual(payload.columns, [{ name: "id", type: "text" }, {
    name: "note",
    type: "text",
  }]);
  const selected = changePayload(change("INSERT"), table, all, ["secret"]);
  deepEqual(selected.record, { id: "1", secret: "s" });
  equal(selected.old_record, undefined);
});

Deno.test("a deletion is sent with its key only, unless the table has no row level security", () => {
  deepEqual(changePayload(change("DELETE"), table, all, null).old_record, {
    id: "1",
  });
  const open = { ...table, hasRowSecurity: false };
  deepEqual(changePayload(change("DELETE"), open, all, null).old_record, {
    id: "1",
    note: "n",
    secret: "s",
  });
});

Deno.test("without a readable key, only the kind of the change is sent", () => {
  deepEqual(changePayload(change("INSERT"), table, new Set(["note"]), null), {
    schema: "public",
    table: "t",
    type: "INSERT",
    errors: ["Error 401: Unauthorized"],
  });
  const keyless = changePayload(
    change("UPDATE"),
    { ...table, key: [] },
    all,
    null,
  );
  deepEqual(keyless.errors, ["Error 400: Bad Request, no primary key"]);
});

for (
  const [name, text] of [["letters", "x"], ["bytes of UTF-8", "ü"]] as const
) {
  Deno.test(`a change above 1 MiB, counted in ${name}, is sent with its short values only`, () => {
    const bytes = new TextEncoder().encode(text).length;
    const most = 1_048_576 - 2;
    const fits = changePayload(
      change("INSERT", text.repeat(most / bytes)),
      table,
      all,
      null,
    );
    equal(fits.errors, null);
    const larger = changePayload(
      change("INSERT", text.repeat(most / bytes + 1)),
      table,
      all,
      null,
    );
    deepEqual(larger.errors, ["Error 413: Payload Too Large"]);
    deepEqual(larger.record, { id: "1", secret: "s" });
    deepEqual(larger.columns, fits.columns);
  });
}
