/**
 * Programs of ours in few files: a process reads its own parts, effect and rxjs from a few files instead of some nine hundred, and is
 * there in half the time. The packages in them are named; all others stay where they are installed.
 */
import { join } from "node:path";
import { rolldown } from "rolldown";

const WITHIN = /^(effect|rxjs)(\/|$)/;
const OURS = /^[./]/;

export interface BundleOptions {
  /** The source of each, by the path that it gets: `cli` for `cli.js`. */
  readonly programs: Readonly<Record<string, string>>;
  /** Here they lie, and beside them a folder with the parts that they share or load later. */
  readonly into: string;
  readonly sourcemap: boolean;
}

export const bundle = async ({ programs, into, sourcemap }: BundleOptions): Promise<void> => {
  const build = await rolldown({
    input: { ...programs },
    platform: "node",
    resolve: { conditionNames: ["millrace-source", "node", "import", "default"] },
    external: (id) => !OURS.test(id) && !WITHIN.test(id),
    // anything that it only warns of would be found by whoever starts the program
    onLog: (_level, { message }) => {
      throw new Error(message);
    },
  });
  try {
    await build.write({ dir: into, format: "esm", sourcemap, chunkFileNames: "parts/[name]-[hash].js" });
  } finally {
    await build.close();
  }
};

/** @param into the folder of the built sources: the command lies in it as `cli.js` */
export const bundleCommand = (into: string, { sourcemap }: Pick<BundleOptions, "sourcemap">): Promise<void> =>
  bundle({ programs: { cli: join(import.meta.dirname, "../src/cli.ts") }, into, sourcemap });
