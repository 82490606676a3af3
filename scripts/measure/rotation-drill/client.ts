import { type KeysAnswer, keysApi } from "../../../tests/e2e/support/keys_api.ts";
import type { Chance } from "../../common/chance.ts";
import type { Expectations, ExpectedKey } from "./expectations.ts";
import { newSecret, VENDOR } from "./world.ts";

/** What a client needs. */
export interface ClientOptions {
  functionsUrl: string;
  tokenOf: (person: string) => Promise<string>;
  expectations: Expectations;
  chance: Chance;
  /** A key that a rotation is about to reach, or any. */
  pick: () => string | undefined;
  isDone: () => boolean;
  /** Whether the server is down on purpose, so that no answer is no fault. */
  isDown: () => boolean;
  /** Counts what was done. */
  did: (what: string) => void;
  /** Notes what must not have happened. */
  complain: (what: string) => void;
}

type Deed = (key: ExpectedKey, id: string) => Promise<void>;

/** Creates, replaces, opens, uses, renames and deletes keys until it is done. */
export async function runClient(options: ClientOptions): Promise<void> {
  const { expectations, chance, did, complain } = options;

  /** null: nobody knows what became of the request. */
  async function call(
    person: string,
    method: string,
    path: string,
    body?: unknown,
  ): Promise<KeysAnswer | null> {
    const before = options.isDown();
    try {
      const api = keysApi(options.functionsUrl, await options.tokenOf(person));
      const answer = await api(method, path, body);
      if (answer.status < 500) return answer;
      if (!before && !options.isDown()) {
        complain(`${method} answered ${answer.status}: ${JSON.stringify(answer.body)}`);
      }
    } catch (error) {
      if (!before && !options.isDown()) complain(`${method} had no answer: ${error}`);
    }
    // A server that is gone is not asked all the time.
    await new Promise((resolve) => setTimeout(resolve, 200));
    return null;
  }

  const replace: Deed = async (key, id) => {
    const secret = newSecret();
    expectations.issued(key.owner, secret);
    const answer = await call(key.owner, "PUT", `/keys/${id}`, { key: secret });
    if (answer?.status === 200) key.possible = new Set([secret]);
    else if (answer === null) key.possible.add(secret);
    else if (answer.status !== 429 && !key.possible.has(null)) complain(`PUT ${answer.status}`);
    did("replaced");
  };
  const remove: Deed = async (key, id) => {
    const answer = await call(key.owner, "DELETE", `/keys/${id}`);
    if (answer?.status === 204) key.possible = new Set([null]);
    else if (answer === null) key.possible.add(null);
    else if (!key.possible.has(null)) complain(`DELETE ${answer.status}`);
    did("deleted");
  };
  const open: Deed = async (key, id) => {
    const answer = await call(key.owner, "POST", `/keys/${id}/decrypt`);
    if (answer?.status === 200 && !key.possible.has(answer.body.key)) complain("opened to another");
    if (answer?.status === 404 && !key.possible.has(null)) complain("a key is lost");
    did("opened");
  };
  const rename: Deed = async (key, id) => {
    const answer = await call(key.owner, "PATCH", `/keys/${id}`, { display_name: chance.id() });
    if (answer?.status === 404 && !key.possible.has(null)) complain("a key is lost");
    did("renamed");
  };
  const create: Deed = async ({ owner }) => {
    const secret = newSecret();
    expectations.issued(owner, secret);
    const answer = await call(owner, "POST", "/keys", { vendor_id: VENDOR, key: secret });
    if (answer?.status === 201) expectations.stored(answer.body.id, owner, secret);
    else if (answer === null) expectations.maybe.add(secret);
    did("created");
  };
  const use: Deed = async ({ owner }) => {
    const messages = [{ role: "user", content: owner }];
    const body = { model: `${VENDOR}/one`, messages };
    const answer = await call(owner, "POST", "/chat/completions", body);
    // A person without a key left has none to chat with.
    if (answer && answer.status !== 200 && answer.body?.error?.code !== "no_provider_key") {
      complain(`chat answered ${answer.status}: ${JSON.stringify(answer.body)}`);
    }
    did("used");
  };

  while (!options.isDone()) {
    const id = options.pick();
    const key = id === undefined ? undefined : expectations.keys.get(id);
    if (id === undefined || !key || key.isBusy) {
      await new Promise((resolve) => setTimeout(resolve, 5));
      continue;
    }
    const deed = chance.weighted<Deed>([
      [30, replace],
      [10, remove],
      [20, open],
      [10, rename],
      [10, create],
      [20, use],
    ]);
    key.isBusy = true;
    await deed(key, id).finally(() => key.isBusy = false);
  }
}
