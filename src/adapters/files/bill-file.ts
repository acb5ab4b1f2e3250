/**
 * A file of bills, as lines for ingest: opened, read in pieces, and closed however the reading ends.
 *
 * What is wrong with the whole file ends the reading as a failure that names the file: it is not there, empty, in another
 * encoding, without a header. What is wrong with a line is that line's own.
 */
import { createReadStream } from "node:fs";
import { open } from "node:fs/promises";
import { basename, extname } from "node:path";
import type { SourceLine } from "../../domain/bill-line.ts";
import { isFailure, Permanent } from "../../failure.ts";
import { csvBills } from "./csv-bills.ts";
import { fileLines } from "./file-lines.ts";
import { fileTrouble } from "./file-troubles.ts";
import { jsonlBills } from "./jsonl-bills.ts";

/** How the lines of a file are written. */
export type BillFormat = "csv" | "jsonl";

const FORMATS: Readonly<Record<string, BillFormat>> = {
  ".csv": "csv",
  ".jsonl": "jsonl",
  ".ndjson": "jsonl",
};
const CHUNK_BYTES = 262_144;

/** A file that has been found and not yet read. */
export interface BillFile {
  /** Read once. Fails by throwing one of our failures. */
  readonly lines: AsyncIterable<SourceLine>;
  readonly sizeBytes: number;
  /** How far the reading is, for who shows it. */
  readonly readBytes: () => number;
}

/**
 * Looks at a file of bills; fails by throwing one of our failures where it cannot be read.
 *
 * @param format where the name does not tell
 */
export const openBillFile = async (path: string, format?: BillFormat): Promise<BillFile> => {
  const name = basename(path);
  const known = format ?? FORMATS[extname(path).toLowerCase()];
  if (known === undefined)
    throw new Permanent({
      message: `reading ${name}: its name ends neither with .csv nor with .jsonl: say which format it has`,
      code: "format",
    });
  const sizeBytes = await sizeOf(path, name);
  let readBytes = 0;
  const chunks = async function* (): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      const stream: AsyncIterable<Uint8Array> = createReadStream(path, { highWaterMark: CHUNK_BYTES });
      for await (const chunk of stream) {
        readBytes += chunk.length;
        yield chunk;
      }
    } catch (error) {
      throw isFailure(error) ? error : fileTrouble(`reading ${name}`, error);
    }
  };
  const lines = fileLines(chunks());
  return {
    lines: known === "csv" ? csvBills(lines, name) : jsonlBills(lines, name),
    sizeBytes,
    readBytes: () => readBytes,
  };
};

const sizeOf = async (path: string, name: string): Promise<number> => {
  try {
    const file = await open(path, "r");
    try {
      const stat = await file.stat();
      if (stat.isDirectory())
        throw new Permanent({ message: `reading ${name}: it is a folder`, code: "no-file" });
      return stat.size;
    } finally {
      await file.close();
    }
  } catch (error) {
    if (isFailure(error)) throw error;
    const trouble = fileTrouble(`reading ${name}`, error);
    // Somebody who has named a file waits for nothing: also rights that are missing are an answer.
    throw new Permanent({ message: trouble.message, code: trouble.code ?? "unknown", cause: error });
  }
};
