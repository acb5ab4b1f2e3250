/**
 * The files room's public face.
 */
export { fileBillStore } from "./bill-store.ts";
export type { FileBillStore, FileBillStoreOptions } from "./bill-store.ts";
export { openBillFile } from "./bill-file.ts";
export type { BillFile, BillFormat } from "./bill-file.ts";
export { openRejectFile } from "./reject-file.ts";
export type { RejectFile } from "./reject-file.ts";
