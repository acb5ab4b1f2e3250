/**
 * The templates room's public face.
 */
export { templateStore } from "./template-store.ts";
export type { TemplateStoreOptions } from "./template-store.ts";
export { TEMPLATE_FORMATS } from "./template-formats.ts";
export type { TemplateFormats } from "./template-formats.ts";
