/** OTA image v1: its ZIP container, its tables, and the choice between its payloads. */
export interface V1Errors {
  'zip-encrypted': { file: string };
  'zip-compressed': { file: string; name: string };
  'zip-duplicate-name': { file: string; name: string };
  /** Two headers tell different sizes, or more than there is. */
  'zip-size-wrong': { file: string; name: string };
  /** Members share bytes: how a small file unpacks to a huge one without compression. */
  'zip-overlap': { file: string; name: string };
  'certificate-root-included': { file: string };
  /** `name` of the blob that holds the table. */
  'table-invalid': { file: string; name: string; reason: string };
  /** `resource`: SHA-256 of what cannot be had. */
  'resource-invalid': { file: string; resource: string; reason: string };
  'resource-outside': { file: string; resource: string; reason: string };
  'resource-nested': { file: string; resource: string; reason: string };
  'filter-invalid': { file: string; resource: string; reason: string };
  'resource-corrupt': { file: string; resource: string };
  /** `known`: the ECU ids that the image has, for people. */
  'payload-not-found': { file: string; ecuId: string; known: string };
  'release-key-not-found': { file: string; ecuId: string; releaseKey: string };
  'release-key-needed': { file: string; ecuId: string };
}
