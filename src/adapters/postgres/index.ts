/**
 * The Postgres room's public face.
 */
export { startEmbeddedServer } from "./embedded-server.ts";
export type { EmbeddedServer, EmbeddedServerOptions } from "./embedded-server.ts";
