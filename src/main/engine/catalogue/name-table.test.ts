import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { liveBytes } from '../../../../test/support/live-bytes.ts';
import { NameTable } from './name-table.ts';

const hashOf = (text: string) => createHash('sha256').update(text).digest('hex');
const nameOf = (i: number) => `/usr/lib/a folder with a long name/${'x'.repeat(60)}/${i}`;

test('of many names each is found with its blob, and no other name is', () => {
  const table = new NameTable();
  const count = 20_000;
  for (let i = 0; i < count; i++)
    table.set(nameOf(i), { sha256: hashOf(String(i)), size: i % 7 === 0 ? null : i });
  expect(table.size).toBe(count);
  for (let i = 0; i < count; i++)
    expect(table.get(nameOf(i))).toEqual({
      sha256: hashOf(String(i)),
      size: i % 7 === 0 ? null : i,
    });
  for (let i = count; i < count + 1000; i++) expect(table.get(nameOf(i))).toBeNull();
});

test('of equal names the last one counts, and takes no more room', () => {
  const table = new NameTable();
  table.set('/a', { sha256: hashOf('1'), size: 1 });
  table.set('/a', { sha256: hashOf('2'), size: 2 });
  expect(table.get('/a')).toEqual({ sha256: hashOf('2'), size: 2 });
  expect(table.size).toBe(1);
});

test('names that are no UTF-8 stay different', () => {
  const table = new NameTable();
  table.set('/\udc80', { sha256: hashOf('1'), size: 1 });
  table.set('/\udc81', { sha256: hashOf('2'), size: 2 });
  expect(table.get('/\udc80')?.size).toBe(1);
  expect(table.get('/\udc81')?.size).toBe(2);
  expect(table.get('/\ufffd')).toBeNull();
});

test('300,000 names take less than 50 MB', () => {
  const table = new NameTable();
  const before = liveBytes();
  for (let i = 0; i < 300_000; i++) table.set(nameOf(i), { sha256: hashOf(''), size: i });
  globalThis.gc?.();
  const after = liveBytes();
  expect(table.size).toBe(300_000);
  expect(after - before).toBeLessThan(50e6);
});
