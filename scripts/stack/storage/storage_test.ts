import { rejects } from "node:assert/strict";
import { freePort } from "../../common/free-port.ts";
import { startStorage } from "./storage.ts";

Deno.test("an object is not reported missing when the database does not answer", async () => {
  const folder = await Deno.makeTempDir();
  const url = `postgresql://authenticator@127.0.0.1:${freePort()}/postgres`;
  const secretKey = "sb_secret_test";
  const storage = await startStorage({
    url,
    ownerUrl: url,
    folder,
    publishableKey: "sb_publishable_test",
    secretKey,
    jwtSecret: "a secret of a test, long enough for it",
  });
  try {
    const request = new Request("http://127.0.0.1/storage/v1/object/sign/files", {
      method: "POST",
      headers: { apikey: secretKey, "content-type": "application/json" },
      body: JSON.stringify({ expiresIn: 60, paths: ["a"] }),
    });
    await rejects(storage.fetch(request), /ECONNREFUSED/);
  } finally {
    await storage.stop();
    await Deno.remove(folder, { recursive: true });
  }
});
