/** Runs what a container is asked by, `node -e SCRIPT`, and tells its exit code at a server that answers so. */
import { execFile } from "node:child_process";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";

export const probing = async (
  answer: number,
  scriptAt: (port: number) => { readonly script: string; readonly env?: Readonly<Record<string, string>> },
): Promise<{ readonly code: number; readonly asked: readonly string[] }> => {
  const asked: string[] = [];
  const server = createServer(({ url }, response) => {
    asked.push(url ?? "");
    response.writeHead(answer).end("{}");
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const { port } = server.address() as AddressInfo; // it listens on a port
  const { script, env } = scriptAt(port);
  const code = await new Promise<number>((resolve) => {
    const child = execFile(process.execPath, ["-e", script], { env: { ...process.env, ...env } }, () =>
      resolve(child.exitCode ?? -1),
    );
  });
  server.closeAllConnections();
  await new Promise((resolve) => server.close(resolve));
  return { code, asked };
};
