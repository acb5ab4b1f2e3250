/**
 * The providers' room, as others see it: the simulated provider, and the sender to gateways behind HTTP.
 */
export { GATEWAY_LIMITS, httpGateway } from "./http-gateway.ts";
export type { HttpGatewayOptions } from "./http-gateway.ts";
export { journalLines } from "./journal-lines.ts";
export { SIMULATED_LIMITS, simulatedSender } from "./simulated.ts";
export type { SimulatedOptions } from "./simulated.ts";
export type { SimulatedFaults } from "./simulated-fate.ts";
