import { z } from "zod";

/** A price of a {@link ListedService}: rates in dollars per million tokens, as decimal text. */
export interface ListedPrice {
  /** The day from which it applies, in UTC; absent if the list has no days. */
  valid_from?: string;
  service_tier?: "standard" | "priority" | "flex" | "batch";
  /** Number of prompt tokens from which the price applies. */
  min_input_tokens?: number;
  input_rate?: string;
  /** An absent rate is unknown to the list; null means that there is none. */
  cached_input_rate?: string | null;
  cache_write_rate?: string | null;
  cache_write_1h_rate?: string | null;
  output_rate?: string;
  reasoning_rate?: string | null;
  /** Dollars per call. */
  request_rate?: string;
  /** Dollars per character, second or image. */
  unit_rates?: Record<string, number>;
}

/** A service of a {@link PriceList}. */
export interface ListedService {
  vendor_id: string;
  service_name: string;
  display_name?: string;
  service_kind?: string;
  context_window?: number;
  max_output_tokens?: number;
  /** The day on which the vendor ends it. */
  retired_on?: string;
  aliases?: string[];
  prices: ListedPrice[];
}

/** A list as `private.plan_catalogue_import()` takes it; chapter `price_lists` describes it. */
export interface PriceList {
  source: string;
  as_of: string;
  services: ListedService[];
}

/** A public list that can be read. */
export interface ListFormat {
  /** What `--from` calls it. */
  name: string;
  /** Where it is published; null for one that is installed with this project. */
  url: string | null;
  /**
   * Reads the published list, without services that cannot be called here.
   *
   * @param published Its JSON, parsed.
   * @throws {z.ZodError} if it has another format.
   */
  read(published: unknown): ListedService[];
}

/** A number that a list writes as a number or as text. */
export const amountSchema = z.union([z.number(), z.string()]).transform(String);

/** A whole number of tokens: null where a list has none, or zero for none. */
export const tokensSchema = z.unknown().optional().transform((value) =>
  typeof value === "number" && Number.isInteger(value) && value > 0 ? value : undefined
);

/** An object without the fields that are undefined, as JSON has it. */
export function defined<Fields extends object>(fields: Fields): Fields {
  return JSON.parse(JSON.stringify(fields));
}
