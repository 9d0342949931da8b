/** An input that is a readable archive, but not a complete and trustworthy OTA image. */
export interface ImageErrors {
  'not-an-image': { file: string };
  'metadata-invalid': { file: string; reason: string };
  'metadata-version-unsupported': { file: string; version: string };
  'name-unsafe': { file: string; claim: string; name: string };
  'metafile-missing': { file: string; name: string };
  'metafile-hash-mismatch': { file: string; name: string };
  'line-invalid': { file: string; name: string; line: number };
  'table-limit': { file: string; name: string; limit: number };
  'certificate-invalid': { file: string; reason: string };
  'certificate-not-yet-valid': { file: string; validFrom: string };
  'certificate-expired': { file: string; validTo: string };
  'signature-invalid': { file: string };
  'signature-untrusted': { file: string; caDir: string };
  'ca-unreadable': { dir: string; reason: string };
  'blob-missing': { file: string; path: string; count: number };
  'blob-size-mismatch': { file: string; path: string; expected: number; actual: number };
  'blob-corrupt': { file: string; name: string };

  /** Of finished offline OTA images as inputs. */
  'finished-not-alone': { file: string };
  'finished-named': { file: string };
  'finished-compressed': { file: string };
  'finished-damaged': { file: string; what: string; reason: string };
  'finished-manifest-wrong': { file: string; reason: string };
  /** `faults`: how many there are in all; `path` is the first one's. */
  'finished-file-missing': { file: string; path: string; faults: number };
  'finished-file-foreign': { file: string; path: string; faults: number };
  'finished-file-wrong': { file: string; path: string; faults: number };
}
