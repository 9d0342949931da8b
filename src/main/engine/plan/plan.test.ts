import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sha256 } from '../../../../test/support/image-factory.ts';
import type { InspectedBlob, InspectedImage } from '../inspect/inspected-image.ts';
import { plan, type PlanEntry } from './plan.ts';

/** An image of the given blobs; equal numbers are equal contents. `null` place order: as given. */
function imageOf(
  path: string,
  blobs: readonly number[],
  compressed: readonly boolean[],
): InspectedImage {
  const made = blobs.map((content, i): InspectedBlob => {
    const hash = sha256(Buffer.from(String(content)));
    const isZst = compressed[i] ?? false;
    return {
      name: isZst ? `${hash}.zst` : hash,
      size: 100 + content,
      location: { kind: 'extent', offset: 512 * (i + 1) },
      contentDigest: { sha256: hash, of: isZst ? 'zstd' : 'plain' },
    };
  });
  const unique = Array.from(new Map(made.map((blob) => [blob.name, blob])).values());
  return {
    report: {
      path,
      format: 'legacy',
      container: 'tar',
      fingerprint: { size: 1, mtimeMs: 1, inode: '1' },
      digest: '',
      signature: { state: 'unanchored', signer: null, chain: null, validFrom: null, validTo: null },
      payloads: [],
      warnings: [],
    },
    payloads: [{ blobs: unique, metafiles: [{ name: 'metadata.jwt', bytes: Buffer.from(path) }] }],
  };
}

function entryOf(image: InspectedImage, ecuId: string): PlanEntry {
  const [payload] = image.payloads;
  if (payload === undefined) throw new Error('one payload each');
  return { image, payload, meta: { ecu_id: ecuId, image_version: '', ota_metadata_version: 1 } };
}

const images = fc.array(
  fc.tuple(fc.array(fc.nat(15), { maxLength: 20 }), fc.array(fc.boolean(), { maxLength: 20 })),
  { minLength: 1, maxLength: 4 },
);

describe('a plan', () => {
  test('holds every blob once, in the order of the inputs, with right totals', () => {
    fc.assert(
      fc.property(images, (all) => {
        const entries = all.map(([blobs, compressed], i) =>
          entryOf(imageOf(`/image ${i}`, blobs, compressed), `ecu${i}`),
        );
        const made = plan(entries, 5);
        const wanted = new Set(entries.flatMap(({ payload }) => payload.blobs.map((b) => b.name)));
        const data = made.files.filter(({ path }) => path.startsWith('data/'));
        expect(data.map(({ path }) => path.slice(5)).sort()).toEqual([...wanted].sort());
        const places = data.map(({ source }) => {
          if (source.kind !== 'member' || source.location.kind !== 'extent')
            throw new Error('it is a member');
          return source.input * 2 ** 40 + source.location.offset;
        });
        expect(places).toEqual(places.toSorted((a, b) => a - b));
        expect(new Set(places).size).toBe(places.length);
        const bytes = data.reduce((sum, { size }) => sum + size, 0);
        expect(made.manifest).toMatchObject({ data_size: bytes, data_files_num: data.length });
        const requested = entries.flatMap(({ payload }) => payload.blobs);
        const requestedBytes = requested.reduce((sum, { size }) => sum + size, 0);
        expect(made.summary.requestedBytes).toBe(requestedBytes);
        expect(made.summary.sharedBytes).toBe(requestedBytes - bytes);
        const meta = made.files.filter(({ path }) => path.startsWith('meta/'));
        expect(meta.map(({ path }) => path)).toEqual(all.map((_, i) => `meta/${i}/metadata.jwt`));
        expect(made.manifest.meta_size).toBe(meta.reduce((sum, { size }) => sum + size, 0));
        expect(made.files[0]?.path).toBe('manifest.json');
        expect(made.files.length).toBe(1 + data.length + meta.length);
        expect(made.summary.totalBytes).toBe(made.files.reduce((sum, { size }) => sum + size, 0));
        // Pure: the same once more.
        expect(plan(entries, 5)).toEqual(made);
      }),
      { seed: 20_260_114, numRuns: 200 },
    );
  });

  test('has both forms of one content only when both are listed', () => {
    const both = plan(
      [
        entryOf(imageOf('/a', [1], [true]), 'a'),
        entryOf(imageOf('/b', [1], [false]), 'b'),
        entryOf(imageOf('/c', [1], [true]), 'c'),
      ],
      0,
    );
    expect(both.manifest.data_files_num).toBe(2);
  });

  test('reads one archive once for two ECUs', () => {
    const image = imageOf('/a', [1, 2], []);
    const made = plan([entryOf(image, 'a'), entryOf(image, 'b')], 0);
    expect(made.inputs.length).toBe(1);
    expect(made.manifest.data_files_num).toBe(2);
    expect(made.directories).toEqual(['data', 'meta', 'meta/0', 'meta/1']);
  });

  test('takes compressed inputs by turns, each in its own order and all equally far', () => {
    const megabytes = fc.array(fc.integer({ min: 0, max: 3_000_000 }), { maxLength: 60 });
    fc.assert(
      fc.property(fc.array(megabytes, { minLength: 2, maxLength: 4 }), (all) => {
        const entries = all.map((sizes, i) => {
          let offset = 0;
          const blobs = sizes.map((size, at): InspectedBlob => {
            const sha = sha256(Buffer.from(`${i} ${at}`));
            const location = { kind: 'extent', offset: (offset += 512) } as const;
            offset += size;
            return { name: sha, size, location, contentDigest: { sha256: sha, of: 'plain' } };
          });
          const image = imageOf(`/image ${i}`, [], []);
          const report = { ...image.report, container: 'gzip' } as const;
          return entryOf({ report, payloads: [{ blobs, metafiles: [] }] }, `ecu${i}`);
        });
        const made = plan(entries, 0);
        const order: number[][] = all.map(() => []);
        const ends = entries.map(({ payload: { blobs } }) => {
          const last = blobs.at(-1);
          return last?.location.kind === 'extent' ? last.location.offset + last.size : 0;
        });
        const done = ends.map(() => 0);
        for (const { source, size } of made.files) {
          if (source.kind !== 'member' || source.location.kind !== 'extent') continue;
          order[source.input]?.push(source.location.offset);
          done[source.input] = source.location.offset + size;
          // As parts of each input; a turn has 4 MiB of the largest one, and a file is not divided.
          const turn = (4 * 2 ** 20 + 3_000_512) / Math.max(...ends);
          const open = done.flatMap((at, i) =>
            (order[i]?.length ?? 0) < (all[i]?.length ?? 0) ? [at / (ends[i] ?? 1)] : [],
          );
          const far = done.map((at, i) => at / Math.max(1, ends[i] ?? 1));
          const slack = Math.max(...ends.map((end) => 3_000_512 / Math.max(1, end)));
          if (open.length > 0)
            expect(Math.max(...far) - Math.min(...open)).toBeLessThan(turn + slack);
        }
        expect(order.map(({ length }) => length)).toEqual(all.map(({ length }) => length));
        for (const offsets of order) expect(offsets).toEqual(offsets.toSorted((a, b) => a - b));
      }),
      { seed: 20_261_130, numRuns: 100 },
    );
  });

  test('reads a place that goes under two names once more at the end', () => {
    const image = imageOf('/a', [1, 2, 3], []);
    const [first, second, third] = image.payloads[0]?.blobs ?? [];
    if (!first || !second || !third) throw new Error('three blobs');
    const twice = { ...second, name: 'other', place: first.location };
    const blobs = [first, second, third, twice];
    const made = plan([entryOf({ ...image, payloads: [{ blobs, metafiles: [] }] }, 'a')], 0);
    expect(made.files.slice(1).map(({ path }) => path.slice(5))).toEqual([
      first.name,
      second.name,
      third.name,
      'other',
    ]);
  });

  test.each(['', ' a', 'a ', 'a/b', 'a:b', '-a', '.', 'a\nb', 'ａ１', 'x'.repeat(65)])(
    'refuses the ECU id %j',
    (id) => {
      expect(() => plan([entryOf(imageOf('/a', [], []), id)], 0)).toThrow('ecu-id-invalid');
    },
  );

  test('refuses one ECU id for two images, accepts usual ones', () => {
    const of = (...ids: string[]) =>
      plan(
        ids.map((id) => entryOf(imageOf(id, [], []), id)),
        0,
      );
    expect(() => of('a', 'b', 'a')).toThrow('ecu-id-duplicate');
    expect(() => of('Main', 'main')).toThrow('ecu-id-duplicate');
    expect(of('main', 'sub_ecu-1', 'p2.x', '自動運転').manifest.image_meta.length).toBe(4);
  });
});
