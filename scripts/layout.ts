/** The text of a page that a script writes, laid out as `npm run format` would: which has nothing left to do then. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { type FormatConfig, format } from "oxfmt";

const settings = join(import.meta.dirname, "../.oxfmtrc.json");

/** @param path what the page is called: its ending says what is in it. */
export const laidOut = async (path: string, text: string): Promise<string> => {
  const layout = JSON.parse(readFileSync(settings, "utf8")) as FormatConfig; // our own file
  const { code, errors } = await format(path, text, layout);
  if (errors.length > 0) throw new Error(`${path}: ${errors.map(({ message }) => message).join("; ")}`);
  return code;
};
