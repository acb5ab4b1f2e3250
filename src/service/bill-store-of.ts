/**
 * Where bills lie that are not in their rows, as configured.
 */
import { Effect, Result } from "effect";
import { fileBillStore } from "../adapters/files/bill-store.ts";
import type { BillStore } from "../domain/ports/bill-store.ts";
import { Permanent } from "../failure.ts";
import type { Config } from "./config/config.ts";

/** Without a root nothing lies elsewhere; a row that says so was ingested under another configuration. */
const noStore: BillStore = {
  load: (refs) =>
    Effect.succeed(
      refs.map(() =>
        Result.fail(
          new Permanent({
            message: "loading a bill: it lies outside its row, and content.root is not configured",
            code: "no-bill-store",
          }),
        ),
      ),
    ),
};

export const billStoreOf = ({ content: { root, maxBytes } }: Config): BillStore =>
  root === null ? noStore : fileBillStore({ root, maxBytes });
