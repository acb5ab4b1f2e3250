/**
 * Runs one example by name: `npm run example 01-hello-pipeline`.
 */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL("./", import.meta.url));

const examples = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .map((entry) => entry.name);

const [name] = process.argv.splice(2, 1);
if (name === undefined || !examples.includes(name)) {
  if (name !== undefined && name !== "--help") console.error(`there is no example "${name}"`);
  console.error(`usage: npm run example NAME\nexamples: ${examples.join(", ")}`);
  process.exitCode = name === "--help" ? 0 : 2;
} else {
  await import(`./${name}/main.ts`);
}
