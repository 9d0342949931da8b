/** Serving a finished image to a vehicle, and its gRPC interface. `address`: host and port, for people. */
export interface VehicleErrors {
  'serve-port-in-use': { address: string; port: number };
  /** No network interface of this computer has the address. */
  'serve-address-unavailable': { address: string };
  'serve-listen-failed': { address: string; port: number; reason: string };
  'serve-tls-invalid': { path: string; reason: string };
  /** Others than its owner may read a private key. */
  'serve-key-exposed': { path: string };
  'serve-authority-failed': { folder: string; reason: string };
  /** All interfaces at once were asked for. */
  'usage-listen-everywhere': { address: string };
  'usage-tls-pair': Record<string, never>;
  'usage-tls-twice': Record<string, never>;
  'usage-cookie': { argument: string };
  'usage-cookie-twice': Record<string, never>;
  'usage-vehicle-address': { argument: string };
  'usage-one-image': Record<string, never>;
  'usage-ecu-not-in-image': { ecuId: string; known: string };
  'vehicle-unreachable': { address: string; reason: string };
  /** Something answers there that is no otaclient. */
  'vehicle-not-otaclient': { address: string };
  'vehicle-ecu-unknown': { ecuIds: string; known: string };
  'vehicle-ecu-busy': { ecuId: string };
  'vehicle-client-too-old': { ecuId: string; version: string; needed: string };
  'vehicle-release-key': { ecuId: string };
  'vehicle-not-confirmed': Record<string, never>;
  /** No ECU took the request. */
  'vehicle-refused': { ecuIds: string };
  /** `ecuIds`: those that do not have the new version. */
  'vehicle-update-failed': { ecuIds: string };
}
