import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { BuilderError } from '../../../../shared/errors.ts';
import { openZip } from '../../archive/zip.ts';
import { DocumentFault } from './documents.ts';
import { parseIndexToken, verifyIndexToken } from './index-token.ts';

const SAMPLES = join(import.meta.dirname, '../../../../../test/fixtures/samples-v1');
const CHECK = { file: 'x', caDir: join(SAMPLES, 'ca'), now: new Date('2027-01-01') };

async function sampleToken(): Promise<Buffer> {
  const input = await openZip(join(SAMPLES, 'v1_a.zip'));
  const bytes = (await input.readMany(['index.jwt'], 1e6)).get('index.jwt');
  return Buffer.from(bytes ?? []);
}

test('a token of the real builder is believed, padded and with a line feed too', async () => {
  const token = await sampleToken();
  const padded = Buffer.from(
    token
      .toString()
      .split('.')
      .map((part) => part.padEnd(Math.ceil(part.length / 4) * 4, '='))
      .join('.') + '\n',
  );
  expect((await verifyIndexToken(parseIndexToken(token), CHECK)).state).toBe('anchored');
  // Padding is part of what was signed, so only its form is accepted.
  expect(parseIndexToken(padded).imageIndex).toEqual(parseIndexToken(token).imageIndex);
  const spaced = Buffer.concat([token, Buffer.from(' \r\n')]);
  expect((await verifyIndexToken(parseIndexToken(spaced), CHECK)).state).toBe('anchored');
});

test('a token with any character changed is never believed', async () => {
  const token = await sampleToken();
  await fc.assert(
    fc.asyncProperty(fc.nat(token.length - 1), fc.integer({ min: 1, max: 255 }), async (at, by) => {
      const bytes = Buffer.from(token);
      bytes[at] = (bytes[at] ?? 0) ^ by;
      try {
        await verifyIndexToken(parseIndexToken(bytes), CHECK);
      } catch (error) {
        expect(error instanceof DocumentFault || error instanceof BuilderError).toBe(true);
        return;
      }
      // White space at the end is the one thing that may differ.
      expect(bytes.toString('latin1').trimEnd()).toBe(token.toString('latin1').trimEnd());
    }),
    { seed: 3, numRuns: Number(process.env['FUZZ_RUNS'] ?? 1500) },
  );
});
