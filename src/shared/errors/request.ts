/** What was asked for makes no sense, was cancelled, or is a defect of ours. */
export interface RequestErrors {
  cancelled: Record<string, never>;
  internal: { detail: string };
  'ecu-id-duplicate': { ecuId: string };
  'ecu-id-invalid': { ecuId: string };
  'image-argument-malformed': { argument: string };
  usage: { reason: string };
}
