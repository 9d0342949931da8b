/** Which bytes prove the content of a planned file. */
export interface ContentDigest {
  /** Lower-case hex SHA-256. */
  readonly sha256: string;
  /** `plain`: of the bytes themselves. `zstd`: of what the bytes decompress to. */
  readonly of: 'plain' | 'zstd';
  /** Bytes that a `zstd` blob must decompress to, where the image tells it. */
  readonly unpackedSize?: number;
  /** Lower-case hex SHA-256 of a `zstd` blob's own bytes, where the image tells it. */
  readonly storedSha256?: string;
}
