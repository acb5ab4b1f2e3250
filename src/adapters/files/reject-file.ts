/**
 * Where rejected lines go: a file of one JSON object a line, `{"line": 7, "problems": [{"field": …, "problem": …, "shown": …}]}`.
 *
 * It is made with the first rejected line, so that no file means no rejects; one of an earlier pass is removed when this one
 * begins, because it says nothing any more. Only its owner may read it, though what it shows of a value is masked.
 */
import { open, rm, type FileHandle } from "node:fs/promises";
import { basename } from "node:path";
import type { LineProblem } from "../../domain/bill-line.ts";
import { Permanent } from "../../failure.ts";
import { codeOfTrouble } from "./file-troubles.ts";

/** Takes rejected lines, one write at a time. */
export interface RejectFile {
  readonly write: (rejected: {
    readonly line: number;
    readonly problems: readonly LineProblem[];
  }) => Promise<void>;
  /** Lines written. */
  readonly count: () => number;
  readonly close: () => Promise<void>;
}

/** Removes what an earlier pass has left there; makes a file with the first rejected line. */
export const openRejectFile = async (path: string): Promise<RejectFile> => {
  let count = 0;
  let file: Promise<FileHandle> | undefined;
  /** One write at a time: two at once could mix their bytes. */
  let last: Promise<unknown> = Promise.resolve();
  await guarded(path, () => rm(path, { force: true }));
  return {
    write: (rejected) => {
      const { line, problems } = rejected;
      const written = last.then(() =>
        guarded(path, async () => {
          file ??= open(path, "wx", 0o600);
          await (await file).appendFile(`${JSON.stringify({ line, problems })}\n`);
          count += 1;
        }),
      );
      last = written.catch(() => undefined);
      return written;
    },
    count: () => count,
    close: async () => {
      await last;
      await (await file?.catch(() => undefined))?.close(); // who writes was told already
    },
  };
};

const guarded = async (path: string, work: () => Promise<void>): Promise<void> => {
  try {
    await work();
  } catch (cause) {
    throw new Permanent({
      message: `writing rejected lines to ${basename(path)}: ${codeOfTrouble(cause)}`,
      code: "reject-file",
      cause,
    });
  }
};
