import { equal } from "node:assert/strict";
import { HELLO, startChat } from "../support/chat_fixture.ts";
import { completion } from "../support/upstream_server.ts";

/** Fields that select another model, tier or tool, or refer to data of the paying account. */
const PAID = [
  ...["models", "fallbacks", "fallback_models", "preset", "provider", "route", "service_tier"],
  ...["speed", "background", "best_of", "candidate_count", "prediction", "modalities", "audio"],
  ...["plugins", "web_search", "web_search_options", "web_fetch", "enable_search", "search_mode"],
  ...["search_options", "search_parameters", "return_images", "mcp_servers", "container"],
  ...["connectors", "data_sources", "documents", "compound_custom", "cached_content"],
  ...["cachedContent", "cache_control", "store", "previous_response_id", "conversation", "prompt"],
  ...["extra_body", "extra_headers", "extra_query", "api_key", "google", "inference_geo"],
];

Deno.test("the platform's credential is sent with none of the fields that buy something else", async (test) => {
  await using chat = startChat(() => completion("hi"));
  for (const field of PAID) {
    await test.step(field, async () => {
      const response = await chat.post({ ...HELLO, [field]: { a: 1 } });
      await response.body?.cancel();
      // A field whose form is checked may be refused for its form instead.
      if (response.status === 400) {
        return equal(chat.upstream.received.at(-1)?.body[field], undefined);
      }
      equal(response.status, 200);
      equal(field in chat.upstream.received.at(-1)!.body, false);
    });
  }
  equal(chat.upstream.received.length > PAID.length / 2, true);
});
