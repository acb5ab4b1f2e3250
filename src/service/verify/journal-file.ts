/**
 * A provider's record from a file: JSON lines `{"attemptId","reference","channel","acceptedAt","id"}`, one for each request
 * that it accepted. Read as a stream, so its size costs time only.
 *
 * A line that cannot be read stops the reading: a record with a hole in it would prove nothing. Only an empty line is passed
 * over, and a last line that was never finished, as a provider leaves it that was killed while writing.
 */
import { createReadStream } from "node:fs";
import { basename } from "node:path";
import { channelId, type AttemptId } from "../../domain/ids.ts";
import type { AcceptedRequest, ProviderEvidence } from "../../domain/ports/provider-evidence.ts";
import { Permanent, Undecodable } from "../../failure.ts";

/** Of one line; more is no acceptance. */
const MAX_LINE = 65_536;

const unreadable = (name: string, line: number, why: string): Undecodable =>
  new Undecodable({ message: `reading ${name}: line ${line} ${why}`, code: "journal-line" });

const readLine = (text: string, name: string, line: number): AcceptedRequest => {
  let written: unknown;
  try {
    written = JSON.parse(text);
  } catch {
    throw unreadable(name, line, "is no JSON");
  }
  if (typeof written !== "object" || written === null) throw unreadable(name, line, "is no JSON object");
  const fields = new Map<string, unknown>(Object.entries(written));
  const textOf = (field: string): string => {
    const value = fields.get(field);
    if (typeof value === "number") return String(value);
    if (typeof value !== "string" || value === "" || value.length > 400 || value.includes("\0"))
      throw unreadable(name, line, `has no "${field}" of 1 to 400 characters`);
    return value;
  };
  const channel = textOf("channel");
  try {
    return {
      attemptId: textOf("attemptId") as AttemptId, // whatever the provider was given; the ledger is asked whether it knows it
      reference: textOf("reference"),
      channel: channelId(channel),
      id: textOf("id"),
    };
  } catch (error) {
    throw error instanceof RangeError ? unreadable(name, line, "names no channel") : error;
  }
};

/** Complete lines, and what stands behind the last end of a line. */
async function* linesOf(path: string, name: string): AsyncGenerator<{ text: string; isWhole: boolean }> {
  let rest = "";
  const chunks = createReadStream(path, { encoding: "utf8" }) as AsyncIterable<string>; // with an encoding it gives texts
  for await (const chunk of chunks) {
    const lines = (rest + chunk).split("\n");
    rest = lines.pop() ?? "";
    if (rest.length > MAX_LINE)
      throw new Undecodable({ message: `reading ${name}: a line is too long`, code: "journal-line" });
    for (const text of lines) yield { text, isWhole: true };
  }
  if (rest !== "") yield { text: rest, isWhole: false };
}

async function* acceptedIn(path: string, name: string): AsyncGenerator<AcceptedRequest> {
  let line = 0;
  try {
    for await (const { text, isWhole } of linesOf(path, name)) {
      line += 1;
      if (text.trim() === "") continue;
      let accepted: AcceptedRequest;
      try {
        accepted = readLine(text, name, line);
      } catch (error) {
        if (!isWhole) return;
        throw error;
      }
      yield accepted;
    }
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (!/^E[A-Z]+$/.test(code)) throw error;
    throw new Permanent({ message: `reading ${name}: ${code}`, code, cause: error });
  }
}

export const journalFile = (path: string): ProviderEvidence => ({
  name: basename(path),
  accepted: () => acceptedIn(path, basename(path)),
});
