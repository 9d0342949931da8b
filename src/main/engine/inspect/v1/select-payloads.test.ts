import { describe, expect, test } from 'vitest';
import type { ImageReport } from '../../../../shared/model/image-report.ts';
import { selectPayloads } from './select-payloads.ts';

/** A report with nothing but the payloads' names. */
function reportOf(...names: (readonly [string, 'dev' | 'prd'])[]): ImageReport {
  const payloads = names.map(([ecuId, releaseKey]) => ({ ecuId, releaseKey }));
  return { path: '/image.zip', payloads } as unknown as ImageReport;
}

const BOTH = reportOf(['main', 'dev'], ['sub', 'prd'], ['main', 'prd']);

describe('of an image with several payloads', () => {
  test.each<[string, string | null, 'dev' | 'prd' | null, number[]]>([
    ['an ECU', 'sub', null, [1]],
    ['an ECU with a release key', 'main', 'prd', [2]],
    ['all of a release key', null, 'prd', [1, 2]],
    ['the only one of a release key', null, 'dev', [0]],
  ])('%s is taken', (_, ecuId, releaseKey, expected) => {
    expect(selectPayloads(BOTH, { ecuId, releaseKey })).toEqual(expected);
  });

  test('all are taken in index order where none is named', () => {
    const report = reportOf(['b', 'dev'], ['a', 'prd']);
    expect(selectPayloads(report, { ecuId: null, releaseKey: null })).toEqual([0, 1]);
  });

  test.each<[string, string | null, 'dev' | 'prd' | null]>([
    ['payload-not-found', 'other', null],
    ['release-key-not-found', 'sub', 'dev'],
    ['release-key-needed', 'main', null],
    ['release-key-needed', null, null],
  ])('%s is said for ECU %s with key %s', (code, ecuId, releaseKey) => {
    expect(() => selectPayloads(BOTH, { ecuId, releaseKey })).toThrow(
      expect.objectContaining({ code }) as Error,
    );
  });
});
