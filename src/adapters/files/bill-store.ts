/**
 * Bills as files under one root: `file:2026/11/4711.json`.
 *
 * No place leads out of the root, not by `..`, not by a link and not by a folder that is exchanged for a link at the wrong
 * moment: the file is opened first, and then the real path of its name is looked up and compared, by device and number,
 * with what was opened. A hard link cannot be told from the file itself: who may make one may read it anyway. Where the root
 * itself is gone, that is a volume that is not mounted and no missing bill, so it is trouble that passes.
 */
import { createHash } from "node:crypto";
import { constants } from "node:fs";
import { open, realpath, stat, type FileHandle } from "node:fs/promises";
import { join, sep } from "node:path";
import { Effect, Result } from "effect";
import type { BillRef } from "../../domain/bill.ts";
import type { BillStore } from "../../domain/ports/bill-store.ts";
import { isFailure, Permanent, Transient, type Failure } from "../../failure.ts";
import { codeOfTrouble, fileTrouble } from "./file-troubles.ts";

/** Where the bills lie, and how much of them is read. */
export interface FileBillStoreOptions {
  /** The folder in which all bills lie. */
  readonly root: string;
  /** Default 1 MiB. */
  readonly maxBytes?: number;
  /** Files that are read at once. Default 16. */
  readonly concurrency?: number;
}

/** The store of the port, and what ingest asks of it. */
export interface FileBillStore extends BillStore {
  /** The place with the digest that its bytes have now: for ingest. */
  readonly refOf: (place: string) => Effect.Effect<BillRef, Failure>;
}

const DEFAULT_MAX_BYTES = 1_048_576;
const DEFAULT_CONCURRENCY = 16;
const CHUNK_BYTES = 65_536;
const SCHEME = "file:";

/** A store of bills in a folder. Nothing is opened before it is asked for. */
export const fileBillStore = (options: FileBillStoreOptions): FileBillStore => {
  const { root, maxBytes = DEFAULT_MAX_BYTES, concurrency = DEFAULT_CONCURRENCY } = options;
  const readAt = (place: string): Effect.Effect<Stored, Failure> =>
    Effect.flatMap(
      Effect.promise(() => read(root, place, maxBytes)),
      (stored) => (isFailure(stored) ? Effect.fail(stored) : Effect.succeed(stored)),
    );
  return {
    load: (refs) =>
      Effect.forEach(
        refs,
        ({ place, sha256 }) =>
          Effect.result(
            Effect.flatMap(readAt(place), (stored) => Effect.fromResult(textOf(place, stored, sha256))),
          ),
        { concurrency },
      ),
    refOf: (place) => Effect.map(readAt(place), ({ sha256 }) => ({ place, sha256 })),
  };
};

interface Stored {
  readonly bytes: Buffer;
  readonly sha256: string;
}

const textOf = (
  place: string,
  { bytes, sha256 }: Stored,
  wanted: string | null,
): Result.Result<string, Failure> => {
  if (wanted !== null && wanted !== sha256)
    return Result.fail(refusal(place, "digest", "it is not what was there when the notice was ingested"));
  try {
    return Result.succeed(new TextDecoder("utf-8", { fatal: true }).decode(bytes));
  } catch {
    return Result.fail(refusal(place, "unreadable", "it is not UTF-8"));
  }
};

/** A place is somebody's own choice: one with an `@` or a name in it is not shown. */
const reading = (place: string): string =>
  `reading the bill at ${/^[\w./:-]{1,200}$/.test(place) ? place : "***"}`;

const refusal = (place: string, code: string, why: string): Permanent =>
  new Permanent({ message: `${reading(place)}: ${why}`, code });

/** Forward slashes, no dots that lead up, nothing that another system would read as a drive or a device. */
const SEGMENT = /^(?!\.{1,2}$)[^/\\:\p{C}]{1,255}$/u;

const read = async (root: string, place: string, maxBytes: number): Promise<Stored | Failure> => {
  const segments = place.startsWith(SCHEME) ? place.slice(SCHEME.length).split("/") : [];
  if (segments.length === 0 || !segments.every((segment) => SEGMENT.test(segment)))
    return refusal(place, "outside", "it is no place below the root, such as file:2026/11/4711.json");
  let realRoot: string;
  try {
    realRoot = await realpath(root);
  } catch (cause) {
    return new Transient({
      message: `${reading(place)}: its root is not there`,
      code: "no-root",
      cause,
    });
  }
  let file: FileHandle | undefined;
  try {
    const path = join(realRoot, ...segments);
    // Without waiting: a pipe in its place would hold a slot for ever.
    file = await open(path, constants.O_RDONLY | constants.O_NONBLOCK);
    const opened = await file.stat();
    const realPath = await realpath(path);
    const named = await stat(realPath);
    if (!realPath.startsWith(realRoot.endsWith(sep) ? realRoot : realRoot + sep))
      return refusal(place, "outside", "it leads out of the root");
    if (opened.ino !== named.ino || opened.dev !== named.dev)
      return new Transient({ message: `${reading(place)}: it was exchanged meanwhile`, code: "exchanged" });
    if (!opened.isFile()) return refusal(place, "no-such-bill", "it is no file");
    return (
      (await readBounded(file, maxBytes)) ??
      refusal(place, "too-large", `it is larger than ${maxBytes} bytes`)
    );
  } catch (error) {
    if (isFailure(error)) return error;
    const trouble = fileTrouble(reading(place), error);
    return trouble._tag === "Permanent"
      ? refusal(place, "no-such-bill", `there is none (${codeOfTrouble(error)})`)
      : trouble;
  } finally {
    await file?.close();
  }
};

/** Nothing where there is more than the limit, whatever the file system says of its size. */
const readBounded = async (file: FileHandle, maxBytes: number): Promise<Stored | undefined> => {
  const hash = createHash("sha256");
  const chunks: Buffer[] = [];
  for (let total = 0; ;) {
    const chunk = Buffer.allocUnsafe(Math.min(CHUNK_BYTES, maxBytes + 1 - total));
    const { bytesRead } = await file.read(chunk);
    if (bytesRead === 0) return { bytes: Buffer.concat(chunks), sha256: hash.digest("hex") };
    total += bytesRead;
    if (total > maxBytes) return undefined;
    const filled = chunk.subarray(0, bytesRead);
    hash.update(filled);
    chunks.push(filled);
  }
};
