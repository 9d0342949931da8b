import { afterEach, expect, test } from 'vitest';
import { fileTime, localDay, localTime, utcOffset } from './local-time.ts';

const ZONE = process.env['TZ'];
afterEach(() => {
  if (ZONE === undefined) delete process.env['TZ'];
  else process.env['TZ'] = ZONE;
});

test.each([
  ['Asia/Tokyo', '2026-03-04 05:06:07', '+09:00'],
  ['UTC', '2026-03-03 20:06:07', '+00:00'],
  ['America/St_Johns', '2026-03-03 16:36:07', '-03:30'],
])('in %s a moment is %s, %s from UTC', (zone, time, offset) => {
  process.env['TZ'] = zone;
  const moment = Date.UTC(2026, 2, 3, 20, 6, 7);
  expect(localTime(moment)).toBe(time);
  expect(localDay(moment)).toBe(time.slice(0, 10));
  expect(utcOffset(moment)).toBe(offset);
  expect(fileTime(moment)).toMatch(/^\d{4}-\d\d-\d\d_\d{4}$/u);
});
