/**
 * The crypto room's public face.
 */
export { contentCipher } from "./content-cipher.ts";
export type { ContentCipherOptions } from "./content-cipher.ts";
export { decodeKeyRing } from "./key-ring.ts";
export type { KeyRing } from "./key-ring.ts";
export { keysFromEnvironment, keysFromFile } from "./key-sources.ts";
export { DEVELOPMENT_KEY_FILE, developmentKeys } from "./development-keys.ts";
export type { DevelopmentKeysOptions } from "./development-keys.ts";
export { isContact, OLD_FORMATS } from "./old-formats.ts";
export type { OldFormat, OldKey, PlaintextCheck } from "./old-formats.ts";
