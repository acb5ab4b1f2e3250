/**
 * What a clock on the wall shows in a zone, and back.
 */
import type { Brand } from "effect";

/** An IANA zone name that this runtime knows, in the spelling that it prefers. */
export type ZoneId = string & Brand.Brand<"ZoneId">;
