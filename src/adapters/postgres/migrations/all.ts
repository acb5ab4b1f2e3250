/**
 * The migrations, oldest first. Their names are written into the database: a released one is never changed or renamed.
 */
import { ledger } from "./0001-ledger.ts";

export interface Migration {
  /** The name of its file, without the ending. */
  readonly name: string;
  readonly up: string;
}

export const MIGRATIONS: readonly Migration[] = [{ name: "0001-ledger", up: ledger }];
