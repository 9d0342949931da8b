/**
 * One finished thing being made: an archive, an image file, a stick, a folder. It gets the plan's
 * files in order and places their bytes.
 *
 * Life: `prepare` → `accept`* → `finish` → `commit` → `close`. `close` without a completed `commit`
 * leaves nothing that looks like a result.
 */
export interface Output {
  /** What a person calls it. */
  readonly name: string;
  /** Bytes accepted and not yet handed to the operating system or device. */
  readonly pending: number;
  prepare(): Promise<void>;
  /** Bytes of file `file` of the plan from its offset `from`; the memory may be reused afterwards. */
  accept(file: number, from: number, bytes: Uint8Array): Promise<void>;
  /** All files were accepted: completes what is left and makes everything durable. */
  finish(): Promise<void>;
  /** Makes it recognisable. */
  commit(): Promise<void>;
  close(): Promise<void>;
}
