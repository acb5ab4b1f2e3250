/**
 * What the system's errors mean for a file, in one table. Whatever is not in it says nothing about the file's contents, so it
 * is `Transient`: a disk that is full of errors, or rights that somebody is about to mend, must not end a notice.
 */
import { Permanent, Transient, type Failure } from "../../failure.ts";

interface Meaning {
  readonly code: string;
  readonly words: string;
}

/** These will be the same next time. */
const FOR_GOOD: Readonly<Record<string, Meaning>> = {
  ENOENT: { code: "no-such-file", words: "there is none" },
  ENOTDIR: { code: "no-such-file", words: "there is none" },
  EISDIR: { code: "no-file", words: "it is a folder" },
  ELOOP: { code: "no-such-file", words: "its links lead in a circle" },
  ENAMETOOLONG: { code: "no-such-file", words: "its name is too long" },
};

export const codeOfTrouble = (error: unknown): string =>
  error instanceof Error && "code" in error && typeof error.code === "string" ? error.code : "unknown";

/** @param doing what was being done, to what: `reading november.csv` */
export const fileTrouble = (doing: string, error: unknown): Failure => {
  const code = codeOfTrouble(error);
  const known = FOR_GOOD[code];
  return known === undefined
    ? new Transient({ message: `${doing}: ${code}`, code, cause: error })
    : new Permanent({ message: `${doing}: ${known.words}`, code: known.code, cause: error });
};
