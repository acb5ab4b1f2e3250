/**
 * Runs one bench by name: `npm run bench -- NAME [options]`.
 */
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";

const HERE = fileURLToPath(new URL("./", import.meta.url));
const NOT_A_BENCH = new Set(["run.ts", "measure.ts", "postgres-cpu.ts", "delivery-world.ts"]);

const benches = readdirSync(HERE, { withFileTypes: true })
  .filter((entry) => entry.isFile() && entry.name.endsWith(".ts") && !NOT_A_BENCH.has(entry.name))
  .map((entry) => entry.name.slice(0, -".ts".length));

const [name] = process.argv.splice(2, 1);
if (name === undefined || !benches.includes(name)) {
  if (name !== undefined && name !== "--help") console.error(`there is no bench "${name}"`);
  console.error(`usage: npm run bench -- NAME [--json]\nbenches: ${benches.join(", ")}`);
  process.exitCode = name === "--help" ? 0 : 2;
} else {
  await import(`./${name}.ts`);
}
