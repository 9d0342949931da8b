import { createHash } from 'node:crypto';
import { MemberDigests } from '../content/member-digests.ts';
import type { HashPool, HashStream } from '../pool/hash-pool.ts';
import type { DigestKind, HashSegment } from '../pool/worker-task.ts';
import type { DecodedWindow } from '../stream/decoded.ts';
import type { TarMember } from './tar-parser.ts';

/** A member whose content streams by. */
interface Candidate {
  /** In the digests; the number of the file for the hash threads, too. */
  readonly slot: number;
  readonly offset: number;
  readonly size: number;
  readonly kind: DigestKind;
}

/** Members that lists can ask for in their unpacked form: `<hash>.zst`, and blobs of an OTA image v1. */
const MAY_BE_UNPACKED = /[.]zst$|(^|\/)blobs\/sha256\/[0-9a-f]{64}$/;

const SHA256_OF_NOTHING = createHash('sha256').digest('hex');

function kindOf(name: string): DigestKind {
  return MAY_BE_UNPACKED.test(name) ? 'unpacked' : 'stored';
}

/**
 * Hashes the members of a compressed archive while it is decoded to find them, since decoding it again only
 * for that takes as long once more. Which of them are blobs of an image is known only when its lists are
 * read, and those may stand at the end.
 */
export class MemberHasher {
  readonly digests = new MemberDigests();
  readonly #stream: HashStream;
  readonly #candidates: Candidate[] = [];
  readonly #underWay = new Set<Promise<void>>();
  #failure: { readonly error: unknown } | null = null;

  constructor(pool: HashPool) {
    this.#stream = pool.openStream();
  }

  /** Adds a member; its content has still to come. Of a sparse one the bytes are not all in the archive. */
  add({ name, type, size, offset, runs }: TarMember): void {
    if (type !== 'file' || runs !== null) return;
    const slot = this.digests.reserve(offset);
    // No window ever carries an empty one.
    if (size === 0) this.digests.set(slot, { stored: SHA256_OF_NOTHING, unpacked: null });
    else this.#candidates.push({ slot, offset, size, kind: kindOf(name) });
  }

  /**
   * Hashes what the window has of the members added so far, and releases it then.
   * @throws what went wrong with an earlier window.
   */
  push(window: DecodedWindow): void {
    const segments = [...this.#segments(window)];
    if (segments.length === 0) window.release();
    else {
      const through: Promise<void> = this.#hash(window, segments).then(() => {
        this.#underWay.delete(through);
        window.release();
      });
      this.#underWay.add(through);
    }
    this.#throwFailure();
  }

  /** Resolves when everything is hashed. Rejects with what went wrong. */
  async finish(): Promise<MemberDigests> {
    await Promise.all(this.#underWay);
    this.#throwFailure();
    return this.digests;
  }

  async #hash({ memory }: DecodedWindow, segments: readonly HashSegment[]): Promise<void> {
    try {
      const { digests } = await this.#stream.submit(memory, segments);
      for (const digest of digests) this.digests.set(digest.fileIndex, digest);
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  *#segments(window: DecodedWindow): Generator<HashSegment> {
    const end = window.offset + window.length;
    for (let next = this.#candidates[0]; next !== undefined; next = this.#candidates[0]) {
      const { slot, offset, size, kind } = next;
      const from = Math.max(offset, window.offset);
      const to = Math.min(offset + size, end);
      if (from >= to) return;
      const last = to === offset + size;
      yield {
        fileIndex: slot,
        start: from - window.offset,
        length: to - from,
        first: from === offset,
        last,
        contentDigest: undefined,
        digest: kind,
      };
      if (!last) return;
      this.#candidates.shift();
    }
  }

  #throwFailure(): void {
    if (this.#failure !== null) throw this.#failure.error;
  }
}
