import { deepEqual, equal, match, ok } from "node:assert/strict";
import type { RealtimeChannel } from "@supabase/supabase-js";
import { connect, follow, type LiveClient, subscribe, tokenOf } from "./support/realtime.ts";
import { eventually, openDatabase, signIn, signUp, stack } from "./support/stack.ts";
import { join, makeOrganization } from "./support/tenants.ts";

/**
 * Joins a channel using the protocol directly. @returns the server's answer to the join, or its
 * last message
 */
async function answerOf(
  { isPrivate = false, replay }: { isPrivate?: boolean; replay?: unknown },
  messages = 0,
): Promise<unknown> {
  const query = `apikey=${stack.PUBLISHABLE_KEY}&vsn=2.0.0`;
  const socket = new WebSocket(
    `${stack.API_URL.replace("http", "ws")}/realtime/v1/websocket?${query}`,
  );
  const { promise, resolve } = Promise.withResolvers<unknown>();
  const send = (event: string, payload: unknown) =>
    socket.send(JSON.stringify(["1", "1", "realtime:bounds", event, payload]));
  const config = { private: isPrivate, broadcast: { replay } };
  socket.onopen = () => send("phx_join", { config });
  socket.onmessage = ({ data }) => {
    const [, , , event, payload] = JSON.parse(data);
    if (event === "phx_reply" && messages > 0) {
      for (let sent = 0; sent < messages; sent++) {
        send("broadcast", { type: "broadcast", event: "n", payload: {} });
      }
    } else resolve(payload.response?.reason ?? payload.message ?? payload);
  };
  const late = setTimeout(() => resolve("nothing"), 60_000);
  const answer = await promise;
  clearTimeout(late);
  socket.close();
  return answer;
}

/** Joins a channel and records its broadcasts. */
async function listen(
  { supabase }: LiveClient,
  topic: string,
  config: Parameters<LiveClient["supabase"]["channel"]>[1] = { config: {} },
): Promise<{ channel: RealtimeChannel; heard: Record<string, unknown>[]; said: string[] }> {
  const heard: Record<string, unknown>[] = [];
  const channel = supabase.channel(topic, config)
    .on("broadcast", { event: "*" }, (message) => heard.push(message));
  const said = await subscribe(channel, "SUBSCRIBED");
  return { channel, heard, said };
}

const until = <Item>(items: Item[], count: number) =>
  eventually(() => Promise.resolve(items), ({ length }) => length >= count);

Deno.test("clients broadcast to each other and see who is present", async (test) => {
  const [anna, ben] = await Promise.all([signUp("anna"), signUp("ben")]);
  await using annas = await connect(anna.accessToken);
  await using bens = await connect(ben.accessToken);

  await test.step("JSON, binary and HTTP broadcasts arrive, the sender's own only on request", async () => {
    const mine = await listen(annas, "room", { config: { broadcast: { self: true, ack: true } } });
    const theirs = await listen(bens, "room");
    const send = (payload: unknown) =>
      mine.channel.send({ type: "broadcast", event: "müde", payload });
    deepEqual(await send({ text: "Grüße" }), "ok");
    await theirs.channel.send({ type: "broadcast", event: "back", payload: { n: 1 } });
    await send(Uint8Array.from([0, 255, 7]).buffer);
    const posted = await fetch(`${stack.API_URL}/realtime/v1/api/broadcast`, {
      method: "POST",
      headers: { apikey: stack.PUBLISHABLE_KEY, "content-type": "application/json" },
      body: JSON.stringify({ messages: [{ topic: "room", event: "post", payload: { n: 2 } }] }),
    });
    deepEqual([posted.status, await posted.text()], [202, ""]);
    await mine.channel.httpSend("one", { n: 3 });
    await until(mine.heard, 5);
    await until(theirs.heard, 4);
    deepEqual(mine.heard.map(({ event }) => event).sort(), ["back", "müde", "müde", "one", "post"]);
    const bytes = theirs.heard.find(({ payload }) => payload instanceof ArrayBuffer)?.payload;
    ok(bytes instanceof ArrayBuffer);
    deepEqual([...new Uint8Array(bytes)], [0, 255, 7]);
    deepEqual(theirs.heard[0], { type: "broadcast", event: "müde", payload: { text: "Grüße" } });
  });

  await test.step("a broadcast without a topic is refused", async () => {
    const post = async (path: string, body: unknown) => {
      const answer = await fetch(`${stack.API_URL}/realtime/v1/api/broadcast${path}`, {
        method: "POST",
        headers: { apikey: stack.PUBLISHABLE_KEY, "content-type": "application/json" },
        body: JSON.stringify(body),
      });
      await answer.body?.cancel();
      return answer.status;
    };
    const message = { topic: "a\0", event: "e", payload: {}, private: true };
    deepEqual(
      await Promise.all([
        post("/%zz/events/e", {}),
        post("/%ff/events/e", {}),
        post("/%00/events/e?private=true", {}),
        post("", { messages: [message] }),
        post("", { messages: [5] }),
      ]),
      [422, 422, 422, 422, 422],
    );
    const channel = annas.supabase.channel("a\0", { config: { private: true } });
    const refused = await new Promise((resolve) => {
      channel.subscribe((_, error) => error && resolve(error.message));
    });
    match(String(refused), /UnmatchedTopic/);
    await annas.supabase.removeChannel(channel);
  });

  await test.step("presence begins with the join and ends with the connection", async () => {
    const seen: string[] = [];
    const channel = annas.supabase.channel("desk", { config: { presence: { key: "anna" } } });
    channel.on("presence", { event: "sync" }, () => {
      seen.push(Object.keys(channel.presenceState()).sort().join());
    });
    await subscribe(channel, "SUBSCRIBED");
    await channel.track({ at: "desk" });
    await using visitor = await connect(ben.accessToken);
    const other = visitor.supabase.channel("desk", { config: { presence: { key: "ben" } } });
    await subscribe(other, "SUBSCRIBED");
    await other.track({ at: "door" });
    await eventually(() => Promise.resolve(seen), (all) => all.includes("anna,ben"));
    deepEqual(channel.presenceState<{ at: string }>().ben?.[0]?.at, "door");
    await visitor.supabase.realtime.disconnect();
    await eventually(() => Promise.resolve(seen), (all) => all.at(-1) === "anna");
  });
});

Deno.test("only members may join a private channel, and they receive what the database sends", async (test) => {
  const [alice, dave, eve] = await Promise.all(["alice", "dave", "eve"].map(signIn));
  ok(alice && dave && eve);
  const organization = await makeOrganization(alice, "Private");
  await join(alice, organization, dave, "viewer");
  await using alices = await connect(alice.accessToken);
  await using daves = await connect(dave.accessToken);
  await using eves = await connect(eve.accessToken);
  const topic = `organization:${organization}`;
  const config = { config: { private: true, broadcast: { self: true } } };
  const { data: agent } = await alice.supabase.from("agents")
    .insert({ name: "Thinker", organization_id: organization }).select("id").single()
    .throwOnError();
  ok(agent);
  const think = async (node_id: string) => {
    const { data } = await alice.supabase.from("agent_thoughts")
      .insert({ agent_id: agent.id, node_id, node_type: "input", content: "A secret thought" })
      .select("id").single().throwOnError();
    return data?.id;
  };
  const mine = await listen(alices, topic, config);
  const members = await listen(daves, topic, config);

  await test.step("non-members and callers without a token may not join", async () => {
    await using visitor = await connect(null);
    for (const live of [eves, visitor]) {
      const channel = live.supabase.channel(topic, config);
      const said = await subscribe(channel, "CHANNEL_ERROR");
      match(said[0] ?? "", /Unauthorized: You do not have permissions to read from this Channel/);
      await live.supabase.removeChannel(channel);
    }
  });

  await test.step("thoughts are broadcast as their ids", async () => {
    const id = await think("first");
    await Promise.all([until(mine.heard, 1), until(members.heard, 1)]);
    for (const { heard } of [mine, members]) {
      const { event, payload } = Object(heard[0]);
      deepEqual([event, payload.ids, payload.agent_id], ["thoughts", [id], agent.id]);
      equal(JSON.stringify(heard).includes("secret"), false);
    }
  });

  await test.step("clients may not send on it", async () => {
    await mine.channel.send({ type: "broadcast", event: "forged", payload: {} });
    const posted = await fetch(`${stack.API_URL}/realtime/v1/api/broadcast`, {
      method: "POST",
      headers: { apikey: stack.PUBLISHABLE_KEY, authorization: `Bearer ${alice.accessToken}` },
      body: JSON.stringify({ messages: [{ topic, event: "forged", payload: {}, private: true }] }),
    });
    equal(posted.status, 202);
    await posted.body?.cancel();
    // The public channel of the same name is a separate one.
    const open = await listen(eves, topic);
    await open.channel.send({ type: "broadcast", event: "forged", payload: {} });
    await think("second");
    await until(mine.heard, 2);
    deepEqual(mine.heard.map(({ event }) => event), ["thoughts", "thoughts"]);
    equal(open.heard.length, 0);
  });

  await test.step("earlier messages are replayed on request", async () => {
    const since = Date.now();
    const ids = [await think("third"), await think("fourth"), await think("fifth")];
    await until(mine.heard, 5);
    await using returning = await connect(dave.accessToken);
    const replay = { since, limit: 2 };
    const again = await listen(returning, topic, {
      config: { private: true, broadcast: { replay } },
    });
    ids.push(await think("sixth"));
    await until(again.heard, 3);
    deepEqual(
      again.heard.map((message) => {
        const { payload, meta } = Object(message);
        return [payload.ids[0], meta.replayed ?? false];
      }),
      [[ids[1], true], [ids[2], true], [ids[3], false]],
    );
    await until(members.heard, 6);
    await using asking = await connect(dave.accessToken);
    const wrong = asking.supabase.channel(topic, {
      config: { private: true, broadcast: { replay: { since: -1 } } },
    });
    match((await subscribe(wrong, "CHANNEL_ERROR"))[0] ?? "", /Replay params are not valid/);
  });

  await test.step("a removed member receives nothing more", async () => {
    await alice.supabase.from("organization_members").delete()
      .eq("organization_id", organization).eq("user_id", dave.id).throwOnError();
    await think("seventh");
    await until(mine.heard, 7);
    deepEqual([mine.heard.length, members.heard.length], [7, 6]);
  });
});

Deno.test("a client's messages are rate-limited, and its replay request is validated", async () => {
  equal(await answerOf({}, 101), "Too many messages per second");
  const refusal = (reason: string) => `UnableToReplayMessages: ${reason}`;
  equal(
    await answerOf({ replay: { since: 0 } }),
    refusal("Replay is not allowed for public channels"),
  );
  // Nothing is delivered before the policies have been checked.
  match(
    String(await answerOf({ isPrivate: true, replay: {} })),
    /Unauthorized: You do not have permissions to read/,
  );
});

Deno.test("tokens are verified, renewed and expire", async (test) => {
  const anna = await signUp("anna");
  await using database = openDatabase();
  const note = (title: string) =>
    database.sql`
      insert into public.notifications (user_id, type, title, message)
      values (${anna.id}, 'note', ${title}, 'To read')`;

  await test.step("a connection without a key of the project is refused", async () => {
    const refused = async (query: string) => {
      const answer = await fetch(`${stack.API_URL}/realtime/v1/websocket${query}`);
      return [answer.status, (await answer.json()).error];
    };
    deepEqual(await refused(""), [401, "API key is missing"]);
    deepEqual(await refused("?apikey=sb_publishable_other"), [
      401,
      "The token provided is not a valid JWT",
    ]);
    deepEqual(await refused(`?apikey=${anna.accessToken.slice(0, -5)}AAAAA`), [
      401,
      "Failed to validate JWT signature",
    ]);
  });

  await test.step("an expired token ends its channel, a renewed one does not", async () => {
    let token = await tokenOf(anna, 3);
    await using renewing = await connect(() => token);
    await using expiring = await connect(await tokenOf(anna, 3));
    const [kept, lost] = await Promise.all([
      follow(renewing, "notifications", `user_id=eq.${anna.id}`),
      follow(expiring, "notifications", `user_id=eq.${anna.id}`),
    ]);
    const ended: string[] = [];
    const channel = expiring.supabase.channel("expiring")
      .on("system", {}, ({ message }) => ended.push(message));
    const said = await subscribe(channel, "SUBSCRIBED");
    await note("before");
    await Promise.all([until(kept, 1), until(lost, 1)]);
    token = await tokenOf(anna, 60);
    await renewing.supabase.realtime.setAuth();
    await eventually(() => Promise.resolve(said), (all) => all.at(-1) === "CLOSED");
    match(ended.join(), /Token has expired/);
    await note("after");
    await until(kept, 2);
    deepEqual([kept.length, lost.length], [2, 1]);
  });

  await test.step("a forged or expired token cannot join", async () => {
    for (
      const [token, words] of [
        [await tokenOf(anna, -5), /Token has expired \d+ seconds ago/],
        [`${anna.accessToken.slice(0, -5)}AAAAA`, /Failed to validate JWT signature/],
      ] as const
    ) {
      await using live = await connect(token);
      const said = await subscribe(live.supabase.channel("forged"), "CHANNEL_ERROR");
      match(said[0] ?? "", words);
    }
  });
});

/**
 * Joins a topic using the protocol directly, and then stops reading. @returns a function that reads
 * the rest, and counts its bytes
 */
async function joinAndSleep(topic: string): Promise<() => Promise<number>> {
  const { hostname, port } = new URL(stack.API_URL);
  const connection = await Deno.connect({ hostname, port: Number(port) });
  const write = (text: string) => connection.write(new TextEncoder().encode(text));
  await write([
    `GET /realtime/v1/websocket?apikey=${stack.PUBLISHABLE_KEY}&vsn=2.0.0 HTTP/1.1`,
    ...["host: localhost", "upgrade: websocket", "connection: upgrade"],
    ...["sec-websocket-version: 13", "sec-websocket-key: dGhlIHNhbXBsZSBub25jZQ==", "", ""],
  ].join("\r\n"));
  const buffer = new Uint8Array(65_536);
  await connection.read(buffer);
  const join = new TextEncoder().encode(`["1","1","realtime:${topic}","phx_join",{}]`);
  // A frame of text, masked with zeros.
  await connection.write(Uint8Array.of(0x81, 0x80 | join.length, 0, 0, 0, 0, ...join));
  const length = await connection.read(buffer);
  match(new TextDecoder().decode(buffer.subarray(0, length ?? 0)), /"phx_reply",\{"status":"ok"/);
  return async () => {
    let total = 0;
    for (let isOpen = true; isOpen;) {
      const timeout = new Promise<null>((resolve) => setTimeout(() => resolve(null), 1000));
      const count = await Promise.race([connection.read(buffer).catch(() => null), timeout]);
      isOpen = count !== null;
      total += count ?? 0;
    }
    connection.close();
    return total;
  };
}

Deno.test("a client that does not read is disconnected, and delays no other client", async () => {
  const anna = await signUp("anna");
  await using sending = await connect(anna.accessToken);
  await using reading = await connect(anna.accessToken);
  const wake = await joinAndSleep("flood");
  const { heard } = await listen(reading, "flood");
  const { channel } = await listen(sending, "flood");
  const payload = { text: "x".repeat(65_536) };
  const count = 400;
  for (let sent = 0; sent < count; sent++) {
    await channel.httpSend("drop", payload);
  }
  await until(heard, count);
  ok(await wake() < count * payload.text.length);
});
